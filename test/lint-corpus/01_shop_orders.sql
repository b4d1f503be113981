-- migration: create
-- expect: nothing
CREATE TABLE customers (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  email VARCHAR(190) NOT NULL,
  full_name VARCHAR(120) NOT NULL,
  phone VARCHAR(20) NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY uk_email (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- expect: nothing
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  customer_id BIGINT UNSIGNED NOT NULL,
  status VARCHAR(20) NOT NULL DEFAULT 'new',
  total DECIMAL(12,2) NOT NULL DEFAULT 0,
  note TEXT NULL,
  placed_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  KEY idx_customer_placed (customer_id, placed_at),
  CONSTRAINT fk_orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- migration: later
-- expect: nothing
ALTER TABLE orders ADD COLUMN shipped_at DATETIME NULL;
-- expect: ADD_NOT_NULL
ALTER TABLE orders ADD COLUMN currency CHAR(3) NOT NULL;
-- expect: RENAME_COLUMN
ALTER TABLE customers RENAME COLUMN full_name TO display_name;
-- expect: DROP_COLUMN
ALTER TABLE orders DROP COLUMN note;
-- expect: nothing
ALTER TABLE orders ADD COLUMN channel VARCHAR(20) NOT NULL DEFAULT 'web';
