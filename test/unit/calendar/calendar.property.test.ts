import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileNaming, isKey, type ShardNaming } from '../../../src/calendar/naming.ts'
import { addSpan, periodAt, periodOf, periodsBetween, shiftPeriod } from '../../../src/calendar/period.ts'
import { isZone } from '../../../src/calendar/zone.ts'
import type { Division, PeriodKind } from '../../../src/core/shard-family.ts'
import { ToolError } from '../../../src/core/tool-error.ts'

const kinds = fc.constantFrom<PeriodKind>('day', 'week', 'month', 'quarter', 'year')
const zones = fc.constantFrom('UTC', ...Intl.supportedValuesOf('timeZone').filter(isZone))
/** A day within the years that are reckoned with, so that every zone agrees that they are. */
const instants = fc.integer({ min: Date.parse('1001-01-01T00:00:00Z'), max: Date.parse('9998-12-31T00:00:00Z') })
/** The years in which clocks were changed most, and shards are. */
const nearInstants = fc.integer({ min: Date.UTC(1883, 0, 1), max: Date.UTC(2040, 0, 1) })

describe('periods', () => {
  test('hold their instants, in every zone there is', () => {
    fc.assert(
      fc.property(fc.oneof(instants, nearInstants), kinds, zones, (instant, kind, zone) => {
        const period = periodAt(instant, kind, zone)
        expect(period.from).toBeLessThanOrEqual(instant)
        expect(period.to).toBeGreaterThan(instant)
        expect(periodOf(period.key, kind, zone)).toEqual(period)
        expect([period.from, period.to - 1].map((edge) => periodAt(edge, kind, zone).key)).toEqual([
          period.key,
          period.key,
        ])
        expect(periodAt(period.to, kind, zone).from).toBe(period.to)
      }),
      { numRuns: 2000 },
    )
  })

  test('sort by key as they do in time', () => {
    fc.assert(
      fc.property(instants, instants, kinds, (one, other, kind) => {
        const [first, second] = [one, other].map((instant) => periodAt(instant, kind, 'UTC'))
        if (first === undefined || second === undefined) throw new Error('two instants, two periods')
        expect(Math.sign(first.from - second.from)).toBe(first.key < second.key ? -1 : Number(first.key > second.key))
      }),
    )
  })

  test('shift there and back, and lie between', () => {
    fc.assert(
      fc.property(nearInstants, kinds, zones, fc.nat({ max: 40 }), (instant, kind, zone, count) => {
        const period = periodAt(instant, kind, zone)
        const later = shiftPeriod(period, count)
        expect(shiftPeriod(later, -count)).toEqual(period)
        expect(periodsBetween(period.from, later.to, kind, zone)).toHaveLength(count + 1)
      }),
    )
  })

  // Of days, not of instants: 30 May 23:00 and 31 May 01:00 both end on 28 February three quarters later, and each keeps its time of day.
  test('a span of time keeps the order of days', () => {
    const dayOf = (instant: number) => Math.floor(instant / 86_400_000)
    const spans = fc.record({ count: fc.integer({ min: -60, max: 60 }), unit: kinds })
    fc.assert(
      fc.property(nearInstants, fc.nat({ max: 10 ** 9 }), spans, (instant, more, span) => {
        expect(dayOf(addSpan(instant + more, span, 'UTC'))).toBeGreaterThanOrEqual(dayOf(addSpan(instant, span, 'UTC')))
      }),
    )
  })
})

describe('names', () => {
  const byKey: Division = {
    type: 'key',
    source: { database: 'd', table: 't', column: 'id', deletedAt: null },
  }
  const texts = fc.stringMatching(/^[a-z0-9_]{0,6}$/)

  /** Every token of a kind in any order, with texts between: whichever of them is let through must be one-to-one. */
  const patterns = fc
    .tuple(
      fc.constantFrom(
        ['YYYY', 'MM', 'DD'],
        ['GGGG', 'WW'],
        ['YYYY', 'MM'],
        ['YYYY', 'Q'],
        ['YYYY'],
        ['YYYY', 'WW'],
        ['MM'],
      ),
      fc.array(texts, { minLength: 4, maxLength: 4 }),
      fc.nat(),
    )
    .map(([tokens, between, turn]) => {
      const turned = [...tokens.slice(turn % tokens.length), ...tokens.slice(0, turn % tokens.length)]
      return `t${between[0]}${turned.map((token, place) => `{${token}}${between[place + 1]}`).join('')}`
    })

  test('the names of an accepted pattern distinguish two periods', () => {
    fc.assert(
      fc.property(patterns, kinds, instants, instants, (pattern, kind, one, other) => {
        const division: Division = { type: 'period', kind, zone: 'UTC' }
        const naming = compileOrNull(pattern, division)
        fc.pre(naming !== null)
        const [first = '', second = ''] = [one, other].map((instant) => periodAt(instant, kind, 'UTC').key)
        expect(naming?.parse(naming.name(first))).toBe(first)
        expect(naming?.name(first) === naming?.name(second)).toBe(first === second)
      }),
      { numRuns: 500 },
    )
  })

  test('are read back only from what was written', () => {
    const naming = compileNaming('contacts_{key}', byKey)
    const anyLetter = fc.integer({ min: 0, max: 0x10_ffff }).map((point) => String.fromCodePoint(point))
    const near = fc.oneof(fc.string({ unit: anyLetter }), fc.bigInt({ min: -5n, max: 2n ** 70n }).map(String), texts)
    fc.assert(
      fc.property(near, (text) => {
        const read = naming.parse(`contacts_${text}`)
        const written = nameOrNull(naming, text)
        return isKey(text) ? read === text && written === `contacts_${text}` : read === null && written === null
      }),
      { numRuns: 500 },
    )
  })

  test('every BIGINT UNSIGNED has one', () => {
    const naming = compileNaming('contacts_{key}', byKey)
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (key) => {
        expect(naming.parse(naming.name(String(key)))).toBe(String(key))
      }),
    )
  })
})

/** Null where the key is refused with a sentence. */
function nameOrNull(naming: ShardNaming, key: string): string | null {
  return orNull(() => naming.name(key))
}

/** Null where the pattern is refused with a sentence. */
function compileOrNull(pattern: string, division: Division): ShardNaming | null {
  return orNull(() => compileNaming(pattern, division))
}

function orNull<Value>(make: () => Value): Value | null {
  try {
    return make()
  } catch (error) {
    if (error instanceof ToolError) return null
    throw error
  }
}
