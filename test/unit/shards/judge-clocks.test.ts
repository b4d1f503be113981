import { expect, test } from 'vitest'
import { assessClocks } from '../../../src/shards/clocks.ts'

const now = Date.parse('2026-11-24T20:00:00Z')
const hour = 3_600_000
const clocks = {
  host: now,
  server: now,
  skew: 60_000,
  lastRunAt: now - hour,
  longestPause: 168 * hour,
  confirmed: false,
}

test("clocks that agree, and a last run an hour ago, are trusted: the server's is the one that counts", () => {
  for (const server of [now + 59_000, now - 30_000])
    expect(assessClocks({ ...clocks, server })).toEqual({ now: server, trusted: true, doubt: null, refused: false })
})

test.each([now + 61_000, now - 61_000, now + 400 * 24 * hour])(
  'clocks that differ by more than is allowed: nothing is created or retired',
  (server) => {
    const judged = assessClocks({ ...clocks, server })
    expect(judged).toMatchObject({ now: server, trusted: false, refused: true })
    expect(judged.doubt).toMatch(
      /differ by \d+ s, and `rotation.clockSkew` allows 60 s: no shard is created or retired/,
    )
    expect(assessClocks({ ...clocks, server, skew: Math.abs(server - now), lastRunAt: server - hour })).toMatchObject({
      refused: false,
      doubt: null,
    })
  },
)

test('a clock that was set back behind the last run retires nothing', () => {
  const judged = assessClocks({ ...clocks, lastRunAt: now + 61_000 })
  expect(judged).toMatchObject({ trusted: false })
  expect(judged.doubt).toMatch(/a clock was set back/)
})

test('after a pause that is too long tables are made, and nothing is retired', () => {
  const judged = assessClocks({ ...clocks, lastRunAt: now - 169 * hour })
  expect(judged).toMatchObject({ trusted: true, now })
  expect(judged.doubt).toMatch(
    /after so long a pause nothing is retired until the clock is correct or is confirmed with `wwdb rotate run --trust-clock`/,
  )
})

test('a rehearsal uses the time that it is given', () => {
  expect(assessClocks({ ...clocks, server: null, lastRunAt: null })).toMatchObject({ trusted: true, doubt: null })
})

test('a person may say that the time is right, but not which of two clocks is', () => {
  for (const lastRunAt of [now - 169 * hour, now + 169 * hour])
    expect(assessClocks({ ...clocks, lastRunAt, confirmed: true })).toMatchObject({ trusted: true, doubt: null })
  expect(assessClocks({ ...clocks, server: now + hour, confirmed: true })).toMatchObject({ trusted: false })
})
