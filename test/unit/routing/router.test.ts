import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstId, keyOfId, periodAt } from '../../../src/calendar/period.ts'
import type { PeriodKind } from '../../../src/core/shard-family.ts'
import { createRouter } from '../../../src/routing/router.ts'
import type { ShardMap, ShardMapFamily } from '../../../src/routing/shard-map.ts'

const messages: ShardMapFamily = {
  name: 'messages',
  database: 'message_db',
  schema: 'pr_7_message_db',
  pattern: 'messages_{YYYYMM}',
  division: { type: 'period', kind: 'month', zone: 'Asia/Shanghai' },
  ids: { factor: 10 ** 10 },
}
const contacts: ShardMapFamily = {
  name: 'contacts',
  database: 'contact_db',
  schema: 'contact_db',
  pattern: 'contacts_{key}',
  division: { type: 'key' },
  ids: null,
}

function shardMapOf(...families: readonly ShardMapFamily[]): ShardMap {
  return { version: 1, families }
}

const { shardFor, shardsBetween, locateId } = createRouter(shardMapOf(messages, contacts))
const february = {
  family: 'messages',
  database: 'message_db',
  schema: 'pr_7_message_db',
  table: 'messages_202602',
  key: '2026-02',
  from: Date.parse('2026-01-31T16:00:00Z'),
  to: Date.parse('2026-02-28T16:00:00Z'),
  live: null,
}

describe('shardFor', () => {
  test('a time, as a date or in milliseconds', () => {
    const at = new Date('2026-01-31T16:30:00Z')
    expect(shardFor('messages', { at })).toEqual(february)
    expect(shardFor('messages', { at: at.getTime() })).toEqual(february)
    expect(shardFor('message_db.messages', { at })).toEqual(february)
  })

  test('a time after another, whichever way', () => {
    const tables = ['2026-02-01', '2026-03-01', '2026-02-28T16:00:00Z', '2026-02-28T15:59:59.999Z'].map(
      (text) => shardFor('messages', { at: new Date(text) }).table,
    )
    expect(tables).toEqual(['messages_202602', 'messages_202603', 'messages_202603', 'messages_202602'])
  })

  test.each([42, 42n, '42'])('a key: %s', (key) => {
    const place = { family: 'contacts', database: 'contact_db', schema: 'contact_db', from: null, to: null, live: null }
    expect(shardFor('contacts', { key })).toEqual({ ...place, table: 'contacts_42', key: '42' })
  })

  test.each([
    [() => shardFor('mesages', { at: 0 }), 'The shard map has no family "mesages".'],
    [() => shardFor('messages', { key: 1 }), '`messages` is partitioned by month: give {at}, not {key}.'],
    [() => shardFor('contacts', { at: 0 }), '`contacts` is partitioned by key: give {key}, not a time or an id.'],
    [() => shardFor('messages', { at: new Date('nonsense') }), 'NaN is not an instant'],
    [() => shardFor('contacts', { key: '042' }), '"042" is not a key of `contacts`'],
    [() => shardFor('contacts', { key: -1 }), '"-1" is not a key of `contacts`'],
    [() => shardFor('contacts', { key: 2n ** 64n }), '"18446744073709551616" is not a key of `contacts`'],
    [() => shardFor('contacts', { key: 2 ** 53 }), '"9007199254740992" is not a whole number, or not an exact one'],
    [() => shardFor('contacts', { key: 1.5 }), '"1.5" is not a whole number'],
    [() => shardFor('contacts', { key: '1`; DROP TABLE users' }), 'is not a whole number'],
    [() => shardsBetween('messages', Number.NaN, 0), 'has no bounds'],
    [() => shardsBetween('contacts', 0, 1), '`contacts` is partitioned by key: give {key}, not a time or an id.'],
    [() => locateId('contacts', 1), '`contacts` is partitioned by key: give {key}, not a time or an id.'],
    [() => locateId('messages', 'x'), '"x" is not a whole number'],
  ])('refuses what it cannot find: %#', (act, message) => {
    expect(act).toThrow(RangeError)
    expect(act).toThrow(message)
  })
})

test('shardsBetween: every shard with a row of the time, in order', () => {
  const [from, to] = [new Date('2025-12-31T15:59:59Z'), new Date('2026-02-28T16:00:00Z')]
  expect(shardsBetween('messages', from, to).map(({ table }) => table)).toEqual([
    'messages_202512',
    'messages_202601',
    'messages_202602',
  ])
  expect(shardsBetween('messages', to, from)).toEqual([])
})

