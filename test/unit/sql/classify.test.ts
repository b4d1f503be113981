import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { classifyStatement, createdTemporaryTables, hashStatement, toStatement } from '../../../src/sql/classify.ts'
import { scan } from '../../../src/sql/scanner.ts'
import type { ObjectName, StatementFacts } from '../../../src/sql/statement.ts'

/** `table:schema.name`, which is easier to read in a table of cases. */
function show(object: ObjectName): string {
  return `${object.type}:${object.schema === null ? '' : `${object.schema}.`}${object.name}`
}

type Case = readonly [text: string, verb: string, objects?: string]

function check(cases: readonly Case[], expected: StatementFacts['class']): void {
  test.each(cases.map(([text, verb, objects]) => [text, verb, objects ?? ''] as const))('%s', (text, verb, objects) => {
    const facts = classifyStatement(text)
    expect({ class: facts.class, verb: facts.verb, objects: facts.objects.map(show).join(' ') }).toEqual({
      class: expected,
      verb,
      objects,
    })
    expect(facts.refusal === null).toBe(expected !== 'refused')
  })
}

describe('definition', () => {
  check(
    [
      ['CREATE TABLE users (id INT)', 'CREATE TABLE', 'table:users'],
      ['alter vschema create vindex `v` using xxhash', 'ALTER VSCHEMA CREATE VINDEX', 'vindex:v'],
      ['ALTER VSCHEMA DROP VINDEX k.v', 'ALTER VSCHEMA DROP VINDEX', 'vindex:k.v'],
      ['ALTER VSCHEMA ADD TABLE k.t', 'ALTER VSCHEMA ADD TABLE', 'vschema:k.t'],
      ['ALTER VSCHEMA DROP SEQUENCE s', 'ALTER VSCHEMA DROP SEQUENCE', 'vschema:s'],
      ['ALTER VSCHEMA ON k.t ADD VINDEX v (a, b) USING hash', 'ALTER VSCHEMA ADD VINDEX', 'vschema:k.t vindex:k.v'],
      ['ALTER VSCHEMA ON t DROP VINDEX v', 'ALTER VSCHEMA DROP VINDEX', 'vschema:t'],
      ['ALTER VSCHEMA ON t ADD AUTO_INCREMENT id USING k.s', 'ALTER VSCHEMA ADD AUTO_INCREMENT', 'vschema:t'],
      ['ALTER VSCHEMA ON t DROP AUTO_INCREMENT', 'ALTER VSCHEMA DROP AUTO_INCREMENT', 'vschema:t'],
      ['create table if not exists `a``b`.`c d` (id INT)', 'CREATE TABLE', 'table:a`b.c d'],
      ['CREATE TABLE "a""b"."c d" (id INT)', 'CREATE TABLE', 'table:a"b.c d'],
      ['DROP TABLE "users", x."y"', 'DROP TABLE', 'table:users table:x.y'],
      ["DROP TABLE 'users'", 'DROP TABLE', ''],
      ['CREATE TABLE b LIKE a', 'CREATE TABLE', 'table:b'],
      ['CREATE TABLE b (LIKE a)', 'CREATE TABLE', 'table:b'],
      ['CREATE TABLE b SELECT * FROM a', 'CREATE TABLE', 'table:b'],
      ['CREATE TABLE b AS WITH c AS (SELECT 1) SELECT * FROM c', 'CREATE TABLE', 'table:b'],
      ['CREATE TABLE {{schema:user_db}}.users (id INT)', 'CREATE TABLE', 'table:{{schema:user_db}}.users'],
      ['CREATE TABLE contacts_{{instance_id}} (id INT)', 'CREATE TABLE', 'table:contacts_{{instance_id}}'],
      ['CREATE /* a */ TABLE -- b\n 消息 (id INT)', 'CREATE TABLE', 'table:消息'],
      ['/*!50100 CREATE TABLE t (id INT) */', 'CREATE TABLE', 'table:t'],
      ['ALTER TABLE users ADD COLUMN a INT', 'ALTER TABLE', 'table:users'],
      ['ALTER TABLE a RENAME TO b', 'ALTER TABLE', 'table:a table:b'],
      ['ALTER TABLE a RENAME AS x.b', 'ALTER TABLE', 'table:a table:x.b'],
      ['ALTER TABLE a RENAME = b', 'ALTER TABLE', 'table:a table:b'],
      ['ALTER TABLE a RENAME b', 'ALTER TABLE', 'table:a table:b'],
      ['ALTER TABLE a ADD x INT, RENAME b', 'ALTER TABLE', 'table:a table:b'],
      ['ALTER TABLE a RENAME COLUMN b TO c', 'ALTER TABLE', 'table:a'],
      ['ALTER TABLE a RENAME INDEX b TO c, RENAME KEY d TO e', 'ALTER TABLE', 'table:a'],
      ["ALTER TABLE a COMMENT 'RENAME TO b'", 'ALTER TABLE', 'table:a'],
      ['ALTER TABLE a EXCHANGE PARTITION p0 WITH TABLE b WITHOUT VALIDATION', 'ALTER TABLE', 'table:a table:b'],
      ['DROP TABLE a, x.b, `c`', 'DROP TABLE', 'table:a table:x.b table:c'],
      ['DROP TABLES a', 'DROP TABLE', 'table:a'],
      ['DROP TABLE IF EXISTS a CASCADE', 'DROP TABLE', 'table:a'],
      ['RENAME TABLE a TO b, x.c TO y.d', 'RENAME TABLE', 'table:a table:b table:x.c table:y.d'],
      ['TRUNCATE TABLE a', 'TRUNCATE TABLE', 'table:a'],
      ['TRUNCATE x.a', 'TRUNCATE TABLE', 'table:x.a'],
      ['CREATE INDEX i ON t (a)', 'CREATE INDEX', 'table:t'],
      ['CREATE UNIQUE INDEX i USING BTREE ON x.t (a)', 'CREATE INDEX', 'table:x.t'],
      ['CREATE FULLTEXT INDEX `on` ON t (a)', 'CREATE INDEX', 'table:t'],
      ['CREATE SPATIAL INDEX i ON t (a)', 'CREATE INDEX', 'table:t'],
      ['DROP INDEX i ON t', 'DROP INDEX', 'table:t'],
      ['CREATE VIEW v AS SELECT 1', 'CREATE VIEW', 'view:v'],
      [
        "CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`root`@`%` SQL SECURITY INVOKER VIEW x.v (a) AS SELECT 'b'",
        'CREATE VIEW',
        'view:x.v',
      ],
      ['CREATE DEFINER = CURRENT_USER() VIEW v AS SELECT 1', 'CREATE VIEW', 'view:v'],
      ['CREATE OR REPLACE JSON RELATIONAL DUALITY VIEW v AS SELECT 1', 'CREATE VIEW', 'view:v'],
      [
        '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`b` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 */',
        'CREATE VIEW',
        'view:v',
      ],
      ['ALTER ALGORITHM=TEMPTABLE VIEW v AS SELECT 1', 'ALTER VIEW', 'view:v'],
      ['DROP VIEW IF EXISTS a, b', 'DROP VIEW', 'view:a view:b'],
      ['CREATE PROCEDURE p() SELECT 1', 'CREATE PROCEDURE', 'procedure:p'],
      ["CREATE DEFINER='a'@'b' PROCEDURE IF NOT EXISTS x.p(IN a INT) BEGIN END", 'CREATE PROCEDURE', 'procedure:x.p'],
      ['CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN a', 'CREATE FUNCTION', 'function:f'],
      ["CREATE FUNCTION f RETURNS STRING SONAME 'f.so'", 'CREATE FUNCTION', ''],
      ["CREATE AGGREGATE FUNCTION f RETURNS INT SONAME 'f.so'", 'CREATE FUNCTION', ''],
      ["ALTER PROCEDURE p COMMENT 'a'", 'ALTER PROCEDURE', 'procedure:p'],
      ['DROP PROCEDURE IF EXISTS p', 'DROP PROCEDURE', 'procedure:p'],
      ['DROP FUNCTION x.f', 'DROP FUNCTION', 'function:x.f'],
      ['CREATE TRIGGER x.tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1', 'CREATE TRIGGER', 'trigger:x.tr'],
      [
        '/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `tr` AFTER DELETE ON `t` FOR EACH ROW BEGIN END */',
        'CREATE TRIGGER',
        'trigger:tr',
      ],
      ['DROP TRIGGER IF EXISTS tr', 'DROP TRIGGER', 'trigger:tr'],
      ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t', 'CREATE EVENT', 'event:e'],
      ['ALTER DEFINER=a@b EVENT e ON SCHEDULE EVERY 2 DAY RENAME TO f', 'ALTER EVENT', 'event:e event:f'],
      ['ALTER EVENT e DO ALTER TABLE a RENAME TO b', 'ALTER EVENT', 'event:e'],
      ['ALTER EVENT e DISABLE', 'ALTER EVENT', 'event:e'],
      ['DROP EVENT e', 'DROP EVENT', 'event:e'],
      ['CREATE DATABASE IF NOT EXISTS d', 'CREATE DATABASE', 'schema:d'],
      ['CREATE SCHEMA d CHARACTER SET utf8mb4', 'CREATE DATABASE', 'schema:d'],
      ['ALTER DATABASE d COLLATE utf8mb4_bin', 'ALTER DATABASE', 'schema:d'],
      ['ALTER SCHEMA DEFAULT CHARACTER SET utf8mb4', 'ALTER DATABASE', ''],
      ['DROP SCHEMA d', 'DROP DATABASE', 'schema:d'],
      ["CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'a')", 'CREATE SERVER', ''],
      ["CREATE UNDO TABLESPACE u ADD DATAFILE 'u.ibu'", 'CREATE UNDO TABLESPACE', ''],
      ['DROP TABLESPACE t', 'DROP TABLESPACE', ''],
      ["CREATE SPATIAL REFERENCE SYSTEM 4120 NAME 'a'", 'CREATE SPATIAL REFERENCE SYSTEM', ''],
      ['CREATE RESOURCE GROUP g TYPE = USER', 'CREATE RESOURCE GROUP', ''],
      ["INSTALL PLUGIN p SONAME 'p.so'", 'INSTALL PLUGIN', ''],
      ["UNINSTALL COMPONENT 'file://c'", 'UNINSTALL COMPONENT', ''],
      ["IMPORT TABLE FROM 'a.sdi'", 'IMPORT TABLE', ''],
    ],
    'definition',
  )
})

