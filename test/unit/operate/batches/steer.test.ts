import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeKey, renderRange, toLiterals } from '../../../../src/operate/batches/key-range.ts'
import { halve, startPace, steer } from '../../../../src/operate/batches/steer.ts'

test('the size comes near what the time allows, grows by a fifth at most, and shrinks at once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (keysInMillisecond) => {
      const aim = { time: 500, rows: null }
      let pace = startPace(aim)
      for (let step = 0; step < 60; step += 1) {
        const next = steer(pace, pace.size, pace.size / keysInMillisecond, aim)
        expect(next.size).toBeLessThanOrEqual(Math.max(pace.size * 1.2, pace.size + 1))
        pace = next
      }
      expect(Math.abs(pace.size - 500 * keysInMillisecond)).toBeLessThanOrEqual(1)
    }),
  )
  const slow = steer({ size: 10_000, rate: null }, 10_000, 5000, { time: 500, rows: null })
  expect(slow.size).toBe(1000)
  expect(steer({ size: 90, rate: null }, 90, 1, { time: 500, rows: 100 }).size).toBe(100)
  expect(halve({ size: 1, rate: 2 }).size).toBe(1)
})

test('a key of several columns is written out, so that its index bounds the scan', () => {
  const key = {
    index: 'PRIMARY',
    columns: [
      { name: 'g', kind: 'text', charset: 'latin1', collation: 'latin1_swedish_ci', isInteger: false },
      { name: 'at', kind: 'time', charset: null, collation: null, isInteger: false },
      { name: 'u', kind: 'bytes', charset: null, collation: null, isInteger: false },
    ],
  } as const
  const value = toLiterals(key, ['E4', '2026-01-01 00:00:00.5', ''])
  expect(value).toEqual(['_latin1 0xE4', "'2026-01-01 00:00:00.5'", "_binary''"])
  expect(renderRange('t', key, { after: null, upTo: value })).toBe(
    "`t`.`g` <= _latin1 0xE4 AND (`t`.`g` < _latin1 0xE4 OR (`t`.`g` = _latin1 0xE4 AND (`t`.`at` < '2026-01-01 00:00:00.5' OR (`t`.`at` = '2026-01-01 00:00:00.5' AND `t`.`u` <= _binary''))))",
  )
  expect(describeKey(key, value)).toBe("`g` = 0xE4, `at` = '2026-01-01 00:00:00.5', `u` = ''")
})
