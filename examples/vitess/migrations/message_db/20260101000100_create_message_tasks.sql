-- migrate:up
CREATE TABLE `message_tasks` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '任务ID',
  `task_uuid` VARCHAR(36) NOT NULL COMMENT '任务UUID',
  `task_name` VARCHAR(200) DEFAULT NULL COMMENT '任务名称',
  `task_type` VARCHAR(20) NOT NULL COMMENT '任务类型: single, batch, broadcast',
  `account_id` BIGINT UNSIGNED DEFAULT NULL COMMENT '发送账号ID',
  `message_type` VARCHAR(20) NOT NULL COMMENT '消息类型',
  `message_content` TEXT DEFAULT NULL COMMENT '消息内容',
  `template_id` BIGINT UNSIGNED DEFAULT NULL COMMENT '模板ID',
  `template_variables` JSON DEFAULT NULL COMMENT '模板变量',
  `target_count` INT NOT NULL DEFAULT 0 COMMENT '目标数量',
  `success_count` INT NOT NULL DEFAULT 0 COMMENT '成功数量',
  `fail_count` INT NOT NULL DEFAULT 0 COMMENT '失败数量',
  `progress` DECIMAL(5,2) NOT NULL DEFAULT 0 COMMENT '进度百分比',
  `status` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '状态: 0-待执行, 1-执行中, 2-已完成, 3-失败, 4-已取消, 5-暂停',
  `priority` TINYINT(1) NOT NULL DEFAULT 2 COMMENT '优先级: 1-高, 2-中, 3-低',
  `send_interval` INT NOT NULL DEFAULT 0 COMMENT '发送间隔(秒)',
  `max_retry` INT NOT NULL DEFAULT 3 COMMENT '最大重试次数',
  `scheduled_time` DATETIME DEFAULT NULL COMMENT '定时执行时间',
  `started_at` DATETIME DEFAULT NULL COMMENT '开始时间',
  `completed_at` DATETIME DEFAULT NULL COMMENT '完成时间',
  `error_message` TEXT DEFAULT NULL COMMENT '错误信息',
  `created_by` BIGINT UNSIGNED NOT NULL COMMENT '创建人',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_task_uuid` (`task_uuid`),
  KEY `idx_task_type` (`task_type`),
  KEY `idx_account_id` (`account_id`),
  KEY `idx_status` (`status`),
  KEY `idx_priority` (`priority`),
  KEY `idx_scheduled` (`scheduled_time`),
  KEY `idx_created_by` (`created_by`),
  KEY `idx_created` (`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='消息任务表';

-- migrate:down
DROP TABLE `message_tasks`;
