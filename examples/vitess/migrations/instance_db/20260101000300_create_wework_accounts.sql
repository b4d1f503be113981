-- migrate:up
CREATE TABLE `wework_accounts` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '账号ID',
  `instance_id` BIGINT UNSIGNED NOT NULL COMMENT '实例ID',
  `wxid` VARCHAR(100) NOT NULL COMMENT '微信ID',
  `nickname` VARCHAR(100) DEFAULT NULL COMMENT '昵称',
  `avatar_url` VARCHAR(500) DEFAULT NULL COMMENT '头像URL',
  `phone` VARCHAR(20) DEFAULT NULL COMMENT '手机号',
  `email` VARCHAR(100) DEFAULT NULL COMMENT '邮箱',
  `gender` TINYINT(1) DEFAULT NULL COMMENT '性别: 0-未知, 1-男, 2-女',
  `region` VARCHAR(100) DEFAULT NULL COMMENT '地区',
  `signature` TEXT DEFAULT NULL COMMENT '个性签名',
  `qr_code_url` VARCHAR(500) DEFAULT NULL COMMENT '二维码URL',
  `status` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '状态: 0-离线, 1-在线, 2-异常, 3-被封',
  `is_logged_in` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否已登录',
  `login_method` VARCHAR(20) DEFAULT NULL COMMENT '登录方式: qrcode, phone',
  `last_login_time` DATETIME DEFAULT NULL COMMENT '最后登录时间',
  `last_sync_time` DATETIME DEFAULT NULL COMMENT '最后同步时间',
  `contact_count` INT NOT NULL DEFAULT 0 COMMENT '联系人数量',
  `group_count` INT NOT NULL DEFAULT 0 COMMENT '群聊数量',
  `total_messages` BIGINT NOT NULL DEFAULT 0 COMMENT '总消息数',
  `today_messages` INT NOT NULL DEFAULT 0 COMMENT '今日消息数',
  `remark` TEXT DEFAULT NULL COMMENT '备注',
  `tags` JSON DEFAULT NULL COMMENT '标签',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  `deleted_at` DATETIME DEFAULT NULL COMMENT '删除时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_instance_wxid` (`instance_id`, `wxid`),
  KEY `idx_nickname` (`nickname`),
  KEY `idx_status` (`status`),
  KEY `idx_logged_in` (`is_logged_in`),
  KEY `idx_last_login` (`last_login_time`),
  KEY `idx_deleted` (`deleted_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='企微账号表';

-- migrate:down
DROP TABLE `wework_accounts`;
