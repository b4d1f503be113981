import { beforeEach, expect, it } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

/** `2026-12`, so many months from now. */
function month(offset: number): string {
  const now = new Date()
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)).toISOString().slice(0, 7)
}

const tableOf = (key: string): string => `letters_${key.replace('-', '')}`
const [old, current, next] = [month(-3), month(0), month(1)] as const

const policy = [
  '-- wwdb:period month',
  '-- wwdb:name letters_{YYYYMM}',
  '-- wwdb:premake 1 periods',
  '-- wwdb:late 1 hour',
  '-- wwdb:keep 1 month',
  '-- wwdb:grace 1 hour',
  '-- wwdb:archive none',
]
const columns = 'sender BIGINT NOT NULL, body JSON NULL, length INT, CONSTRAINT `{{table}}_long` CHECK (length > 0)'
const sharded = [
  ...policy,
  '-- wwdb:vindex by_sender (sender) USING xxhash',
  '-- wwdb:sequence id USING user_db.letter_ids',
  `CREATE TABLE {{table}} (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, ${columns});`,
].join('\n')
const whole = [
  ...policy,
  '-- wwdb:ids YYYYMM x 10000000000',
  `CREATE TABLE {{table}} (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, ${columns});`,
].join('\n')

const open = (keyspace: string, template: string): Promise<VitessStage> =>
  openVitessStage(openStage, vitess(), {
    files: { [`shard-templates/${keyspace}/letters.sql`]: template },
    ddlStrategy: 'direct',
  })

async function makeSequence({ ask }: VitessStage): Promise<void> {
  await ask("CREATE TABLE letter_ids (id BIGINT, next_id BIGINT, cache BIGINT, PRIMARY KEY (id)) COMMENT 'vitess_sequence'")
  await ask('INSERT INTO letter_ids VALUES (0, 1, 10)')
  await ask('ALTER VSCHEMA ADD SEQUENCE letter_ids')
}

