/** A change by hand, and what drift is to say of it. */
export interface DriftKind {
  readonly name: string
  readonly byHand: readonly string[]
  /** The object that is named; null where it is left out by design. */
  readonly object: string | null
  /** Answers to what looks renamed. */
  readonly said?: readonly string[]
  /** What makes it as it was again, where drift leaves it out. */
  readonly undo?: readonly string[]
  /** Not on 8.0.12. */
  readonly isNew?: boolean
}

/** A schema with something of every kind. */
export const driftSchema = `CREATE TABLE p (id INT PRIMARY KEY, code VARCHAR(20) NOT NULL);
CREATE TABLE t (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(50) NOT NULL DEFAULT 'x' COMMENT 'full name',
  email VARCHAR(100) NULL,
  age INT NULL,
  amount DECIMAL(10,2) NOT NULL DEFAULT 0,
  born DATE NULL,
  seen TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  kind ENUM('a','b') NOT NULL DEFAULT 'a',
  tags SET('p','q') NULL,
  doc JSON NULL,
  body TEXT NULL,
  place POINT NULL,
  flags BIT(4) NULL,
  raw VARBINARY(16) NULL,
  twice INT GENERATED ALWAYS AS (age * 2) VIRTUAL,
  sum INT GENERATED ALWAYS AS (age + 1) STORED,
  p_id INT NULL,
  UNIQUE KEY uq_email (email),
  KEY k_name (name),
  KEY k_two (age, born),
  FULLTEXT KEY ft_body (body),
  CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id)
) COMMENT 'people';
CREATE TABLE plain (a INT NULL, b INT NULL);
CREATE TABLE parted (id INT NOT NULL, y INT NOT NULL, PRIMARY KEY (id, y))
  PARTITION BY RANGE (y) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
CREATE TABLE hashed (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 4;
CREATE TABLE checked (n INT NULL, CONSTRAINT positive CHECK (n > 0));
CREATE VIEW v AS SELECT id, name FROM t;
CREATE PROCEDURE pr(IN n INT) SELECT n;
CREATE FUNCTION f(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.name = TRIM(NEW.name);
CREATE TRIGGER tr2 BEFORE INSERT ON t FOR EACH ROW FOLLOWS tr SET NEW.amount = 1;
CREATE EVENT ev ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 00:00:00' DISABLE DO DELETE FROM plain WHERE a = 0;`

const kind = (name: string, object: string | null, ...byHand: readonly string[]): DriftKind => ({
  name,
  byHand,
  object,
})
const t = (name: string, ...clauses: readonly string[]): DriftKind =>
  kind(name, 't', `ALTER TABLE t ${clauses.join(', ')}`)

const columns: readonly DriftKind[] = [
  t('a column more', 'ADD extra INT'),
  t('a column more in front', 'ADD extra INT FIRST'),
  t('an invisible default more', 'ADD extra INT NOT NULL DEFAULT 7'),
  t('a column less', 'DROP COLUMN amount'),
  t('a wider text', "MODIFY name VARCHAR(80) NOT NULL DEFAULT 'x' COMMENT 'full name'"),
  t('a number of another size', 'MODIFY age BIGINT NULL'),
  t('a number without a sign', 'MODIFY age INT UNSIGNED NULL'),
  t('another precision', 'MODIFY amount DECIMAL(12,4) NOT NULL DEFAULT 0'),
  t('a column that takes NULL', 'MODIFY amount DECIMAL(10,2) NULL DEFAULT 0'),
  t('a column that takes NULL no more', 'MODIFY born DATE NOT NULL'),
  t('another default', "ALTER name SET DEFAULT 'y'"),
  t('no default', 'ALTER name DROP DEFAULT'),
  t('a default of an expression', "MODIFY born DATE NULL DEFAULT '2020-01-01'"),
  t('another comment of a column', "MODIFY name VARCHAR(50) NOT NULL DEFAULT 'x' COMMENT 'other'"),
  t('another collation of a column', 'MODIFY email VARCHAR(100) COLLATE utf8mb4_bin NULL'),
  t('another character set of a column', 'MODIFY email VARCHAR(100) CHARACTER SET latin1 NULL'),
  t('a member more of an ENUM', "MODIFY kind ENUM('a','b','c') NOT NULL DEFAULT 'a'"),
  t('members of an ENUM in another order', "MODIFY kind ENUM('b','a') NOT NULL DEFAULT 'a'"),
  t('a member more of a SET', "MODIFY tags SET('p','q','r') NULL"),
  t('seconds in parts', 'MODIFY seen TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)'),
  t('no ON UPDATE', 'MODIFY seen TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP'),
  t('no AUTO_INCREMENT', 'MODIFY id INT NOT NULL'),
  t('columns in another order', 'MODIFY born DATE NULL AFTER id'),
  t('another expression of a generated column', 'MODIFY twice INT GENERATED ALWAYS AS (age * 3) VIRTUAL'),
  t(
    'a generated column that is stored',
    'DROP COLUMN twice',
    'ADD twice INT GENERATED ALWAYS AS (age * 2) STORED AFTER raw',
  ),
  t('a longer bit field', 'MODIFY flags BIT(8) NULL'),
  t('longer bytes', 'MODIFY raw VARBINARY(32) NULL'),
  t('a text that is a blob', 'MODIFY doc LONGTEXT NULL'),
  t('a point with a reference system', 'MODIFY place POINT NULL SRID 4326'),
  {
    ...kind('a column of another name', 't', 'ALTER TABLE t RENAME COLUMN born TO birthday'),
    said: ['--rename', 't.born=birthday'],
  },
  { ...kind('an invisible column', 't', 'ALTER TABLE t ALTER COLUMN amount SET INVISIBLE'), isNew: true },
  {
    ...kind('a column of another name in a child', 't', 'ALTER TABLE t RENAME COLUMN p_id TO parent'),
    said: ['--rename', 't.p_id=parent'],
  },
  kind('a display of zeros', 't', 'ALTER TABLE t MODIFY age INT(8) ZEROFILL NULL'),
]

