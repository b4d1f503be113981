-- migrate:up
CREATE TABLE `user_sessions` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '会话ID',
  `session_id` VARCHAR(128) NOT NULL COMMENT '会话标识',
  `user_id` BIGINT UNSIGNED NOT NULL COMMENT '用户ID',
  `access_token_hash` VARCHAR(64) NOT NULL COMMENT 'AccessToken哈希',
  `refresh_token_hash` VARCHAR(64) NOT NULL COMMENT 'RefreshToken哈希',
  `device_type` VARCHAR(20) DEFAULT NULL COMMENT '设备类型',
  `device_id` VARCHAR(100) DEFAULT NULL COMMENT '设备ID',
  `user_agent` TEXT DEFAULT NULL COMMENT '用户代理',
  `ip_address` VARCHAR(45) NOT NULL COMMENT 'IP地址',
  `location` VARCHAR(200) DEFAULT NULL COMMENT '登录位置',
  `expires_at` DATETIME NOT NULL COMMENT '过期时间',
  `last_activity` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '最后活动时间',
  `is_active` TINYINT(1) NOT NULL DEFAULT 1 COMMENT '是否活跃',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_session` (`session_id`),
  UNIQUE KEY `uk_access_token` (`access_token_hash`),
  UNIQUE KEY `uk_refresh_token` (`refresh_token_hash`),
  KEY `idx_user` (`user_id`),
  KEY `idx_expires` (`expires_at`),
  KEY `idx_activity` (`last_activity`),
  KEY `idx_device` (`device_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='用户会话表';

-- migrate:down
DROP TABLE `user_sessions`;
