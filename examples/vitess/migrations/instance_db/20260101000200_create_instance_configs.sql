-- migrate:up
CREATE TABLE `instance_configs` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '配置ID',
  `instance_id` BIGINT UNSIGNED NOT NULL COMMENT '实例ID',
  `config_key` VARCHAR(100) NOT NULL COMMENT '配置键',
  `config_value` TEXT DEFAULT NULL COMMENT '配置值',
  `config_type` VARCHAR(20) NOT NULL DEFAULT 'string' COMMENT '配置类型: string, number, boolean, json',
  `is_encrypted` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否加密',
  `is_system` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否系统配置',
  `description` VARCHAR(500) DEFAULT NULL COMMENT '配置描述',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_instance_key` (`instance_id`, `config_key`),
  KEY `idx_key` (`config_key`),
  KEY `idx_type` (`config_type`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='实例配置表';

-- migrate:down
DROP TABLE `instance_configs`;
