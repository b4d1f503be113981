-- migrate:up
CREATE TABLE `instance_monitors` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '监控ID',
  `instance_id` BIGINT UNSIGNED NOT NULL COMMENT '实例ID',
  `metric_name` VARCHAR(50) NOT NULL COMMENT '指标名称',
  `metric_value` DECIMAL(15,4) NOT NULL COMMENT '指标值',
  `metric_unit` VARCHAR(20) DEFAULT NULL COMMENT '指标单位',
  `collected_at` DATETIME NOT NULL COMMENT '采集时间',
  PRIMARY KEY (`id`),
  KEY `idx_instance_metric` (`instance_id`, `metric_name`),
  KEY `idx_collected` (`collected_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='实例监控表';

-- migrate:down
DROP TABLE `instance_monitors`;
