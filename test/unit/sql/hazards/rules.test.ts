import { describe, expect, test } from 'vitest'
import type { ColumnAttributes, KnownTables, TableState } from '../../../../src/domain/table-state.ts'
import { findHazards } from '../../../../src/sql/hazards/find-hazards.ts'
import { hazardCodes } from '../../../../src/sql/hazards/hazard-codes.ts'
import { statementOf } from '../../../helpers/statements.ts'

const column = (name: string, type: string, nullable = true, charset: string | null = null) => ({
  name,
  type,
  nullable,
  charset,
})

const plain: ColumnAttributes = {
  generated: null,
  autoIncrement: false,
  hasDefault: false,
  onUpdate: false,
  hasComment: false,
  primary: false,
}

const large: TableState = {
  type: 'present',
  rows: 5_000_000,
  bytes: 2 ** 30,
  columns: [
    column('n', 'int'),
    { ...column('g', 'int'), attributes: { ...plain, generated: 'STORED' } },
    column('u', 'int(10) unsigned'),
    column('b', 'bigint', false),
    column('name', 'varchar(50)', true, 'utf8mb4'),
    column('latin', 'varchar(50)', true, 'latin1'),
    column('e', "enum('a','b')", true, 'utf8mb4'),
    column('price', 'decimal(10,2)'),
    column('at', 'datetime(6)'),
    column('body', 'text', true, 'utf8mb4'),
    column('index', 'int'),
  ],
}

/** `t` is large, `small` is not, `fresh` is made by the plan, `gone` is not there; of all others nothing is known. */
const tables: KnownTables = {
  schema: 'app',
  states: new Map<string, TableState>([
    ['app\u0000t', large],
    ['app\u0000small', { ...large, rows: 12, bytes: 16_384 }],
    ['app\u0000fresh', { type: 'new' }],
    ['app\u0000gone', { type: 'absent' }],
  ]),
}

function codesOf(text: string, serverVersion = '9.7.4'): string {
  const hazards = findHazards(statementOf(text), { accepted: [], tables, serverVersion })
  return hazards.map((hazard) => hazard.code).join(' ')
}

/** Statement and the codes of its hazards; a third entry is the server's version. */
type Case = readonly [text: string, codes: string, version?: string]

