import fc from 'fast-check'
import { expect, test } from 'vitest'
import { day, keyFamily, months, periodFamily } from '../../helpers/shards/families.ts'
import { openMemoryFixture } from '../../helpers/shards/memory-fixture.ts'
import { HistoryPlayer, type Played } from '../../helpers/shards/play-history.ts'
import { historiesOf } from '../../helpers/shards/rotation-history.ts'
import { chooseSeed, runsOf } from '../../helpers/tool/seed.ts'

/** Ahead for as long as a history ever goes without a run. */
const premake = { periods: 1, days: 32 }
const archive = 'directory' as const

const families = [
  periodFamily('messages', 'month', { premake, keep: months(2), archive }),
  periodFamily('monitors', 'week', { premake, keep: months(1), grace: 3 * day }, 'Europe/London'),
  periodFamily('logs', 'day', {
    premake,
    keep: { count: 10, unit: 'day' },
    late: day,
    grace: 2 * day,
    cap: 12,
    archive,
  }),
  keyFamily('contacts', [], { keep: months(1), archive }),
  keyFamily('groups', [], { keep: { count: 5, unit: 'day' }, grace: 2 * day, archive }),
  keyFamily('group_members', ['groups'], { keep: { count: 5, unit: 'day' }, grace: 2 * day, archive }),
]

test("after any events, rows find their shards, none is lost, and nothing but the policies' shards is gone", async () => {
  const sums = { runs: 0, cutOff: 0, rows: 0, retired: 0, dropped: 0 }
  const property = fc.asyncProperty(historiesOf(24), async (seasons) => {
    const player = new HistoryPlayer(openMemoryFixture('2026-01-15T12:00:00Z', families))
    const played: Played = await player.play(seasons)
    for (const key of Object.keys(sums) as (keyof Played)[]) sums[key] += played[key]
  })
  const numRuns = runsOf(500)
  await fc.assert(property, { seed: chooseSeed('rotation'), numRuns })
  const { runs, cutOff, rows, retired, dropped } = sums
  console.log(
    `rotation: ${numRuns} histories, ${runs} runs, ${cutOff} cut off, ${rows} rows, ${retired} shards retired, ${dropped} dropped`,
  )
  expect(cutOff).toBeGreaterThan(numRuns)
  expect(dropped).toBeGreaterThan(numRuns)
}, 600_000)