describe('account', () => {
  check(
    [
      ["CREATE USER 'a'@'b' IDENTIFIED BY 'secret'", 'CREATE USER', 'account:a@b'],
      [
        "CREATE USER IF NOT EXISTS a@b IDENTIFIED WITH caching_sha2_password BY 'x, y', `c` IDENTIFIED BY RANDOM PASSWORD DEFAULT ROLE r, s REQUIRE SSL",
        'CREATE USER',
        'account:a@b account:c@%',
      ],
      ["ALTER USER CURRENT_USER() IDENTIFIED BY 'x'", 'ALTER USER', 'account:CURRENT_USER'],
      ["ALTER USER IF EXISTS 'a' @ 'b' ACCOUNT LOCK", 'ALTER USER', 'account:a@b'],
      ['DROP USER a, b@c', 'DROP USER', 'account:a@% account:b@c'],
      ["RENAME USER 'a'@'b' TO 'c'@'d', e TO f", 'RENAME USER', 'account:a@b account:c@d account:e@% account:f@%'],
      ['CREATE ROLE IF NOT EXISTS r, s@t', 'CREATE ROLE', 'account:r@% account:s@t'],
      ['DROP ROLE r', 'DROP ROLE', 'account:r@%'],
      ["GRANT SELECT (a, b), INSERT ON x.* TO 'u'@'h', v WITH GRANT OPTION", 'GRANT', 'account:u@h account:v@%'],
      ["GRANT r, s TO 'u'@'h'", 'GRANT', 'account:u@h'],
      ['GRANT PROXY ON a@b TO c@d', 'GRANT', 'account:c@d'],
      ["REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'u'@'h'", 'REVOKE', 'account:u@h'],
      ['REVOKE IF EXISTS SELECT ON x.y FROM u IGNORE UNKNOWN USER', 'REVOKE', 'account:u@%'],
      ["SET PASSWORD FOR 'a'@'b' = 'secret'", 'SET PASSWORD', 'account:a@b'],
      ["SET PASSWORD = 'secret'", 'SET PASSWORD', 'account:CURRENT_USER'],
      ['SET DEFAULT ROLE ALL TO a@b, c', 'SET DEFAULT ROLE', 'account:a@b account:c@%'],
    ],
    'account',
  )
})

