import { describe, expect, test } from 'vitest'
import { createRouter, type PageRequest, type RowQuery, readPage } from '../../../src/routing/router.ts'

const time = { column: 'made', type: 'datetime', precision: 0, zone: 'UTC' } as const
const common = { database: 'app', schema: 'app', ids: null }
const month = { type: 'period', kind: 'month', zone: 'UTC' } as const
const router = createRouter({
  version: 1,
  families: [
    { ...common, name: 'messages', pattern: 'messages_{YYYYMM}', division: month, time },
    { ...common, name: 'logs', pattern: 'logs_{YYYYMM}', division: month },
    { ...common, name: 'people', pattern: 'people_{key}', division: { type: 'key' } },
  ],
})
const between = [Date.UTC(2026, 0, 1), Date.UTC(2026, 1, 1)] as const
const request: PageRequest = { family: 'messages', between, orderBy: ['made', 'id'], limit: 10 }
const answer =
  (...rows: readonly unknown[]): RowQuery =>
  () =>
    Promise.resolve(rows)

describe('a page that cannot be read', () => {
  test.each<[PageRequest, string]>([
    [{ ...request, limit: 0 }, '`limit` is 0: give a whole number from 1 to 10000.'],
    [{ ...request, keys: [1] }, 'Give either `between`, for a family by period, or `keys`, for a family by key.'],
    [{ family: 'people', orderBy: ['id'], limit: 1 }, 'Give either `between`'],
    [{ ...request, family: 'logs' }, 'The shard map does not say which column places the rows of `logs`.'],
    [{ ...request, orderBy: ['id'] }, 'are in the order of `made`: name it first.'],
    [{ ...request, cursor: 'x' }, 'The cursor is not one of this request: start with the first page.'],
    [
      { family: 'people', keys: [1, 2, 3], mostShards: 2, orderBy: ['id'], limit: 1 },
      'Give fewer keys, or `mostShards`.',
    ],
  ])('%#', async (wrong, message) => {
    const reading = readPage(router, answer(), wrong)
    await expect(reading).rejects.toThrow(RangeError)
    await expect(reading).rejects.toThrow(message)
  })

  test('a cursor of pages in another order', async () => {
    const row = { wwdb_order_0: '2026-01-05 00:00:00', wwdb_order_1: '7' }
    const { cursor } = await readPage(router, answer(row, row), { ...request, limit: 1 })
    const other = readPage(router, answer(), { ...request, orderBy: ['made'], cursor })
    await expect(other).rejects.toThrow('The cursor is not one of this request')
  })

  test('a column of the order that is NULL, and rows that are lists', async () => {
    await expect(readPage(router, answer({ wwdb_order_0: null }), request)).rejects.toThrow('`made` is NULL in a row')
    await expect(readPage(router, answer([1, 2]), request)).rejects.toThrow('did not return rows as objects')
  })

  test.each(['STRING', 'DECIMAL', 'DOUBLE', 'TIME', 'OPAQUE', undefined])(
    'a column of type %s of several keys, whose order only the server knows',
    async (type) => {
      const query: RowQuery = () =>
        Promise.resolve([{ wwdb_order_0: type === 'DECIMAL' ? '1.5' : '10', wwdb_type_0: type }])
      const reading = readPage(router, query, { family: 'people', keys: [1, 2], orderBy: ['name'], limit: 5 })
      await expect(reading).rejects.toThrow('`name` is neither a whole number nor a date with or without a time')
    },
  )

  test('whole numbers of several keys are merged by their value, whatever their type', async () => {
    for (const type of ['INTEGER', 'UNSIGNED INTEGER', 'DECIMAL']) {
      const values = ['9', '10']
      const query: RowQuery = () => Promise.resolve([{ wwdb_order_0: values.pop(), wwdb_type_0: type, type }])
      const { cursor } = await readPage(router, query, { family: 'people', keys: [1, 2], orderBy: ['n'], limit: 1 })
      expect(Buffer.from(cursor ?? '', 'base64url').toString()).toContain('"10"')
    }
  })
})

test('the SQL of a page is what was sent', async () => {
  const sent: unknown[] = []
  const query: RowQuery = (sql, parameters) => {
    sent.push({ sql, parameters })
    return Promise.resolve([])
  }
  const page = await readPage(router, query, {
    ...request,
    between: [between[0] + 1, between[1]],
    columns: ['id', 'no`te'],
    where: { sql: 'chat = ?', parameters: [7] },
  })
  expect(page).toEqual({ rows: [], cursor: null, queries: sent, missing: [] })
  expect(sent).toEqual([
    {
      sql:
        'SELECT `id`, `no``te`, CAST(`made` AS CHAR) AS `wwdb_order_0`, CAST(`id` AS CHAR) AS `wwdb_order_1` ' +
        'FROM `app`.`messages_202601` WHERE (chat = ?) AND `made` >= ? ORDER BY `made` DESC, `id` DESC LIMIT 11',
      parameters: [7, '2026-01-01 00:00:00.001'],
    },
  ])
})

test('the last pages are empty where the tables behind the rows that were read do not exist', async () => {
  const row = { wwdb_order_0: '2026-02-05 00:00:00', wwdb_order_1: '7' }
  const query: RowQuery = (sql) =>
    sql.includes('messages_202602')
      ? Promise.resolve([row])
      : Promise.reject(Object.assign(new Error('no such table'), { errno: 1146 }))
  const two: PageRequest = { ...request, between: [between[0], Date.UTC(2026, 2, 1)], limit: 1 }
  const { cursor } = await readPage(router, query, two)
  expect(await readPage(router, query, { ...two, cursor })).toMatchObject({
    rows: [],
    cursor: null,
    missing: ['app.messages_202601'],
  })
  await expect(readPage(router, query, request)).rejects.toThrow('no such table')
})
