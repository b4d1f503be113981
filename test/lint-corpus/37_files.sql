-- migration: create
-- expect: nothing
CREATE TABLE rows_of (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  n INT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- expect: FILE_ON_SERVER
LOAD DATA INFILE '/var/lib/x.csv' INTO TABLE rows_of;
-- migration: later
-- expect: LIMIT_WITHOUT_ORDER
DELETE FROM rows_of WHERE id > 100 LIMIT 10;
-- expect: nothing
DELETE FROM rows_of WHERE id > 100 ORDER BY id LIMIT 10;
-- expect: ORDER_BY_RAND
DELETE FROM rows_of WHERE id > 100 ORDER BY RAND() LIMIT 5;