/** The tables of the family on each shard, those on hold by the names that they had. */
async function tablesOn({ onShards }: VitessStage, keyspace: string): Promise<readonly (readonly string[])[]> {
  const found = await onShards("SHOW TABLES LIKE '%letters\\_2%'", keyspace)
  return found.map((rows) =>
    rows
      .map(([name]) => String(name).replace(/^_hold_\d+_[0-9a-f]+_/, 'held '))
      .filter((name) => !name.startsWith('_vt_'))
      .toSorted(),
  )
}

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess.each([
  { keyspace: 'user_db', template: whole, shards: 1 },
  { keyspace: 'message_db', template: sharded, shards: 2 },
])('a family by month in the keyspace $keyspace', ({ keyspace, template, shards }) => {
  const each = (tables: readonly string[]): readonly (readonly string[])[] =>
    Array.from({ length: shards }, () => tables.toSorted())
  const states = ({ ask }: VitessStage) =>
    ask(`SELECT shard_key,state FROM wwdb_shards_${keyspace} ORDER BY shard_key`)

  async function prepare(): Promise<VitessStage> {
    const stage = await open(keyspace, template)
    if (shards > 1) await makeSequence(stage)
    return stage
  }

  it('is planned without a write, made ahead on each shard, and complete the second time', {
    timeout: 180_000,
  }, async () => {
    const stage = await prepare()
    const plan = await stage.run(['rotate', 'plan'])
    expect([plan.exitCode, plan.stdout], plan.stderr).toEqual([0, expect.stringContaining(tableOf(next))])
    expect(await tablesOn(stage, keyspace)).toEqual(each([]))
    expect(await stage.ask(`SHOW TABLES LIKE 'wwdb\\_shard%'`)).toEqual([])

    const run = await stage.run(['rotate', 'run'])
    expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('2 made')])
    expect(await tablesOn(stage, keyspace)).toEqual(each([tableOf(current), tableOf(next)]))
    expect(await states(stage)).toEqual([
      [current, 'live'],
      [next, 'live'],
    ])
    const runs = await stage.ask(`SELECT command,outcome FROM wwdb_runs_${keyspace}`)
    expect(runs).toEqual([['rotate run', 'done']])

    for (const sender of [1, 2, 3, 4])
      await stage.ask(`INSERT INTO ${tableOf(current)} (sender, length) VALUES (${sender}, 1)`, keyspace)
    const rows = await stage.ask(`SELECT COUNT(DISTINCT id) FROM ${tableOf(current)}`, keyspace)
    expect(rows).toEqual([[4]])

    const given = await stage.ask(`SHOW VITESS_MIGRATIONS FROM ${keyspace}`)
    const again = await stage.run(['rotate', 'run'])
    expect([again.exitCode, again.stdout]).toEqual([0, expect.not.stringContaining('made:')])
    expect(await stage.ask(`SHOW VITESS_MIGRATIONS FROM ${keyspace}`)).toHaveLength(given.length)
    const check = await stage.run(['shards', 'check'])
    expect([check.exitCode, check.stdout], check.stderr).toEqual([0, expect.stringContaining('letters')])
    const list = await stage.run(['shards', 'list'])
    expect([list.exitCode, list.stdout], list.stderr).toEqual([0, expect.stringContaining(tableOf(next))])
  })

  it('is sealed, put on hold, brought back, held again and dropped; Vitess keeps what was dropped', {
    timeout: 300_000,
  }, async () => {
    const stage = await prepare()
    const made = await stage.run(['shards', 'create', '--family', 'letters', '--key', old])
    expect([made.exitCode, made.stdout], made.stderr).toEqual([0, expect.stringContaining(tableOf(old))])
    for (const sender of [1, 2, 3, 4])
      await stage.ask(`INSERT INTO ${tableOf(old)} (sender, body, length) VALUES (${sender}, '{"a": 1.50}', 1)`, keyspace)
    const rotate = async (): Promise<void> => {
      const run = await stage.run(['rotate', 'run', '--yes'])
      expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.anything()])
    }
    const stateOfOld = async () => new Map((await states(stage)).map(([key, state]) => [key, state])).get(old)
    const held = `held ${tableOf(old)}`
    await rotate()
    expect(await stateOfOld()).toBe('sealed')
    await rotate()
    expect(await stateOfOld()).toBe('held')
    for (const tables of await tablesOn(stage, keyspace)) {
      expect(tables).toContain(held)
      expect(tables).not.toContain(tableOf(old))
    }

    const back = await stage.run(['shards', 'restore', '--family', 'letters', '--key', old])
    expect([back.exitCode, back.stdout], back.stderr).toEqual([0, expect.anything()])
    expect(await stage.ask(`SELECT COUNT(*) FROM ${tableOf(old)}`, keyspace)).toEqual([[4]])
    const free = ['shards', 'unprotect', '--family', 'letters', '--key', old, '--reason', 'seen']
    expect((await stage.run(free)).exitCode).toBe(0)
    await rotate()
    await rotate()
    expect(await stateOfOld()).toBe('held')

    await stage.ask(`UPDATE wwdb_shards_${keyspace} SET held_until='2020-01-01' WHERE shard_key='${old}'`)
    await rotate()
    expect(await stateOfOld()).toBe('dropped')
    for (const tables of await tablesOn(stage, keyspace)) expect(tables).not.toContain(held)
    const kept = await stage.onShards("SHOW TABLES LIKE '\\_vt\\_hld\\_%'", keyspace)
    expect(kept.every((tables) => tables.length > 0)).toBe(true)
    // Where the keyspace is not sharded, vtgate shows every table that it has found on the tablet.
    const known = (await stage.ask('SHOW VSCHEMA TABLES', keyspace)).map(([name]) => String(name))
    expect(known).toContain(tableOf(current))
    if (shards > 1) expect(known).not.toContain(tableOf(old))
  })
})

describeVitess('a family that a keyspace has no place for', () => {
  it('is refused by name at planning', { timeout: 120_000 }, async () => {
    const lines = (without: string): string =>
      sharded
        .split('\n')
        .filter((line) => !line.startsWith(without))
        .join('\n')
    for (const [template, why] of [
      [lines('-- wwdb:vindex'), 'would not know the shard of a row'],
      [lines('-- wwdb:sequence'), 'would count `AUTO_INCREMENT` by itself'],
      [sharded.replace('-- wwdb:late', '-- wwdb:view letters_recent 2 periods\n-- wwdb:late'), 'a view over several shards'],
    ] as const) {
      const stage = await open('message_db', template)
      const plan = await stage.run(['rotate', 'plan'])
      expect([plan.exitCode, flat(plan.stdout + plan.stderr)]).toEqual([2, expect.stringContaining(why)])
      const run = await stage.run(['rotate', 'run'])
      expect([run.exitCode, flat(run.stdout + run.stderr)]).toEqual([2, expect.stringContaining(why)])
      expect(await tablesOn(stage, 'message_db')).toEqual([[], []])
    }
  })
})
