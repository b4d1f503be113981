import type { DriftKind } from './drift-kinds.ts'

const kind = (name: string, object: string, ...byHand: readonly string[]): DriftKind => ({ name, byHand, object })
const newer = (one: DriftKind): DriftKind => ({ ...one, isNew: true })
const t = (name: string, ...clauses: readonly string[]): DriftKind =>
  kind(name, 't', `ALTER TABLE t ${clauses.join(', ')}`)

/** What a hand at three in the morning leaves, beside the kinds of drift-kinds.ts. On the schema of that file. */
export const carelessKinds: readonly DriftKind[] = [
  t(
    'a longer comment of a column that ends in a blank',
    "MODIFY name VARCHAR(50) NOT NULL DEFAULT 'x' COMMENT 'full name '",
  ),
  t('a default in another case', "ALTER name SET DEFAULT 'X'"),
  t('a default that is an empty text', "ALTER name SET DEFAULT ''"),
  t('a default that is the text NULL', "MODIFY email VARCHAR(100) NULL DEFAULT 'NULL'"),
  t('a number with a default of one', 'ALTER age SET DEFAULT 1'),
  t('a default with more digits', 'ALTER amount SET DEFAULT 0.01'),
  t(
    'a TIMESTAMP that is a DATETIME',
    'MODIFY seen DATETIME NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP',
  ),
  t('a DATE that is a DATETIME', 'MODIFY born DATETIME NULL'),
  t(
    'a TEXT that is a MEDIUMTEXT',
    'DROP KEY ft_body',
    'MODIFY body MEDIUMTEXT NULL',
    'ADD FULLTEXT KEY ft_body (body)',
  ),
  t('an ENUM with a member in another case', "MODIFY kind ENUM('a','B') NOT NULL DEFAULT 'a'"),
  t('an ENUM with another default', "ALTER kind SET DEFAULT 'b'"),
  t('a VARBINARY that is a BINARY', 'MODIFY raw BINARY(16) NULL'),
  t('a POINT that is a GEOMETRY', 'MODIFY place GEOMETRY NULL'),
  t('a DECIMAL that is a DOUBLE', 'MODIFY amount DOUBLE NOT NULL DEFAULT 0'),
  t('a TINYINT(1) in the place of an INT', 'MODIFY age TINYINT(1) NULL'),
  t('the last column in front', 'MODIFY p_id INT NULL FIRST'),
  t('two columns that changed their places', 'MODIFY doc JSON NULL AFTER body'),
  t('an index on a prefix more', 'ADD KEY by_hand (email(5))'),
  t('the same index twice', 'ADD KEY k_name_again (name)'),
  t('an index with one column more', 'DROP KEY k_name', 'ADD KEY k_name (name, age)'),
  t('a unique index that covers one column more', 'DROP KEY uq_email', 'ADD UNIQUE KEY uq_email (email, age)'),
  newer(
    kind(
      'a SPATIAL index',
      't',
      'ALTER TABLE t ADD spot POINT NOT NULL SRID 0 DEFAULT (POINT(0, 0))',
      'ALTER TABLE t ADD SPATIAL KEY by_hand (spot)',
    ),
  ),
  kind(
    'a rule of a foreign key for updates',
    't',
    'ALTER TABLE t DROP FOREIGN KEY fk_p',
    'ALTER TABLE t ADD CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id) ON UPDATE CASCADE',
  ),
  kind(
    'a second foreign key of the same columns',
    't',
    'ALTER TABLE t ADD CONSTRAINT fk_again FOREIGN KEY (p_id) REFERENCES p (id)',
  ),
  kind(
    'a foreign key to the table itself',
    'p',
    'ALTER TABLE p ADD up INT NULL, ADD CONSTRAINT fk_up FOREIGN KEY (up) REFERENCES p (id)',
  ),
  kind(
    'a primary key of two columns',
    'hashed',
    'ALTER TABLE hashed ADD n INT NOT NULL DEFAULT 0, DROP PRIMARY KEY, ADD PRIMARY KEY (id, n)',
  ),
  newer(
    kind(
      'a check of another bound',
      'checked',
      'ALTER TABLE checked DROP CHECK positive',
      'ALTER TABLE checked ADD CONSTRAINT positive CHECK (n >= 0)',
    ),
  ),
  kind('another interval of the statistics', 'p', 'ALTER TABLE p STATS_AUTO_RECALC=0'),
  kind('packed pages', 'p', "ALTER TABLE p COMPRESSION='zlib'"),
  kind('an extent of its own', 'p', 'ALTER TABLE p MAX_ROWS=1000'),
  kind(
    'a comment of a partition',
    'parted',
    "ALTER TABLE parted REORGANIZE PARTITION p0 INTO (PARTITION p0 VALUES LESS THAN (10) COMMENT 'old')",
  ),
  kind(
    'a partition of another name',
    'parted',
    'ALTER TABLE parted REORGANIZE PARTITION p1 INTO (PARTITION p_one VALUES LESS THAN (20))',
  ),
  kind(
    'two partitions that are one',
    'parted',
    'ALTER TABLE parted REORGANIZE PARTITION p0, p1 INTO (PARTITION p1 VALUES LESS THAN (20))',
  ),
  kind('fewer hash partitions', 'hashed', 'ALTER TABLE hashed COALESCE PARTITION 1'),
  kind('a hash that is linear', 'hashed', 'ALTER TABLE hashed PARTITION BY LINEAR HASH (id) PARTITIONS 4'),
  kind('a view with columns of other names', 'v', 'ALTER VIEW v (a, b) AS SELECT id, name FROM t'),
  kind('a view with another condition', 'v', 'ALTER VIEW v AS SELECT id, name FROM t WHERE id > 0'),
  kind('a view with a literal in another case', 'v', "ALTER VIEW v AS SELECT id, 'a' AS name FROM t"),
  kind(
    'a table that is replaced by a copy of it',
    'plain',
    'CREATE TABLE plain_copy LIKE plain',
    'ALTER TABLE plain_copy ADD c INT',
    'DROP TABLE plain',
    'RENAME TABLE plain_copy TO plain',
  ),
  kind(
    'a procedure with a comment in its body',
    'pr',
    'DROP PROCEDURE pr',
    'CREATE PROCEDURE pr(IN n INT) SELECT /* by hand */ n',
  ),
  kind(
    'a procedure that gives its parameter back',
    'pr',
    'DROP PROCEDURE pr',
    'CREATE PROCEDURE pr(INOUT n INT) SELECT n',
  ),
  kind(
    'a function of more parameters',
    'f',
    'DROP FUNCTION f',
    'CREATE FUNCTION f(n INT, m INT) RETURNS INT DETERMINISTIC RETURN n * 2',
  ),
  kind(
    'a function in the place of a procedure',
    'pr',
    'DROP PROCEDURE pr',
    'CREATE FUNCTION pr(n INT) RETURNS INT DETERMINISTIC RETURN n',
  ),
  kind(
    'a trigger on another table',
    'tr2',
    'DROP TRIGGER tr2',
    'CREATE TRIGGER tr2 BEFORE INSERT ON plain FOR EACH ROW SET NEW.a = 1',
  ),
  kind(
    'a trigger between two others',
    'tr_mid',
    'CREATE TRIGGER tr_mid BEFORE INSERT ON t FOR EACH ROW FOLLOWS tr SET NEW.age = 1',
  ),
  kind(
    'an event that ends',
    'ev',
    "ALTER EVENT ev ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 00:00:00' ENDS '2032-01-01 00:00:00'",
  ),
  kind('an event that runs once', 'ev', "ALTER EVENT ev ON SCHEDULE AT '2031-01-01 00:00:00'"),
  kind('an event that is disabled on replicas', 'ev', 'ALTER EVENT ev DISABLE ON SLAVE'),
  kind('an event with another definer', 'ev', "ALTER DEFINER='nobody'@'%' EVENT ev DO DELETE FROM plain WHERE a = 0"),
]
