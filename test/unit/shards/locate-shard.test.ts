import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PeriodKind, ShardFamily } from '../../../src/core/shard-family.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { locateShard } from '../../../src/shards/inspect/list-shards.ts'
import { firstIdOf } from '../../../src/shards/render-shard.ts'
import { keyFamily, periodFamily } from '../../helpers/shards/families.ts'

const digits: Readonly<Record<PeriodKind, string>> = {
  day: 'YYYYMMDD',
  week: 'GGGGWW',
  month: 'YYYYMM',
  quarter: 'YYYYQ',
  year: 'YYYY',
}

function withIds(kind: PeriodKind, zone = 'UTC', factor = 10n ** 7n): ShardFamily {
  const family = periodFamily('messages', kind, {}, zone)
  return { ...family, template: { ...family.template, idBase: { pattern: digits[kind], factor } } }
}

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof ToolError) return error.code
    throw error
  }
  return 'nothing'
}

const kinds = fc.constantFrom<PeriodKind>('day', 'week', 'month', 'quarter', 'year')
const zones = fc.constantFrom('UTC', 'Asia/Shanghai', 'Europe/London', 'Pacific/Apia')

describe('locateShard', () => {
  test('any id that a shard can give leads back to it', () => {
    const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) })
    const offsets = fc.bigInt({ min: 0n, max: 10n ** 7n - 1n })
    fc.assert(
      fc.property(kinds, zones, instants, offsets, (kind, zone, at, offset) => {
        const family = withIds(kind, zone)
        const shard = locateShard(family, { type: 'time', at })
        expect(shard.from).toBeLessThanOrEqual(at)
        expect(shard.to).toBeGreaterThan(at)
        const first = firstIdOf(family, shard.key)
        if (first === null) throw new Error('the family has ids')
        expect(locateShard(family, { type: 'id', text: String(first + offset) })).toEqual(shard)
        expect(locateShard(family, { type: 'key', text: shard.key })).toEqual(shard)
      }),
    )
  })

  test('any key of an instance is its own shard; nothing else is', () => {
    const family = keyFamily('contacts')
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (key) => {
        expect(locateShard(family, { type: 'key', text: String(key) }).table).toBe(`contacts_${key}`)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!/^(?:0|[1-9]\d{0,18})$/.test(text))
        expect(refusal(() => locateShard(family, { type: 'key', text }))).toBe('KEY_INVALID')
      }),
    )
  })

  test('text that is not an id is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!/^\d+$/.test(text))
        expect(refusal(() => locateShard(withIds('month'), { type: 'id', text }))).toBe('SHARD_UNKNOWN')
      }),
    )
  })

  test.each([
    ['0', 'an id before the first period'],
    ['2026130000001', 'a month 13'],
    ['9007199254740993000', 'no year of four digits'],
  ])('%s: %s', (text) => {
    expect(refusal(() => locateShard(withIds('month'), { type: 'id', text }))).toBe('SHARD_UNKNOWN')
  })

  test('an id says nothing where ids restart in every shard', () => {
    expect(refusal(() => locateShard(periodFamily('messages', 'month'), { type: 'id', text: '1' }))).toBe(
      'SHARD_UNKNOWN',
    )
  })
})
