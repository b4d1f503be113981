import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DownsamplingDeclaration } from '../../../../src/stores/influxdb/declaration.ts'
import { downsamplingFlux, fluxString } from '../../../../src/stores/influxdb/plan-tasks.ts'
import { fluxDuration, parseTime } from '../../../../src/stores/influxdb/time.ts'

const task: DownsamplingDeclaration = {
  name: 'metrics_hourly',
  description: null,
  from: 'hot',
  to: 'cold',
  windowSeconds: 3600,
  everySeconds: 3600,
  offsetSeconds: 600,
  lookBackSeconds: 10_800,
  aggregates: ['mean', 'count'],
  measurements: [],
  active: true,
}

describe('the script of a downsampling task', () => {
  it('takes whole windows only, and writes each aggregate', () => {
    const flux = downsamplingFlux(task)
    expect(flux).toContain('option task = {name: "metrics_hourly", every: 1h, offset: 10m}')
    expect(flux).toContain('end = date.truncate(t: now(), unit: 1h)\nbegin = date.sub(d: 3h, from: end)')
    expect(flux).toContain('|> range(start: begin, stop: end)')
    expect(flux.match(/yield\(name: "\w+"\)/g)).toEqual(['yield(name: "mean")', 'yield(name: "count")'])
    expect(flux).not.toContain('_measurement ==')
  })

  it('lets the measurement through that verify writes, beside those that are asked for', () => {
    expect(downsamplingFlux({ ...task, measurements: ['cpu', 'a"b'] })).toContain(
      '|> filter(fn: (r) => r._measurement == "cpu" or r._measurement == "a\\"b" or r._measurement == "wwdb_canary")',
    )
  })
})

describe('texts of Flux', () => {
  it('durations keep every second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * 86_400 }), (seconds) => parseTime(fluxDuration(seconds)) === seconds),
    )
    expect(fluxDuration(0)).toBe('0s')
  })

  it('strings end where they should, with any content', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '$', '{', '\n', 'a', '}') }), (text) => {
        const inside = fluxString(text).slice(1, -1)
        // Every quote is escaped by an odd number of backslashes, no line ends, and nothing is replaced.
        return (
          [...inside.matchAll(/(\\*)"/g)].every(([, slashes = '']) => slashes.length % 2 === 1) &&
          !inside.includes('\n') &&
          [...inside.matchAll(/(\\*)\$\{/g)].every(([, slashes = '']) => slashes.length % 2 === 1) &&
          /(\\*)$/.exec(inside)?.[1]?.length !== undefined &&
          (/(\\*)$/.exec(inside)?.[1]?.length ?? 0) % 2 === 0
        )
      }),
    )
  })
})
