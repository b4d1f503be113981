import { env } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HostileServer, openHostile } from '../../helpers/mysql/hostile-story.ts'
import { drawMixture, type HostileVariable, listHostile } from '../../helpers/mysql/hostile-values.ts'
import type { ServerVersion } from '../../helpers/servers/servers.ts'
import { isSoak } from '../../helpers/tool/seed.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

/** SOAK_SEED draws other mixtures; that of one which failed, plus WWDB_HOSTILE_RUNS=1, draws it alone. */
const first = Number(env['SOAK_SEED'] ?? 20_261_128)
const runs = Number(env['WWDB_HOSTILE_RUNS'] ?? (isSoak ? 40 : 1))
const seeds = Array.from({ length: runs }, (_, at) => first + at)

/** Of a mixture that changed the answers the half that does so alone, and of that again: what is left is what to look at. */
async function narrow(
  mixture: readonly string[],
  changes: (globals: readonly string[]) => Promise<boolean>,
): Promise<readonly string[]> {
  let left = mixture
  for (let size = Math.ceil(left.length / 2); left.length > 1; size = Math.ceil(left.length / 2)) {
    const halves = [left.slice(0, size), left.slice(size)]
    const guilty = (await changes(halves[0] ?? [])) ? halves[0] : (await changes(halves[1] ?? [])) ? halves[1] : null
    if (guilty === null || guilty === undefined) break
    left = guilty
  }
  return left
}

describe.each<ServerVersion>(['9.7', '8.0'])('hostile values of every session variable of MySQL %s', (version) => {
  let place: HostileServer
  let found: Awaited<ReturnType<typeof listHostile>>
  beforeAll(async () => {
    place = await openHostile(version, stage)
    found = await listHostile(place.url)
    // The whole story is played here once.
  }, 900_000)
  afterAll(() => place.close())

  test('nearly all session variables with a global value have another value that is tried', () => {
    const names = found.variables.map(({ name }: HostileVariable) => name)
    expect(names.length).toBeGreaterThan(found.untried.length * 6)
    expect(names).toEqual(expect.arrayContaining(['sql_select_limit', 'sql_mode', 'optimizer_switch', 'autocommit']))
  })

  test.each(seeds.map((seed) => [seed]))('mixture %i changes no answer', { timeout: 900_000 }, async (seed) => {
    const { play, quiet } = place
    const mixture = drawMixture(found.variables, seed)
    const story = await play(mixture)
    if (JSON.stringify(story) === JSON.stringify(quiet)) return
    const guilty = await narrow(mixture, async (some) => JSON.stringify(await play(some)) !== JSON.stringify(quiet))
    expect(story, `under ${guilty.join(', ')} (SOAK_SEED=${seed} WWDB_HOSTILE_RUNS=1)`).toEqual(quiet)
  })
})