const keys: readonly DriftKind[] = [
  t('an index more', 'ADD KEY by_hand (born)'),
  t('a unique index more', 'ADD UNIQUE KEY by_hand (id, age)'),
  t('an index less', 'DROP KEY k_name'),
  t('an index of a prefix', 'DROP KEY k_name', 'ADD KEY k_name (name(10))'),
  t('an index in another order of columns', 'DROP KEY k_two', 'ADD KEY k_two (born, age)'),
  t('an index that descends', 'DROP KEY k_two', 'ADD KEY k_two (age DESC, born)'),
  t('an index that is unique no more', 'DROP KEY uq_email', 'ADD KEY uq_email (email)'),
  t('an index of another name', 'RENAME INDEX k_name TO k_other'),
  t('an invisible index', 'ALTER INDEX k_name INVISIBLE'),
  t('a comment of an index', 'DROP KEY k_name', "ADD KEY k_name (name) COMMENT 'by hand'"),
  t('a full-text index less', 'DROP KEY ft_body'),
  kind(
    'a full-text index with another parser',
    't',
    'ALTER TABLE t DROP KEY ft_body',
    'ALTER TABLE t ADD FULLTEXT KEY ft_body (body) WITH PARSER ngram',
  ),
  kind('a primary key more', 'plain', 'ALTER TABLE plain MODIFY a INT NOT NULL, ADD PRIMARY KEY (a)'),
  kind('a primary key in another order', 'parted', 'ALTER TABLE parted DROP PRIMARY KEY, ADD PRIMARY KEY (y, id)'),
  t('a foreign key less', 'DROP FOREIGN KEY fk_p'),
  kind('a foreign key more', 'plain', 'ALTER TABLE plain ADD CONSTRAINT by_hand FOREIGN KEY (a) REFERENCES p (id)'),
  kind(
    'another rule of a foreign key',
    't',
    'ALTER TABLE t DROP FOREIGN KEY fk_p',
    'ALTER TABLE t ADD CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE',
  ),
  kind(
    'a foreign key of another name',
    't',
    'ALTER TABLE t DROP FOREIGN KEY fk_p',
    'ALTER TABLE t ADD CONSTRAINT fk_other FOREIGN KEY (p_id) REFERENCES p (id)',
  ),
  { ...kind('a functional index', 't', 'ALTER TABLE t ADD KEY by_hand ((age + 1))'), isNew: true },
  { ...kind('a check more', 't', 'ALTER TABLE t ADD CONSTRAINT c_age CHECK (age > 0)'), isNew: true },
  {
    ...kind('a check that is not enforced', 't', 'ALTER TABLE t ADD CONSTRAINT c_age CHECK (age > 0) NOT ENFORCED'),
    isNew: true,
  },
]