describe('the tables that the shard map knows', () => {
  const keys = ['2026-01', '2026-03', '2026-04']
  const now = Date.parse('2026-06-15T00:00:00Z')
  const informed = createRouter(shardMapOf({ ...messages, live: keys }), { now: () => now })
  const between = (from: string, to: string) =>
    informed.shardsBetween('messages', new Date(from), new Date(to)).map(({ key }) => key)

  test('shardsBetween leaves out those that do not exist: retired months, a hole, months to come', () => {
    expect(between('2025-06-01', '2026-04-20')).toEqual(keys)
    expect(between('2025-01-01', '2025-12-01')).toEqual([])
  })

  test('months that rotation may have created since the map was written are not left out', () => {
    expect(between('2026-03-15', '2027-01-01')).toEqual(['2026-03', '2026-04', '2026-05', '2026-06'])
  })

  test('a shard says whether it exists', () => {
    const liveAt = (at: string) => informed.shardFor('messages', { at: new Date(at) }).live
    expect(['2026-01-10', '2026-02-10', '2026-05-10', '2025-05-10'].map(liveAt)).toEqual([true, false, null, false])
  })

  test('a list without keys says nothing', () => {
    const empty = createRouter(shardMapOf({ ...messages, live: [] }))
    expect(empty.shardsBetween('messages', new Date('2025-12-01'), new Date('2026-02-01'))).toHaveLength(3)
  })
})

describe('shards that are partitions of one table', () => {
  const partitions = { table: 'messages', rule: true, except: ['2026-01'] }
  const router = createRouter(shardMapOf({ ...messages, partitions }))

  test('a row belongs in that table, and the partition is named', () => {
    expect(router.shardFor('messages', { at: Date.UTC(2026, 1, 3) })).toMatchObject({
      table: 'messages',
      partition: 'messages_202602',
      key: '2026-02',
    })
  })

  test('a shard that is a table still, after the family was moved, is one', () => {
    const shard = router.shardFor('messages', { at: Date.UTC(2026, 0, 3) })
    expect(shard.table).toBe('messages_202601')
    expect(shard).not.toHaveProperty('partition')
  })

  test('a shard of a family of tables that is a partition still, is one', () => {
    const back = createRouter(shardMapOf({ ...messages, partitions: { ...partitions, rule: false } }))
    expect(back.shardFor('messages', { at: Date.UTC(2026, 0, 3) })).toMatchObject({ partition: 'messages_202601' })
    expect(back.shardFor('messages', { at: Date.UTC(2026, 1, 3) }).table).toBe('messages_202602')
  })
})

describe('a column that rounds', () => {
  const time = { column: 'sent_at', type: 'datetime', zone: 'Asia/Shanghai' } as const
  const tableOf = (precision: number, at: string) =>
    createRouter(shardMapOf({ ...messages, time: { ...time, precision } })).shardFor('messages', { at: new Date(at) })
      .table

  // As MySQL rounds them: integration/routing/read-pages asks it.
  test.each([
    [0, '2026-01-31T15:59:59.499Z', 'messages_202601'],
    [0, '2026-01-31T15:59:59.500Z', 'messages_202602'],
    [0, '2026-01-31T15:59:59.999Z', 'messages_202602'],
    [1, '2026-01-31T15:59:59.949Z', 'messages_202601'],
    [1, '2026-01-31T15:59:59.950Z', 'messages_202602'],
    [2, '2026-01-31T15:59:59.995Z', 'messages_202602'],
    [3, '2026-01-31T15:59:59.999Z', 'messages_202601'],
    [6, '2026-01-31T15:59:59.999Z', 'messages_202601'],
  ])('to %i decimals: %s', (precision, at, table) => {
    expect(tableOf(precision, at)).toBe(table)
  })

  test('is known to those who ask', () => {
    const router = createRouter(shardMapOf({ ...messages, time: { ...time, precision: 3 } }, contacts))
    expect(router.timeOf('messages')).toEqual({ ...time, precision: 3 })
    expect(router.timeOf('contacts')).toBeNull()
  })
})

