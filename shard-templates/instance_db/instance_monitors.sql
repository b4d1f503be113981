-- wwdb:period week
-- wwdb:name instance_monitors_{GGGG}w{WW}
-- wwdb:time collected_at
-- wwdb:premake 4 periods, 30 days
-- wwdb:late 2 days
-- wwdb:keep 52 weeks
-- wwdb:grace 14 days
-- wwdb:archive none
-- wwdb:reference (instance_id) instance_db.wework_instances(id) on delete cascade

CREATE TABLE {{table}} (
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
