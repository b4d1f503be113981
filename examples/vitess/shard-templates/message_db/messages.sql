-- wwdb:period month
-- wwdb:name messages_{YYYYMM}
-- wwdb:ids YYYYMM x 10000000000
-- wwdb:time created_at
-- wwdb:premake 3 periods, 45 days
-- wwdb:late 2 days
-- wwdb:keep 24 months
-- wwdb:grace 14 days
-- wwdb:archive directory
-- wwdb:reference (account_id) instance_db.wework_accounts(id)

CREATE TABLE {{table}} (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '消息ID',
  `message_uuid` VARCHAR(36) NOT NULL COMMENT '消息UUID',
  `account_id` BIGINT UNSIGNED NOT NULL COMMENT '发送账号ID',
  `chat_type` TINYINT(1) NOT NULL COMMENT '聊天类型: 1-私聊, 2-群聊',
  `chat_wxid` VARCHAR(100) NOT NULL COMMENT '聊天对象微信ID',
  `message_type` VARCHAR(20) NOT NULL COMMENT '消息类型: text, image, video, file, link, card, location',
  `message_content` TEXT DEFAULT NULL COMMENT '消息内容',
  `media_url` VARCHAR(500) DEFAULT NULL COMMENT '媒体文件URL',
  `media_size` BIGINT DEFAULT NULL COMMENT '媒体文件大小',
  `media_duration` INT DEFAULT NULL COMMENT '媒体时长(秒)',
  `thumbnail_url` VARCHAR(500) DEFAULT NULL COMMENT '缩略图URL',
  `file_name` VARCHAR(255) DEFAULT NULL COMMENT '文件名',
  `message_metadata` JSON DEFAULT NULL COMMENT '消息元数据',
  `send_status` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '发送状态: 0-待发送, 1-发送中, 2-成功, 3-失败',
  `send_time` DATETIME DEFAULT NULL COMMENT '发送时间',
  `receive_time` DATETIME DEFAULT NULL COMMENT '接收确认时间',
  `error_code` VARCHAR(50) DEFAULT NULL COMMENT '错误码',
  `error_message` TEXT DEFAULT NULL COMMENT '错误信息',
  `retry_count` INT NOT NULL DEFAULT 0 COMMENT '重试次数',
  `task_id` BIGINT UNSIGNED DEFAULT NULL COMMENT '任务ID',
  `parent_message_id` BIGINT UNSIGNED DEFAULT NULL COMMENT '父消息ID(回复消息)',
  `at_members` JSON DEFAULT NULL COMMENT '@成员列表',
  `is_scheduled` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否定时消息',
  `scheduled_time` DATETIME DEFAULT NULL COMMENT '定时发送时间',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_message_uuid` (`message_uuid`),
  KEY `idx_account_chat` (`account_id`, `chat_wxid`),
  KEY `idx_chat_type` (`chat_type`),
  KEY `idx_message_type` (`message_type`),
  KEY `idx_send_status` (`send_status`),
  KEY `idx_send_time` (`send_time`),
  KEY `idx_task_id` (`task_id`),
  KEY `idx_scheduled` (`is_scheduled`, `scheduled_time`),
  KEY `idx_created` (`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='消息记录表';
