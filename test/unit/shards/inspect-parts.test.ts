import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileNaming } from '../../../src/calendar/naming.ts'
import { periodAt, shiftPeriod } from '../../../src/calendar/period.ts'
import type { PeriodKind, ShardFamily } from '../../../src/core/shard-family.ts'
import type { FamilyView } from '../../../src/shards/family-view.ts'
import { measureHeadroom } from '../../../src/shards/inspect/inspect-family.ts'
import { assessCapacity } from '../../../src/shards/inspect/inspect-target.ts'
import { compareKeys } from '../../../src/shards/inspect/list-shards.ts'
import { classifyTables, withoutKnown } from '../../../src/shards/inspect/view-target.ts'
import { keyFamily, periodFamily } from '../../helpers/shards/families.ts'

const kinds = fc.constantFrom<PeriodKind>('day', 'week', 'month', 'quarter', 'year')
const zones = fc.constantFrom('UTC', 'Asia/Shanghai', 'America/Sao_Paulo', 'Pacific/Apia')
const instants = fc.integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2090, 0, 1) })

describe('headroom', () => {
  test('reaches to the end of the last period before the first gap', () => {
    fc.assert(
      fc.property(kinds, zones, instants, fc.nat(6), fc.nat(4), (kind, zone, now, ahead, beyond) => {
        const division = { type: 'period', kind, zone } as const
        const current = periodAt(now, kind, zone)
        const keys = Array.from({ length: ahead }, (_, index) => shiftPeriod(current, index).key)
        // Past ones, and what lies behind a gap, count for nothing.
        const others = [shiftPeriod(current, -1).key, shiftPeriod(current, ahead + 1 + beyond).key]
        const expected = ahead === 0 ? 0 : shiftPeriod(current, ahead - 1).to - now
        expect(measureHeadroom(division, new Set([...keys, ...others]), now)).toBe(expected)
      }),
    )
  })
})

describe('capacity', () => {
  const limits = { tableDefinitionCache: 2000, innodbOpenFiles: 4000, openFilesLimit: 10_000, disk: null }
  const exceeded = (tables: number, changes: Partial<Parameters<typeof assessCapacity>[0]> = {}): readonly string[] =>
    assessCapacity({ ...limits, ...changes }, tables)
      .filter(({ state }) => state === 'exceeded')
      .map(({ limit }) => limit)

  test('what the server bears is enough up to its limit, and not beyond', () => {
    expect(exceeded(2000)).toEqual([])
    expect(exceeded(2001)).toEqual(['table_definition_cache'])
    expect(exceeded(4001)).toEqual(['table_definition_cache', 'innodb_open_files'])
    expect(exceeded(100, { openFilesLimit: 299 })).toEqual(['open_files_limit'])
  })

  test('a disk that is nearly full', () => {
    expect(exceeded(1, { disk: { free: 5, total: 100 } })).toEqual([])
    expect(exceeded(1, { disk: { free: 4, total: 100 } })).toEqual(['disk'])
  })

  test('what is not known is no finding', () => {
    const unknown = { tableDefinitionCache: null, innodbOpenFiles: null, openFilesLimit: null, disk: null }
    expect(assessCapacity(unknown, 1_000_000).every(({ state }) => state === 'unknown')).toBe(true)
  })

  test('every exceeded limit says what to do', () => {
    for (const { state, advice } of assessCapacity(
      { ...limits, openFilesLimit: 300, disk: { free: 0, total: 100 } },
      50_000,
    )) {
      expect(state).toBe('exceeded')
      expect(advice).toMatch(/\.$/)
    }
  })
})

describe('classifying tables', () => {
  function viewsOf(families: readonly ShardFamily[], names: readonly string[]): readonly FamilyView[] {
    const tables = new Map(names.map((name) => [name, 'table'] as const))
    const target = { database: 'a', schema: 'a', server: 'a' }
    return families.map((family) => ({
      family,
      target,
      naming: compileNaming(family.pattern, family.division),
      records: new Map(),
      findings: [],
      tables,
      census: null,
      present: new Set(),
    }))
  }
  const families = [keyFamily('groups'), keyFamily('group_members'), periodFamily('messages', 'month')]

  test('every table is a shard of one family, a lookalike of one, a stray hold, or none of these', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
      fc
        .constantFrom('groups_', 'group_members_', 'messages_', '_hold_20260101_0123abcd_')
        .chain((start) =>
          fc.string({ unit: fc.constantFrom(...'0123456789ab_-'), maxLength: 8 }).map((rest) => start + rest),
        ),
    )
    fc.assert(
      fc.property(fc.uniqueArray(names, { maxLength: 12 }), (tables) => {
        const views = viewsOf(families, tables)
        const { keys, lookalikes, strayHolds } = classifyTables(views)
        const shards = views.flatMap(({ family, naming }) =>
          [...(keys.get(family.name) ?? [])].map((key) => naming.name(key)),
        )
        const alike = [...lookalikes.values()].flat().map(({ table }) => table)
        const all = [...shards, ...alike, ...strayHolds]
        expect(new Set(all).size).toBe(all.length)
        expect(all.filter((table) => !tables.includes(table))).toEqual([])
        const isShard = (table: string): boolean => views.some(({ naming }) => naming.parse(table) !== null)
        expect(tables.filter((table) => shards.includes(table))).toEqual(tables.filter(isShard))
      }),
    )
  })

  test('a lookalike belongs to the family with the longest beginning, in any case of letters', () => {
    const close = [keyFamily('a'), keyFamily('a_b')]
    const { lookalikes } = classifyTables(viewsOf(close, ['a_b_x', 'A_X', 'b_1']))
    expect(lookalikes.get('a')?.map(({ table }) => table)).toEqual(['A_X'])
    expect(lookalikes.get('a_b')?.map(({ table }) => table)).toEqual(['a_b_x'])
    expect([...withoutKnown(lookalikes, new Set(['a_x'])).values()].flat()).toHaveLength(1)
  })

  test('the view that a policy asks for is no lookalike', () => {
    const family = periodFamily('messages', 'month', { view: { name: 'messages_recent', periods: 3 } })
    expect(classifyTables(viewsOf([family], ['messages_recent'])).lookalikes.get('messages')).toEqual([])
  })
})

test('keys sort as numbers, or in time', () => {
  expect(['100', '7', '42', '18446744073709551615', '0'].sort(compareKeys)).toEqual([
    '0',
    '7',
    '42',
    '100',
    '18446744073709551615',
  ])
  expect(['2027-01', '2026-12', '2026-02'].sort(compareKeys)).toEqual(['2026-02', '2026-12', '2027-01'])
})
