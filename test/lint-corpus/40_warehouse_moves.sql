-- migration: create
-- expect: nothing
CREATE TABLE bins (aisle CHAR(2) NOT NULL, shelf TINYINT UNSIGNED NOT NULL, level TINYINT UNSIGNED NOT NULL, capacity_kg SMALLINT UNSIGNED NOT NULL, PRIMARY KEY (aisle, shelf, level));
-- expect: nothing
CREATE TABLE pallets (sscc CHAR(18) CHARACTER SET ascii NOT NULL PRIMARY KEY, aisle CHAR(2) NULL, shelf TINYINT UNSIGNED NULL, level TINYINT UNSIGNED NULL, weighed_at DATETIME NOT NULL, KEY place (aisle, shelf, level), CONSTRAINT in_bin FOREIGN KEY (aisle, shelf, level) REFERENCES bins (aisle, shelf, level));
-- migration: later
-- expect: BLOCKING_COPY, NARROW_COLUMN
ALTER TABLE bins MODIFY capacity_kg TINYINT UNSIGNED NOT NULL;
-- expect: RENAME_TABLE
RENAME TABLE pallets TO load_units;
-- expect: UNKNOWN_TABLE
ALTER TABLE pallets ADD COLUMN note VARCHAR(80) NULL;
-- expect: nothing
ALTER TABLE load_units ADD COLUMN note VARCHAR(80) NULL;
-- expect: INDEX_OF_FOREIGN_KEY, DROP_INDEX
ALTER TABLE load_units DROP KEY place;