const cases: readonly Case[] = [
  // Names under ANSI_QUOTES.
  ['DROP TABLE "t"', 'DROP_TABLE'],
  ['TRUNCATE TABLE "t"', 'TRUNCATE_TABLE'],
  ['DROP SCHEMA "app"', 'DROP_SCHEMA'],
  ['ALTER TABLE "t" DROP COLUMN "n"', 'DROP_COLUMN'],
  ['ALTER TABLE "t" DROP "n"', 'DROP_COLUMN'],
  ['ALTER TABLE "t" MODIFY "name" VARCHAR(10)', 'NARROW_COLUMN BLOCKING_COPY'],
  ['ALTER TABLE "t" CHANGE "name" "title" VARCHAR(10)', 'NARROW_COLUMN BLOCKING_COPY'],
  ['DELETE FROM "t"', 'DELETE_ALL_ROWS'],
  ['UPDATE "t" SET n = 1', 'UPDATE_ALL_ROWS'],
  ['DROP TABLE t', 'DROP_TABLE'],
  ['drop table if exists elsewhere.x, t', 'DROP_TABLE'],
  ['DROP TABLE fresh', ''],
  ['DROP TABLE IF EXISTS gone', ''],
  ['DROP TABLE `T`', 'DROP_TABLE'],
  ['DROP TEMPORARY TABLE t', ''],
  ['DROP VIEW v', ''],
  ['DROP PROCEDURE p', ''],
  ['DROP TRIGGER g', ''],
  ['DROP INDEX i ON t', ''],
  ['DROP DATABASE app', 'DROP_SCHEMA'],
  ['DROP SCHEMA IF EXISTS app', 'DROP_SCHEMA'],
  ['CREATE DATABASE app', ''],
  ['TRUNCATE t', 'TRUNCATE_TABLE'],
  ['TRUNCATE TABLE app.t', 'TRUNCATE_TABLE'],
  ['TRUNCATE TABLE fresh', ''],
  ['ALTER TABLE t DROP COLUMN n', 'DROP_COLUMN'],
  ['ALTER TABLE t DROP COLUMN n', 'DROP_COLUMN REBUILDING_TABLE', '8.0.12'],
  ['ALTER TABLE t ADD x INT, DROP n', 'DROP_COLUMN'],
  ['ALTER TABLE t DROP `index`', 'DROP_COLUMN'],
  ['ALTER TABLE fresh DROP n', ''],
  ['ALTER TABLE t DROP INDEX i', ''],
  ['ALTER TABLE t DROP KEY i', ''],
  ['ALTER TABLE t DROP FOREIGN KEY f', ''],
  ['ALTER TABLE t DROP CHECK c', ''],
  ['ALTER TABLE t DROP CONSTRAINT c', ''],
  ['ALTER TABLE t ALTER n DROP DEFAULT', ''],
  ["ALTER TABLE t COMMENT 'DROP COLUMN n'", ''],
  ['ALTER TABLE t DROP PARTITION p0, p1', 'DROP_PARTITION'],
  ['ALTER TABLE fresh DROP PARTITION p0', ''],
  ['ALTER TABLE t TRUNCATE PARTITION ALL', 'TRUNCATE_PARTITION'],
  ['ALTER TABLE t EXCHANGE PARTITION p0 WITH TABLE x', 'EXCHANGE_PARTITION'],
  ['ALTER TABLE t ADD PARTITION (PARTITION p9 VALUES LESS THAN (9))', ''],
  ['ALTER TABLE t DISCARD TABLESPACE', 'DISCARD_TABLESPACE'],
  ['ALTER TABLE t DISCARD PARTITION p0 TABLESPACE', 'DISCARD_TABLESPACE'],
  ['ALTER TABLE t IMPORT TABLESPACE', ''],
  ['ALTER TABLE t ENGINE=BLACKHOLE', 'LOSSY_ENGINE BLOCKING_COPY'],
  ['ALTER TABLE t ADD engine VARCHAR(20)', ''],
  ['ALTER TABLE t MODIFY n BIGINT', 'BLOCKING_COPY'],
  ['ALTER TABLE t MODIFY COLUMN n SMALLINT', 'NARROW_COLUMN BLOCKING_COPY'],
  ['ALTER TABLE t CHANGE n m INT', ''],
  ['ALTER TABLE t MODIFY n INT UNSIGNED', 'NARROW_COLUMN BLOCKING_COPY'],
  ['ALTER TABLE t MODIFY u INTEGER(10) UNSIGNED ZEROFILL', ''],
  ['ALTER TABLE t MODIFY n INT NOT NULL', 'NARROW_COLUMN REBUILDING_TABLE'],
  ['ALTER TABLE t MODIFY b BIGINT NOT NULL', ''],
  ['ALTER TABLE t MODIFY name VARCHAR(60)', ''],
  ['ALTER TABLE t MODIFY name VARCHAR(63)', ''],
  ['ALTER TABLE t MODIFY name VARCHAR(64)', 'BLOCKING_COPY'],
  ['ALTER TABLE t MODIFY name VARCHAR(20)', 'NARROW_COLUMN BLOCKING_COPY'],
  ['ALTER TABLE t MODIFY name TEXT', 'BLOCKING_COPY'],
  ['ALTER TABLE t MODIFY name VARCHAR(50) CHARACTER SET latin1', 'NARROW_COLUMN BLOCKING_COPY'],
  ['ALTER TABLE t MODIFY latin VARCHAR(50) COLLATE utf8mb4_bin', 'BLOCKING_COPY'],
  ["ALTER TABLE t MODIFY e ENUM('a','b','c')", ''],
  ["ALTER TABLE t MODIFY e ENUM('c','a','b')", 'BLOCKING_COPY'],
  ["ALTER TABLE t MODIFY e ENUM('a')", 'NARROW_COLUMN BLOCKING_COPY'],
  ['ALTER TABLE t MODIFY price DECIMAL(12,2)', 'BLOCKING_COPY'],
  ['ALTER TABLE t MODIFY price DECIMAL(12,1)', 'NARROW_COLUMN BLOCKING_COPY'],
  ['ALTER TABLE t MODIFY at DATETIME', 'NARROW_COLUMN BLOCKING_COPY'],
  ['ALTER TABLE t MODIFY body MEDIUMTEXT', 'BLOCKING_COPY'],
  ['ALTER TABLE t MODIFY body VARCHAR(1000)', 'NARROW_COLUMN BLOCKING_COPY'],
  ['ALTER TABLE unread MODIFY a INT', 'NARROW_COLUMN'],
  ['ALTER TABLE fresh MODIFY a INT', ''],
  ['ALTER TABLE small MODIFY n BIGINT', ''],
  ['ALTER TABLE small MODIFY n SMALLINT', 'NARROW_COLUMN'],
  ['ALTER TABLE t MODIFY n INT GENERATED ALWAYS AS (CHAR_LENGTH(name)) STORED', 'OVERWRITE_COLUMN'],
  ['ALTER TABLE t CHANGE n m INT AS (1) VIRTUAL', 'OVERWRITE_COLUMN'],
  ['ALTER TABLE fresh MODIFY n INT AS (1) STORED', ''],
  ['ALTER TABLE t MODIFY g INT AS (2) STORED', ''],
  ['ALTER TABLE t MODIFY g INT', ''],
  ['ALTER TABLE t CONVERT TO CHARACTER SET latin1', 'NARROW_COLUMN BLOCKING_COPY'],
  ['ALTER TABLE unread CONVERT TO CHARACTER SET utf8mb4', 'BLOCKING_COPY'],
  ['ALTER TABLE unread CONVERT TO CHARACTER SET utf8mb3', 'NARROW_COLUMN BLOCKING_COPY'],
  ['ALTER TABLE fresh CONVERT TO CHARACTER SET latin1', ''],
  ['ALTER TABLE t MODIFY n INT FIRST', 'REBUILDING_TABLE'],
  ['DELETE FROM t', 'DELETE_ALL_ROWS'],
  ['DELETE FROM t LIMIT 10', 'DELETE_ALL_ROWS'],
  ['DELETE FROM t ORDER BY n LIMIT 10', 'DELETE_ALL_ROWS'],
  ['DELETE FROM t WHERE n = 1', ''],
  ['DELETE FROM t WHERE 1 = 1', 'DELETE_ALL_ROWS'],
  ['DELETE FROM t WHERE TRUE LIMIT 5', 'DELETE_ALL_ROWS'],
  ['DELETE FROM t WHERE EXISTS (SELECT 1 FROM x)', ''],
  ['DELETE t FROM t JOIN x ON x.id = t.n', 'DELETE_ALL_ROWS'],
  ['DELETE t FROM t JOIN (SELECT id FROM x WHERE y = 1) z ON z.id = t.n', 'DELETE_ALL_ROWS'],
  ['DELETE FROM t USING t JOIN x ON x.id = t.n WHERE x.y = 2', ''],
  ['WITH z AS (SELECT 1 AS id WHERE 1) DELETE FROM t', 'DELETE_ALL_ROWS'],
  ['DELETE FROM fresh', ''],
  ['UPDATE t SET n = 1', 'UPDATE_ALL_ROWS'],
  ['UPDATE t SET n = (SELECT MAX(id) FROM x WHERE y = 1)', 'UPDATE_ALL_ROWS'],
  ['UPDATE t SET n = 1 LIMIT 10', 'UPDATE_ALL_ROWS'],
  ['UPDATE t, x SET t.n = x.y', 'UPDATE_ALL_ROWS'],
  ['UPDATE t SET n = 1 WHERE n IS NULL', ''],
  ['UPDATE fresh SET n = 1', ''],
  ['INSERT INTO t (n) VALUES (1) ON DUPLICATE KEY UPDATE n = 2', ''],
  ['REPLACE INTO t (n) VALUES (1)', ''],
  ['CREATE OR REPLACE VIEW v AS SELECT 1', ''],
  ['CREATE PROCEDURE p() BEGIN DROP TABLE t; DELETE FROM t; END', ''],
  ['ALTER TABLE t ADD x INT, ALGORITHM=COPY', 'BLOCKING_COPY'],
  ['ALTER TABLE t ALGORITHM COPY, ADD x INT', 'BLOCKING_COPY'],
  ['CREATE INDEX i ON t (n) ALGORITHM=COPY', 'BLOCKING_COPY'],
  ['ALTER TABLE t ADD x INT, ALGORITHM=INSTANT', ''],
  ['ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4', 'BLOCKING_COPY'],
  ['ALTER TABLE t DEFAULT CHARACTER SET utf8mb4', ''],
  ['ALTER TABLE t ENGINE=MyISAM', 'BLOCKING_COPY'],
  ['ALTER TABLE t ENGINE InnoDB', 'REBUILDING_TABLE'],
  ['ALTER TABLE t DROP PRIMARY KEY', 'BLOCKING_COPY'],
  ['ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (b, n)', 'REBUILDING_TABLE'],
  ['ALTER TABLE t ORDER BY n', 'BLOCKING_COPY'],
  ['ALTER TABLE t PARTITION BY HASH(n) PARTITIONS 4', 'BLOCKING_COPY'],
  ['ALTER TABLE t REMOVE PARTITIONING', 'BLOCKING_COPY'],
  ['ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (n) REFERENCES x (id)', 'BLOCKING_COPY'],
  ['ALTER TABLE fresh ADD FOREIGN KEY (n) REFERENCES x (id)', ''],
  ['ALTER TABLE small ADD FOREIGN KEY (n) REFERENCES x (id)', ''],
  ['ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0)', 'BLOCKING_COPY'],
  ['ALTER TABLE t ADD CHECK (n > 0)', '', '8.0.12'],
  ['ALTER TABLE t ADD g INT AS (n + 1) STORED', 'BLOCKING_COPY'],
  ['ALTER TABLE t ADD g INT AS (n + 1) VIRTUAL', ''],
  ['ALTER TABLE t ADD x INT, LOCK=SHARED', 'BLOCKING_LOCK'],
  ['ALTER TABLE t ADD x INT, LOCK EXCLUSIVE', 'BLOCKING_LOCK'],
  ['ALTER TABLE t ADD x INT, LOCK=NONE', ''],
  ['ALTER TABLE t ADD `lock` INT', ''],
  ['CREATE INDEX i ON t (n) LOCK=SHARED', 'BLOCKING_LOCK'],
  ['CREATE FULLTEXT INDEX i ON t (name)', 'BLOCKING_LOCK'],
  ['ALTER TABLE t ADD SPATIAL INDEX (place)', 'BLOCKING_LOCK'],
  ['CREATE UNIQUE INDEX i ON t (n)', ''],
  ['ALTER TABLE t REORGANIZE PARTITION p0 INTO (PARTITION p1 VALUES LESS THAN (9))', 'BLOCKING_LOCK'],
  ['ALTER TABLE t COALESCE PARTITION 2', 'BLOCKING_LOCK'],
  ['OPTIMIZE TABLE t', 'REBUILDING_TABLE'],
  ['OPTIMIZE TABLE small', ''],
  ['ALTER TABLE t FORCE', 'REBUILDING_TABLE'],
  ['ALTER TABLE t ROW_FORMAT=COMPRESSED', 'REBUILDING_TABLE'],
  ['ALTER TABLE t ADD x INT AFTER n', ''],
  ['ALTER TABLE t ADD x INT AFTER n', 'REBUILDING_TABLE', '8.0.12'],
  ['ALTER TABLE t RENAME TO t2', ''],
  ['CALL p(1)', 'UNRESUMABLE_CALL'],
  ['CREATE TABLE c AS SELECT * FROM t', 'UNRESUMABLE_CREATE_SELECT', '8.0.20'],
  ['CREATE TABLE c (id INT PRIMARY KEY) SELECT 1 AS id', 'UNRESUMABLE_CREATE_SELECT', '8.0.12'],
  ['CREATE TABLE c AS SELECT * FROM t', '', '8.0.21'],
  ['CREATE TABLE c (id INT PRIMARY KEY)', '', '8.0.12'],
  ['RENAME TABLE a TO b', ''],
  ['RENAME TABLE users TO users_old, users_new TO users', ''],
  ['RENAME TABLE a TO tmp, b TO a, tmp TO b', 'UNRESUMABLE_SWAP'],
  ['CREATE TEMPORARY TABLE x AS SELECT * FROM t', 'UNRESUMABLE_SESSION'],
  ['CREATE TEMPORARY TABLE x (id INT)', ''],
  ['SET @count = (SELECT COUNT(*) FROM t)', 'UNRESUMABLE_SESSION'],
  ['SET @count = 1', ''],
  ['SELECT MAX(n) FROM t INTO @highest', 'UNRESUMABLE_SESSION'],
  ['SELECT n FROM t', ''],
  ["GRANT SELECT ON app.* TO 'a'@'%'", ''],
  ["PREPARE p FROM 'DROP TABLE t'", 'DROP_TABLE'],
  ["PREPARE p FROM 'DELETE FROM t WHERE n = ?'", ''],
  ['PREPARE p FROM @sql', ''],
]

