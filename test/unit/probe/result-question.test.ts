import { describe, expect, test } from 'vitest'
import { askForResult } from '../../../src/probe/result-question.ts'

const ranked = (text: string): string | null => {
  const question = askForResult(text)
  if (question.type !== 'query') throw new Error(JSON.stringify(question))
  return question.ranked
}

describe('how the result of a sample is read', () => {
  test.each([
    ['SELECT a FROM t', 'SELECT a FROM t'],
    ['SELECT a FROM t ORDER BY a LIMIT 10', 'SELECT a FROM t ORDER BY a '],
    ['SELECT a FROM t ORDER BY a LIMIT 10, 5', 'SELECT a FROM t ORDER BY a '],
    ['SELECT a FROM t ORDER BY a DESC LIMIT 10 OFFSET 5 FOR UPDATE', 'SELECT a FROM t ORDER BY a DESC  FOR UPDATE'],
  ])('%s: without its LIMIT', (text, read) => {
    expect(askForResult(text)).toMatchObject({ type: 'query', text: read })
  })

  test.each([
    ['SELECT a FROM t', null],
    ['SELECT a FROM t ORDER BY b DESC, c', 'SELECT a ,DENSE_RANK() OVER (ORDER BY b DESC,c) FROM t ORDER BY b DESC, c'],
    ['SELECT a+1 AS x FROM t ORDER BY x', 'SELECT a+1 AS x ,DENSE_RANK() OVER (ORDER BY a+1) FROM t ORDER BY x'],
    [
      'SELECT COUNT(*) n, k FROM t GROUP BY k ORDER BY n',
      'SELECT COUNT(*) n, k ,DENSE_RANK() OVER (ORDER BY COUNT(*)) FROM t GROUP BY k ORDER BY n',
    ],
    [
      'SELECT DISTINCT t.a, b FROM t ORDER BY 2',
      'SELECT DISTINCT t.a, b ,DENSE_RANK() OVER (ORDER BY b) FROM t ORDER BY 2',
    ],
    ['SELECT * FROM t ORDER BY 1', null],
    ['SELECT a FROM t UNION SELECT b FROM u ORDER BY a', null],
    ['(SELECT a FROM t) ORDER BY a', null],
    [
      'WITH c AS (SELECT 1 a FROM t) SELECT a FROM c ORDER BY a LIMIT 1',
      'WITH c AS (SELECT 1 a FROM t) SELECT a ,DENSE_RANK() OVER (ORDER BY a) FROM c ORDER BY a ',
    ],
  ])('%s: with the place of each row', (text, expected) => {
    expect(ranked(text)).toBe(expected)
  })

  test.each([
    ['SELECT a FROM t LIMIT 1', 'it has LIMIT without ORDER BY'],
    ['SELECT a FROM t WHERE b = (SELECT b FROM u ORDER BY c LIMIT 1)', 'it has LIMIT in a subquery'],
    ['SELECT RAND(), a FROM t', '`RAND()` answers otherwise each time'],
    ['UPDATE t SET a = UUID()', '`UUID()` answers otherwise each time'],
    ['SELECT a FROM t WHERE b = @b', 'it uses a variable of its session'],
    ['SELECT GROUP_CONCAT(a) FROM t', 'what it reads depends on the order of rows'],
    ['SELECT a, ROW_NUMBER() OVER (ORDER BY b) FROM t', 'what it reads depends on the order of rows'],
  ])('%s: not at all', (text, why) => {
    expect(askForResult(text)).toEqual({ type: 'unjudged', why })
  })

  test.each(['SELECT GROUP_CONCAT(a ORDER BY a) FROM t', 'SELECT a FROM t WHERE b > NOW()', 'SELECT uuid FROM t'])(
    '%s is read',
    (text) => {
      expect(askForResult(text)).toMatchObject({ type: 'query' })
    },
  )

  const rows = (assigned: readonly string[] | null, schema: string | null = null) => ({
    type: 'rows',
    schema,
    table: 't',
    assigned,
  })

  const removed = (schema: string | null = null) => ({ type: 'removed', schema, table: 't' })

  test.each([
    ["INSERT INTO `s`.`t` (a, `B`) VALUES (1, 'x')", rows(null, 's')],
    ['INSERT INTO t SET a = 1', rows(null)],
    ['INSERT INTO t VALUES (1)', rows(null)],
    ['REPLACE INTO t SELECT a FROM u', rows(null)],
    ['INSERT INTO t (a, b) VALUES (1, 2) ON DUPLICATE KEY UPDATE b = VALUES(b), `C` = c + 1', rows(['b', 'c'])],
    ["UPDATE t SET a = (1), t.`B` = 'x' WHERE c = 3 ORDER BY d LIMIT 1", rows(['a', 'b'])],
    ['UPDATE LOW_PRIORITY s.t AS x SET x.a = 1', rows(['a'], 's')],
    ['UPDATE t JOIN u ON t.a = u.a SET t.b = u.b', { type: 'unknown' }],
    ['UPDATE t, u SET t.b = u.b', { type: 'unknown' }],
    ['DELETE FROM t WHERE a = 1', removed()],
    ['DELETE FROM `s`.t AS x WHERE x.a = 1 ORDER BY x.b', removed('s')],
    ['DELETE t FROM t JOIN u ON t.a = u.a', removed()],
    ['DELETE FROM x USING t AS x JOIN u ON x.a = u.a', removed()],
    ['DELETE FROM t ORDER BY a LIMIT 1', { type: 'unknown' }],
    ['DELETE t, u FROM t JOIN u ON t.a = u.a', { type: 'unknown' }],
  ])('what %s leaves', (text, leaves) => {
    expect(askForResult(text)).toEqual({ type: 'write', leaves })
  })
})