const tables: readonly DriftKind[] = [
  kind('a table more', 'by_hand', 'CREATE TABLE by_hand (id INT PRIMARY KEY)'),
  kind('a table less', 'plain', 'DROP TABLE plain'),
  { ...kind('a table of another name', 'simple', 'RENAME TABLE plain TO simple'), said: ['--rename', 'plain=simple'] },
  t('another comment of a table', "COMMENT 'other'"),
  kind('another engine', 'plain', 'ALTER TABLE plain ENGINE=MyISAM'),
  kind('another row format', 'plain', 'ALTER TABLE plain ROW_FORMAT=COMPRESSED'),
  kind('another character set of a table', 'plain', 'ALTER TABLE plain DEFAULT CHARACTER SET latin1'),
  kind('a table that is converted', 'p', 'ALTER TABLE p CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'),
  kind('statistics of a table', 'plain', 'ALTER TABLE plain STATS_PERSISTENT=1, STATS_SAMPLE_PAGES=40'),
  kind('a partition more', 'parted', 'ALTER TABLE parted ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))'),
  kind('a partition less', 'parted', 'ALTER TABLE parted DROP PARTITION p1'),
  kind(
    'a partition of another border',
    'parted',
    'ALTER TABLE parted REORGANIZE PARTITION p1 INTO (PARTITION p1 VALUES LESS THAN (25))',
  ),
  kind('a table without partitions', 'parted', 'ALTER TABLE parted REMOVE PARTITIONING'),
  kind('more hash partitions', 'hashed', 'ALTER TABLE hashed ADD PARTITION PARTITIONS 2'),
  kind('partitions of a table that had none', 'plain', 'ALTER TABLE plain PARTITION BY HASH (a) PARTITIONS 2'),
  kind('the character set of the schema', 'app', 'ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_swedish_ci'),
  { ...kind('the collation of the schema', 'app', 'ALTER DATABASE COLLATE utf8mb4_bin') },
]

/** What sessions of wwdb have. */
const ownCollation = 'SET NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci'

/** The collation of the session in which code is made again is that of its literals. */
const collated = (name: string, object: string, ...statements: readonly string[]): readonly DriftKind[] =>
  ['utf8mb4_bin', 'latin1_german2_ci'].map((collation) =>
    kind(
      `${name} made under ${collation}`,
      object,
      `SET SESSION collation_connection=${collation}`,
      ...statements,
      ownCollation,
    ),
  )

