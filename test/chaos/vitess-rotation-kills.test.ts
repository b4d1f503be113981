import { createConnection } from 'mysql2/promise'
import { beforeEach, expect, it } from 'vitest'
import { withStages } from '../helpers/tool/stage.ts'
import { familyFiles, makeSequence, month, tableOf, tablesOn } from '../helpers/vitess/letters-family.ts'
import { describeVitess, withVitess } from '../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const old = month(-3)
const [own, held] = [tableOf(old), `held ${tableOf(old)}`]

const rotate = ['rotate', 'run', '--yes']

interface Scenario {
  readonly what: string
  /** What is done before. */
  readonly prepare: (stage: VitessStage) => Promise<void>
  readonly args: readonly string[]
  /** Keeps the second shard from what the first one does. */
  readonly block: (hold: string) => string
  /** Whether the first shard has done it. */
  readonly isBegun: (first: readonly string[]) => boolean
  readonly state: string
  readonly tables: readonly string[]
}

async function run(stage: VitessStage, args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await stage.run(args)
  expect([exitCode, stdout], stderr).toEqual([0, expect.anything()])
}

async function fill(stage: VitessStage): Promise<void> {
  await run(stage, ['shards', 'create', '--family', 'letters', '--key', old])
  for (const sender of [1, 2, 3, 4])
    await stage.ask(`INSERT INTO ${own} (sender, length) VALUES (${sender}, 1)`, 'message_db')
}

const rotations =
  (count: number) =>
  async (stage: VitessStage): Promise<void> => {
    await fill(stage)
    for (let done = 0; done < count; done += 1) await run(stage, rotate)
  }

const scenarios: readonly Scenario[] = [
  {
    what: 'creates a shard',
    prepare: async () => undefined,
    args: ['shards', 'create', '--family', 'letters', '--key', old],
    block: () => 'FLUSH TABLES WITH READ LOCK',
    isBegun: (first) => first.includes(own),
    state: 'live',
    tables: [own],
  },
  {
    what: 'puts a shard on hold',
    prepare: rotations(1),
    args: rotate,
    block: () => `SELECT 1 FROM ${own}`,
    isBegun: (first) => first.includes(held),
    // The next run ends the hold, and then takes the next step.
    state: 'archived',
    tables: [held],
  },
  {
    what: 'brings a shard back',
    prepare: rotations(2),
    args: ['shards', 'restore', '--family', 'letters', '--key', old],
    block: (hold) => `SELECT 1 FROM ${hold}`,
    isBegun: (first) => first.includes(own),
    state: 'live',
    tables: [own],
  },
  {
    what: 'drops a shard',
    prepare: async (stage) => {
      await rotations(3)(stage)
      await stage.ask("UPDATE wwdb_shards_message_db SET held_until='2020-01-01' WHERE hold_table IS NOT NULL")
    },
    args: rotate,
    block: (hold) => `SELECT 1 FROM ${hold}`,
    isBegun: (first) => !first.includes(held),
    state: 'dropped',
    tables: [],
  },
]

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

/** Holds back what the second shard is to do, until it is told to stop. */
async function holdBack(sql: string): Promise<() => Promise<void>> {
  const uri = `${vitess().shards.get('message_db/80-')?.url}/vt_message_db_80-`
  const connection = await createConnection({ uri })
  await connection.query('BEGIN')
  await connection.query(sql)
  return () => connection.end()
}

describeVitess('a rotation of a keyspace that is killed between two shards', () => {
  it.each(scenarios.map((one) => [one.what, one] as const))(
    'while it %s is ended by the next run, and no row is lost',
    { timeout: 300_000 },
    async (_, { prepare, args, block, isBegun, state, tables }) => {
      const stage = await openVitessStage(openStage, vitess(), {
        files: familyFiles('message_db'),
        ddlStrategy: 'direct',
        configuration: { rotation: { archive: 'archives' } },
      })
      await makeSequence(stage)
      await prepare(stage)
      const hold = async (): Promise<string> => {
        const found = await stage.ask(`SELECT hold_table FROM wwdb_shards_message_db WHERE hold_table IS NOT NULL`)
        return String(found[0]?.[0])
      }
      const release = await holdBack(block(await hold().catch(() => '')))
      const running = stage.start(args)
      try {
        await expect
          .poll(async () => isBegun((await tablesOn(stage, 'message_db'))[0] ?? []), { timeout: 90_000, interval: 50 })
          .toBe(true)
        running.child.kill('SIGKILL')
        await running.ended
      } finally {
        await release()
      }
      // As waiting for its end would do.
      await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)')
      const again = await stage.run(args)
      expect([again.exitCode, again.stdout], again.stderr).toEqual([0, expect.anything()])
      const settled = await stage.ask(`SELECT state FROM wwdb_shards_message_db WHERE shard_key='${old}'`)
      // What the run found made was not its own work: the next rotation takes it into the registry.
      if (settled.length === 0) await run(stage, rotate)
      const states = await stage.ask(`SELECT state FROM wwdb_shards_message_db WHERE shard_key='${old}'`)
      expect(states.map(([one]) => (one === 'sealed' ? 'live' : one))).toEqual([state])
      const ofOld = (found: readonly string[]): readonly string[] => found.filter((name) => name.endsWith(own))
      expect((await tablesOn(stage, 'message_db')).map(ofOld)).toEqual([tables, tables])
      if (tables.includes(own) && state === 'live' && args !== scenarios[0]?.args)
        expect(await stage.ask(`SELECT COUNT(*) FROM ${own}`, 'message_db')).toEqual([[4]])
      if (state !== 'archived') return
      await run(stage, ['shards', 'restore', '--family', 'letters', '--key', old])
      expect(await stage.ask(`SELECT COUNT(*) FROM ${own}`, 'message_db')).toEqual([[4]])
    },
  )
})
