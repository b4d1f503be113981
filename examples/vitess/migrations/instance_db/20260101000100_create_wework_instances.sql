-- migrate:up
CREATE TABLE `wework_instances` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '实例ID',
  `instance_uuid` VARCHAR(36) NOT NULL COMMENT '实例UUID',
  `name` VARCHAR(100) NOT NULL COMMENT '实例名称',
  `description` TEXT DEFAULT NULL COMMENT '实例描述',
  `version` VARCHAR(20) DEFAULT NULL COMMENT '版本号',
  `status` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '状态: 0-离线, 1-在线, 2-错误, 3-维护',
  `api_url` VARCHAR(500) DEFAULT NULL COMMENT 'API地址',
  `webhook_url` VARCHAR(500) DEFAULT NULL COMMENT '回调地址',
  `proxy_host` VARCHAR(100) DEFAULT NULL COMMENT '代理主机',
  `proxy_port` INT DEFAULT NULL COMMENT '代理端口',
  `proxy_username` VARCHAR(100) DEFAULT NULL COMMENT '代理用户名',
  `proxy_password_encrypted` TEXT DEFAULT NULL COMMENT '代理密码(加密)',
  `max_accounts` INT NOT NULL DEFAULT 10 COMMENT '最大账号数',
  `current_accounts` INT NOT NULL DEFAULT 0 COMMENT '当前账号数',
  `heartbeat_interval` INT NOT NULL DEFAULT 30 COMMENT '心跳间隔(秒)',
  `last_heartbeat` DATETIME DEFAULT NULL COMMENT '最后心跳时间',
  `error_message` TEXT DEFAULT NULL COMMENT '错误信息',
  `restart_count` INT NOT NULL DEFAULT 0 COMMENT '重启次数',
  `last_restart_time` DATETIME DEFAULT NULL COMMENT '最后重启时间',
  `total_messages` BIGINT NOT NULL DEFAULT 0 COMMENT '总消息数',
  `today_messages` INT NOT NULL DEFAULT 0 COMMENT '今日消息数',
  `created_by` BIGINT UNSIGNED NOT NULL COMMENT '创建人',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  `deleted_at` DATETIME DEFAULT NULL COMMENT '删除时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_uuid` (`instance_uuid`),
  KEY `idx_name` (`name`),
  KEY `idx_status` (`status`),
  KEY `idx_heartbeat` (`last_heartbeat`),
  KEY `idx_created_by` (`created_by`),
  KEY `idx_deleted` (`deleted_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='企微实例表';

-- migrate:down
DROP TABLE `wework_instances`;