describe('a statement has the hazards that its text and its tables tell', () => {
  test.each(cases.map(([text, codes, version]) => [text, version ?? '9.7.4', codes] as const))(
    '%s (on %s): %s',
    (text, version, codes) => expect(codesOf(text, version)).toBe(codes),
  )
})

test('every rule is found by at least one of these statements', () => {
  const found = new Set(cases.flatMap(([, codes]) => codes.split(' ')))
  expect(hazardCodes.filter((code) => !found.has(code))).toEqual([])
})

test('codes are unique and may be written in a header as they stand', () => {
  expect(new Set(hazardCodes).size).toBe(hazardCodes.length)
  for (const code of hazardCodes) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/)
})

test('a hazard names its place, and the reason that accepts it', () => {
  const statement = statementOf('DROP TABLE\n  t', 7)
  const accepted = [{ code: 'drop-table', reason: 'empty since May', line: 2 }]
  const [hazard] = findHazards(statement, { accepted, tables })
  expect(hazard).toMatchObject({
    code: 'DROP_TABLE',
    kind: 'destructive',
    file: 'migrations/app/1_test.sql',
    line: 8,
    statement: 'DROP TABLE t',
    accepted: 'empty since May',
  })
  expect(
    findHazards(statement, { accepted: [{ ...accepted[0], code: 'DROP_COLUMN', reason: 'x', line: 1 }], tables })[0]
      ?.accepted,
  ).toBeNull()
})

test('what is known of a column makes the difference between narrowing and perhaps narrowing', () => {
  const why = (text: string) => findHazards(statementOf(text), { accepted: [], tables })[0]?.why
  expect(why("ALTER TABLE t MODIFY e ENUM('a')")).toBe("Column e narrows: 'b' can no longer be stored.")
  expect(why('ALTER TABLE unread MODIFY e INT')).toContain('may narrow')
})
