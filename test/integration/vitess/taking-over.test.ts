import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const open = (files: Readonly<Record<string, string>>): Promise<VitessStage> => {
  const scratchUrl = testServer().url.replace(/\/$/, '')
  const own = { vitess: { journal: 'user_db', ddlStrategy: 'direct', scratchUrl } }
  return openVitessStage(openStage, vitess(), {
    files,
    configuration: { databases: { user_db: own, message_db: own } },
  })
}

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

const create = 'CREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY, body VARCHAR(200) NOT NULL)'
const messages = migration(`${create};`, 'DROP TABLE messages;')
const file = 'message_db/20260101000000_messages.sql'
const [sharded, both] = [
  ['-t', 'message_db'],
  ['-t', 'user_db,message_db'],
]

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('a keyspace that was there before wwdb', () => {
  it('is compared with the files of a baseline, and counts as migrated then', { timeout: 120_000 }, async () => {
    const stage = await open({ [file]: messages })
    await stage.ask(create.replace('200', '100'), 'message_db')
    const differs = await stage.run(['baseline', '20260101000000', '--yes', ...sharded])
    expect([differs.exitCode, flat(differs.stdout)], differs.stderr).toEqual([
      1,
      expect.stringContaining('Nothing was recorded'),
    ])
    await stage.ask('ALTER TABLE messages MODIFY COLUMN body VARCHAR(200) NOT NULL', 'message_db')
    const baseline = await stage.run(['baseline', '20260101000000', '--yes', ...sharded])
    expect([baseline.exitCode, baseline.stdout], baseline.stderr).toEqual([
      0,
      expect.stringContaining('1 migration recorded'),
    ])
    const run = await stage.run(['migrate', '--yes', ...sharded])
    expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('1 with nothing to do')])
    expect((await stage.run(['drift', ...sharded])).exitCode).toBe(0)
  })

  it('is not taken over while its shards differ', { timeout: 120_000 }, async () => {
    const stage = await open({ [file]: messages })
    await stage.ask(create, 'message_db')
    await stage.ask('ALTER TABLE messages ADD COLUMN title INT', 'message_db:80-')
    const differs = await stage.run(['baseline', '20260101000000', '--yes', ...sharded])
    expect([differs.exitCode, flat(differs.stdout)], differs.stderr).toEqual([
      1,
      expect.stringContaining('column title'),
    ])
  })

  it('is not written as a migration while its shards differ', { timeout: 120_000 }, async () => {
    const stage = await open({})
    await stage.ask(create, 'message_db:80-')
    const refused = await stage.run(['baseline', '0001', '--from-live', '--yes', ...sharded])
    expect([refused.exitCode, flat(refused.stderr)]).toEqual([
      2,
      expect.stringContaining('table `messages`: none on shard -80, one definition on shard 80-'),
    ])
  })

  it('becomes the first migration where there is none', { timeout: 120_000 }, async () => {
    const stage = await open({})
    await stage.ask(create, 'message_db')
    const live = await stage.run(['baseline', '0001', '--from-live', '--yes', ...sharded])
    expect(live.exitCode, live.stdout + live.stderr).toBe(0)
    const made = await readFile(join(stage.folder, 'migrations/message_db/0001_baseline.sql'), 'utf8')
    expect(made).toContain('CREATE TABLE `messages`')
    expect((await stage.run(['migrate', '--yes', ...sharded])).stdout).toContain('1 with nothing to do')
  })

  it('is taken over from another tool with its history, and given back', { timeout: 120_000 }, async () => {
    const stage = await open({ 'old/20251201000000_messages.sql': messages })
    await stage.ask(create, 'message_db')
    await stage.ask('CREATE TABLE schema_migrations (version VARCHAR(128) PRIMARY KEY)', 'message_db')
    await stage.ask("INSERT INTO schema_migrations VALUES ('20251201000000')", 'message_db:-80')
    // vtgate learns of the table from its tablets a moment later.
    await expect
      .poll(() => stage.ask('SELECT version FROM schema_migrations', 'message_db').catch(() => null), {
        timeout: 20_000,
      })
      .toEqual([['20251201000000']])
    const adopt = ['adopt', '--from', 'dbmate', '--files', 'migrations/old', '--yes', ...sharded]
    const adopted = await stage.run(adopt)
    expect(adopted.exitCode, adopted.stdout + adopted.stderr).toBe(0)
    const status = await stage.run(['status', ...sharded])
    expect(flat(status.stdout)).toContain('applied 20251201000000')
    expect((await stage.run(['drift', ...sharded])).exitCode).toBe(0)
    const undone = await stage.run(['adopt', '--undo', '--yes', ...sharded])
    expect(
      [undone.exitCode, await stage.ask('SELECT COUNT(*) FROM wwdb_journal_message_db WHERE pass>0')],
      undone.stderr,
    ).toEqual([0, [[0]]])
  })
})

describeVitess('the journal of a keyspace', () => {
  it('records what a person says, and squashed files', { timeout: 120_000 }, async () => {
    const second = 'message_db/20260102000000_title.sql'
    const title = migration(
      'ALTER TABLE messages ADD COLUMN title INT NULL;',
      'ALTER TABLE messages DROP COLUMN title;',
    )
    const stage = await open({ [file]: messages, [second]: title })
    expect((await stage.run(['migrate', '--yes', ...sharded])).exitCode).toBe(0)
    expect((await stage.run(['mark', '20260102000000', '--pending', '--yes', ...sharded])).exitCode).toBe(0)
    expect((await stage.run(['status', ...sharded])).stdout).toContain('1 pending migration')
    expect((await stage.run(['mark', '20260102000000', '--applied', '--yes', ...sharded])).exitCode).toBe(0)
    const squashed = await stage.run(['squash', '--to', '20260102000000', '--yes', ...sharded])
    expect(squashed.exitCode, squashed.stdout + squashed.stderr).toBe(0)
    const run = await stage.run(['migrate', '--yes', ...sharded])
    expect([run.exitCode, run.stdout], run.stderr).toEqual([
      0,
      expect.stringContaining('1 migration applied (0 statements'),
    ])
    expect((await stage.run(['drift', ...sharded])).exitCode).toBe(0)
    stage.write('message_db/20260101120000_late.sql', migration('ALTER TABLE messages ADD COLUMN late INT NULL;'))
    const rebased = await stage.run(['rebase', '--dry-run', ...sharded])
    expect([rebased.exitCode, rebased.stdout], rebased.stderr).toEqual([0, expect.stringContaining('20260101120000')])
  })

  it('is in the report, with the definitions', { timeout: 120_000 }, async () => {
    const stage = await open({ [file]: messages })
    expect((await stage.run(['migrate', '--yes', ...both])).exitCode).toBe(0)
    const report = await stage.run(['report', '--out', 'report.html'])
    expect([report.exitCode, report.stdout], report.stderr).toEqual([
      0,
      expect.stringContaining('2 databases, 1 table,'),
    ])
    const ping = await stage.run(['db', 'ping'])
    expect(flat(ping.stdout)).toMatch(/message_db reachable at \S+ Vitess as MySQL \S+, keyspace exists/)
  })
})
