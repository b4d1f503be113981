-- migrate:up
CREATE TABLE `message_templates` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '模板ID',
  `template_uuid` VARCHAR(36) NOT NULL COMMENT '模板UUID',
  `name` VARCHAR(200) NOT NULL COMMENT '模板名称',
  `category` VARCHAR(50) DEFAULT NULL COMMENT '模板分类',
  `message_type` VARCHAR(20) NOT NULL COMMENT '消息类型',
  `content` TEXT NOT NULL COMMENT '模板内容',
  `variables` JSON DEFAULT NULL COMMENT '变量定义',
  `preview_content` TEXT DEFAULT NULL COMMENT '预览内容',
  `thumbnail_url` VARCHAR(500) DEFAULT NULL COMMENT '缩略图URL',
  `use_count` INT NOT NULL DEFAULT 0 COMMENT '使用次数',
  `last_used_at` DATETIME DEFAULT NULL COMMENT '最后使用时间',
  `is_system` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否系统模板',
  `is_public` TINYINT(1) NOT NULL DEFAULT 0 COMMENT '是否公开模板',
  `status` TINYINT(1) NOT NULL DEFAULT 1 COMMENT '状态: 0-禁用, 1-启用',
  `sort_order` INT NOT NULL DEFAULT 0 COMMENT '排序',
  `tags` JSON DEFAULT NULL COMMENT '标签',
  `created_by` BIGINT UNSIGNED NOT NULL COMMENT '创建人',
  `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
  `updated_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',
  `deleted_at` DATETIME DEFAULT NULL COMMENT '删除时间',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_template_uuid` (`template_uuid`),
  KEY `idx_name` (`name`),
  KEY `idx_category` (`category`),
  KEY `idx_message_type` (`message_type`),
  KEY `idx_status` (`status`),
  KEY `idx_created_by` (`created_by`),
  KEY `idx_use_count` (`use_count`),
  KEY `idx_deleted` (`deleted_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='消息模板表';

-- migrate:down
DROP TABLE `message_templates`;
