import { describe, expect, test } from 'vitest'
import { applyStatement } from '../../../src/ddl/apply-statement.ts'
import { withTables, writeFollowedQuery, writeNameQuery } from '../../../src/ddl/name-query.ts'
import { nothingKnown } from '../../../src/ddl/schema.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

describe('the query of the names of a statement', () => {
  test.each([
    [
      'UPDATE t SET a = b, c = DEFAULT WHERE d = 1 LIMIT 2',
      'SELECT a AS wwdb_1, b AS wwdb_2, c AS wwdb_3 FROM t WHERE d = 1 LIMIT 2',
    ],
    [
      'UPDATE LOW_PRIORITY IGNORE t AS x JOIN u SET x.a = (SELECT 1)',
      'SELECT x.a AS wwdb_1, (SELECT 1) AS wwdb_2 FROM t AS x JOIN u ',
    ],
    ['DELETE QUICK FROM t WHERE a = 1 ORDER BY b', 'SELECT 1 FROM t WHERE a = 1 ORDER BY b'],
    ['DELETE a, b.* FROM t a JOIN u b USING (id)', 'SELECT 1 FROM t a JOIN u b USING (id) '],
    ['DELETE FROM a USING t a JOIN u USING (id) WHERE a.x = 1', 'SELECT 1 FROM t a JOIN u USING (id) WHERE a.x = 1'],
    [
      'WITH n AS (SELECT 1 AS i) UPDATE t JOIN n SET t.a = n.i',
      'WITH n AS (SELECT 1 AS i) SELECT t.a AS wwdb_1, n.i AS wwdb_2 FROM t JOIN n ',
    ],
    ['INSERT INTO t (a) SELECT b FROM u ON DUPLICATE KEY UPDATE a = 1', 'SELECT b FROM u'],
    ['SELECT a FROM t', 'SELECT a FROM t'],
    ['UPDATE t SET a', null],
    ['INSERT INTO t VALUES (1)', null],
    ['DROP TABLE t', null],
  ])('of %s', (text, query) => {
    expect(writeNameQuery(text)).toBe(query)
  })
})

describe('a table that an earlier statement leaves', () => {
  const tables = [{ name: 't', columns: ['a', 'odd`name'] }]

  test('is a common table expression before those of the query', () => {
    const made = '`t` AS (SELECT NULL AS `a`, NULL AS `odd``name`)'
    expect(withTables('SELECT a FROM t', tables, 'app')).toBe(`WITH ${made} SELECT a FROM t`)
    expect(withTables('WITH RECURSIVE n AS (SELECT 1) SELECT a FROM t', tables, 'app')).toBe(
      `WITH RECURSIVE ${made},  n AS (SELECT 1) SELECT a FROM t`,
    )
    expect(withTables('SELECT a FROM t', [], 'app')).toBe('SELECT a FROM t')
  })

  test.each(['SELECT app.t.a FROM t', 'SELECT "APP".t.a FROM t', 'SELECT _rowid FROM t', '(SELECT a FROM t)'])(
    'is not one where the query could mean the table itself: %s',
    (query) => {
      expect(withTables(query, tables, 'app')).toBeNull()
    },
  )
})

test('a table that receives the rows of a query is not part of it, so that its columns need not be known', () => {
  const of = (text: string, ...changed: readonly string[]): string | null =>
    writeFollowedQuery(
      statementOf(text),
      changed.map((name) => ({ type: 'table', schema: null, name })),
      applyStatement({ ...nothingKnown, schema: 'app' }, statementOf('CREATE TABLE u (id INT PRIMARY KEY, b INT)')),
    )
  const made = '`u` AS (SELECT NULL AS `id`,NULL AS `b`)'
  expect(of('INSERT INTO t (a) SELECT b FROM u', 'u')?.replaceAll(', ', ',')).toBe(`WITH ${made} SELECT b FROM u`)
  expect(of('SELECT a FROM t JOIN u', 't', 'u')).toBeNull()
})
