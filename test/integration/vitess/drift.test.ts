import { beforeEach, expect, it } from 'vitest'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const files = {
  'user_db/20260101000000_users.sql': migration(
    'CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(50) NOT NULL);\nALTER TABLE users ADD COLUMN mail VARCHAR(100) NULL;',
    'DROP TABLE users;',
  ),
  'message_db/20260101000000_messages.sql': migration(
    'CREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY, body VARCHAR(200) NOT NULL);\nALTER TABLE messages ADD COLUMN title VARCHAR(20) NULL;',
    'DROP TABLE messages;',
  ),
}

const open = (ddlStrategy: 'vitess' | 'direct'): Promise<VitessStage> => {
  const own = { vitess: { journal: 'user_db', ddlStrategy, scratchUrl: testServer().url.replace(/\/$/, '') } }
  return openVitessStage(openStage, vitess(), {
    files,
    configuration: { databases: { user_db: own, message_db: own } },
  })
}

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('drift of a keyspace', () => {
  it.each(['vitess', 'direct'] as const)(
    'is none after a run, is found on every shard, and is reverted or accepted, %s',
    { timeout: 180_000 },
    async (strategy) => {
      const stage = await open(strategy)
      const run = await stage.run(['migrate', '--yes'])
      expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringContaining('not recorded')])
      const none = await stage.run(['drift'])
      expect([none.exitCode, none.stdout], none.stderr).toEqual([
        0,
        expect.stringContaining('No difference between live and recorded in 2 databases.'),
      ])

      await stage.ask('ALTER TABLE messages ADD COLUMN note INT NULL', 'message_db')
      const found = await stage.run(['drift'])
      expect([found.exitCode, flat(found.stdout)], found.stderr).toEqual([
        1,
        expect.stringMatching(/table messages: column note .*1 object of live differs from recorded/),
      ])
      const status = await stage.run(['status'])
      expect(flat(status.stdout), status.stderr).toContain('One object was changed by hand: `wwdb drift` shows how.')
      const reverted = await stage.run(['drift', '--revert', '--yes', '--allow', 'drop-column'])
      expect(reverted.exitCode, reverted.stdout + reverted.stderr).toBe(0)
      const columns = "SHOW COLUMNS FROM messages LIKE 'note'"
      expect(await stage.onShards(columns, 'message_db')).toEqual([[], []])

      await stage.ask('ALTER TABLE users ADD COLUMN age INT NULL')
      const accepted = await stage.run(['drift', '--accept', 'add_age', '--yes'])
      expect(accepted.exitCode, accepted.stdout + accepted.stderr).toBe(0)
      const after = await stage.run(['drift'])
      expect([after.exitCode, after.stdout], after.stderr).toEqual([0, expect.stringContaining('No difference')])
      const replayed = await stage.run(['drift', '--replay'])
      expect([replayed.exitCode, replayed.stdout], replayed.stderr).toEqual([
        0,
        expect.stringContaining('No difference'),
      ])
    },
  )

  it('names the shards that differ, writes no statement for them, and stops a run that changes them', {
    timeout: 120_000,
  }, async () => {
    const stage = await open('direct')
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    await stage.ask('ALTER TABLE messages ADD COLUMN note INT NULL', 'message_db:80-')
    const named = 'message_db: shards differ: table `messages`: one definition on shard -80, another one on shard 80-'
    for (const more of [[], ['--replay']]) {
      const found = await stage.run(['drift', ...more])
      expect([found.exitCode, flat(found.stdout)], found.stderr).toEqual([1, expect.stringContaining(named)])
      expect(flat(found.stdout)).toContain('table messages: column note')
    }
    for (const answer of [['--revert', '--yes'], ['--accept', 'note'], ['--sql']]) {
      const refused = await stage.run(['drift', ...answer])
      expect([refused.exitCode, flat(refused.stderr)]).toEqual([
        2,
        expect.stringContaining('The shards of `message_db` differ'),
      ])
    }
    stage.write('message_db/20260102000000_more.sql', migration('ALTER TABLE messages ADD COLUMN more INT NULL;'))
    const stopped = await stage.run(['migrate', '--yes'])
    expect([stopped.exitCode, flat(stopped.stderr)]).toEqual([
      2,
      expect.stringContaining('The table `messages` of `message_db` was changed since the last run of wwdb'),
    ])
    await stage.ask('ALTER TABLE messages DROP COLUMN note', 'message_db:80-')
    const run = await stage.run(['migrate', '--yes'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect((await stage.run(['drift'])).exitCode).toBe(0)
  })

  it('is not taken back where it is a table with rows, as Vitess renames no table', { timeout: 120_000 }, async () => {
    const stage = await open('direct')
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    await stage.ask('CREATE TABLE notes (id INT PRIMARY KEY)')
    await stage.ask('INSERT INTO notes VALUES (1)')
    const held = await stage.run(['drift', '--revert', '--confirm', 'notes'])
    expect([held.exitCode, flat(held.stderr)]).toEqual([
      2,
      expect.stringContaining('Vitess does not run RENAME TABLE as a migration'),
    ])
    await stage.ask('DELETE FROM notes')
    const reverted = await stage.run(['drift', '--revert', '--yes', '--allow', 'drop-table'])
    expect(reverted.exitCode, reverted.stdout + reverted.stderr).toBe(0)
    expect(await stage.ask("SHOW TABLES LIKE 'notes'")).toEqual([])
  })

  it('is compared with nothing where its record is gone, which is said', { timeout: 120_000 }, async () => {
    const stage = await open('direct')
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    await stage.ask('DROP TABLE wwdb_schema_message_db')
    const found = await stage.run(['drift'])
    expect([found.exitCode, flat(found.stderr)]).toEqual([
      0,
      expect.stringContaining('The record of the schema of `message_db` is missing or damaged'),
    ])
    const rebuilt = await stage.run(['repair', '--rebuild-record', '--yes', '-t', 'message_db'])
    expect(rebuilt.exitCode, rebuilt.stdout + rebuilt.stderr).toBe(0)
    const again = await stage.run(['drift'])
    expect([again.exitCode, again.stderr]).toEqual([0, ''])
  })
})
