-- migrate:up
CREATE TABLE `groups` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '群聊ID',
  `account_id` BIGINT UNSIGNED NOT NULL COMMENT '账号ID',
  `group_wxid` VARCHAR(100) NOT NULL COMMENT '群微信ID',
  `group_name` VARCHAR(200) DEFAULT NULL COMMENT '群名称',
  `group_avatar_url` VARCHAR(500) DEFAULT NULL COMMENT '群头像URL',
  `group_notice` TEXT DEFAULT NULL COMMENT '群公告',
  `group_description` TEXT DEFAULT NULL COMMENT '群描述',
  `member_count` INT NOT NULL DEFAULT 0 COMMENT '成员数量',
  `max_member_count` INT NOT NULL DEFAULT 500 COMMENT '最大成员数',
  `owner_wxid` VARCHAR(100) DEFAULT NULL COMMENT '群主微信ID',
  `my_role` TINYINT(1) NOT NULL DEFAULT 3 COMMENT '我的角色: 1-群主, 2-管理员, 3-成员',
  `is_muted` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否被禁言',
  `is_disturb_off` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否免打扰',
  `join_time` DATETIME DEFAULT NULL COMMENT '入群时间',
  `last_message_time` DATETIME DEFAULT NULL COMMENT '最后消息时间',
  `message_count` BIGINT NOT NULL DEFAULT 0 COMMENT '消息数量',
  `is_active` TINYINT(1) NOT NULL DEFAULT 1 COMMENT '是否活跃',
  `tags` JSON DEFAULT NULL COMMENT '标签',
  `custom_fields` JSON DEFAULT NULL COMMENT '自定义字段',
  `sync_status` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '同步状态: 0-未同步, 1-已同步',
  `last_sync_time` DATETIME DEFAULT NULL COMMENT '最后同步时间',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  `deleted_at` DATETIME DEFAULT NULL COMMENT '删除时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_account_group` (`account_id`, `group_wxid`),
  KEY `idx_group_name` (`group_name`),
  KEY `idx_member_count` (`member_count`),
  KEY `idx_my_role` (`my_role`),
  KEY `idx_last_message` (`last_message_time`),
  KEY `idx_sync_status` (`sync_status`),
  KEY `idx_deleted` (`deleted_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='群聊表';

-- migrate:down
DROP TABLE `groups`;
