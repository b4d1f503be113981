-- migration: create
-- expect: nothing
CREATE TABLE ferries (imo MEDIUMINT UNSIGNED NOT NULL PRIMARY KEY, called VARCHAR(60) NOT NULL);
-- expect: FOREIGN_KEY_TYPES
CREATE TABLE crossings (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, ferry INT UNSIGNED NOT NULL, leaves DATETIME NOT NULL, KEY (ferry, leaves), CONSTRAINT by_ferry FOREIGN KEY (ferry) REFERENCES ferries (imo));
-- expect: DECIMAL_WITHOUT_SCALE
CREATE TABLE fares (class CHAR(1) NOT NULL, season CHAR(1) NOT NULL, price DECIMAL(6) NOT NULL, PRIMARY KEY (class, season));
-- expect: nothing
CREATE TABLE vouchers (code CHAR(12) NOT NULL PRIMARY KEY, amount DECIMAL(7,2) NOT NULL, spent_on DATE NULL);
-- migration: later
-- expect: NULL_COMPARISON
DELETE FROM vouchers WHERE code = 'FREE' AND spent_on = NULL;
-- expect: nothing
DELETE FROM vouchers WHERE code = 'FREE' AND spent_on IS NULL;
-- expect: IMPLICIT_CONVERSION
UPDATE vouchers SET amount = 0 WHERE code = 123456789012;
