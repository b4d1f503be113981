-- migration: create
-- expect: nothing
CREATE TABLE stocks (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  sku VARCHAR(40) NOT NULL,
  quantity INT NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  UNIQUE KEY uk_sku (sku)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: IMPLICIT_CONVERSION
DELETE FROM stocks WHERE sku = 1001;
-- expect: nothing
DELETE FROM stocks WHERE sku = '1001';
-- expect: SET_WITH_AND
UPDATE stocks SET quantity = 1 AND sku = 'x' WHERE id = 3;
-- expect: nothing
UPDATE stocks SET quantity = quantity + 1, sku = 'x' WHERE id = 3;