describe('data', () => {
  check(
    [
      ['INSERT INTO t VALUES (1)', 'INSERT', 'table:t'],
      ['INSERT LOW_PRIORITY IGNORE x.t SET a = 1', 'INSERT', 'table:x.t'],
      ['INSERT INTO t SELECT * FROM u', 'INSERT', 'table:t'],
      ['REPLACE DELAYED INTO `t` VALUES (1)', 'REPLACE', 'table:t'],
      ['UPDATE t SET a = 1', 'UPDATE', 'table:t'],
      ['UPDATE LOW_PRIORITY t PARTITION (p0, p1) AS x SET a = 1', 'UPDATE', 'table:t'],
      ['UPDATE t x SET a = 1', 'UPDATE', 'table:t'],
      ['UPDATE t, u SET t.a = u.a', 'UPDATE', ''],
      ['UPDATE t JOIN u USING (id) SET t.a = 1', 'UPDATE', ''],
      ['DELETE FROM t', 'DELETE', 'table:t'],
      ['DELETE QUICK FROM t AS x WHERE x.a = 1', 'DELETE', 'table:t'],
      ['DELETE FROM t ORDER BY a LIMIT 1', 'DELETE', 'table:t'],
      ['DELETE t, u FROM t JOIN u', 'DELETE', ''],
      ['DELETE FROM t.*, u USING t JOIN u', 'DELETE', ''],
      ['DELETE FROM t USING t JOIN u', 'DELETE', ''],
      ["LOAD DATA INFILE 'a' REPLACE INTO TABLE x.t FIELDS TERMINATED BY ','", 'LOAD DATA', 'table:x.t'],
      ["LOAD XML LOW_PRIORITY INFILE 'a' INTO TABLE t", 'LOAD XML', 'table:t'],
      ['SELECT 1', 'SELECT'],
      ["SELECT @a, '@b := 1'", 'SELECT'],
      ["SELECT * FROM t INTO OUTFILE '/tmp/a'", 'SELECT'],
      ['(SELECT 1) UNION (SELECT 2)', 'SELECT'],
      ['((WITH a AS (SELECT 1) SELECT * FROM a))', 'SELECT'],
      ['WITH a AS (SELECT 1), b (x) AS (SELECT 2) SELECT * FROM a', 'SELECT'],
      ['WITH RECURSIVE a AS (SELECT 1) (SELECT * FROM a)', 'SELECT'],
      ['WITH a AS (SELECT 1 AS id) UPDATE t SET id = 1', 'UPDATE', 'table:t'],
      ['WITH a AS (SELECT 1 AS id) DELETE FROM t WHERE id IN (SELECT id FROM a)', 'DELETE', 'table:t'],
      ['VALUES ROW(1)', 'VALUES'],
      ['TABLE t', 'TABLE'],
      ['DO SLEEP(1)', 'DO'],
    ],
    'data',
  )
})

