-- migrate:up
-- The document breaks off at notification_sent: from there on this is ours, in its style (docs/reference/schema.md).
CREATE TABLE `alert_records` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '告警ID',
  `alert_uuid` VARCHAR(36) NOT NULL COMMENT '告警UUID',
  `rule_name` VARCHAR(100) NOT NULL COMMENT '告警规则名称',
  `alert_level` VARCHAR(20) NOT NULL COMMENT '告警级别: INFO, WARNING, ERROR, CRITICAL',
  `alert_title` VARCHAR(200) NOT NULL COMMENT '告警标题',
  `alert_message` TEXT NOT NULL COMMENT '告警内容',
  `metric_name` VARCHAR(50) DEFAULT NULL COMMENT '指标名称',
  `metric_value` DECIMAL(15,4) DEFAULT NULL COMMENT '指标值',
  `threshold_value` DECIMAL(15,4) DEFAULT NULL COMMENT '阈值',
  `instance_id` BIGINT UNSIGNED DEFAULT NULL COMMENT '实例ID',
  `source_type` VARCHAR(50) NOT NULL COMMENT '告警源类型',
  `source_id` VARCHAR(100) DEFAULT NULL COMMENT '告警源ID',
  `status` VARCHAR(20) NOT NULL DEFAULT 'ACTIVE' COMMENT '状态: ACTIVE, ACKNOWLEDGED, RESOLVED',
  `acknowledged_by` BIGINT UNSIGNED DEFAULT NULL COMMENT '确认人',
  `acknowledged_at` DATETIME DEFAULT NULL COMMENT '确认时间',
  `acknowledged_comment` TEXT DEFAULT NULL COMMENT '确认备注',
  `resolved_by` BIGINT UNSIGNED DEFAULT NULL COMMENT '解决人',
  `resolved_at` DATETIME DEFAULT NULL COMMENT '解决时间',
  `resolved_comment` TEXT DEFAULT NULL COMMENT '解决备注',
  `notification_sent` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否已发送通知',
  `notification_channels` JSON DEFAULT NULL COMMENT '通知渠道',
  `notified_at` DATETIME DEFAULT NULL COMMENT '通知时间',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_alert_uuid` (`alert_uuid`),
  KEY `idx_rule_name` (`rule_name`),
  KEY `idx_alert_level` (`alert_level`),
  KEY `idx_status` (`status`),
  KEY `idx_instance_id` (`instance_id`),
  KEY `idx_source` (`source_type`, `source_id`),
  KEY `idx_acknowledged_by` (`acknowledged_by`),
  KEY `idx_resolved_by` (`resolved_by`),
  KEY `idx_created` (`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='告警记录表';

-- migrate:down
DROP TABLE `alert_records`;
