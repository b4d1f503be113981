/** The statements of a schema with every kind of object: what 8.0.12 can make as well as 9.7. */
export const richSchema: readonly string[] = [
  `CREATE TABLE parents (id BIGINT(20) UNSIGNED NOT NULL AUTO_INCREMENT, code VARCHAR(20) CHARACTER SET latin1 NOT NULL, PRIMARY KEY (id), UNIQUE KEY uq_code (code)) ENGINE=InnoDB AUTO_INCREMENT=77 COMMENT='it''s a parent'`,
  `CREATE TABLE \`order\` (
    id INT(11) NOT NULL AUTO_INCREMENT COMMENT 'key; with ''quotes''',
    parent_id BIGINT UNSIGNED NULL,
    flag TINYINT(1) NOT NULL DEFAULT 0, small TINYINT(4) UNSIGNED, padded INT(5) ZEROFILL, born YEAR(4),
    amount DECIMAL(10,2) NOT NULL DEFAULT '0.00', ratio DOUBLE(8,3), share FLOAT,
    bits BIT(4) DEFAULT b'101', raw VARBINARY(10) DEFAULT 0x6162, packed BINARY(4),
    note VARCHAR(50) CHARACTER SET utf8 COLLATE utf8_bin DEFAULT 'a\\'b', name VARCHAR(50) DEFAULT NULL, body MEDIUMTEXT,
    state ENUM('new','it''s done','x,y') NOT NULL DEFAULT 'new', tags SET('a','b') DEFAULT 'a,b',
    at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), seen TIMESTAMP NULL DEFAULT NULL, stamp TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00',
    doc JSON, place POINT NOT NULL SRID 0, total DECIMAL(12,2) GENERATED ALWAYS AS (amount * 2) STORED, upper_name VARCHAR(60) AS (CONCAT(UPPER(name), '!')) VIRTUAL,
    PRIMARY KEY (id), KEY idx_name (name(10), at DESC), KEY idx_hidden (amount) COMMENT 'old' INVISIBLE, UNIQUE KEY uq_state (state, id), FULLTEXT KEY ft_body (body) WITH PARSER ngram, SPATIAL KEY sp_place (place),
    CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES parents (id) ON DELETE SET NULL ON UPDATE CASCADE
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8`,
  `CREATE TABLE logs (id BIGINT NOT NULL, at DATE NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (TO_DAYS(at)) (PARTITION p1 VALUES LESS THAN (TO_DAYS('2026-01-01')) COMMENT = 'old', PARTITION pmax VALUES LESS THAN MAXVALUE)`,
  `CREATE TABLE parts (a INT NOT NULL, b VARCHAR(10) NOT NULL, PRIMARY KEY (a, b)) PARTITION BY LIST COLUMNS (b) (PARTITION p1 VALUES IN ('x', 'y'), PARTITION p2 VALUES IN ('z'))`,
  `CREATE TABLE old_keys (a INT NOT NULL PRIMARY KEY) PARTITION BY KEY ALGORITHM=1 (A) PARTITIONS 2`,
  `CREATE TABLE hashed (a INT NOT NULL PRIMARY KEY, b INT) PARTITION BY KEY (a) PARTITIONS 3`,
  `CREATE FUNCTION double_it(n INT) RETURNS INT DETERMINISTIC COMMENT 'twice' RETURN n * 2`,
  `CREATE PROCEDURE work(IN n INT, OUT result INT) SQL SECURITY INVOKER BEGIN DECLARE i INT DEFAULT 0; WHILE i < n DO SET i = i + 1; END WHILE; SET result = i; END`,
  `CREATE VIEW z_base AS SELECT id, name, 'x' AS label FROM \`order\` WHERE flag = 1`,
  `CREATE SQL SECURITY INVOKER VIEW a_top AS SELECT id, double_it(id) AS twice FROM z_base WITH CHECK OPTION`,
  `CREATE TRIGGER first_change BEFORE UPDATE ON \`order\` FOR EACH ROW SET NEW.flag = 1`,
  `CREATE TRIGGER a_second BEFORE UPDATE ON \`order\` FOR EACH ROW FOLLOWS first_change BEGIN IF NEW.flag THEN SET NEW.name = 'y'; END IF; END`,
  `CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 03:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'at night' DO DELETE FROM logs WHERE at < CURRENT_DATE`,
]

/** What only later servers know. */
export const newerSchema: readonly string[] = [
  `CREATE TABLE modern (id BINARY(16) NOT NULL DEFAULT (UUID_TO_BIN(UUID())), n INT, label VARCHAR(20) DEFAULT (CONCAT('a', 'b')), hidden INT INVISIBLE, doc JSON,
    PRIMARY KEY (id), KEY idx_expression ((n + 1), (LOWER(label))), KEY idx_many ((CAST(doc->'$.ids' AS UNSIGNED ARRAY))), CONSTRAINT positive CHECK (n > 0), CONSTRAINT unsure CHECK (label <> 'it''s') NOT ENFORCED)`,
]
