import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeEach, expect, it } from 'vitest'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { familyFiles, makeSequence, month, tableOf } from '../../helpers/vitess/letters-family.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const old = month(-3)
const current = tableOf(month(0))
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

async function vtctldclient(...words: readonly string[]): Promise<string> {
  const { client, address } = vitess().vtctld
  return (await promisify(execFile)(client, ['--server', address, ...words])).stdout
}

const reshard = (...words: readonly string[]): Promise<string> =>
  vtctldclient('Reshard', '--workflow', 'split', '--target-keyspace', 'message_db', ...words)

const isCopied = async (): Promise<boolean> => {
  const streams = (await reshard('show')).match(/"state": "\w+",\s+"db_name"/g) ?? []
  return streams.length === 2 && streams.every((one) => one.includes('Running'))
}

/** The shards get their tablets, and what the VSchemas said, which a restart forgets. */
async function beginTablets(): Promise<void> {
  const keyspaces = ['user_db', 'message_db'] as const
  const vschemas = await Promise.all(keyspaces.map((keyspace) => vtctldclient('GetVSchema', keyspace)))
  await vitess().restart(['message_db/-40', 'message_db/40-80'])
  for (const [at, keyspace] of keyspaces.entries())
    await vtctldclient('ApplyVSchema', '--vschema', vschemas[at] ?? '', keyspace)
}

/** What shards that serve answer, asked one by one. */
const onEach = (stage: VitessStage, shards: readonly string[], sql: string) =>
  Promise.all(shards.map((shard) => stage.ask(sql, encodeURIComponent(`message_db:${shard}`))))

const isServing = async (stage: VitessStage): Promise<readonly string[]> =>
  (await stage.ask('SHOW VITESS_SHARDS')).map(([name]) => String(name)).filter((name) => name.startsWith('message_db'))

async function open(): Promise<VitessStage> {
  const scratchUrl = testServer().url.replace(/\/$/, '')
  const own = { vitess: { journal: 'user_db', ddlStrategy: 'direct', scratchUrl } }
  const first = 'CREATE TABLE plain (id BIGINT NOT NULL PRIMARY KEY);'
  const stage = await openVitessStage(openStage, vitess(), {
    files: {
      ...familyFiles('message_db'),
      'message_db/20260101000000_a.sql': migration(
        `${first}\nALTER VSCHEMA ON plain ADD VINDEX by_id (id) USING xxhash;`,
      ),
    },
    configuration: { databases: { user_db: own, message_db: own }, rotation: { archive: 'archives' } },
  })
  await makeSequence(stage)
  return stage
}

describeVitess('a Reshard that is canceled', () => {
  it('leaves its shards, and migrations wait for their removal, as the message says', {
    timeout: 300_000,
  }, async () => {
    const stage = await open()
    const idle = 'the shards -40, 40-80 have tablets and serve nothing'
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    stage.write('message_db/20260102000000_b.sql', migration('ALTER TABLE plain ADD COLUMN seen INT;'))
    await beginTablets()
    await reshard('create', '--source-shards=-80', '--target-shards=-40,40-80', '--tablet-types', 'primary')
    await expect.poll(isCopied, { timeout: 60_000 }).toBe(true)
    await reshard('cancel')
    const refused = await stage.run(['migrate', '--yes', '-t', 'message_db'])
    expect([refused.exitCode, flat(refused.stderr)]).toEqual([2, expect.stringContaining(idle)])
    expect(flat(refused.stderr)).toContain('`vtctldclient DeleteShards --recursive message_db/SHARD`')
    await vtctldclient('DeleteShards', '--recursive', 'message_db/-40', 'message_db/40-80')
    const ends = async (): Promise<number | null> =>
      (await stage.run(['migrate', '--yes', '-t', 'message_db'])).exitCode
    await expect.poll(ends, { timeout: 90_000 }).toBe(0)
  })
})

