-- migration: create
-- expect: nothing
CREATE TABLE warehouses (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  code VARCHAR(20) NOT NULL,
  region VARCHAR(20) NOT NULL,
  PRIMARY KEY (id),
  KEY idx_region (region)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- expect: FOREIGN_KEY_TYPES
CREATE TABLE stock (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  warehouse_id BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (id),
  KEY idx_warehouse (warehouse_id),
  CONSTRAINT fk_stock_warehouse FOREIGN KEY (warehouse_id) REFERENCES warehouses (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: FOREIGN_KEY_TYPES
CREATE TABLE shelves (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  warehouse_id INT NOT NULL,
  PRIMARY KEY (id),
  KEY idx_warehouse (warehouse_id),
  CONSTRAINT fk_shelves_warehouse FOREIGN KEY (warehouse_id) REFERENCES warehouses (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: FOREIGN_KEY_PARENT_INDEX
CREATE TABLE gates (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  warehouse_code VARCHAR(20) COLLATE utf8mb4_unicode_ci NOT NULL,
  PRIMARY KEY (id),
  KEY idx_code (warehouse_code),
  CONSTRAINT fk_gates_code FOREIGN KEY (warehouse_code) REFERENCES warehouses (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: FOREIGN_KEY_TO_NON_UNIQUE
CREATE TABLE routes (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  region VARCHAR(20) COLLATE utf8mb4_unicode_ci NOT NULL,
  PRIMARY KEY (id),
  KEY idx_region (region),
  CONSTRAINT fk_routes_region FOREIGN KEY (region) REFERENCES warehouses (region)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: FOREIGN_KEY_COLLATION, FOREIGN_KEY_TO_NON_UNIQUE
CREATE TABLE lanes (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  region VARCHAR(20) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (id),
  KEY idx_region (region),
  CONSTRAINT fk_lanes_region FOREIGN KEY (region) REFERENCES warehouses (region)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: nothing
CREATE TABLE racks (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  warehouse_id INT UNSIGNED NOT NULL,
  PRIMARY KEY (id),
  KEY idx_warehouse (warehouse_id),
  CONSTRAINT fk_racks_warehouse FOREIGN KEY (warehouse_id) REFERENCES warehouses (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: FOREIGN_KEY_SET_NULL
CREATE TABLE bins (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  warehouse_id INT UNSIGNED NOT NULL,
  PRIMARY KEY (id),
  KEY idx_warehouse (warehouse_id),
  CONSTRAINT fk_bins_warehouse FOREIGN KEY (warehouse_id) REFERENCES warehouses (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