describe('locateId', () => {
  test.each([2026020000000000, 2026020000000001n, '2026029999999999'])('%s', (id) => {
    expect(locateId('messages', id)).toEqual(february)
  })

  test.each([1, 0, -2026020000000000, 2026000000000000, 2026130000000000, '20260200000000000000'])(
    '%s is nowhere',
    (id) => {
      expect(locateId('messages', id)).toBeNull()
    },
  )

  test('an id of a family whose ids begin at 1 is refused', () => {
    const router = createRouter(shardMapOf({ ...messages, ids: null }))
    expect(() => router.locateId('messages', 1)).toThrow('The ids of `messages` do not identify a shard.')
  })

  test('finds each id of a period, and no other', () => {
    const factors: Readonly<Record<PeriodKind, bigint>> = {
      day: 10n ** 7n,
      week: 10n ** 9n,
      month: 10n ** 9n,
      quarter: 10n ** 10n,
      year: 10n ** 11n,
    }
    const kinds = fc.constantFrom<PeriodKind>('day', 'week', 'month', 'quarter', 'year')
    const instants = fc.integer({ min: Date.UTC(1001, 0, 1), max: Date.UTC(2999, 0, 1) })
    fc.assert(
      fc.property(kinds, instants, fc.nat({ max: 10 ** 7 - 1 }), (kind, instant, row) => {
        const { key } = periodAt(instant, kind, 'UTC')
        const id = firstId(key, factors[kind]) + BigInt(row)
        expect(keyOfId(id, factors[kind], kind, 'UTC')).toBe(key)
        expect(keyOfId(firstId(key, factors[kind]) - 1n, factors[kind], kind, 'UTC')).not.toBe(key)
      }),
    )
  })
})

describe('two families of one name', () => {
  const router = createRouter(shardMapOf(contacts, { ...contacts, database: 'user_db', schema: 'users' }))

  test('families of one name are distinguished by their database', () => {
    expect(router.shardFor('user_db.contacts', { key: 1 }).schema).toBe('users')
    expect(router.shardFor('contact_db.contacts', { key: 1 }).schema).toBe('contact_db')
  })

  test('are not guessed at', () => {
    expect(() => router.shardFor('contacts', { key: 1 })).toThrow('write `database.contacts`')
  })
})

describe('a shard map', () => {
  test.each([
    [null, 'The shard map is not an object.'],
    [[], 'The shard map is not an object.'],
    [{ families: [] }, 'of version undefined; this module reads 1'],
    [{ version: 2, families: [] }, 'of version 2; this module reads 1'],
    [{ version: 1 }, 'The shard map has no list of families.'],
    [{ version: 1, families: [1] }, 'families[0] is not an object.'],
    [{ version: 1, families: [{ ...messages, name: 5 }] }, 'families[0].name is not a string.'],
    [{ version: 1, families: [{ ...messages, schema: undefined }] }, 'families[0].schema is not a string.'],
    [
      { version: 1, families: [messages, { ...contacts, division: { type: 'x' } }] },
      'families[1].division.type is neither',
    ],
    [
      { version: 1, families: [{ ...messages, division: { type: 'period', kind: 'hour', zone: 'UTC' } }] },
      'division.kind is not day',
    ],
    [
      { version: 1, families: [{ ...messages, division: { type: 'period', kind: 'day', zone: 'Mars' } }] },
      'division.zone is not a known time zone',
    ],
    [{ version: 1, families: [{ ...messages, ids: { factor: 1.5 } }] }, 'ids.factor is not a whole number'],
    [{ version: 1, families: [{ ...messages, live: 7 }] }, 'families[0].live is not a list.'],
    [{ version: 1, families: [{ ...messages, live: ['2026-13'] }] }, '`messages`: "2026-13" in `live` is not a month.'],
    [{ version: 1, families: [{ ...messages, time: { column: 'a', type: 'date' } }] }, 'time.type is not datetime or'],
    [
      { version: 1, families: [{ ...messages, time: { column: 'a', type: 'datetime', precision: 7, zone: 'UTC' } }] },
      'time.precision is not a whole number from 0 to 6',
    ],
    [
      { version: 1, families: [{ ...messages, pattern: 'messages_{MM}' }] },
      'messages: The naming pattern "messages_{MM}" cannot be used. It lacks {YYYY}',
    ],
    [{ version: 1, families: [messages, messages] }, 'The shard map contains the family message_db.messages twice.'],
  ])('an invalid shard map is refused: %#', (document, message) => {
    expect(() => createRouter(document)).toThrow(TypeError)
    expect(() => createRouter(document)).toThrow(message)
  })

  test('may hold fields that this version does not know', () => {
    const document = { version: 1, generation: 7, families: [{ ...messages, colour: 'red' }] }
    expect(createRouter(document).shardFor('messages', { at: 0 }).table).toBe('messages_197001')
  })
})
