-- migrate:up
CREATE TABLE `audit_logs` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '审计ID',
  `audit_uuid` VARCHAR(36) NOT NULL COMMENT '审计UUID',
  `user_id` BIGINT UNSIGNED DEFAULT NULL COMMENT '用户ID',
  `username` VARCHAR(50) DEFAULT NULL COMMENT '用户名',
  `operation` VARCHAR(100) NOT NULL COMMENT '操作名称',
  `resource_type` VARCHAR(50) NOT NULL COMMENT '资源类型',
  `resource_id` VARCHAR(100) DEFAULT NULL COMMENT '资源ID',
  `resource_name` VARCHAR(200) DEFAULT NULL COMMENT '资源名称',
  `operation_type` VARCHAR(20) NOT NULL COMMENT '操作类型: CREATE, READ, UPDATE, DELETE',
  `old_values` JSON DEFAULT NULL COMMENT '修改前值',
  `new_values` JSON DEFAULT NULL COMMENT '修改后值',
  `result` VARCHAR(20) NOT NULL COMMENT '操作结果: SUCCESS, FAILURE',
  `error_message` TEXT DEFAULT NULL COMMENT '错误信息',
  `ip_address` VARCHAR(45) NOT NULL COMMENT 'IP地址',
  `user_agent` TEXT DEFAULT NULL COMMENT '用户代理',
  `session_id` VARCHAR(128) DEFAULT NULL COMMENT '会话ID',
  `request_id` VARCHAR(64) DEFAULT NULL COMMENT '请求ID',
  `extra_info` JSON DEFAULT NULL COMMENT '额外信息',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_audit_uuid` (`audit_uuid`),
  KEY `idx_user_id` (`user_id`),
  KEY `idx_username` (`username`),
  KEY `idx_operation` (`operation`),
  KEY `idx_resource` (`resource_type`, `resource_id`),
  KEY `idx_operation_type` (`operation_type`),
  KEY `idx_result` (`result`),
  KEY `idx_created` (`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='操作审计表';

-- migrate:down
DROP TABLE `audit_logs`;
