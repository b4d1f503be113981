-- migration: create
-- expect: nothing
CREATE TABLE payments (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  amount DECIMAL(12,2) NOT NULL,
  paid_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  KEY idx_paid (paid_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- migration: later
-- expect: FLOAT_COLUMN
ALTER TABLE payments ADD COLUMN fee FLOAT NULL;
-- expect: nothing
ALTER TABLE payments ADD COLUMN tax DECIMAL(12,2) NOT NULL DEFAULT 0;
-- expect: nothing
DELETE FROM payments WHERE paid_at < '2020-01-01';
-- expect: DROP_TABLE
DROP TABLE payments;
