-- migrate:up
CREATE TABLE `system_logs` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '日志ID',
  `log_uuid` VARCHAR(36) NOT NULL COMMENT '日志UUID',
  `level` VARCHAR(10) NOT NULL COMMENT '日志级别: DEBUG, INFO, WARN, ERROR, FATAL',
  `service` VARCHAR(50) NOT NULL COMMENT '服务名称',
  `module` VARCHAR(50) DEFAULT NULL COMMENT '模块名称',
  `action` VARCHAR(100) DEFAULT NULL COMMENT '操作名称',
  `message` TEXT NOT NULL COMMENT '日志消息',
  `context` JSON DEFAULT NULL COMMENT '上下文信息',
  `trace_id` VARCHAR(64) DEFAULT NULL COMMENT '链路追踪ID',
  `span_id` VARCHAR(64) DEFAULT NULL COMMENT 'Span ID',
  `user_id` BIGINT UNSIGNED DEFAULT NULL COMMENT '用户ID',
  `instance_id` BIGINT UNSIGNED DEFAULT NULL COMMENT '实例ID',
  `ip_address` VARCHAR(45) DEFAULT NULL COMMENT 'IP地址',
  `user_agent` TEXT DEFAULT NULL COMMENT '用户代理',
  `request_url` VARCHAR(1000) DEFAULT NULL COMMENT '请求URL',
  `request_method` VARCHAR(10) DEFAULT NULL COMMENT '请求方法',
  `response_code` INT DEFAULT NULL COMMENT '响应码',
  `response_time` INT DEFAULT NULL COMMENT '响应时间(ms)',
  `error_stack` TEXT DEFAULT NULL COMMENT '错误堆栈',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_log_uuid` (`log_uuid`),
  KEY `idx_level` (`level`),
  KEY `idx_service` (`service`),
  KEY `idx_module` (`module`),
  KEY `idx_action` (`action`),
  KEY `idx_trace_id` (`trace_id`),
  KEY `idx_user_id` (`user_id`),
  KEY `idx_instance_id` (`instance_id`),
  KEY `idx_created` (`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='系统日志表';

-- migrate:down
DROP TABLE `system_logs`;
