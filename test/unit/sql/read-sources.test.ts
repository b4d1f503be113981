import { expect, test } from 'vitest'
import { listTablesRead } from '../../../src/sql/read-sources.ts'

test.each([
  ['SELECT * FROM (WITH w AS (SELECT id FROM aa) SELECT id FROM w JOIN bb) q, cc', ['aa', 'bb', 'cc']],
  ['INSERT INTO t SELECT * FROM (VALUES ROW((SELECT MAX(id) FROM aa))) q (n) JOIN bb', ['aa', 'bb']],
  ['SELECT * FROM { OJ aa LEFT JOIN { OJ bb LEFT JOIN cc ON 1 } ON 1 }, dd', ['aa', 'bb', 'cc', 'dd']],
  ['SELECT * FROM aa USE INDEX FOR JOIN (k) IGNORE KEY FOR ORDER BY (k2), bb', ['aa', 'bb']],
  ['SELECT * FROM aa PARTITION (p0, p1) x, (bb, (cc))', ['aa', 'bb', 'cc']],
  ["SELECT * FROM aa JOIN bb ON TRIM((SELECT 'x' FROM cc) FROM bb.y) = 1, dd", ['aa', 'bb', 'cc', 'dd']],
  ['SELECT * FROM aa WHERE x IN ((SELECT x FROM bb) UNION SELECT x FROM cc)', ['aa', 'bb', 'cc']],
  ['SELECT * FROM only o JOIN quick ON 1', ['only', 'quick']],
  ["SELECT * FROM aa, JSON_TABLE((SELECT d FROM bb), '$' COLUMNS (n INT PATH '$')) j, cc", ['aa', 'bb', 'cc']],
  ['SELECT * FROM aa, LATERAL (TABLE bb ORDER BY 1) l NATURAL LEFT JOIN cc', ['aa', 'bb', 'cc']],
])('the tables that a query reads are those after FROM and JOIN in any form: %s', (text, expected) => {
  const verb = text.split(' ')[0] ?? ''
  expect(listTablesRead({ verb, text }).map(({ name }) => name)).toEqual(expected)
})

test.each([
  ['CREATE TABLE t (a INT)', []],
  ["CREATE TABLE t (a INT COMMENT 'select') /* from a table */", []],
  ['CREATE TABLE t AS SELECT * FROM aa', ['aa']],
  ['CREATE TABLE t (a INT)SELECT a FROM aa', ['aa']],
  ['CREATE TABLE t TABLE aa', ['aa']],
  ['create table t with w as (table aa) table w', ['aa']],
])('of CREATE TABLE, they are those of its query: %s', (text, expected) => {
  expect(listTablesRead({ verb: 'CREATE TABLE', text }).map(({ name }) => name)).toEqual(expected)
})
