import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { withDatabase } from './support/database.ts'
import { type Fixture, openFixture } from './support/fixture.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import {
  expectAllRows,
  type InjectionPoint,
  injectAt,
  oldTable,
  prepareShard,
  readShard,
  recordPoints,
  rotationFiles,
  rotationSetUp,
  stages,
  waitForQuiet,
} from './support/rotation-scenario.ts'
import { isSoak, longest, randomFrom, sample, seed } from './support/seed.ts'

const launcher = withFrozenTool()

console.error(`Rotation chaos: seed ${seed}; SOAK_SEED=${seed} repeats the choice of points`)

let server: OwnServer
let fixture: Fixture
let expected: string

beforeAll(async () => {
  server = await startServer()
  fixture = await openFixture({ server, launcher: launcher(), files: rotationFiles })
  const schema = await fixture.createSchema(rotationSetUp)
  expected = await readShard(fixture, schema)
  await fixture.dropSchema(schema)
})
afterAll(async () => {
  await fixture?.close()
  await server?.stop()
})

/** A statement in flight keeps the lock of a tool that died: the next run waits for it, as it should. */
describe.each(stages)('$what', ({ what, before, args }) => {
  let all: readonly InjectionPoint[]

  beforeAll(async () => {
    const reference = await prepareShard(fixture, before)
    all = await recordPoints(fixture, reference, args)
    await fixture.dropSchema(reference)
  })

  test.each([
    ['runner', 2],
    ['connection', 1],
    ['server', 1],
  ] as const)(
    'dies with the %s: the next runs converge, and every row comes back',
    { timeout: longest },
    async (fault, count) => {
      const points = sample(all, count, randomFrom(seed + before + fault.length))
      const failures: string[] = []
      let reached = 0
      for (const point of points) {
        const schema = await prepareShard(fixture, before)
        const { injected, run } = await injectAt(fixture, schema, args, point, fault)
        await waitForQuiet(fixture, schema)
        if (injected !== null) reached += 1
        const problems = await expectAllRows(fixture, schema, expected)
        const where = `${what}, ${fault} at ${point.moment} ${point.connection}.${point.index}: ${injected?.text.slice(0, 120)}`
        if (problems.length > 0) failures.push([where, ...problems, run.stderr].join('\n  '))
        await fixture.dropSchema(schema)
      }
      console.error(
        `rotation, ${what}, ${fault}: ${isSoak ? 'every point' : 'a sample'}, ${reached} of ${points.length} reached`,
      )
      expect(failures).toEqual([])
    },
  )
})

test('the view over the shards is whole after a shard left it', async () => {
  const schema = await prepareShard(fixture, 3)
  const rows = await withDatabase(fixture.urlOf(schema), (database) =>
    database.rows('SELECT COUNT(*) FROM logs_recent'),
  )
  expect(rows).toEqual([['0']])
  const tables = await withDatabase(fixture.urlOf(schema), (database) =>
    database.rows(`SHOW TABLES LIKE '${oldTable}'`),
  )
  expect(tables).toEqual([])
  await fixture.dropSchema(schema)
})
