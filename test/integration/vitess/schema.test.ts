import { beforeEach, expect, it } from 'vitest'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const files = {
  'user_db/20260101000000_users.sql': migration(
    'CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(50) NOT NULL);\nCREATE VIEW names AS SELECT name FROM users;',
    'DROP VIEW names;\nDROP TABLE users;',
  ),
  'message_db/20260101000000_messages.sql': migration(
    'CREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY, body VARCHAR(200) NOT NULL);',
    'DROP TABLE messages;',
  ),
}

/** @param scratch whether a MySQL server for scratch schemas is named */
const open = (scratch: boolean): Promise<VitessStage> => {
  const url = testServer().url.replace(/\/$/, '')
  const own = { vitess: { journal: 'user_db', ddlStrategy: 'direct', ...(scratch && { scratchUrl: url }) } }
  return openVitessStage(openStage, vitess(), {
    files,
    configuration: { databases: { user_db: own, message_db: own } },
  })
}

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

const sharded = ['-t', 'message_db']

describeVitess('the schema of a keyspace', () => {
  it('is printed, and compared with what the migration files make', { timeout: 120_000 }, async () => {
    const stage = await open(true)
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    const dump = await stage.run(['schema', 'dump'])
    expect([dump.exitCode, dump.stderr]).toEqual([0, ''])
    expect(dump.stdout).toMatch(/-- user_db\n\nCREATE TABLE `users` \([\s\S]*CREATE VIEW `names`/)
    expect(dump.stdout).toMatch(/-- message_db\n\nCREATE TABLE `messages` \(\n {2}`id` bigint NOT NULL/)
    expect(dump.stdout).not.toMatch(/wwdb_|vt_/)

    const same = await stage.run(['schema', 'diff', '--exit-code'])
    expect([same.exitCode, same.stdout], same.stderr).toEqual([
      0,
      expect.stringContaining('No difference between live and files in 2 databases.'),
    ])
    await stage.ask('ALTER TABLE users ADD COLUMN mail VARCHAR(20) NULL')
    const other = await stage.run(['schema', 'diff', '--exit-code'])
    expect([other.exitCode, other.stdout], other.stderr).toEqual([1, expect.stringContaining('DROP COLUMN `mail`')])
  })

  it('is said to differ between its shards, which are named', { timeout: 120_000 }, async () => {
    const stage = await open(true)
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    await stage.ask('ALTER TABLE messages ADD COLUMN title VARCHAR(20) NULL', 'message_db:80-')
    await stage.ask('CREATE TABLE extra (id INT PRIMARY KEY)', 'message_db:80-')
    const [extra, messages] = [
      'table `extra`: none on shard -80, one definition on shard 80-',
      'table `messages`: one definition on shard -80, another one on shard 80-',
    ]
    const dump = await stage.run(['schema', 'dump', ...sharded])
    expect(dump.stderr).toContain(`The shards of \`message_db\` differ`)
    for (const one of [extra, messages]) expect(dump.stderr.replaceAll(/\s+/g, ' ')).toContain(one)

    const diff = await stage.run(['schema', 'diff', '--exit-code', ...sharded])
    expect(diff.exitCode, diff.stderr).toBe(1)
    for (const one of [extra, messages])
      expect(diff.stdout.replaceAll(/\s+/g, ' ')).toContain(`message_db: shards differ: ${one}`)
    const written = await stage.run(['schema', 'diff', '--sql', ...sharded])
    expect([written.exitCode, written.stdout]).toEqual([2, ''])
    expect(written.stderr).toContain('A statement is run on every shard of a keyspace')
  })

  it('is not replayed where no MySQL server is named for it', { timeout: 120_000 }, async () => {
    const stage = await open(false)
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    const refused = await stage.run(['schema', 'diff'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('`user_db` is a keyspace of Vitess, and vtgate has no scratch schemas.')
    expect(refused.stderr).toContain('`databases.user_db.vitess.scratchUrl`')
  })
})
