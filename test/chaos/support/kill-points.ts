import { afterAll, beforeAll, describe, test } from 'vitest'
import { type OwnServer, type ServerVersion, startServer } from '../../helpers/servers.ts'
import { type Fixture, openFixture } from './fixture.ts'
import { withFrozenTool } from './frozen-tool.ts'
import { migrationSet, setUpSql } from './migration-set.ts'
import { isSoak, randomFrom, sample, seed } from './seed.ts'
import { listJournalBoundaries, listPoints, type Reference, runUnharmed, type Scenario } from './survival.ts'
import { surviveAll } from './survive-all.ts'

const longest = 3 * 3_600_000

/** The suite of a version, in a file of its own: two versions side by side wait half as long. */
export function describeKillPoints(version: ServerVersion): void {
  const launcher = withFrozenTool()
  console.error(`Chaos: seed ${seed}; SOAK_SEED=${seed} repeats the choice of points`)
  let server: OwnServer
  let fixture: Fixture

  beforeAll(async () => {
    server = await startServer({ version })
    fixture = await openFixture({ server, launcher: launcher(), files: migrationSet })
  })
  afterAll(async () => {
    await fixture?.close()
    await server?.stop()
  })

  describe.each([
    { what: 'migrate', args: ['migrate'], prelude: [] },
    { what: 'rollback', args: ['rollback', '--to', '0', '--yes'], prelude: [['migrate']] },
  ])('$what', ({ what, args, prelude }) => {
    let scenario: Scenario
    let reference: Reference
    const random = randomFrom(seed)

    beforeAll(async () => {
      scenario = { fixture, setUp: setUpSql(200), prelude, args }
      reference = await runUnharmed(scenario)
    })

    test('a run continues after SIGKILL at every journal boundary', { timeout: longest }, async () => {
      const all = listJournalBoundaries(reference.commands)
      const points = what === 'migrate' ? all : sample(all, 6, random)
      await surviveAll({ what: `${what}, journal boundaries`, scenario, reference, points, fault: 'runner' })
    })

    test.each([
      ['runner', 6],
      ['connection', 6],
      ['server', 4],
    ] as const)(
      'a run continues after the death of the %s at any point',
      { timeout: longest },
      async (fault, count) => {
        const points = sample(listPoints(reference.commands), what === 'migrate' ? count : count / 2, random)
        const tried = `${what}, ${isSoak ? 'every point' : 'a sample'}`
        await surviveAll({ what: tried, scenario, reference, points, fault })
      },
    )
  })
}
