-- A shop with attributes as rows, in the manner of magento.
-- migration: tables
CREATE TABLE `store_website` (
  `website_id` smallint unsigned NOT NULL AUTO_INCREMENT COMMENT 'Website ID',
  `code` varchar(32) DEFAULT NULL COMMENT 'Code',
  `name` varchar(64) DEFAULT NULL COMMENT 'Website Name',
  `sort_order` smallint unsigned NOT NULL DEFAULT '0' COMMENT 'Sort Order',
  `is_default` smallint unsigned DEFAULT '0' COMMENT 'Defines Is Website Default',
  PRIMARY KEY (`website_id`),
  UNIQUE KEY `STORE_WEBSITE_CODE` (`code`),
  KEY `STORE_WEBSITE_SORT_ORDER` (`sort_order`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Websites';
CREATE TABLE `eav_attribute` (
  `attribute_id` smallint unsigned NOT NULL AUTO_INCREMENT COMMENT 'Attribute ID',
  `entity_type_id` smallint unsigned NOT NULL DEFAULT '0',
  `attribute_code` varchar(255) NOT NULL COMMENT 'Attribute Code',
  `backend_type` varchar(8) NOT NULL DEFAULT 'static',
  `frontend_label` varchar(255) DEFAULT NULL,
  `is_required` smallint unsigned NOT NULL DEFAULT '0',
  `default_value` text COMMENT 'Default Value',
  PRIMARY KEY (`attribute_id`),
  UNIQUE KEY `EAV_ATTRIBUTE_CODE` (`entity_type_id`,`attribute_code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Eav Attribute';
CREATE TABLE `catalog_product_entity` (
  `entity_id` int unsigned NOT NULL AUTO_INCREMENT COMMENT 'Entity ID',
  `attribute_set_id` smallint unsigned NOT NULL DEFAULT '0',
  `type_id` varchar(32) NOT NULL DEFAULT 'simple',
  `sku` varchar(64) NOT NULL COMMENT 'SKU',
  `has_options` smallint NOT NULL DEFAULT '0',
  `created_at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`entity_id`),
  KEY `CATALOG_PRODUCT_ENTITY_ATTRIBUTE_SET_ID` (`attribute_set_id`),
  KEY `CATALOG_PRODUCT_ENTITY_SKU` (`sku`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Catalog Product Table';
CREATE TABLE `catalog_product_entity_decimal` (
  `value_id` int NOT NULL AUTO_INCREMENT,
  `attribute_id` smallint unsigned NOT NULL DEFAULT '0',
  `store_id` smallint unsigned NOT NULL DEFAULT '0',
  `entity_id` int unsigned NOT NULL DEFAULT '0',
  `value` decimal(20,6) DEFAULT NULL,
  PRIMARY KEY (`value_id`),
  UNIQUE KEY `CPED_ENTITY_ATTRIBUTE_STORE` (`entity_id`,`attribute_id`,`store_id`),
  KEY `CPED_STORE_ID` (`store_id`),
  KEY `CPED_ATTRIBUTE_ID` (`attribute_id`),
  CONSTRAINT `CPED_ATTRIBUTE` FOREIGN KEY (`attribute_id`) REFERENCES `eav_attribute` (`attribute_id`) ON DELETE CASCADE,
  CONSTRAINT `CPED_ENTITY` FOREIGN KEY (`entity_id`) REFERENCES `catalog_product_entity` (`entity_id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `catalog_product_entity_varchar` (
  `value_id` int NOT NULL AUTO_INCREMENT,
  `attribute_id` smallint unsigned NOT NULL DEFAULT '0',
  `store_id` smallint unsigned NOT NULL DEFAULT '0',
  `entity_id` int unsigned NOT NULL DEFAULT '0',
  `value` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`value_id`),
  UNIQUE KEY `CPEV_ENTITY_ATTRIBUTE_STORE` (`entity_id`,`attribute_id`,`store_id`),
  KEY `CPEV_ATTRIBUTE_ID` (`attribute_id`),
  CONSTRAINT `CPEV_ATTRIBUTE` FOREIGN KEY (`attribute_id`) REFERENCES `eav_attribute` (`attribute_id`) ON DELETE CASCADE,
  CONSTRAINT `CPEV_ENTITY` FOREIGN KEY (`entity_id`) REFERENCES `catalog_product_entity` (`entity_id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `cataloginventory_stock_item` (
  `item_id` int unsigned NOT NULL AUTO_INCREMENT,
  `product_id` int unsigned NOT NULL DEFAULT '0',
  `stock_id` smallint unsigned NOT NULL DEFAULT '0',
  `qty` decimal(12,4) DEFAULT NULL,
  `min_qty` decimal(12,4) NOT NULL DEFAULT '0.0000',
  `is_in_stock` smallint unsigned NOT NULL DEFAULT '0',
  `low_stock_date` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`item_id`),
  UNIQUE KEY `CSI_PRODUCT_STOCK` (`product_id`,`stock_id`),
  CONSTRAINT `CSI_PRODUCT` FOREIGN KEY (`product_id`) REFERENCES `catalog_product_entity` (`entity_id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `customer_entity` (`entity_id` int unsigned NOT NULL AUTO_INCREMENT, `website_id` smallint unsigned DEFAULT NULL, `email` varchar(255) DEFAULT NULL, `group_id` smallint unsigned NOT NULL DEFAULT '0', `created_at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, `is_active` smallint unsigned NOT NULL DEFAULT '1', `firstname` varchar(255) DEFAULT NULL, `lastname` varchar(255) DEFAULT NULL, `dob` date DEFAULT NULL, `password_hash` varchar(128) DEFAULT NULL, `failures_num` smallint DEFAULT '0', PRIMARY KEY (`entity_id`), UNIQUE KEY `CE_EMAIL_WEBSITE` (`email`,`website_id`), KEY `CE_WEBSITE` (`website_id`), CONSTRAINT `CE_WEBSITE` FOREIGN KEY (`website_id`) REFERENCES `store_website` (`website_id`) ON DELETE SET NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `quote` (`entity_id` int unsigned NOT NULL AUTO_INCREMENT, `store_id` smallint unsigned NOT NULL DEFAULT '0', `created_at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, `is_active` smallint unsigned DEFAULT '1', `items_count` int unsigned DEFAULT '0', `items_qty` decimal(12,4) DEFAULT '0.0000', `grand_total` decimal(20,4) DEFAULT '0.0000', `customer_id` int unsigned DEFAULT NULL, PRIMARY KEY (`entity_id`), KEY `QUOTE_CUSTOMER_STORE_ACTIVE` (`customer_id`,`store_id`,`is_active`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `quote_item` (`item_id` int unsigned NOT NULL AUTO_INCREMENT, `quote_id` int unsigned NOT NULL DEFAULT '0', `product_id` int unsigned DEFAULT NULL, `sku` varchar(255) DEFAULT NULL, `qty` decimal(12,4) NOT NULL DEFAULT '0.0000', `price` decimal(12,4) NOT NULL DEFAULT '0.0000', PRIMARY KEY (`item_id`), KEY `QI_PRODUCT` (`product_id`), KEY `QI_QUOTE` (`quote_id`), CONSTRAINT `QI_QUOTE` FOREIGN KEY (`quote_id`) REFERENCES `quote` (`entity_id`) ON DELETE CASCADE) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `sales_order` (`entity_id` int unsigned NOT NULL AUTO_INCREMENT, `state` varchar(32) DEFAULT NULL, `status` varchar(32) DEFAULT NULL, `protect_code` varchar(255) DEFAULT NULL, `customer_id` int unsigned DEFAULT NULL, `base_grand_total` decimal(20,4) DEFAULT NULL, `grand_total` decimal(20,4) DEFAULT NULL, `increment_id` varchar(50) DEFAULT NULL, `created_at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (`entity_id`), UNIQUE KEY `SO_INCREMENT_ID` (`increment_id`), KEY `SO_STATUS` (`status`), KEY `SO_CREATED_AT` (`created_at`), KEY `SO_CUSTOMER_ID` (`customer_id`), CONSTRAINT `SO_CUSTOMER` FOREIGN KEY (`customer_id`) REFERENCES `customer_entity` (`entity_id`) ON DELETE SET NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `cron_schedule` (`schedule_id` int unsigned NOT NULL AUTO_INCREMENT, `job_code` varchar(255) NOT NULL DEFAULT '0', `status` varchar(7) NOT NULL DEFAULT 'pending', `messages` text, `created_at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, `scheduled_at` timestamp NULL DEFAULT NULL, `finished_at` timestamp NULL DEFAULT NULL, PRIMARY KEY (`schedule_id`), KEY `CS_SCHEDULED_AT_STATUS` (`scheduled_at`,`status`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `core_config_data` (`config_id` int unsigned NOT NULL AUTO_INCREMENT, `scope` varchar(8) NOT NULL DEFAULT 'default', `scope_id` int NOT NULL DEFAULT '0', `path` varchar(255) NOT NULL DEFAULT 'general', `value` text, PRIMARY KEY (`config_id`), UNIQUE KEY `CCD_SCOPE_PATH` (`scope`,`scope_id`,`path`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `search_query` (`query_id` int unsigned NOT NULL AUTO_INCREMENT, `query_text` varchar(255) DEFAULT NULL, `num_results` int unsigned NOT NULL DEFAULT '0', `popularity` int unsigned NOT NULL DEFAULT '0', `store_id` smallint unsigned NOT NULL DEFAULT '0', PRIMARY KEY (`query_id`), UNIQUE KEY `SQ_TEXT_STORE` (`query_text`,`store_id`), KEY `SQ_TEXT_STORE_POPULARITY` (`query_text`,`store_id`,`popularity`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `review_detail` (`detail_id` bigint unsigned NOT NULL AUTO_INCREMENT, `review_id` bigint unsigned NOT NULL DEFAULT '0', `title` varchar(255) NOT NULL, `detail` text NOT NULL, `nickname` varchar(128) NOT NULL, PRIMARY KEY (`detail_id`), KEY `RD_REVIEW` (`review_id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- migration: upgrade
ALTER TABLE `sales_order` ADD COLUMN `coupon_code` varchar(255) DEFAULT NULL COMMENT 'Coupon Code' AFTER `protect_code`;
ALTER TABLE `sales_order` ADD INDEX `SO_COUPON_CODE` (`coupon_code`);
ALTER TABLE `quote` ADD COLUMN `remote_ip` varchar(45) DEFAULT NULL;
ALTER TABLE `quote_item` ADD COLUMN `tax_percent` decimal(12,4) DEFAULT '0.0000';
-- useful: BLOCKING_COPY, ADD_FOREIGN_KEY
ALTER TABLE `quote_item` ADD CONSTRAINT `QI_PRODUCT_FK` FOREIGN KEY (`product_id`) REFERENCES `catalog_product_entity` (`entity_id`) ON DELETE CASCADE;
ALTER TABLE `cron_schedule` MODIFY `status` varchar(10) NOT NULL DEFAULT 'pending';
ALTER TABLE `customer_entity` ADD COLUMN `middlename` varchar(255) DEFAULT NULL, ADD COLUMN `suffix` varchar(40) DEFAULT NULL;
-- useful: DROP_INDEX
ALTER TABLE `search_query` DROP INDEX `SQ_TEXT_STORE_POPULARITY`;
ALTER TABLE `catalog_product_entity` ADD COLUMN `required_options` smallint unsigned NOT NULL DEFAULT '0';
-- noise: LARGE_CHANGE
UPDATE `core_config_data` SET `value` = '0' WHERE `path` = 'catalog/seo/save_rewrites_history';
INSERT INTO `core_config_data` (`scope`, `scope_id`, `path`, `value`) VALUES ('default', 0, 'currency/options/base', 'EUR');
-- useful: LARGE_CHANGE
DELETE FROM `cron_schedule` WHERE `status` = 'missed' AND `scheduled_at` < '2024-01-01';
-- useful: DROP_TABLE
DROP TABLE `review_detail`;
