-- migrate:up
CREATE TABLE `message_receivers` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'ID',
  `task_id` BIGINT UNSIGNED NOT NULL COMMENT '任务ID',
  `receiver_type` TINYINT(1) NOT NULL COMMENT '接收者类型: 1-联系人, 2-群聊',
  `receiver_wxid` VARCHAR(100) NOT NULL COMMENT '接收者微信ID',
  `receiver_name` VARCHAR(100) DEFAULT NULL COMMENT '接收者名称',
  `message_id` BIGINT UNSIGNED DEFAULT NULL COMMENT '消息ID',
  `send_status` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '发送状态: 0-待发送, 1-发送中, 2-成功, 3-失败, 4-跳过',
  `send_time` DATETIME DEFAULT NULL COMMENT '发送时间',
  `error_code` VARCHAR(50) DEFAULT NULL COMMENT '错误码',
  `error_message` TEXT DEFAULT NULL COMMENT '错误信息',
  `retry_count` INT NOT NULL DEFAULT 0 COMMENT '重试次数',
  `variables` JSON DEFAULT NULL COMMENT '个性化变量',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  PRIMARY KEY (`id`),
  KEY `idx_task_receiver` (`task_id`, `receiver_wxid`),
  KEY `idx_send_status` (`send_status`),
  KEY `idx_send_time` (`send_time`),
  KEY `idx_message_id` (`message_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='消息接收者表';

-- migrate:down
DROP TABLE `message_receivers`;
