-- migration: create
-- expect: nothing
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  n INT NOT NULL DEFAULT 0,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: FIXED_SCHEMA
ALTER TABLE shop.orders ADD COLUMN m INT NULL;
-- expect: nothing
ALTER TABLE orders ADD COLUMN k INT NULL;
-- expect: UPDATE_ALL_ROWS
UPDATE orders SET n = 0;
-- expect: nothing
UPDATE orders SET n = 0 WHERE id IN (1, 2, 3);
