-- migration: create
-- expect: nothing
CREATE TABLE ticks (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, symbol CHAR(8) NOT NULL, price DECIMAL(12,4) NOT NULL, at DATETIME(6) NOT NULL, KEY (symbol, at));
-- expect: nothing
CREATE TABLE candles (symbol CHAR(8) NOT NULL, minute DATETIME NOT NULL, high DECIMAL(12,4) NOT NULL, low DECIMAL(12,4) NOT NULL, PRIMARY KEY (symbol, minute));
-- migration: later
-- expect: UNBOUNDED_INSERT_SELECT, LARGE_CHANGE
INSERT INTO candles (symbol, minute, high, low) SELECT symbol, at, MAX(price), MIN(price) FROM ticks GROUP BY symbol, at;
-- expect: nothing
INSERT INTO candles (symbol, minute, high, low) SELECT symbol, at, price, price FROM ticks WHERE symbol = 'ACME' AND at < '2020-01-01';
-- expect: REPLACE_ROWS, LARGE_CHANGE, UNBOUNDED_INSERT_SELECT
REPLACE INTO candles (symbol, minute, high, low) SELECT symbol, at, price, price FROM ticks;
-- expect: COPIED_WITHOUT_KEYS, NO_PRIMARY_KEY
CREATE TABLE ticks_2025 AS SELECT * FROM ticks WHERE at < '2026-01-01';
-- expect: TRUNCATE_TABLE
TRUNCATE TABLE candles;
-- expect: nothing
DELETE FROM candles WHERE symbol = 'GONE';
