import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, type ServerVersion, startServer } from '../helpers/servers.ts'
import { type Arena, openArena } from './support/arena.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { migrationSet, setUpSql } from './support/migration-set.ts'
import { isSoak, randomFrom, sample, seed } from './support/seed.ts'
import type { KillPoint, Weapon } from './support/strike.ts'
import {
  listJournalBoundaries,
  listPoints,
  newScore,
  type Ordeal,
  type Reference,
  runUnharmed,
  survive,
} from './support/survival.ts'

const versions: readonly ServerVersion[] = ['9.7', '8.0']
const longest = 3 * 3_600_000
const launcher = withFrozenTool()

console.error(`Chaos: seed ${seed}; SOAK_SEED=${seed} repeats the choice of points`)

describe.each(versions)('on MySQL %s', (version) => {
  let server: OwnServer
  let arena: Arena

  beforeAll(async () => {
    server = await startServer({ version })
    arena = await openArena({ server, launcher: launcher(), files: migrationSet })
  })
  afterAll(async () => {
    await arena?.close()
    await server?.stop()
  })

  const say = (what: string, weapon: Weapon, { tried, survived, missed }: ReturnType<typeof newScore>): void =>
    console.error(
      `MySQL ${server.version}, ${what}, ${weapon}: kill points tried ${tried}, survived ${survived}` +
        (missed > 0 ? ` (${missed} not reached)` : ''),
    )

  /** Two at a time, each in a schema of its own; one at a time where the server dies. */
  const surviveAll = async (
    what: string,
    ordeal: Ordeal,
    reference: Reference,
    points: readonly KillPoint[],
    weapon: Weapon,
  ): Promise<void> => {
    const score = newScore()
    const left = [...points]
    const work = async (): Promise<void> => {
      for (let point = left.shift(); point !== undefined; point = left.shift())
        await survive(ordeal, reference, point, weapon, score)
    }
    await Promise.all(weapon === 'server' ? [work()] : [work(), work()])
    say(what, weapon, score)
    expect(score.failures).toEqual([])
    expect(score.tried).toBeGreaterThan(points.length / 2)
  }

  describe.each([
    { what: 'migrate', args: ['migrate'], prelude: [] },
    { what: 'rollback', args: ['rollback', '--to', '0', '--yes'], prelude: [['migrate']] },
  ])('$what', ({ what, args, prelude }) => {
    let ordeal: Ordeal
    let reference: Reference
    const random = randomFrom(seed)

    beforeAll(async () => {
      ordeal = { arena, setUp: setUpSql(200), prelude, args }
      reference = await runUnharmed(ordeal)
    })

    test('goes on after SIGKILL at every journal boundary', { timeout: longest }, async () => {
      const all = listJournalBoundaries(reference.commands)
      const points = what === 'migrate' ? all : sample(all, 6, random)
      await surviveAll(`${what}, journal boundaries`, ordeal, reference, points, 'runner')
    })

    test.each([
      ['runner', 6],
      ['connection', 6],
      ['server', 4],
    ] as const)('goes on after the death of the %s anywhere', { timeout: longest }, async (weapon, count) => {
      const points = sample(listPoints(reference.commands), what === 'migrate' ? count : count / 2, random)
      await surviveAll(`${what}, ${isSoak ? 'every point' : 'a sample'}`, ordeal, reference, points, weapon)
    })
  })
})