describeVitess('while a shard of the keyspace is divided by a Reshard', () => {
  it('no table is defined and nothing is taken from its shards by time, and all goes on where the others serve', {
    timeout: 300_000,
  }, async () => {
    const stage = await open()
    const run = async (...args: readonly string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await stage.run(args)
      expect([exitCode, stdout], stderr).toEqual([0, expect.anything()])
      return flat(stdout)
    }
    const ends = async (code: number, sentence: string, ...args: readonly string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await stage.run(args)
      const said = flat(stdout + stderr)
      expect([exitCode, said], args.join(' ')).toEqual([code, expect.stringContaining(sentence)])
      return said
    }
    const readJournal = () =>
      stage.ask('SELECT * FROM wwdb_journal_message_db WHERE version=20260101000000 ORDER BY 1, 2, 3')
    /** Each of these says what is true of the keyspace now. @param idle the shards that serve nothing, as a sentence */
    const isRefused = async (idle: string): Promise<void> => {
      const refusal = await ends(2, idle, 'migrate', '--yes')
      expect(refusal).toContain('vtctldclient Reshard --target-keyspace message_db')
      await ends(2, idle, 'plan')
      await ends(2, idle, 'rotate', 'run', '--yes')
      await ends(2, idle, 'shards', 'create', '--family', 'letters', '--key', month(3))
      await ends(1, idle, 'shards', 'check')
      await ends(0, idle, 'rotate', 'plan')
      expect(await run('status')).toContain('1 applied, 1 pending.')
      expect(await run('drift', '-t', 'message_db')).toContain('No difference between live and recorded')
      expect(await readJournal()).toEqual(journal)
      expect((await stage.ask(`SELECT state FROM wwdb_shards_message_db WHERE shard_key='${old}'`))[0]).toEqual([
        'sealed',
      ])
    }
    await run('migrate', '--yes')
    await run('shards', 'create', '--family', 'letters', '--key', old)
    await run('rotate', 'run', '--yes')
    for (let id = 0; id < 40; id += 1) await stage.ask(`INSERT INTO plain VALUES (${id})`, 'message_db')
    await stage.ask(`INSERT INTO ${current} (sender, length) VALUES (1, 1), (2, 1), (3, 1)`, 'message_db')
    const journal = await readJournal()
    stage.write('message_db/20260102000000_b.sql', migration('ALTER TABLE plain ADD COLUMN seen INT;'))

    await beginTablets()
    await reshard('create', '--source-shards=-80', '--target-shards=-40,40-80', '--tablet-types', 'primary')
    await isRefused('the shards -40, 40-80 have tablets and serve nothing')
    // Its owner may be asked to keep the rows meanwhile: that changes no table.
    await run('shards', 'protect', '--family', 'letters', '--key', old, '--reason', 'case-1')
    await run('shards', 'unprotect', '--family', 'letters', '--key', old, '--reason', 'closed')

    await expect.poll(isCopied, { timeout: 60_000 }).toBe(true)
    await reshard('switchtraffic')
    await expect.poll(() => isServing(stage)).toEqual(['message_db/-40', 'message_db/40-80', 'message_db/80-'])
    await isRefused('shard -80 has tablets and serves nothing')
    await reshard('complete')
    // It has removed the shard, and a vtgate hears of that when it looks at its tablets again.
    await expect
      .poll(async () => JSON.stringify(await stage.ask('SHOW VITESS_TABLETS')), { timeout: 60_000 })
      .not.toContain('"-80"')

    expect(await run('shards', 'check')).toContain('nothing is wrong')
    expect(await run('drift', '-t', 'message_db')).toContain('No difference between live and recorded')
    await run('migrate', '--yes')
    expect(await run('status')).toContain('2 applied')
    expect(await readJournal()).toEqual(journal)
    expect(await run('drift', '-t', 'message_db')).toContain('No difference between live and recorded')
    const shards = ['-40', '40-80', '80-'] as const
    for (const columns of await onEach(stage, shards, 'SHOW COLUMNS FROM plain'))
      expect(columns.map(([name]) => name)).toEqual(['id', 'seen'])
    expect(await stage.ask('SELECT COUNT(*) FROM plain', 'message_db')).toEqual([[40]])
    await run('rotate', 'run', '--yes')
    for (const tables of await onEach(stage, shards, 'SHOW TABLES')) {
      const names = tables.map(([name]) => String(name))
      expect(names).toContain(current)
      expect(names).toContainEqual(expect.stringMatching(new RegExp(`^_hold_.*${tableOf(old)}$`)))
    }
    expect(await stage.ask(`SELECT COUNT(*) FROM ${current}`, 'message_db')).toEqual([[3]])
  })
})
