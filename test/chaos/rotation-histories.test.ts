import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testServerOf } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { day, keyFamily, months, periodFamily } from '../helpers/shards/families.ts'
import { openMysqlFixture } from '../helpers/shards/mysql-fixture.ts'
import { HistoryPlayer } from '../helpers/shards/play-history.ts'
import { historiesOf } from '../helpers/shards/rotation-history.ts'
import { chooseSeed } from '../helpers/tool/seed.ts'
import { isSoak } from './support/seed.ts'

const premake = { periods: 1, days: 32 }
const archive = 'directory' as const

const families = [
  periodFamily('messages', 'month', {
    premake,
    keep: months(2),
    archive,
    view: { name: 'messages_recent', periods: 2 },
  }),
  periodFamily('monitors', 'week', { premake, keep: months(1), grace: 3 * day }, 'Europe/London'),
  keyFamily('groups', [], { keep: { count: 5, unit: 'day' }, grace: 2 * day, archive }),
  keyFamily('group_members', ['groups'], { keep: { count: 5, unit: 'day' }, grace: 2 * day, archive }),
]

/** Ten whole histories in a soak, one of each server otherwise. */
const histories = isSoak ? 5 : 1

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  test('whole histories keep every promise', { timeout: 1_800_000 }, async () => {
    const server = await testServerOf(version)
    const seed = chooseSeed(`rotation on MySQL ${version}`)
    const seasons = fc.sample(historiesOf(isSoak ? 60 : 14), { seed, numRuns: histories })
    let dropped = 0
    for (const history of seasons) {
      const fixture = await openMysqlFixture(server, '2026-01-15T12:00:00Z', families)
      try {
        const played = await new HistoryPlayer(fixture).play(history)
        dropped += played.dropped
        console.log(`rotation on MySQL ${version}: ${JSON.stringify(played)}`)
      } finally {
        await fixture.close()
      }
    }
    if (isSoak) expect(dropped).toBeGreaterThan(0)
  })
})
