-- migrate:up
CREATE TABLE `group_members` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '成员ID',
  `group_id` BIGINT UNSIGNED NOT NULL COMMENT '群聊ID',
  `member_wxid` VARCHAR(100) NOT NULL COMMENT '成员微信ID',
  `member_nickname` VARCHAR(100) DEFAULT NULL COMMENT '成员昵称',
  `group_nickname` VARCHAR(100) DEFAULT NULL COMMENT '群内昵称',
  `member_avatar_url` VARCHAR(500) DEFAULT NULL COMMENT '成员头像URL',
  `role` TINYINT(1) NOT NULL DEFAULT 3 COMMENT '角色: 1-群主, 2-管理员, 3-成员',
  `join_time` DATETIME DEFAULT NULL COMMENT '入群时间',
  `invite_by` VARCHAR(100) DEFAULT NULL COMMENT '邀请人微信ID',
  `is_muted` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否被禁言',
  `mute_until` DATETIME DEFAULT NULL COMMENT '禁言到期时间',
  `last_speak_time` DATETIME DEFAULT NULL COMMENT '最后发言时间',
  `speak_count` INT NOT NULL DEFAULT 0 COMMENT '发言次数',
  `is_active` TINYINT(1) NOT NULL DEFAULT 1 COMMENT '是否活跃',
  `tags` JSON DEFAULT NULL COMMENT '标签',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  `left_at` DATETIME DEFAULT NULL COMMENT '退群时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_group_member` (`group_id`, `member_wxid`),
  KEY `idx_member_wxid` (`member_wxid`),
  KEY `idx_role` (`role`),
  KEY `idx_join_time` (`join_time`),
  KEY `idx_last_speak` (`last_speak_time`),
  KEY `idx_left_at` (`left_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='群成员表';

-- migrate:down
DROP TABLE `group_members`;
