-- migrate:up
CREATE TABLE `permissions` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '权限ID',
  `name` VARCHAR(100) NOT NULL COMMENT '权限标识',
  `display_name` VARCHAR(100) NOT NULL COMMENT '权限显示名',
  `description` TEXT DEFAULT NULL COMMENT '权限描述',
  `module` VARCHAR(50) NOT NULL COMMENT '所属模块',
  `resource` VARCHAR(100) DEFAULT NULL COMMENT '资源',
  `action` VARCHAR(50) DEFAULT NULL COMMENT '操作',
  `is_system` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否系统权限',
  `sort_order` INT NOT NULL DEFAULT 0 COMMENT '排序',
  `status` TINYINT(1) NOT NULL DEFAULT 1 COMMENT '状态: 0-禁用, 1-启用',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_name` (`name`),
  KEY `idx_module` (`module`),
  KEY `idx_resource` (`resource`),
  KEY `idx_status` (`status`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='权限表';

-- migrate:down
DROP TABLE `permissions`;
