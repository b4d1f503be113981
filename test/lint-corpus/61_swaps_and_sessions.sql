-- migration: create
-- expect: nothing
CREATE TABLE prices_now (sku CHAR(10) NOT NULL PRIMARY KEY, cents INT UNSIGNED NOT NULL);
-- expect: nothing
CREATE TABLE prices_next (sku CHAR(10) NOT NULL PRIMARY KEY, cents INT UNSIGNED NOT NULL);
-- migration: later
-- expect: UNRESUMABLE_SWAP
RENAME TABLE prices_now TO swap, prices_next TO prices_now, swap TO prices_next;
-- expect: UNRESUMABLE_SESSION
CREATE TEMPORARY TABLE cheap AS SELECT sku FROM prices_now WHERE cents < 100;
-- expect: WRITE_JOURNAL
DELETE FROM wwdb_journal WHERE name = 'broken';
-- expect: ALREADY_EXISTS
CREATE TABLE prices_now (sku CHAR(10) NOT NULL PRIMARY KEY);
-- expect: nothing
CREATE TABLE IF NOT EXISTS prices_old (sku CHAR(10) NOT NULL PRIMARY KEY);
-- expect: FOREIGN_KEY_CHECKS_OFF
SET SESSION foreign_key_checks = 0;
-- expect: OVERWRITE_COLUMN, BLOCKING_COPY
ALTER TABLE prices_next MODIFY cents INT UNSIGNED GENERATED ALWAYS AS (CHAR_LENGTH(sku)) STORED;
