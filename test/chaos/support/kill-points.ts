import { afterAll, beforeAll, describe, test } from 'vitest'
import { type OwnServer, type ServerVersion, startServer } from '../../helpers/servers/servers.ts'
import { sendsAlone } from '../../helpers/tool/tool.ts'
import { type Fixture, openFixture } from './fixture.ts'
import { withFrozenTool } from './frozen-tool.ts'
import type { KillPoint } from './inject.ts'
import { migrationSet, setUpSql } from './migration-set.ts'
import { isSoak, longest, randomFrom, sample, seed } from './seed.ts'
import { listJournalBoundaries, listPoints, type Reference, runUnharmed, type Scenario } from './survival.ts'
import { surviveAll } from './survive-all.ts'

/**
 * The suite of a version.
 * @param alone each statement is sent alone, the plain way: the way that packets and windows must be as safe as
 */
export function describeKillPoints(version: ServerVersion, alone: boolean = sendsAlone): void {
  const launcher = withFrozenTool(alone)
  console.error(`Chaos: seed ${seed}; SOAK_SEED=${seed} repeats the choice of points`)
  let server: OwnServer
  let fixture: Fixture

  beforeAll(async () => {
    server = await startServer({ version })
    fixture = await openFixture({ server, launcher: launcher(), sendsAlone: alone, files: migrationSet })
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
      const points = what === 'migrate' ? takeQuarter(all, version) : sample(all, 4, random)
      await surviveAll({ what: `${what}, journal boundaries`, scenario, reference, points, fault: 'runner' })
    })

    test.each([
      ['runner', 4],
      ['connection', 4],
      ['server', 2],
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

/**
 * Outside a soak a version strikes every fourth write to the journal, before the server has it or after it has answered, in turn; the seed says
 * which, so that runs of other seeds strike the others.
 * @param boundaries both of each write, in order
 */
function takeQuarter(boundaries: readonly KillPoint[], version: ServerVersion): readonly KillPoint[] {
  if (isSoak) return sample(boundaries, boundaries.length, Math.random)
  const first = (seed + (version === '9.7' ? 0 : 2)) % 4
  return boundaries.filter((_, index) => {
    const write = Math.floor(index / 2)
    return write % 4 === first && index % 2 === (Math.floor(write / 4) + Math.floor(seed / 4)) % 2
  })
}
