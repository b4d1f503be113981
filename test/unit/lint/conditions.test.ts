import { describe, expect, test } from 'vitest'
import type { Table } from '../../../src/ddl/table.ts'
import { judgeByColumns } from '../../../src/lint/chosen-rows.ts'
import { judgeCondition } from '../../../src/lint/condition.ts'
import { tokenize } from '../../../src/sql/tokens.ts'
import { tableOf } from '../../helpers/ddl/known-tables.ts'

/** `id` counts from 1, `u` is unsigned, `n` may be NULL. */
const table = tableOf(
  'CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY, u INT UNSIGNED NOT NULL, name VARCHAR(9) NOT NULL, day DATE NOT NULL, n INT)',
)

const judge = (text: string, known: Table | null = table) =>
  judgeCondition(tokenize(text), judgeByColumns(known === null ? [] : [known]))

describe('a condition is true for every row', () => {
  test.each([
    '1',
    'TRUE',
    '1 = 1',
    '(1=1)',
    "'a' = 'a'",
    'NOT FALSE',
    'NOT (1 = 0)',
    '! 0',
    'true OR n = 1',
    'n = 1 OR 1 = 1',
    'n = 1 || 2 > 1',
    '(n = 1 OR (1 <> 2)) AND TRUE',
    '2 BETWEEN 1 AND 3',
    '1 + 1',
    'EXISTS (SELECT 1)',
    'id IS NOT NULL',
    't.id IS NOT NULL',
    '`app`.`t`.`id` IS NOT NULL AND 1',
    'NOT (id IS NULL)',
    'NOT id IS NULL',
    'id = id',
    'n <=> n',
    'id > 0',
    'id >= 1',
    'id <> 0',
    'id != 0',
    'id > -1',
    'u >= 0',
    'u > -5',
    "name LIKE '%'",
    'n IS NULL OR id > 0',
  ])('%s', (text) => expect(judge(text)).toBe('every'))
})

describe('a condition selects rows', () => {
  test.each([
    'n IS NOT NULL',
    'n = n',
    'n > 0',
    'id > 1',
    'id <> 1',
    'u > 0',
    'id < 100',
    "name LIKE 'a%'",
    "name = '%'",
    'id IS NOT NULL AND n = 1',
    'n BETWEEN 1 AND 3',
    'n BETWEEN 1 AND 3 AND id > 0',
    'day IS NULL',
    'EXISTS (SELECT 1 FROM x)',
    'id IN (SELECT id FROM x WHERE 1)',
    'RAND() < 0.5',
    'missing IS NOT NULL',
    'id = n',
    'NOT n = 1',
    'id > @start',
    '1 XOR n = 1',
  ])('%s', (text) => expect(judge(text)).toBe('some'))

  test.each(['0', 'FALSE', '1 = 0', 'NULL', "'a' = 'b'", 'n = 1 AND FALSE', 'id IS NULL', 'NOT TRUE'])(
    'none by %s',
    (text) => expect(judge(text)).toBe('none'),
  )

  test.each(['id IS NOT NULL', 'id > 0', 'u >= 0'])('%s where the columns are not known', (text) => {
    expect(judge(text, null)).toBe('some')
  })
})
