-- wwdb:keys instance_db.wework_instances(id) deleted deleted_at
-- wwdb:name contacts_{key}
-- wwdb:late 2 days
-- wwdb:keep 30 days
-- wwdb:grace 14 days
-- wwdb:archive directory
-- wwdb:reference (account_id) instance_db.wework_accounts(id) on delete cascade

CREATE TABLE {{table}} (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '联系人ID',
  `account_id` BIGINT UNSIGNED NOT NULL COMMENT '账号ID',
  `wxid` VARCHAR(100) NOT NULL COMMENT '微信ID',
  `nickname` VARCHAR(100) DEFAULT NULL COMMENT '昵称',
  `remark` VARCHAR(100) DEFAULT NULL COMMENT '备注名',
  `avatar_url` VARCHAR(500) DEFAULT NULL COMMENT '头像URL',
  `phone` VARCHAR(20) DEFAULT NULL COMMENT '手机号',
  `gender` TINYINT(1) DEFAULT NULL COMMENT '性别: 0-未知, 1-男, 2-女',
  `region` VARCHAR(100) DEFAULT NULL COMMENT '地区',
  `signature` TEXT DEFAULT NULL COMMENT '个性签名',
  `contact_type` TINYINT(1) NOT NULL DEFAULT 1 COMMENT '联系人类型: 1-好友, 2-群成员, 3-公众号',
  `friend_status` TINYINT(1) DEFAULT NULL COMMENT '好友状态: 1-正常, 2-被删除, 3-被拉黑',
  `is_star` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否星标',
  `is_top` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否置顶',
  `is_blocked` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否拉黑',
  `add_source` VARCHAR(50) DEFAULT NULL COMMENT '添加来源',
  `add_time` DATETIME DEFAULT NULL COMMENT '添加时间',
  `last_chat_time` DATETIME DEFAULT NULL COMMENT '最后聊天时间',
  `chat_count` INT NOT NULL DEFAULT 0 COMMENT '聊天次数',
  `tags` JSON DEFAULT NULL COMMENT '标签',
  `custom_fields` JSON DEFAULT NULL COMMENT '自定义字段',
  `sync_status` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '同步状态: 0-未同步, 1-已同步',
  `last_sync_time` DATETIME DEFAULT NULL COMMENT '最后同步时间',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  `deleted_at` DATETIME DEFAULT NULL COMMENT '删除时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_account_wxid` (`account_id`, `wxid`),
  KEY `idx_nickname` (`nickname`),
  KEY `idx_remark` (`remark`),
  KEY `idx_type` (`contact_type`),
  KEY `idx_friend_status` (`friend_status`),
  KEY `idx_last_chat` (`last_chat_time`),
  KEY `idx_sync_status` (`sync_status`),
  KEY `idx_deleted` (`deleted_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='联系人表';
