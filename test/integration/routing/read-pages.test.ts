import knexOf from 'knex'
import { createPool, type Pool } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { periodsBetween } from '../../../src/calendar/period.ts'
import {
  createRouter,
  fromKnex,
  fromMysql2,
  type PageRequest,
  type Router,
  readPage,
  readPages,
  type ShardMapFamily,
} from '../../../src/routing/router.ts'
import { withSchema } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'

const zone = 'Asia/Shanghai'
const [from, to] = [Date.parse('2026-05-31T16:00:00Z'), Date.parse('2026-09-30T16:00:00Z')]
const months = periodsBetween(from, to, 'month', zone)
const keys = ['7', '42', '18446744073709551615']

describe.each(versionsInTurn(import.meta.url))('pages over shards on MySQL %s', (version) => {
  const schema = withSchema('pages', () => testServerOf(version))
  let pool: Pool
  let router: Router

  beforeAll(async () => {
    // Times as text: a Date has lost the microseconds, which the rows that are compared must have.
    pool = createPool({ uri: schema().url, dateStrings: true, supportBigNumbers: true, bigNumberStrings: true })
    router = createRouter({
      version: 1,
      families: [family('messages', 'datetime', 0), family('events', 'timestamp', 6), people()],
    })
    for (const { key, from: begin, to: end } of months) {
      const digits = key.replace('-', '')
      // Times repeat: 40 rows in at most twenty seconds of the month, its last ones among them.
      await fill(`messages_${digits}`, 'DATETIME', 40, (row) =>
        wall(row % 4 === 0 ? end - 1000 * (1 + (row % 9)) : begin + 86_400_000 + 1000 * (row % 11)),
      )
      await fill(`events_${digits}`, 'DATETIME(6)', 0, () => '')
    }
    for (const key of keys) await fill(`people_${key}`, 'DATETIME', 12, (row) => wall(from + 1000 * (row % 5)))
    // A TIMESTAMP is written in the session's zone.
    await pool.query(`DROP TABLE ${months.map(({ key }) => `events_${key.replace('-', '')}`).join(', ')}`)
    for (const { key, from: begin } of months) {
      const table = `events_${key.replace('-', '')}`
      await pool.query(
        `CREATE TABLE ${table} (id BIGINT UNSIGNED PRIMARY KEY, made TIMESTAMP(6) NOT NULL, who INT, KEY (made, id))`,
      )
      const rows = Array.from(
        { length: 30 },
        (_, row) => `(${row}, FROM_UNIXTIME(${begin / 1000 + 5000 + row}) + INTERVAL ${row % 3} MICROSECOND, 1)`,
      )
      await pool.query(`INSERT INTO ${table} VALUES ${rows.join(', ')}`)
    }
  })
  afterAll(() => pool.end())

  const family = (name: string, type: 'datetime' | 'timestamp', precision: number): ShardMapFamily => ({
    name,
    database: 'app',
    schema: schema().name,
    pattern: `${name}_{YYYYMM}`,
    division: { type: 'period', kind: 'month', zone },
    ids: null,
    time: { column: 'made', type, precision, zone },
  })
  const people = (): ShardMapFamily => ({
    name: 'people',
    database: 'app',
    schema: schema().name,
    pattern: 'people_{key}',
    division: { type: 'key' },
    ids: null,
  })

  async function fill(table: string, type: string, count: number, made: (row: number) => string): Promise<void> {
    await pool.query(
      `CREATE TABLE ${table} (id BIGINT UNSIGNED PRIMARY KEY, made ${type} NOT NULL, who INT, KEY (made, id))`,
    )
    // Ids beyond 2^53, one apart: a number of JavaScript cannot hold them.
    const rows = Array.from({ length: count }, (_, row) => [String(2n ** 60n + BigInt(row)), made(row), row % 3])
    if (count > 0) await pool.query(`INSERT INTO ${table} VALUES ?`, [rows])
  }

  async function readAll(request: PageRequest): Promise<{ readonly rows: unknown[]; readonly pages: number }> {
    const rows: unknown[] = []
    let pages = 0
    for await (const page of readPages(router, fromMysql2(pool), request)) {
      expect(page.rows.length).toBeLessThanOrEqual(request.limit)
      rows.push(...page.rows)
      pages += 1
    }
    return { rows, pages }
  }

  /** The same rows by one UNION. */
  async function readAtOnce(tables: readonly string[], condition: string, order: string): Promise<unknown> {
    const parts = tables.map((table) => `SELECT * FROM ${table} WHERE ${condition}`)
    const [rows] = await pool.query(`${parts.join(' UNION ALL ')} ORDER BY ${order}`)
    return rows
  }

  const tablesOf = (name: string) => months.map(({ key }) => `${name}_${key.replace('-', '')}`)

  test.each([1, 3, 7, 40, 41, 1000])(
    'in pages of %i rows are each row once, newest first and oldest first',
    async (limit) => {
      const request = { family: 'messages', between: [from, to], orderBy: ['made', 'id'], limit } as const
      const newest = await readAll(request)
      expect(newest.rows).toEqual(await readAtOnce(tablesOf('messages'), 'TRUE', 'made DESC, id DESC'))
      const oldest = await readAll({ ...request, direction: 'ascending' })
      expect(oldest.rows).toEqual(await readAtOnce(tablesOf('messages'), 'TRUE', 'made, id'))
    },
  )

  test("bounds within a month, a condition of one's own, and few columns", async () => {
    const bounds = [from + 86_400_000 + 3000, to - 5000] as const
    const { rows } = await readAll({
      family: 'messages',
      between: bounds,
      columns: ['id', 'who'],
      where: { sql: '`who` = ? OR `who` = ?', parameters: [1, 2] },
      orderBy: ['made', 'id'],
      limit: 9,
    })
    const condition = `who IN (1, 2) AND made >= '${wall(bounds[0])}' AND made < '${wall(bounds[1])}'`
    const all = await readAtOnce(tablesOf('messages'), condition, 'made DESC, id DESC')
    expect(rows).toEqual((all as { id: string; who: number }[]).map(({ id, who }) => ({ id, who })))
  })

  test('a TIMESTAMP is bounded by the instant, whatever time zone the session has', async () => {
    for (const offset of ['+00:00', '+08:00', '-05:00']) {
      const connection = await pool.getConnection()
      try {
        await connection.query('SET time_zone = ?', [offset])
        const begin = from + 5_000_000 + 10_000
        const page = await readPage(router, fromMysql2(connection), {
          family: 'events',
          between: [begin, begin + 5000],
          orderBy: ['made', 'id'],
          limit: 100,
        })
        expect(page.rows.map((row) => Number(row['id']))).toEqual([14, 13, 12, 11, 10])
      } finally {
        connection.destroy()
      }
    }
  })

  test('rows that differ by a microsecond are on one page each', async () => {
    const { rows } = await readAll({ family: 'events', between: [from, to], orderBy: ['made', 'id'], limit: 1 })
    expect(rows).toHaveLength(30 * months.length)
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(30 * months.length)
  })

  test('a page is read by the index, from the cursor on', async () => {
    await fill('long_202609', 'DATETIME', 0, () => '')
    const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)'
    const connection = await pool.getConnection()
    try {
      await connection.query('SET SESSION cte_max_recursion_depth = 20000')
      await connection.query(
        `INSERT INTO long_202609 ${numbers} SELECT i, '2026-09-02' + INTERVAL i DIV 3 SECOND, 1 FROM n`,
      )
      await connection.query('ANALYZE TABLE long_202609')
      const long = createRouter({ version: 1, families: [family('long', 'datetime', 0)] })
      const request = {
        family: 'long',
        between: [to - 30 * 86_400_000, to],
        orderBy: ['made', 'id'],
        limit: 5,
      } as const
      let cursor = (await readPage(long, fromMysql2(connection), { ...request, limit: 9000 })).cursor
      for (const where of [undefined, { sql: 'who = ?', parameters: [1] }]) {
        await connection.query('FLUSH STATUS')
        const page = await readPage(long, fromMysql2(connection), {
          ...request,
          cursor,
          ...(where === undefined ? {} : { where }),
        })
        const [rows] = await connection.query("SHOW SESSION STATUS LIKE 'Handler_read%'")
        const read = (rows as { Value: string }[]).reduce((sum, { Value }) => sum + Number(Value), 0)
        expect(page.rows.map((row) => row['id'])).toHaveLength(5)
        expect(read).toBeLessThan(20)
        cursor = page.cursor
      }
    } finally {
      connection.destroy()
    }
  })

  test('a page asks no more tables than allowed, and the next one goes on', async () => {
    const request = {
      family: 'messages',
      between: [from, to],
      orderBy: ['made', 'id'],
      limit: 100,
      mostShards: 2,
    } as const
    const first = await readPage(router, fromMysql2(pool), request)
    expect([first.queries.length, first.rows.length]).toEqual([2, 80])
    const second = await readPage(router, fromMysql2(pool), { ...request, cursor: first.cursor })
    expect([second.queries.length, second.rows.length, second.cursor]).toEqual([2, 80, null])
  })

  test('tables that do not exist are named; where none exists, the error of the server is thrown', async () => {
    const early = Date.parse('2026-03-31T16:00:00Z')
    const page = await readPage(router, fromMysql2(pool), {
      family: 'messages',
      between: [early, to],
      orderBy: ['made', 'id'],
      limit: 1000,
    })
    expect(page.rows).toHaveLength(40 * months.length)
    expect(page.missing).toEqual([`${schema().name}.messages_202605`, `${schema().name}.messages_202604`])
    const reading = readPage(router, fromMysql2(pool), {
      family: 'messages',
      between: [early, from],
      orderBy: ['made', 'id'],
      limit: 10,
    })
    await expect(reading).rejects.toMatchObject({ code: 'ER_NO_SUCH_TABLE' })
  })

  test('a shard map with the tables that exist asks no others', async () => {
    const live = months.map(({ key }) => key)
    const informed = createRouter(
      { version: 1, families: [{ ...family('messages', 'datetime', 0), live }] },
      { now: () => to },
    )
    const early = Date.parse('2025-12-31T16:00:00Z')
    const page = await readPage(informed, fromMysql2(pool), {
      family: 'messages',
      between: [early, to],
      orderBy: ['made', 'id'],
      limit: 1000,
    })
    expect([page.queries.length, page.missing]).toEqual([months.length, []])
  })

  test.each([1, 5, 12, 13])('rows of several keys are merged, in pages of %i', async (limit) => {
    const { rows } = await readAll({ family: 'people', keys, orderBy: ['made', 'id'], limit })
    const sorted = (await readAtOnce(
      keys.map((key) => `people_${key}`),
      'TRUE',
      'made DESC, id DESC',
    )) as unknown[]
    expect(rows).toEqual(sorted)
  })

  test('a key that is given twice is read once', async () => {
    const request = { family: 'people', orderBy: ['made', 'id'], limit: 5 } as const
    const { rows } = await readAll({ ...request, keys: ['7', '42', '7'] })
    expect(rows).toEqual((await readAll({ ...request, keys: ['7', '42'] })).rows)
    expect((await readAll({ ...request, keys: ['7', '7'] })).rows).toHaveLength(12)
  })

  test('texts that look like numbers are not merged: the server orders them by their collation', async () => {
    for (const key of keys.slice(0, 2)) {
      await pool.query(
        `ALTER TABLE people_${key} ADD COLUMN code VARCHAR(20) NOT NULL DEFAULT '9', ADD COLUMN made_on DATE NOT NULL DEFAULT '2026-07-01'`,
      )
      await pool.query(`UPDATE people_${key} SET code=10 WHERE id=1`)
    }
    const request = { family: 'people', keys: keys.slice(0, 2), limit: 5 }
    await expect(readAll({ ...request, orderBy: ['code', 'id'] })).rejects.toThrow('`code` is neither a whole number')
    expect((await readAll({ ...request, orderBy: ['made_on', 'id'] })).rows).toHaveLength(24)
    // One table is read in the server's own order.
    expect((await readAll({ ...request, keys: ['7'], orderBy: ['code', 'id'] })).rows).toHaveLength(12)
    for (const key of keys.slice(0, 2))
      await pool.query(`ALTER TABLE people_${key} DROP COLUMN code, DROP COLUMN made_on`)
  })

  test('with knex', async () => {
    const knex = knexOf({ client: 'mysql2', connection: schema().url })
    try {
      const request = { family: 'messages', between: [from, to], orderBy: ['made', 'id'], limit: 50 } as const
      const first = await readPage(router, fromKnex(knex), request)
      const second = await readPage(router, fromKnex(knex), { ...request, cursor: first.cursor })
      expect([first.rows.length, second.rows.length]).toEqual([50, 50])
      expect(Object.keys(first.rows[0] ?? {})).toEqual(['id', 'made', 'who'])
    } finally {
      await knex.destroy()
    }
  })

  test('where the server rounds a time, the router does too', async () => {
    const instant = Date.parse('2026-07-31T15:59:59.999Z')
    const { table } = router.shardFor('messages', { at: instant })
    expect(table).toBe('messages_202608')
    const [[row]] = (await pool.query("SELECT CAST('2026-07-31 23:59:59.999' AS DATETIME) AS kept")) as unknown as [
      [{ kept: string }],
    ]
    expect(row.kept).toBe('2026-08-01 00:00:00')
  })
})

/** What the clocks of Shanghai show, as MySQL writes it. */
function wall(instant: number): string {
  return new Date(instant + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
}