describe('session', () => {
  check(
    [
      ['SET @a = 1', 'SET'],
      ["SET sql_mode = ''", 'SET'],
      ['SET NAMES utf8mb4', 'SET NAMES'],
      ['SET CHARACTER SET utf8mb4', 'SET CHARACTER SET'],
      ['SET CHARSET utf8mb4', 'SET CHARACTER SET'],
      ['SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', 'SET TRANSACTION'],
      ['SET ROLE r', 'SET ROLE'],
      ['SET GLOBAL max_connections = 1, @a = 2', 'SET'],
      ['SELECT 1 INTO @a', 'SELECT'],
      ['SELECT a INTO @`a b` FROM t', 'SELECT'],
      ['SELECT @a := 1', 'SELECT'],
      ['WITH a AS (SELECT 1 AS b) SELECT b INTO @a FROM a', 'SELECT'],
      ['CREATE TEMPORARY TABLE t (a INT)', 'CREATE TEMPORARY TABLE', 'table:t'],
      ['CREATE TEMPORARY TABLE IF NOT EXISTS t SELECT 1', 'CREATE TEMPORARY TABLE', 'table:t'],
      ['DROP TEMPORARY TABLE IF EXISTS t, u', 'DROP TEMPORARY TABLE', 'table:t table:u'],
      ["PREPARE p FROM 'SELECT 1'", 'PREPARE'],
      ['DEALLOCATE PREPARE p', 'DEALLOCATE PREPARE'],
      ['DROP PREPARE p', 'DEALLOCATE PREPARE'],
      ['GET DIAGNOSTICS @a = ROW_COUNT', 'GET DIAGNOSTICS'],
    ],
    'session',
  )
})

