import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers.ts'
import { type Arena, openArena } from './support/arena.ts'
import { withDatabase } from './support/database.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import {
  expectAllRows,
  oldTable,
  prepareShard,
  readShard,
  recordPoints,
  rotationFiles,
  rotationSetUp,
  stages,
  strikeAt,
  waitForQuiet,
} from './support/rotation-ordeal.ts'
import { isSoak, randomFrom, sample, seed } from './support/seed.ts'

const longest = 3 * 3_600_000
const launcher = withFrozenTool()

console.error(`Rotation chaos: seed ${seed}; SOAK_SEED=${seed} repeats the choice of points`)

let server: OwnServer
let arena: Arena
let expected: string

beforeAll(async () => {
  server = await startServer()
  arena = await openArena({ server, launcher: launcher(), files: rotationFiles })
  const schema = await arena.createSchema(rotationSetUp)
  expected = await readShard(arena, schema)
  await arena.dropSchema(schema)
})
afterAll(async () => {
  await arena?.close()
  await server?.stop()
})

/** A statement in flight keeps the lock of a tool that died: the next run waits for it, as it should. */
describe.each(stages)('$what', ({ what, before, args }) => {
  test.each([
    ['runner', 2],
    ['connection', 2],
    ['server', 1],
  ] as const)(
    'dies with the %s: the next runs converge, and every row comes back',
    { timeout: longest },
    async (weapon, count) => {
      const reference = await prepareShard(arena, before)
      const all = await recordPoints(arena, reference, args)
      await arena.dropSchema(reference)
      const points = sample(all, count, randomFrom(seed + before))
      const failures: string[] = []
      let reached = 0
      for (const point of points) {
        const schema = await prepareShard(arena, before)
        const { struck, run } = await strikeAt(arena, schema, args, point, weapon)
        await waitForQuiet(arena, schema)
        if (struck !== null) reached += 1
        const faults = await expectAllRows(arena, schema, expected)
        const where = `${what}, ${weapon} at ${point.moment} ${point.connection}.${point.index}: ${struck?.text.slice(0, 120)}`
        if (faults.length > 0) failures.push([where, ...faults, run.stderr].join('\n  '))
        await arena.dropSchema(schema)
      }
      console.error(
        `rotation, ${what}, ${weapon}: ${isSoak ? 'every point' : 'a sample'}, ${reached} of ${points.length} reached`,
      )
      expect(failures).toEqual([])
    },
  )
})

test('the view over the shards is whole after a shard left it', async () => {
  const schema = await prepareShard(arena, 3)
  const rows = await withDatabase(arena.urlOf(schema), (database) => database.rows('SELECT COUNT(*) FROM logs_recent'))
  expect(rows).toEqual([['0']])
  const tables = await withDatabase(arena.urlOf(schema), (database) => database.rows(`SHOW TABLES LIKE '${oldTable}'`))
  expect(tables).toEqual([])
  await arena.dropSchema(schema)
})
