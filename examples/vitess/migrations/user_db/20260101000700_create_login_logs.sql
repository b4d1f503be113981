-- migrate:up
-- The document lists a login log without its DDL: this is ours, in its style (docs/reference/schema.md).
-- A log outlives its user: the reference is emptied, the name that was typed stays.
CREATE TABLE `login_logs` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '日志ID',
  `log_uuid` VARCHAR(36) NOT NULL COMMENT '日志UUID',
  `user_id` BIGINT UNSIGNED DEFAULT NULL COMMENT '用户ID(账号不存在时为空)',
  `username` VARCHAR(100) NOT NULL COMMENT '登录账号: 用户名、邮箱或手机号',
  `login_method` VARCHAR(20) NOT NULL COMMENT '登录方式: password, two_factor, refresh_token',
  `result` VARCHAR(20) NOT NULL COMMENT '登录结果: SUCCESS, FAILURE',
  `failure_reason` VARCHAR(50) DEFAULT NULL COMMENT '失败原因: user_not_found, wrong_password, two_factor_failed, disabled, locked',
  `session_id` VARCHAR(128) DEFAULT NULL COMMENT '会话ID',
  `device_type` VARCHAR(20) DEFAULT NULL COMMENT '设备类型',
  `device_id` VARCHAR(100) DEFAULT NULL COMMENT '设备ID',
  `user_agent` TEXT DEFAULT NULL COMMENT '用户代理',
  `ip_address` VARCHAR(45) NOT NULL COMMENT 'IP地址',
  `location` VARCHAR(200) DEFAULT NULL COMMENT '登录位置',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_log_uuid` (`log_uuid`),
  KEY `idx_user_created` (`user_id`, `created_at`),
  KEY `idx_username_created` (`username`, `created_at`),
  KEY `idx_ip_created` (`ip_address`, `created_at`),
  KEY `idx_result` (`result`),
  KEY `idx_session` (`session_id`),
  KEY `idx_created` (`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='登录日志表';

-- migrate:down
DROP TABLE `login_logs`;