describe('call and execute', () => {
  check([['CALL p(1)', 'CALL', 'procedure:p']], 'call')
  test.each([
    ['CALL p(1)', null, 'p'],
    ['CALL `s`.`p q`()', 's', 'p q'],
    ['CALL {{schema:user_db}}.p', '{{schema:user_db}}', 'p'],
  ])('%s names its procedure', (text, schema, name) => {
    expect(classifyStatement(text).objects).toEqual([{ type: 'procedure', schema, name }])
  })
  check([['EXECUTE p USING @a', 'EXECUTE']], 'execute')
})

describe('maintenance', () => {
  check(
    [
      ['ANALYZE TABLE a, x.b', 'ANALYZE TABLE', 'table:a table:x.b'],
      ['OPTIMIZE NO_WRITE_TO_BINLOG TABLE a', 'OPTIMIZE TABLE', 'table:a'],
      ['CHECK TABLE a', 'CHECK TABLE', 'table:a'],
      ['CHECKSUM TABLE a', 'CHECKSUM TABLE', 'table:a'],
      ['REPAIR TABLE a', 'REPAIR TABLE', 'table:a'],
      ['FLUSH PRIVILEGES', 'FLUSH'],
      ['FLUSH LOCAL TABLES a', 'FLUSH'],
      ['SHOW TABLES', 'SHOW'],
      ['EXPLAIN DELETE FROM t', 'EXPLAIN'],
      ['DESC t', 'DESC'],
      ['SET GLOBAL max_connections = 10', 'SET GLOBAL'],
      ['SET GLOBAL a = 1, b = 2', 'SET GLOBAL'],
      ['SET PERSIST max_connections = 10', 'SET PERSIST'],
      ['SET @@global.max_connections = 10', 'SET GLOBAL'],
      ['SET GLOBAL TRANSACTION READ ONLY', 'SET GLOBAL TRANSACTION'],
      ['RESET PERSIST a', 'RESET PERSIST'],
      ['LOAD INDEX INTO CACHE t', 'LOAD INDEX INTO CACHE'],
      ['CACHE INDEX t IN c', 'CACHE INDEX'],
      ['ALTER INSTANCE RELOAD TLS', 'ALTER INSTANCE'],
      ["SIGNAL SQLSTATE '45000'", 'SIGNAL'],
    ],
    'maintenance',
  )
})