const code: readonly DriftKind[] = [
  ...collated('a view', 'v', 'CREATE OR REPLACE VIEW v AS SELECT id, name FROM t'),
  ...collated('a procedure', 'pr', 'DROP PROCEDURE pr', 'CREATE PROCEDURE pr(IN n INT) SELECT n'),
  ...collated('a function', 'f', 'DROP FUNCTION f', 'CREATE FUNCTION f(n INT) RETURNS INT DETERMINISTIC RETURN n * 2'),
  ...collated(
    'a trigger',
    'tr2',
    'DROP TRIGGER tr2',
    'CREATE TRIGGER tr2 BEFORE INSERT ON t FOR EACH ROW FOLLOWS tr SET NEW.amount = 1',
  ),
  ...collated(
    'an event',
    'ev',
    'DROP EVENT ev',
    "CREATE EVENT ev ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 00:00:00' DISABLE DO DELETE FROM plain WHERE a = 0",
  ),
  kind('another text of a view', 'v', 'CREATE OR REPLACE VIEW v AS SELECT id FROM t'),
  kind('a view less', 'v', 'DROP VIEW v'),
  kind('a view more', 'by_hand', 'CREATE VIEW by_hand AS SELECT 1 AS one'),
  kind('another algorithm of a view', 'v', 'ALTER ALGORITHM=TEMPTABLE VIEW v AS SELECT id, name FROM t'),
  kind('a view with a check option', 'v', 'ALTER VIEW v AS SELECT id, name FROM t WITH CASCADED CHECK OPTION'),
  kind('a view with the rights of its caller', 'v', 'ALTER SQL SECURITY INVOKER VIEW v AS SELECT id, name FROM t'),
  kind('another definer of a view', 'v', "ALTER DEFINER='nobody'@'%' VIEW v AS SELECT id, name FROM t"),
  kind('a view in the place of a table', 'plain', 'DROP TABLE plain', 'CREATE VIEW plain AS SELECT 1 AS a, 2 AS b'),
  kind('another body of a procedure', 'pr', 'DROP PROCEDURE pr', 'CREATE PROCEDURE pr(IN n INT) SELECT n + 1'),
  kind('another parameter of a procedure', 'pr', 'DROP PROCEDURE pr', 'CREATE PROCEDURE pr(IN n BIGINT) SELECT n'),
  kind('a comment of a procedure', 'pr', "ALTER PROCEDURE pr COMMENT 'by hand'"),
  kind('a procedure with the rights of its caller', 'pr', 'ALTER PROCEDURE pr SQL SECURITY INVOKER'),
  kind('what a procedure says of its data', 'pr', 'ALTER PROCEDURE pr READS SQL DATA'),
  kind(
    'another sql_mode of a procedure',
    'pr',
    'DROP PROCEDURE pr',
    "SET SESSION sql_mode='ANSI_QUOTES'",
    'CREATE PROCEDURE pr(IN n INT) SELECT n',
    'SET SESSION sql_mode=DEFAULT',
  ),
  kind(
    'another definer of a procedure',
    'pr',
    'DROP PROCEDURE pr',
    "CREATE DEFINER='nobody'@'%' PROCEDURE pr(IN n INT) SELECT n",
  ),
  kind('a procedure less', 'pr', 'DROP PROCEDURE pr'),
  kind(
    'another result of a function',
    'f',
    'DROP FUNCTION f',
    'CREATE FUNCTION f(n INT) RETURNS BIGINT DETERMINISTIC RETURN n * 2',
  ),
  kind(
    'a function that is not deterministic',
    'f',
    'DROP FUNCTION f',
    'CREATE FUNCTION f(n INT) RETURNS INT NO SQL RETURN n * 2',
  ),
  kind('a function more', 'by_hand', 'CREATE FUNCTION by_hand() RETURNS INT DETERMINISTIC RETURN 1'),
  kind(
    'another body of a trigger',
    'tr',
    'DROP TRIGGER tr',
    'CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW PRECEDES tr2 SET NEW.name = NEW.name',
  ),
  kind(
    'triggers in another order',
    'tr',
    'DROP TRIGGER tr',
    'CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.name = TRIM(NEW.name)',
  ),
  kind(
    'a trigger at another time',
    'tr2',
    'DROP TRIGGER tr2',
    'CREATE TRIGGER tr2 BEFORE UPDATE ON t FOR EACH ROW SET NEW.amount = 1',
  ),
  kind('a trigger less', 'tr2', 'DROP TRIGGER tr2'),
  kind('a trigger more', 'by_hand', 'CREATE TRIGGER by_hand AFTER DELETE ON t FOR EACH ROW SET @gone = OLD.id'),
  kind(
    'another definer of a trigger',
    'tr2',
    'DROP TRIGGER tr2',
    "CREATE DEFINER='nobody'@'%' TRIGGER tr2 BEFORE INSERT ON t FOR EACH ROW FOLLOWS tr SET NEW.amount = 1",
  ),
  kind('another schedule of an event', 'ev', "ALTER EVENT ev ON SCHEDULE EVERY 2 DAY STARTS '2031-01-01 00:00:00'"),
  kind('an event that runs', 'ev', 'ALTER EVENT ev ENABLE'),
  kind('an event that stays after its end', 'ev', 'ALTER EVENT ev ON COMPLETION PRESERVE'),
  kind('another body of an event', 'ev', 'ALTER EVENT ev DO DELETE FROM plain WHERE a = 1'),
  kind('a comment of an event', 'ev', "ALTER EVENT ev COMMENT 'by hand'"),
  kind('an event less', 'ev', 'DROP EVENT ev'),
  kind('an event of another name', 'ev', 'ALTER EVENT ev RENAME TO other'),
  kind(
    'another zone of an event',
    'ev',
    'DROP EVENT ev',
    "SET SESSION time_zone='+05:00'",
    "CREATE EVENT ev ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 00:00:00' DISABLE DO DELETE FROM plain WHERE a = 0",
    'SET SESSION time_zone=DEFAULT',
  ),
]

/** What the last line of `drift` names. */
const leftOut: readonly DriftKind[] = [
  kind(
    'the client character set of a procedure',
    null,
    'DROP PROCEDURE pr',
    ownCollation,
    'SET SESSION character_set_client=latin1',
    'CREATE PROCEDURE pr(IN n INT) SELECT n',
    'SET NAMES utf8mb4',
  ),
  kind(
    'the client character set of a view',
    null,
    ownCollation,
    'SET SESSION character_set_client=latin1',
    'CREATE OR REPLACE VIEW v AS SELECT id, name FROM t',
    'SET NAMES utf8mb4',
  ),
  { ...kind('the next AUTO_INCREMENT', null, 'ALTER TABLE t AUTO_INCREMENT=5000') },
  kind('a row', null, 'INSERT INTO plain VALUES (1, 1)'),
  kind('a histogram', null, 'ANALYZE TABLE p UPDATE HISTOGRAM ON code WITH 8 BUCKETS'),
  kind('a table of an online schema change', null, 'CREATE TABLE _t_gho LIKE plain'),
  kind('statistics', null, 'ANALYZE TABLE t'),
  kind('a table that is made again', null, 'ALTER TABLE plain FORCE'),
]

export const driftKinds: readonly DriftKind[] = [...columns, ...keys, ...tables, ...code]
export const leftOutKinds = leftOut
