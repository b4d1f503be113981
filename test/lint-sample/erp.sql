-- An ERP whose tables came from many departments.
-- migration: masters
CREATE TABLE `t_company` (`company_code` VARCHAR(4) NOT NULL, `company_name` VARCHAR(80) NOT NULL, `currency` CHAR(3) NOT NULL DEFAULT 'CNY', `fiscal_year_start` TINYINT NOT NULL DEFAULT 1, PRIMARY KEY (`company_code`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='公司';
CREATE TABLE `t_plant` (`plant_code` VARCHAR(4) NOT NULL, `company_code` VARCHAR(4) NOT NULL, `plant_name` VARCHAR(80) NOT NULL, PRIMARY KEY (`plant_code`), KEY `idx_company` (`company_code`), CONSTRAINT `fk_plant_company` FOREIGN KEY (`company_code`) REFERENCES `t_company` (`company_code`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='工厂';
CREATE TABLE `t_material` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT COMMENT '主键',
  `material_no` varchar(40) NOT NULL COMMENT '物料编码',
  `material_name` varchar(200) NOT NULL COMMENT '物料名称',
  `spec` varchar(200) DEFAULT NULL COMMENT '规格型号',
  `unit` varchar(10) NOT NULL DEFAULT 'PCS' COMMENT '单位',
  `category_id` bigint(20) DEFAULT NULL COMMENT '分类',
  `net_weight` decimal(12,3) DEFAULT NULL COMMENT '净重',
  `status` tinyint(4) NOT NULL DEFAULT '1' COMMENT '状态',
  `create_by` varchar(64) DEFAULT '' COMMENT '创建者',
  `create_time` datetime DEFAULT NULL COMMENT '创建时间',
  `update_by` varchar(64) DEFAULT '' COMMENT '更新者',
  `update_time` datetime DEFAULT NULL COMMENT '更新时间',
  `remark` varchar(500) DEFAULT NULL COMMENT '备注',
  PRIMARY KEY (`id`),
  UNIQUE KEY `uk_material_no` (`material_no`),
  KEY `idx_category` (`category_id`)
) ENGINE=InnoDB AUTO_INCREMENT=1 DEFAULT CHARSET=utf8mb4 COMMENT='物料主数据';
CREATE TABLE `t_supplier` (`id` BIGINT NOT NULL AUTO_INCREMENT, `supplier_no` VARCHAR(20) NOT NULL, `supplier_name` VARCHAR(120) NOT NULL, `tax_no` VARCHAR(30) DEFAULT NULL, `bank_account` VARCHAR(40) DEFAULT NULL, `level` TINYINT NOT NULL DEFAULT 3, `del_flag` TINYINT(1) NOT NULL DEFAULT 0, `create_time` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (`id`), UNIQUE KEY `uk_supplier_no` (`supplier_no`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='供应商';
CREATE TABLE `t_purchase_order` (`id` BIGINT NOT NULL AUTO_INCREMENT, `po_no` VARCHAR(20) NOT NULL, `supplier_id` BIGINT NOT NULL, `plant_code` VARCHAR(4) NOT NULL, `order_date` DATE NOT NULL, `total_amount` DECIMAL(18,2) NOT NULL DEFAULT 0, `status` VARCHAR(10) NOT NULL DEFAULT 'DRAFT', `version` INT NOT NULL DEFAULT 0, PRIMARY KEY (`id`), UNIQUE KEY `uk_po_no` (`po_no`), KEY `idx_supplier_date` (`supplier_id`, `order_date`), KEY `idx_plant` (`plant_code`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='采购订单';
CREATE TABLE `t_purchase_order_item` (`id` BIGINT NOT NULL AUTO_INCREMENT, `po_id` BIGINT NOT NULL, `line_no` SMALLINT NOT NULL, `material_id` BIGINT NOT NULL, `quantity` DECIMAL(18,4) NOT NULL, `price` DECIMAL(18,6) NOT NULL, `delivered` DECIMAL(18,4) NOT NULL DEFAULT 0, PRIMARY KEY (`id`), UNIQUE KEY `uk_po_line` (`po_id`, `line_no`), KEY `idx_material` (`material_id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `t_stock` (`plant_code` VARCHAR(4) NOT NULL, `material_id` BIGINT NOT NULL, `batch_no` VARCHAR(30) NOT NULL DEFAULT '', `quantity` DECIMAL(18,4) NOT NULL DEFAULT 0, `locked` DECIMAL(18,4) NOT NULL DEFAULT 0, `update_time` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, PRIMARY KEY (`plant_code`, `material_id`, `batch_no`), KEY `idx_material` (`material_id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='库存';
CREATE TABLE `t_stock_flow` (`id` BIGINT NOT NULL AUTO_INCREMENT, `flow_no` VARCHAR(32) NOT NULL, `plant_code` VARCHAR(4) NOT NULL, `material_id` BIGINT NOT NULL, `change_qty` DECIMAL(18,4) NOT NULL, `biz_type` VARCHAR(20) NOT NULL, `biz_id` BIGINT NOT NULL, `create_time` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), PRIMARY KEY (`id`), UNIQUE KEY `uk_flow_no` (`flow_no`), KEY `idx_biz` (`biz_type`, `biz_id`), KEY `idx_material_time` (`material_id`, `create_time`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `t_ledger` (`id` BIGINT NOT NULL AUTO_INCREMENT, `company_code` VARCHAR(4) NOT NULL, `period` CHAR(7) NOT NULL, `account_no` VARCHAR(20) NOT NULL, `debit` DECIMAL(18,2) NOT NULL DEFAULT 0, `credit` DECIMAL(18,2) NOT NULL DEFAULT 0, `voucher_no` VARCHAR(20) NOT NULL, PRIMARY KEY (`id`), KEY `idx_account_period` (`company_code`, `account_no`, `period`), KEY `idx_voucher` (`voucher_no`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `sys_dict` (`dict_id` INT NOT NULL AUTO_INCREMENT, `dict_type` VARCHAR(50) NOT NULL, `dict_value` VARCHAR(50) NOT NULL, `dict_label` VARCHAR(100) NOT NULL, `sort` INT NOT NULL DEFAULT 0, PRIMARY KEY (`dict_id`), UNIQUE KEY `uk_type_value` (`dict_type`, `dict_value`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `sys_user_role` (`user_id` BIGINT NOT NULL, `role_id` BIGINT NOT NULL, PRIMARY KEY (`user_id`, `role_id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `sys_oper_log` (`oper_id` BIGINT NOT NULL AUTO_INCREMENT, `title` VARCHAR(50) DEFAULT '', `method` VARCHAR(200) DEFAULT '', `oper_name` VARCHAR(50) DEFAULT '', `oper_ip` VARCHAR(128) DEFAULT '', `oper_param` VARCHAR(2000) DEFAULT '', `json_result` VARCHAR(2000) DEFAULT '', `status` INT DEFAULT 0, `oper_time` DATETIME DEFAULT NULL, `cost_time` BIGINT DEFAULT 0, PRIMARY KEY (`oper_id`), KEY `idx_oper_time` (`oper_time`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `hr_attendance` (`id` BIGINT NOT NULL AUTO_INCREMENT, `emp_id` BIGINT NOT NULL, `work_date` DATE NOT NULL, `clock_in` TIME DEFAULT NULL, `clock_out` TIME DEFAULT NULL, `hours` DECIMAL(4,2) DEFAULT NULL, PRIMARY KEY (`id`), UNIQUE KEY `uk_emp_date` (`emp_id`, `work_date`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE `qc_report` (`report_no` VARCHAR(32) NOT NULL, `material_id` BIGINT NOT NULL, `result` CHAR(1) NOT NULL, `inspector` VARCHAR(30) DEFAULT NULL, `image` LONGBLOB, `inspected_at` DATETIME NOT NULL, PRIMARY KEY (`report_no`), KEY `idx_material` (`material_id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- migration: q1
ALTER TABLE `t_material` ADD COLUMN `barcode` VARCHAR(64) DEFAULT NULL COMMENT '条码' AFTER `spec`;
ALTER TABLE `t_material` ADD INDEX `idx_barcode` (`barcode`);
ALTER TABLE `t_supplier` MODIFY COLUMN `supplier_name` VARCHAR(200) NOT NULL;
ALTER TABLE `t_purchase_order` ADD COLUMN `approve_time` DATETIME DEFAULT NULL;
-- useful: BLOCKING_COPY
ALTER TABLE `t_purchase_order` MODIFY COLUMN `total_amount` DECIMAL(20,2) NOT NULL DEFAULT 0;
ALTER TABLE `t_stock` ADD COLUMN `safety_qty` DECIMAL(18,4) NOT NULL DEFAULT 0;
ALTER TABLE `t_ledger` ADD COLUMN `posted_at` DATETIME DEFAULT NULL, ADD COLUMN `posted_by` VARCHAR(64) DEFAULT NULL;
INSERT INTO `sys_dict` (`dict_type`, `dict_value`, `dict_label`, `sort`) VALUES ('po_status', 'DRAFT', '草稿', 1), ('po_status', 'DONE', '完成', 9);
UPDATE `sys_dict` SET `dict_label` = '已完成' WHERE `dict_type` = 'po_status' AND `dict_value` = 'DONE';
-- migration: q2
-- useful: BLOCKING_COPY, LOST_ATTRIBUTE
ALTER TABLE `sys_oper_log` MODIFY `oper_param` TEXT;
ALTER TABLE `hr_attendance` ADD COLUMN `remark` VARCHAR(200) DEFAULT NULL;
-- useful: DROP_COLUMN
ALTER TABLE `qc_report` DROP COLUMN `image`;
ALTER TABLE `t_stock_flow` ADD COLUMN `operator` VARCHAR(64) NOT NULL DEFAULT '' COMMENT '操作人';
-- useful: BLOCKING_COPY, ADD_FOREIGN_KEY
ALTER TABLE `t_purchase_order_item` ADD CONSTRAINT `fk_item_po` FOREIGN KEY (`po_id`) REFERENCES `t_purchase_order` (`id`);
ALTER TABLE `t_company` ADD COLUMN `vat_no` VARCHAR(30) NULL;
CREATE INDEX `idx_po_status` ON `t_purchase_order` (`status`, `order_date`);
ALTER TABLE `t_plant` COMMENT = '工厂主数据';
-- useful: LARGE_CHANGE
UPDATE `t_material` SET `unit` = 'EA' WHERE `unit` = 'PCS';
DELETE FROM `sys_user_role` WHERE `user_id` = 1001;