describe('refused', () => {
  check(
    [
      ['USE other', 'USE'],
      ['LOCK TABLES t WRITE', 'LOCK TABLES'],
      ['LOCK INSTANCE FOR BACKUP', 'LOCK INSTANCE'],
      ['UNLOCK TABLES', 'UNLOCK TABLES'],
      ['START TRANSACTION', 'START TRANSACTION'],
      ['START REPLICA', 'START'],
      ['BEGIN', 'BEGIN'],
      ['COMMIT', 'COMMIT'],
      ['ROLLBACK TO a', 'ROLLBACK'],
      ['SAVEPOINT a', 'SAVEPOINT'],
      ['RELEASE SAVEPOINT a', 'RELEASE SAVEPOINT'],
      ["XA START 'a'", 'XA'],
      ['KILL 1', 'KILL'],
      ['SHUTDOWN', 'SHUTDOWN'],
      ['HANDLER t OPEN', 'HANDLER'],
      ["LOAD DATA LOCAL INFILE 'a' INTO TABLE t", 'LOAD DATA LOCAL'],
      ["LOAD DATA LOW_PRIORITY LOCAL INFILE 'a' INTO TABLE t", 'LOAD DATA LOCAL'],
      ['FLUSH TABLES WITH READ LOCK', 'FLUSH TABLES'],
      ['FLUSH TABLES a, b FOR EXPORT', 'FLUSH TABLES'],
      ['RESET BINARY LOGS AND GTIDS', 'RESET'],
      ['SET autocommit = 0', 'SET autocommit'],
      ['SET @@session.AUTOCOMMIT = 0', 'SET autocommit'],
      ['source other.sql', 'SOURCE'],
      ['\\. other.sql', '\\.'],
      ['SELECT 1 \\G', '\\G'],
      ['SELECT 1 \\g', '\\g'],
      ['END', 'END'],
      ['CRAETE TABLE t (a INT)', 'CRAETE'],
      ['CREATE TABEL t (a INT)', 'CREATE TABEL'],
      ['--x', '--'],
      ['1 + 1', ''],
      ["'secret'", ''],
      ['', ''],
    ],
    'refused',
  )

  test.each([
    'SET NAMES gbk',
    "SET NAMES 'gbk' COLLATE gbk_bin",
    "SET CHARACTER SET 'big5'",
    'SET CHAR SET cp932',
    'SET CHARSET sjis',
    '/*!40101 SET character_set_client = sjis */',
    'SET @a = (SELECT 1, 2), @@session.character_set_client := `gb18030`',
    'SET SESSION character_set_client = "GBK"',
    'SET @@`character_set_client` = euckr',
    'SET sql_mode = DEFAULT, NAMES swe7',
    'SET character_set_client = 28',
    'SET NAMES ucs2',
    'SET NAMES utf16',
    'SET NAMES utf16le',
    'SET NAMES utf32',
    "PREPARE s FROM 'SET NAMES gbk'",
    'CREATE PROCEDURE p() SET NAMES gbk',
    'CREATE PROCEDURE p() BEGIN SET @a = 1; SET character_set_client = gbk; END',
    'CREATE FUNCTION f() RETURNS INT BEGIN DECLARE a INT; SET a = 1, NAMES gbk; RETURN a; END',
    'CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW BEGIN SET NAMES big5; END',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET NAMES gbk',
    "CREATE PROCEDURE p() BEGIN PREPARE s FROM 'SET NAMES gbk'; EXECUTE s; END",
  ])('a character set under which the server would read other statements: %s', (text) => {
    const facts = classifyStatement(text)
    expect(facts.class).toBe('refused')
    expect(facts.refusal?.why).toMatch(/^With the client character set \S+ the server may read a quote/)
  })

  test.each([
    'SET NAMES utf8mb4 COLLATE utf8mb4_bin',
    'SET NAMES latin1',
    'SET NAMES binary',
    'SET NAMES DEFAULT',
    'SET character_set_client = @old, character_set_results = gbk',
    'SET GLOBAL character_set_client = gbk',
    "SET @names = 'gbk'",
    'CREATE PROCEDURE p() BEGIN SET @a = 1; SELECT b, names FROM t; UPDATE t SET names = 1, charset = 2; END',
    'CREATE PROCEDURE p() BEGIN DECLARE names INT; SET names = 1; END',
    'CREATE PROCEDURE p() BEGIN START TRANSACTION; COMMIT; DO RELEASE_ALL_LOCKS(); END',
    'CREATE PROCEDURE p() ALTER TABLE t CONVERT TO CHARACTER SET gbk',
    'CREATE TABLE t (names INT) CHARACTER SET gbk',
    "DO GET_LOCK('mine', 1), RELEASE_LOCK('mine')",
    "SELECT 'RELEASE_ALL_LOCKS()'",
  ])('except in similar text: %s', (text) => {
    expect(classifyStatement(text).refusal).toBeNull()
  })

  test.each([
    ['DO RELEASE_ALL_LOCKS()', 'RELEASE_LOCK('],
    ['SELECT release_all_locks ()', 'RELEASE_LOCK('],
    ["DO RELEASE_LOCK('wwdb:0123')", 'Leave it out'],
    ['UPDATE t SET a = GET_LOCK("wwdb:0123", 1)', 'Leave it out'],
    ["PREPARE s FROM 'DO RELEASE_ALL_LOCKS()'", 'RELEASE_LOCK('],
    ["PREPARE s FROM 'COMMIT'", 'Leave it out'],
  ])('code that releases the lock of the run or ends its transaction: %s', (text, next) => {
    expect(classifyStatement(text)).toMatchObject({
      class: 'refused',
      refusal: { next: expect.stringContaining(next) },
    })
  })

  test.each(['/*!99999 any text */', '/*!999999\\- enable the sandbox mode */'])(
    'what no server runs is a comment: %s',
    (text) => {
      expect(classifyStatement(text)).toMatchObject({ class: 'data', verb: 'COMMENT', refusal: null })
    },
  )

  test('a refusal has a reason and a fix, and quotes no literal', () => {
    expect(classifyStatement('CRAETE TABLE t').refusal?.next).toContain('Did you mean `CREATE`?')
    expect(classifyStatement('START TRANSACTION').refusal?.why).toContain('shares a transaction')
    expect(classifyStatement('LOCK TABLES t READ').refusal?.next).toContain('--skip-add-locks')
    expect(classifyStatement('USE a').refusal?.next).toContain('{{schema:DATABASE}}')
    expect(JSON.stringify(classifyStatement("'secret'"))).not.toContain('secret')
  })

  test.each(['SELECT \\N', "SELECT '\\G'", 'SELECT "a\\g"', "SELECT '\\'\\G'", 'SELECT `\\G`'])(
    'a backslash in a text or before N is no client command: %s',
    (text) => {
      expect(classifyStatement(text).class).toBe('data')
    },
  )
})

