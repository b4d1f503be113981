import { beforeEach, expect, it } from 'vitest'
import { isSoak } from '../helpers/tool/seed.ts'
import { migration, withStages } from '../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const files = {
  'user_db/20260101000000_users.sql': migration(
    'CREATE TABLE users (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL);\nINSERT INTO users (name) VALUES (1), (2);\nALTER TABLE users ADD COLUMN mail VARCHAR(100) NULL;\nINSERT INTO users (name) VALUES (3);',
  ),
  'message_db/20260101000000_messages.sql': migration(
    'CREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY, body VARCHAR(200) NOT NULL);\nALTER TABLE messages ADD COLUMN title VARCHAR(20) NULL;\nDROP TABLE messages;\nCREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY, body VARCHAR(200) NOT NULL);',
  ),
}

/** The rows of a question once there are any; the empty list where that takes too long. */
async function awaitRows(stage: VitessStage, sql: string): Promise<readonly (readonly unknown[])[]> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const rows = await stage.ask(sql).catch(() => [])
    if (rows.length > 0) return rows
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return []
}

/** At which sight the run is killed. A run of everything takes the first three. */
const sights: Readonly<Record<string, string>> = {
  'a table with two shards is to be altered': 'SELECT 1 FROM wwdb_journal_message_db WHERE pass=1 AND statement=1',
  'the same statement comes a second time': 'SELECT 1 FROM wwdb_journal_message_db WHERE pass=1 AND statement=3',
  'a table is to be altered': 'SELECT 1 FROM wwdb_journal_user_db WHERE pass=1 AND statement=2',
  'the lease is taken': "SELECT 1 FROM wwdb_lease WHERE name='user_db' AND token>0",
  'the first definition is open': 'SELECT 1 FROM wwdb_journal_user_db WHERE pass=1',
  'data is to be written': 'SELECT 1 FROM wwdb_journal_user_db WHERE pass=1 AND statement=1',
}
const [first] = Object.keys(sights)

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('a run through vtgate that is killed', () => {
  it.each(Object.entries(sights).slice(0, isSoak ? 6 : 3))(
    'when %s is resumed, and does everything once',
    { timeout: 180_000 },
    async (name, sight) => {
      const stage = await openVitessStage(openStage, vitess(), { files })
      const run = stage.start(['migrate', '--yes', '--allow', 'DROP_TABLE'])
      expect(await awaitRows(stage, sight), name).not.toEqual([])
      run.child.kill('SIGKILL')
      await run.ended
      // Once the run waits until the lease has ended; else its end is set to now, as waiting would do.
      if (name !== first) await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)')
      const { exitCode, stdout, stderr } = await stage.run(['migrate', '--yes', '--allow', 'DROP_TABLE'])
      expect([exitCode, stdout], stderr).toEqual([0, expect.stringMatching(/2 databases: /)])
      expect(await stage.ask('SELECT name,mail FROM users ORDER BY id')).toEqual([
        ['1', null],
        ['2', null],
        ['3', null],
      ])
      const columns = await stage.onShards('SHOW COLUMNS FROM messages', 'message_db')
      expect(columns.map((rows) => rows.map(([column]) => column))).toEqual([
        ['id', 'body'],
        ['id', 'body'],
      ])
      const status = await stage.run(['status', '--exit-code'])
      expect([status.exitCode, status.stdout]).toEqual([0, expect.stringContaining('0 pending migrations')])
    },
  )
})

const rebuilt = migration(
  'CREATE TABLE letters (id INT NOT NULL PRIMARY KEY);\nDROP TABLE letters;\nCREATE TABLE letters (id INT NOT NULL PRIMARY KEY, n INT NOT NULL);\nINSERT INTO letters (id, n) VALUES (1, 1);\nALTER TABLE letters ADD INDEX (n);',
)

describeVitess('a run through vtgate that is paused until another has done its work', () => {
  it.each(['vitess', 'direct'] as const)(
    'repeats nothing when it goes on, %s',
    { timeout: 180_000 },
    async (ddlStrategy) => {
      const stage = await openVitessStage(openStage, vitess(), {
        files: { 'user_db/20260101000000_letters.sql': rebuilt },
        ddlStrategy,
      })
      const command = ['migrate', '--yes', '-t', 'user_db', '--allow', 'DROP_TABLE']
      const paused = stage.start(command)
      expect(await awaitRows(stage, 'SELECT 1 FROM wwdb_journal_user_db WHERE pass=1 AND statement=1')).not.toEqual([])
      paused.child.kill('SIGSTOP')
      await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)')
      const other = await stage.run(command)
      expect(other.exitCode, other.stderr).toBe(0)
      paused.child.kill('SIGCONT')
      const { exitCode, stderr } = await paused.ended
      expect([exitCode, stderr]).toEqual([
        2,
        expect.stringContaining('The lease of `user_db` was lost during the run.'),
      ])
      expect(await stage.ask('SELECT id,n FROM letters')).toEqual([[1, 1]])
      const keys = await stage.ask('SHOW KEYS FROM letters')
      expect(keys.map((row) => row[2])).toEqual(['PRIMARY', 'n'])
    },
  )
})
