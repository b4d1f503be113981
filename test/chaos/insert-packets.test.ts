import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { sendsAlone } from '../helpers/tool/tool.ts'
import { type Fixture, openFixture } from './support/fixture.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import type { Fault, KillPoint } from './support/inject.ts'
import { insertedRows, insertSet, insertSetUp } from './support/insert-set.ts'
import { isSoak, longest, randomFrom, sample, seed } from './support/seed.ts'
import { listPoints, type Reference, runUnharmed, type Scenario } from './support/survival.ts'
import { surviveAll } from './support/survive-all.ts'

const versions = versionsInTurn(import.meta.url)
const launcher = withFrozenTool()

console.error(`Chaos of packets: seed ${seed}; SOAK_SEED=${seed} repeats the choice of points`)

/** Each alone has a packet of its own. */
const packets = sendsAlone ? insertedRows : 3

/** Short INSERTs go many to a packet, and packets are sent ahead: cut off anywhere, each row must be there once. */
describe.each(versions)('on MySQL %s', (version) => {
  let server: OwnServer
  let fixture: Fixture
  let scenario: Scenario
  let reference: Reference
  let points: readonly KillPoint[]

  beforeAll(async () => {
    server = await startServer({ version })
    fixture = await openFixture({ server, launcher: launcher(), files: insertSet })
    scenario = { fixture, setUp: insertSetUp, prelude: [], args: ['migrate'], comparesDrift: false }
    reference = await runUnharmed(scenario)
    points = listPoints(reference.commands.filter(({ text }) => text.includes('INSERT INTO entries')))
  })
  afterAll(async () => {
    await fixture?.close()
    await server?.stop()
  })

  test(`${packets} packets carry all of them`, () => {
    expect(points).toHaveLength(packets * 3)
    expect(reference.picture['rows of entries']?.split('\n')).toHaveLength(insertedRows)
  })

  test.each<readonly [Fault, number]>([
    ['runner', 3],
    ['connection', 2],
    ['server', 1],
  ])('every row is there once after the death of the %s', { timeout: longest }, async (fault, count) => {
    const chosen = sample(points, count, randomFrom(seed))
    await surviveAll({ what: `packets${isSoak ? '' : ', a sample'}`, scenario, reference, points: chosen, fault })
  })
})