describe('facts', () => {
  test.each([
    ['SELECT @a, @`b c`, @"d", @\'E\'', ['a', 'b c', 'd', 'e']],
    ['SET@a=1', ['a']],
    ['SELECT@A,@a', ['a']],
    ['CREATE DEFINER=`root`@`localhost` VIEW v AS SELECT 1', []],
    ["GRANT SELECT ON t TO 'a'@'b', c@d", []],
    ["SELECT '@a' -- @b\n, @@c /* @d */ # @e", []],
    ['INSERT INTO t VALUES (@a.b, @x)', ['a.b', 'x']],
  ])('user variables of %s', (text, expected) => {
    expect(classifyStatement(text).userVariables).toEqual(expected)
  })

  test.each([
    [
      "SET sql_mode = '', SESSION time_zone = '+00:00', @@wait_timeout = 1, @@LOCAL.a = (SELECT 1, 2), @u = 3",
      ['sql_mode', 'time_zone', 'wait_timeout', 'a'],
    ],
    ['SET GLOBAL a = 1, SESSION b = 2, c = 3', ['b', 'c']],
    [
      'SET NAMES utf8mb4',
      ['character_set_client', 'character_set_connection', 'character_set_results', 'collation_connection'],
    ],
    [
      'SET NAMES utf8mb4, FOREIGN_KEY_CHECKS = 0',
      [
        'character_set_client',
        'character_set_connection',
        'character_set_results',
        'collation_connection',
        'foreign_key_checks',
      ],
    ],
    ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY', ['transaction_isolation', 'transaction_read_only']],
    ['SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED', ['transaction_isolation']],
    ["/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */", ['sql_mode']],
  ])('session variables of %s', (text, expected) => {
    expect(classifyStatement(text).sessionVariables).toEqual(expected)
  })

  test.each([
    [
      'CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES x.u (id), CONSTRAINT c FOREIGN KEY (b) REFERENCES `v` (id))',
      ['table:x.u', 'table:v'],
    ],
    ["CREATE TABLE t (a INT COMMENT 'REFERENCES u')", []],
    ['ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES {{schema:user_db}}.users (id)', ['table:{{schema:user_db}}.users']],
  ])('references of %s', (text, expected) => {
    expect(classifyStatement(text).references.map(show)).toEqual(expected)
  })

  test.each([
    ['PREPARE `my p` FROM @a', 'my p'],
    ['EXECUTE p', 'p'],
    ['DEALLOCATE PREPARE p', 'p'],
    ['SELECT 1', null],
  ])('the prepared statement of %s', (text, expected) => {
    expect(classifyStatement(text).prepared).toBe(expected)
  })

  test.each([
    ['CREATE TABLE IF NOT EXISTS t (a INT)', true],
    ['CREATE OR REPLACE VIEW v AS SELECT 1', true],
    ['DROP TABLE IF EXISTS t', true],
    ['CREATE USER IF NOT EXISTS a', true],
    ['CREATE TABLE t (a INT)', false],
    ['DROP TABLE t', false],
    ['ALTER TABLE t ADD a INT', false],
  ])('repeating %s', (text, expected) => {
    expect(classifyStatement(text).idempotent).toBe(expected)
  })

  test('temporary tables are named, other tables are not', () => {
    expect(createdTemporaryTables('CREATE TEMPORARY TABLE x.t (a INT)').map(show)).toEqual(['table:x.t'])
    expect(createdTemporaryTables('CREATE TABLE t (a INT) -- temporary')).toEqual([])
    expect(createdTemporaryTables('INSERT INTO t VALUES (1)')).toEqual([])
  })
})

test('a statement has the position of its piece, its index and a hash that ignores line ends', () => {
  const [, piece] = scan('\n  SELECT\r\n 1;', { file: 'a.sql' })
  if (piece?.type !== 'statement') throw new Error('no statement')
  const statement = toStatement(piece, 4)
  expect(statement).toMatchObject({ file: 'a.sql', line: 2, column: 3, index: 4, class: 'data', text: 'SELECT\r\n 1' })
  expect(statement.hash).toBe(hashStatement('SELECT\n 1'))
})

test.each([65_535, 65_536, 65_537, 200_000])(
  'a text of %d characters is hashed in pieces as it is at once',
  (length) => {
    for (const text of [`${'a'.repeat(length - 1)}😀${'字'.repeat(70_000)}`, 'é'.repeat(length), '😀'.repeat(length)])
      expect(hashStatement(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'))
  },
)
