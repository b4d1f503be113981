import { expect, it } from 'vitest'
import { toStatement } from '../../../../src/sql/classify.ts'
import { refuseForm } from '../../../../src/sql/keyspace/refuse-form.ts'
import { scan } from '../../../../src/sql/scanner.ts'

function refuse(text: string, isOnline = true): string | null {
  const piece = [...scan(text, { file: 'a.sql' })].find(({ type }) => type === 'statement')
  if (piece?.type !== 'statement') throw new Error(`not a statement: ${text}`)
  return refuseForm(toStatement(piece, 0), { isOnline })?.why.en ?? null
}

it.each([
  'ALTER TABLE a RENAME b',
  'ALTER TABLE a RENAME TO b',
  'ALTER TABLE a RENAME AS b',
  'ALTER TABLE a RENAME = b',
  'ALTER TABLE a ADD COLUMN n INT, RENAME `column`, ALGORITHM=COPY',
])('%s gives the table another name', (text) => {
  expect([refuse(text), refuse(text, false)]).toEqual([
    expect.stringContaining('Vitess does not run ALTER TABLE ... RENAME as a migration'),
    expect.stringContaining('Vitess does not run ALTER TABLE ... RENAME as a migration'),
  ])
})

it.each([
  ['ALTER TABLE a EXCHANGE PARTITION p0 WITH TABLE b WITHOUT VALIDATION', 'EXCHANGE PARTITION'],
  ['ALTER TABLE a TRUNCATE PARTITION ALL', 'TRUNCATE PARTITION'],
  ['ALTER TABLE a DISCARD PARTITION p0 TABLESPACE', 'DISCARD TABLESPACE'],
  ['ALTER TABLE a import TABLESPACE', 'IMPORT TABLESPACE'],
])('%s changes the copy alone, where Vitess makes one', (text, named) => {
  expect([refuse(text), refuse(text, false)]).toEqual([expect.stringContaining(`Vitess would do ${named} to `), null])
})

it.each(['ANALYZE', 'CHECK', 'OPTIMIZE', 'REPAIR'])('ALTER TABLE ... %s PARTITION answers with rows', (verb) => {
  const text = `ALTER TABLE a ${verb} PARTITION ALL`
  expect([refuse(text), refuse(text, false)]).toEqual([
    expect.stringContaining(`Vitess takes no ${verb} PARTITION`),
    null,
  ])
})

it.each([
  'CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST "a")',
  "CREATE TABLESPACE t ADD DATAFILE 't.ibd'",
  "CREATE UNDO TABLESPACE t ADD DATAFILE 't.ibu'",
  'ALTER RESOURCE GROUP g DISABLE',
  'DROP SPATIAL REFERENCE SYSTEM 4120',
  "CREATE LIBRARY l LANGUAGE JAVASCRIPT AS 'x'",
])('%s is of a server', (text) => {
  expect(refuse(text)).toContain('that belongs to a MySQL server, and not to a keyspace')
})

it('ALTER TABLE ... DROP FOREIGN KEY is online not to be had', () => {
  const text = 'ALTER TABLE a ADD COLUMN n INT, DROP FOREIGN KEY k'
  expect([refuse(text), refuse(text, false)]).toEqual([expect.stringContaining('not even to drop it'), null])
})

it.each([
  'ALTER TABLE a RENAME COLUMN b TO c',
  'ALTER TABLE a RENAME INDEX b TO c, RENAME KEY d TO e',
  'ALTER TABLE a ADD COLUMN `rename` INT, ADD COLUMN s INT COMMENT "RENAME TO b"',
  'ALTER TABLE a TABLESPACE = innodb_file_per_table',
  'ALTER TABLE a ADD PARTITION (PARTITION p9 VALUES LESS THAN (9))',
  'CREATE TABLE a LIKE b',
  'CREATE TABLE a AS SELECT * FROM b',
  'CREATE TABLE a (`select` INT, `table` INT) PARTITION BY LIST (`select`) (PARTITION p VALUES IN (1))',
  'DROP TABLE a',
])('%s is given to Vitess', (text) => {
  expect(refuse(text)).toBeNull()
})

it.each([
  'TABLE a',
  'TABLE `a` ORDER BY id LIMIT 1',
  'INSERT INTO a TABLE b',
  'REPLACE INTO x.a (id) TABLE b',
  'SELECT 1 UNION ALL TABLE a',
  'SELECT * FROM (TABLE a) t',
  'CREATE VIEW v AS TABLE a',
  'CREATE TABLE b (id INT) TABLE a',
  'WITH c AS (SELECT 1) TABLE c',
  'VALUES ROW(1, 2)',
])('%s has a query that vtgate does not run', (text) => {
  const said = expect.stringMatching(/^vtgate does not run `(?:TABLE name|VALUES ROW\(\.\.\.\))` as a query\.$/)
  expect([refuse(text), refuse(text, false)]).toEqual([said, said])
})

it.each([
  'CREATE TABLE a (id INT)',
  'CREATE TABLE IF NOT EXISTS a LIKE b',
  'DROP TABLE a',
  'ALTER TABLE a ADD COLUMN n INT',
  'INSERT INTO a SELECT * FROM b',
  "INSERT INTO a VALUES ('TABLE b')",
  'SELECT `table` FROM a',
  "SELECT ')' AS x",
])('%s has none', (text) => {
  expect(refuse(text, false)).toBeNull()
})
