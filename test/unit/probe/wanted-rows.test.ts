import { describe, expect, test } from 'vitest'
import type { MadeColumn, MadeTable } from '../../../src/probe/rows/made-row.ts'
import { writeRow } from '../../../src/probe/rows/made-row.ts'
import { planRows } from '../../../src/probe/rows/plan-rows.ts'
import { readInserted, readWanted } from '../../../src/probe/rows/wanted-rows.ts'

const known: Readonly<Record<string, readonly string[]>> = { t: ['a', 'b', 'c'], u: ['id', 'd'] }

const want = (text: string) =>
  readWanted(text, (table, column) => known[table]?.includes(column.toLowerCase()) === true).map(
    ({ table, values, shared }) => [
      table,
      Object.fromEntries([...values].map(([column, { text: value }]) => [column, value])),
      [...shared.keys()],
    ],
  )

describe('the rows that a sample looks for', () => {
  test.each([
    ["SELECT * FROM t WHERE a = 1 AND b IN ('x', 'y')", [['t', { a: '1', b: 'x' }, []]]],
    ['SELECT * FROM t WHERE a > 5 AND b < 5 AND c >= 5', [['t', { a: '6', b: '4', c: '5' }, []]]],
    ["SELECT * FROM t WHERE a LIKE 'b%_d' AND c BETWEEN -3 AND 9", [['t', { a: 'bxd', c: '-3' }, []]]],
    ['SELECT * FROM t WHERE a <> 1 AND b NOT IN (2) AND c != 3', [['t', {}, []]]],
    [
      "SELECT * FROM t x JOIN u ON u.id = x.a WHERE d = 'e'",
      [
        ['t', {}, ['a']],
        ['u', { d: 'e' }, ['id']],
      ],
    ],
    [
      'SELECT * FROM t JOIN u ON id = a WHERE id = 7',
      [
        ['t', { a: '7' }, ['a']],
        ['u', { id: '7' }, ['id']],
      ],
    ],
    [
      'SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE id = t.a AND d = 2)',
      [
        ['t', {}, ['a']],
        ['u', { d: '2' }, ['id']],
      ],
    ],
    ['UPDATE t SET a = 1 WHERE b = 2', [['t', { b: '2' }, []]]],
    ['DELETE FROM t WHERE a = 4', [['t', { a: '4' }, []]]],
    ["SELECT * FROM t WHERE b > DATE '2026-01-01' AND other = 3", [['t', { b: '2026-01-01' }, []]]],
  ])('%s', (text, expected) => {
    expect(want(text)).toEqual(expected)
  })

  test('what an INSERT writes', () => {
    const found = readInserted("INSERT INTO t (a, b, c) VALUES (1, 'x', NOW()), (2, 'y', NULL)")
    expect(found?.table).toBe('t')
    expect([...(found?.values ?? [])]).toEqual([
      ['a', { type: 'number', text: '1' }],
      ['b', { type: 'text', text: 'x' }],
    ])
    expect(readInserted('INSERT INTO t SELECT 1')).toBeNull()
  })
})

describe('rows that are made', () => {
  const column = (name: string, type: string, changes: Partial<MadeColumn> = {}): MadeColumn => ({
    ...{ name, type, written: type, nullable: false, generated: false, length: null, precision: null, scale: null },
    ...{ fraction: 0, spatialReference: null },
    ...changes,
  })
  const users: MadeTable = {
    name: 'users',
    columns: [
      column('id', 'int'),
      column('nick', 'varchar', { length: 20, nullable: true }),
      column('sum', 'int', { generated: true }),
    ],
    unique: [['id']],
    keys: [],
    refersOutside: false,
  }
  const orders: MadeTable = {
    name: 'orders',
    columns: [column('id', 'int'), column('user', 'int'), column('above', 'int', { nullable: true })],
    unique: [['id']],
    keys: [
      { columns: ['user'], parent: 'users', parentColumns: ['id'] },
      { columns: ['above'], parent: 'orders', parentColumns: ['id'] },
    ],
    refersOutside: false,
  }
  const written = (rows: Parameters<typeof planRows>[1]): readonly string[] =>
    planRows([orders, users], rows).map((row) => writeRow(row, () => 5))

  test('are some of each table, parents first, the last with NULL', () => {
    const rows = written({ given: [], texts: [], isPlain: false })
    expect(rows).toHaveLength(10)
    expect(rows[0]).toBe("INSERT INTO `users` (`id`,`nick`) VALUES (1,'Bert1')")
    expect(rows[4]).toBe('INSERT INTO `users` (`id`,`nick`) VALUES (5,NULL)')
    expect(rows[6]).toBe(
      'INSERT INTO `orders` (`id`,`user`,`above`) VALUES (2,(SELECT v FROM (SELECT `id` v FROM `users` ORDER BY `id` LIMIT 1 OFFSET 1) parent),NULL)',
    )
    expect(written({ given: [], texts: [], isPlain: true })[4]).toBe("INSERT INTO `users` (`id`,`nick`) VALUES (5,'5')")
  })

  test('are those of the project, and such as a sample finds, once more in the other case', () => {
    const given = [{ table: 'users', rows: [new Map([['nick', { type: 'sql' as const, text: "'own'" }]])] }]
    const rows = written({
      given,
      texts: ["SELECT * FROM users WHERE nick = 'ann'", 'SELECT * FROM orders WHERE user = 44'],
      isPlain: false,
    })
    expect(rows[0]).toBe("INSERT INTO `users` (`nick`) VALUES ('own')")
    expect(rows.slice(-4)).toEqual([
      "INSERT INTO `users` (`id`,`nick`) VALUES (6,'ann')",
      "INSERT INTO `users` (`id`,`nick`) VALUES (7,'ANN')",
      expect.stringMatching(/^INSERT INTO `users` \(`id`,`nick`\) VALUES \(44,/),
      'INSERT INTO `orders` (`id`,`user`,`above`) VALUES (8,44,NULL)',
    ])
  })
})
