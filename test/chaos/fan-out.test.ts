import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Moment, openWireProxy, type WireCommand } from '../helpers/mysql/wire-proxy.ts'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import type { ToolRun } from '../helpers/tool/tool.ts'
import { isConnected, waitFor, withDatabase } from './support/database.ts'
import { fanOutSet, fanOutSetUp } from './support/fan-out-set.ts'
import { type Fixture, openFixture } from './support/fixture.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { isSoak, longest, randomFrom, sample, seed } from './support/seed.ts'

const versions = versionsInTurn(import.meta.url)
const shards = 5
const launcher = withFrozenTool()

type Fault = 'runner' | 'connection' | 'server'

/** A moment of one of the commands that matter, whichever connection sends it: leader, store, ledger or a worker. */
interface Point {
  /** From 0, in the order in which the commands are sent. */
  readonly ordinal: number
  readonly moment: Moment
}

const matters = ({ text }: WireCommand): boolean =>
  /\bwwdb_shard|\bwwdb_journal\b[\s\S]*COMMIT$|^(?:ALTER TABLE|UPDATE) `things_/.test(text)

console.error(`Chaos of fan-outs: seed ${seed}; SOAK_SEED=${seed} repeats the choice of points`)

describe.each(versions)('on MySQL %s', (version) => {
  let server: OwnServer
  let fixture: Fixture

  beforeAll(async () => {
    server = await startServer({ version })
    fixture = await openFixture({ server, launcher: launcher(), files: fanOutSet })
  })
  afterAll(async () => {
    await fixture?.close()
    await server?.stop()
  })

  /** Runs the tool; at the point, something dies. Gives how many commands mattered. */
  async function runWithFault(args: readonly string[], schema: string, point: Point | null, fault: Fault) {
    let seen = 0
    let injected: Promise<'pass' | 'drop'> | null = null
    const ordinals = new Map<string, number>()
    const proxy = await openWireProxy(server.port, async (command, moment) => {
      if (!matters(command)) return 'pass'
      const key = `${command.connection}/${command.index}`
      const ordinal = ordinals.get(key) ?? seen
      if (!ordinals.has(key)) seen += 1
      ordinals.set(key, ordinal)
      if (ordinal !== point?.ordinal || moment !== point.moment) return 'pass'
      injected = inject(command)
      return injected
    })
    const tool = fixture.start(args, schema, proxy.port)
    const inject = async (command: WireCommand): Promise<'pass' | 'drop'> => {
      if (fault === 'runner') {
        tool.child.kill('SIGKILL')
        await tool.ended
        return 'drop'
      }
      if (fault === 'server') {
        await server.kill()
        await server.restart()
        return 'drop'
      }
      await withDatabase(server.url, async (database) => {
        await database.run(`KILL ${command.threadId}`)
        if (point?.moment !== 'sent')
          await waitFor('the connection to be gone', async () => !(await isConnected(database, command.threadId)))
      })
      return 'pass'
    }
    const run = await tool.ended
    // The tool ends when the server dies, and that is before the server is back.
    await injected
    await proxy.close()
    return { run, seen }
  }

  /** All that must be the same however often something died. */
  const picture = (schema: string): Promise<unknown> =>
    withDatabase(fixture.urlOf(schema), async (database) => ({
      tables: await database.rows(
        `SELECT TABLE_NAME,GROUP_CONCAT(COLUMN_NAME,COLUMN_KEY ORDER BY ORDINAL_POSITION) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='${schema}' AND TABLE_NAME LIKE 'things%' GROUP BY 1 ORDER BY 1`,
      ),
      rows: await Promise.all(
        Array.from({ length: shards }, (_, index) => database.rows(`SELECT id,n FROM things_${index + 1}`)),
      ),
      families: await database.rows("SELECT family,version,template FROM wwdb_shard_families WHERE family<>''"),
      registry: await database.rows('SELECT table_name,state,template_version,fingerprint FROM wwdb_shards ORDER BY 1'),
      changes: await database.rows('SELECT family,version,migration,direction FROM wwdb_shard_changes'),
      ledger: await database.rows(
        "SELECT version,direction,COUNT(*),SUM(state='closed'),MAX(total) FROM wwdb_shard_journal GROUP BY 1,2 ORDER BY 1,2",
      ),
      journal: await database.rows('SELECT version,direction,state FROM wwdb_journal WHERE pass>0 ORDER BY pass'),
    }))

  const hasDefect = ({ stderr, stdout }: ToolRun): boolean =>
    /has a defect|^\s+at .+:\d+:\d+\)?$/m.test(stderr + stdout)

  async function prepare(prelude: readonly (readonly string[])[]): Promise<string> {
    const schema = await fixture.createSchema(fanOutSetUp(shards))
    for (const args of prelude) expect((await fixture.run(args, schema)).exitCode).toBe(0)
    return schema
  }

  describe.each([
    { what: 'migrate', args: ['migrate', '--error-budget', '2'], prelude: [] },
    { what: 'rollback', args: ['rollback', '--yes'], prelude: [['migrate']] },
  ])('$what', ({ what, args, prelude }) => {
    let wanted: unknown
    let points: readonly Point[]

    beforeAll(async () => {
      const schema = await prepare(prelude)
      const { run, seen } = await runWithFault(args, schema, null, 'runner')
      expect(run.exitCode, run.stderr).toBe(0)
      wanted = await picture(schema)
      points = Array.from({ length: seen }, (_, ordinal) => ordinal).flatMap((ordinal) =>
        (['before', 'sent', 'answered'] as const).map((moment) => ({ ordinal, moment })),
      )
      await fixture.dropSchema(schema)
    })

    test.each<Fault>(['runner', 'connection', 'server'])(
      'a fan-out continues after the death of the %s at any write, in any worker',
      { timeout: longest },
      async (fault) => {
        // Before the very last write everything is done but for the row that says so.
        const last = points.slice(-3, -2)
        // A server takes seconds to come back: fewer of them.
        const many = fault === 'server' ? 1 : what === 'migrate' ? 4 : 2
        const some = sample(isSoak ? points : points.slice(0, -3), many, randomFrom(seed))
        const chosen = isSoak ? some : [...some, ...(fault === 'server' ? [] : last)]
        const failures: string[] = []
        // At once: a soak takes hours.
        const note = (failure: string): void => {
          console.error(failure)
          failures.push(failure)
        }
        for (const point of chosen) {
          const schema = await prepare(prelude)
          const injected = await runWithFault(args, schema, point, fault)
          if (fault !== 'runner' && hasDefect(injected.run)) note(`${point.ordinal}: ${injected.run.stderr}`)
          let again = await fixture.run(args, schema)
          // A worker that was killed counts as a shard that failed, once more perhaps where the budget let the run continue.
          if (again.exitCode === 2) again = await fixture.run(args, schema)
          const found: unknown = await picture(schema)
          const where = `${fault} ${point.moment} command ${point.ordinal}`
          if (again.exitCode !== 0 || hasDefect(again)) note(`${where}: ${again.exitCode} ${again.stderr}`)
          else if (JSON.stringify(found) !== JSON.stringify(wanted))
            note(`${where}: ${JSON.stringify(found)}\n  is not ${JSON.stringify(wanted)}\n${injected.run.stderr}`)
          await fixture.dropSchema(schema)
        }
        console.error(`MySQL ${server.version}, fan-out ${what}, ${fault}: ${chosen.length} points of ${points.length}`)
        expect(failures).toEqual([])
      },
    )
  })
})
