import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { beforeEach, expect, it } from 'vitest'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const first = 'message_db/20260101000000_messages.sql'
const files = {
  [first]: migration(
    'CREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY, body INT NOT NULL);\nCREATE TABLE others (id BIGINT NOT NULL PRIMARY KEY);',
    'DROP TABLE others;\nDROP TABLE messages;',
  ),
}
const only = ['-t', 'message_db'] as const
const migrate = ['migrate', '--yes', ...only] as const

const open = (given: Readonly<Record<string, string>> = files): Promise<VitessStage> => {
  const scratchUrl = testServer().url.replace(/\/$/, '')
  const own = { vitess: { journal: 'user_db', ddlStrategy: 'direct', scratchUrl } }
  return openVitessStage(openStage, vitess(), {
    files: given,
    configuration: { databases: { user_db: own, message_db: own } },
  })
}

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

/** Changes one shard, or both, without a migration. */
async function changeByHand({ ask }: Pick<VitessStage, 'ask'>, text: string, ...shards: readonly string[]) {
  for (const shard of shards) await ask(text, `message_db:${shard}`)
}

const bothShards = ['-80', '80-'] as const

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('a row that a killed run left open', () => {
  it('stops the next run as on MySQL where no shard has its definition and the table was changed by hand', {
    timeout: 120_000,
  }, async () => {
    const stage = await open()
    expect((await stage.run(migrate)).exitCode).toBe(0)
    for (const shard of bothShards)
      await changeByHand(stage, 'INSERT INTO messages (id, body) VALUES (1, 1), (2, 1)', shard)
    stage.write('message_db/20260102000000_unique.sql', migration('ALTER TABLE messages ADD UNIQUE KEY bodies (body);'))
    expect((await stage.run(migrate)).exitCode).toBe(2)
    // As a run leaves it that dies before it has seen that Vitess failed.
    await stage.ask("UPDATE wwdb_journal_message_db SET state='open' WHERE pass=2")
    await changeByHand(stage, 'DELETE FROM messages', ...bothShards)
    await changeByHand(stage, 'ALTER TABLE messages ADD COLUMN note INT NULL', ...bothShards)
    const stopped = await stage.run(migrate)
    expect([stopped.exitCode, flat(stopped.stderr)]).toEqual([
      2,
      expect.stringContaining(
        'The table `messages` of `message_db` was changed since the last run of wwdb: column note',
      ),
    ])
    expect(await stage.ask('SELECT state FROM wwdb_journal_message_db WHERE pass=2')).toEqual([])
    await changeByHand(stage, 'ALTER TABLE messages DROP COLUMN note', ...bothShards)
    const run = await stage.run(migrate)
    expect(run.exitCode, run.stderr).toBe(0)
    expect((await stage.run(['drift', ...only])).exitCode).toBe(0)
  })

  it('leaves nothing behind where it is a mark whose file was never written', { timeout: 120_000 }, async () => {
    const stage = await open()
    expect((await stage.run(migrate)).exitCode).toBe(0)
    const record = await stage.ask('SELECT COUNT(*) FROM wwdb_schema_message_db')
    await stage.ask('CREATE TABLE kept LIKE wwdb_schema_message_db')
    await stage.ask('INSERT INTO kept SELECT * FROM wwdb_schema_message_db')
    await changeByHand(stage, 'ALTER TABLE messages ADD COLUMN note INT NULL', ...bothShards)
    const accepted = await stage.run(['drift', '--accept', 'note', '--yes', ...only])
    expect(accepted.exitCode, accepted.stdout + accepted.stderr).toBe(0)
    // As `drift --accept` leaves it that dies before it writes its file: its row is open, and its record the former one.
    const [[version]] = (await stage.ask('SELECT version FROM wwdb_journal_message_db WHERE pass=2')) as [[string]]
    rmSync(join(stage.folder, 'migrations', 'message_db', `${version}_note.sql`))
    await stage.ask("UPDATE wwdb_journal_message_db SET state='open',closed_at=NULL WHERE pass=2")
    await stage.ask('DELETE FROM wwdb_schema_message_db')
    await stage.ask('INSERT INTO wwdb_schema_message_db SELECT * FROM kept')
    expect(await stage.ask('SELECT COUNT(*) FROM wwdb_schema_message_db')).toEqual(record)
    const run = await stage.run(migrate)
    expect(run.exitCode, run.stderr).toBe(0)
    expect(await stage.ask('SELECT state FROM wwdb_journal_message_db WHERE pass=2')).toEqual([])
    const found = await stage.run(['drift', ...only])
    expect([found.exitCode, flat(found.stdout)], found.stderr).toEqual([
      1,
      expect.stringContaining('table messages: column note'),
    ])
  })
})

describeVitess('what a person changes on one shard, then on the other', () => {
  it('stays drift where a run on another table ends in between', { timeout: 120_000 }, async () => {
    const stage = await open()
    expect((await stage.run(migrate)).exitCode).toBe(0)
    await changeByHand(stage, 'ALTER TABLE messages ADD COLUMN note INT NULL', '80-')
    stage.write('message_db/20260102000000_others.sql', migration('ALTER TABLE others ADD COLUMN more INT NULL;'))
    const shard = vitess().shards.get('message_db/-80')
    const reader = await createConnection({ uri: `${shard?.url}/vt_message_db_-80` })
    await reader.query('BEGIN')
    await reader.query('SELECT * FROM others')
    const run = stage.run(migrate)
    const rows = "SELECT COUNT(*) FROM wwdb_journal_message_db WHERE pass=2 AND state='open'"
    await expect.poll(() => stage.ask(rows), { timeout: 60_000, interval: 100 }).toEqual([[1]])
    await changeByHand(stage, 'ALTER TABLE messages ADD COLUMN note INT NULL', '-80')
    await reader.end()
    const ended = await run
    expect(ended.exitCode, ended.stderr).toBe(0)
    const found = await stage.run(['drift', ...only])
    expect([found.exitCode, flat(found.stdout)], found.stderr).toEqual([
      1,
      expect.stringContaining('table messages: column note'),
    ])
  })
})

describeVitess('tables that differ at the first record of a keyspace', () => {
  it('are recorded as unknown, so that nothing is taken back before a replay', { timeout: 120_000 }, async () => {
    const stage = await open()
    expect((await stage.run(migrate)).exitCode).toBe(0)
    await changeByHand(stage, 'ALTER TABLE messages ADD COLUMN note INT NULL', '80-')
    const rebuilt = await stage.run(['repair', '--rebuild-record', '--yes', ...only])
    expect(rebuilt.exitCode, rebuilt.stdout + rebuilt.stderr).toBe(0)
    await changeByHand(stage, 'ALTER TABLE messages DROP COLUMN note', '80-')
    const refused = await stage.run(['drift', '--revert', '--yes', '--allow', 'drop-table', ...only])
    expect([refused.exitCode, flat(refused.stderr)]).toEqual([
      2,
      expect.stringContaining('Add `--replay`, which replays the applied migrations'),
    ])
    const replayed = await stage.run(['drift', '--replay', ...only])
    expect([replayed.exitCode, replayed.stdout], replayed.stderr).toEqual([0, expect.stringContaining('No difference')])
  })
})

describeVitess('the first run of a keyspace that is killed before it has recorded anything', () => {
  it('is recorded by the next run, which has nothing else to do', { timeout: 120_000 }, async () => {
    const stage = await open()
    expect((await stage.run(migrate)).exitCode).toBe(0)
    // As such a run leaves it.
    await stage.ask('DELETE FROM wwdb_schema_message_db')
    await stage.ask("DELETE FROM wwdb_journal_message_db WHERE pass=0 AND version='record'")
    const run = await stage.run(migrate)
    expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('nothing to do')])
    const recorded = "SELECT COUNT(*) FROM wwdb_schema_message_db WHERE kind='table'"
    expect(await stage.ask(recorded)).toEqual([[2]])
  })
})

describeVitess('objects of a keyspace that are not asked for', () => {
  it('stop no answer to others where they differ between shards, and are a finding where they are not ignored', {
    timeout: 120_000,
  }, async () => {
    const stage = await open()
    expect((await stage.run(migrate)).exitCode).toBe(0)
    await changeByHand(stage, 'ALTER TABLE messages ADD COLUMN note INT NULL', '80-')
    await changeByHand(stage, 'ALTER TABLE others ADD COLUMN note INT NULL', ...bothShards)
    const answer = ['drift', '--revert', '--yes', '--allow', 'drop-column', ...only]
    const refused = await stage.run(answer)
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('table `messages`')])
    const reverted = await stage.run([...answer, '--only', 'others'])
    expect(reverted.exitCode, reverted.stdout + reverted.stderr).toBe(0)
    expect(await stage.onShards("SHOW COLUMNS FROM others LIKE 'note'", 'message_db')).toEqual([[], []])

    // A form that this version does not compare. Without a checksum, as records of an earlier wwdb.
    await stage.ask("UPDATE wwdb_schema_message_db SET form=99 WHERE kind='table' AND name='messages'")
    await stage.ask("UPDATE wwdb_schema_message_db SET fingerprint=NULL WHERE kind='journal'")
    const found = await stage.run(['drift', ...only])
    expect([found.exitCode, flat(found.stdout)], found.stderr).toEqual([
      1,
      expect.stringContaining('No other difference between live and recorded'),
    ])
    const status = await stage.run(['status', ...only])
    expect(flat(status.stdout), status.stderr).toContain('One object was changed by hand')
    const ignore = { messages: { until: '2999-01-01', reason: 'a trial on one shard' } }
    stage.write(
      'wwdb.config.json',
      JSON.stringify({
        ...JSON.parse(readFileSync(join(stage.folder, 'wwdb.config.json'), 'utf8')),
        drift: { ignore },
      }),
    )
    const ignored = await stage.run(['drift', ...only])
    expect([ignored.exitCode, flat(ignored.stdout)], ignored.stderr).toEqual([
      0,
      expect.stringContaining('No difference between live and recorded'),
    ])
  })
})

describeVitess('a table that no migration created', () => {
  it('has its rows counted on each shard, also where vtgate does not know it', { timeout: 120_000 }, async () => {
    const stage = await open()
    expect((await stage.run(migrate)).exitCode).toBe(0)
    // More than a tablet gives to vtgate, and made behind the tablets.
    await stage.onShards('CREATE TABLE notes (id INT PRIMARY KEY)', 'message_db')
    const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) SELECT i FROM n'
    await stage.onShards(`INSERT /*+ SET_VAR(cte_max_recursion_depth=20000) */ INTO notes ${numbers}`, 'message_db')
    const found = await stage.run(['drift', ...only])
    expect([found.exitCode, flat(found.stdout)], found.stderr).toEqual([1, expect.stringContaining('table notes')])
    const held = await stage.run(['drift', '--revert', '--yes', '--allow', 'drop-table', ...only])
    expect([held.exitCode, flat(held.stderr)]).toEqual([
      2,
      expect.stringContaining('Vitess does not run RENAME TABLE as a migration'),
    ])
    await stage.onShards('DELETE FROM notes', 'message_db')
    await stage.onShards('DROP TABLE notes', 'message_db')
  })
})

describeVitess('replays of a keyspace', () => {
  it('begin with the character set that its shards have', { timeout: 120_000 }, async () => {
    const collate = async (collation: string): Promise<void> => {
      for (const [place, server] of vitess().shards) {
        const connection = await createConnection({ uri: server.url })
        const schema = `vt_${place.replace('/', '_')}`
        if (place.startsWith('message_db/')) await connection.query(`ALTER DATABASE \`${schema}\` COLLATE ${collation}`)
        await connection.end()
      }
    }
    await collate('utf8mb4_general_ci')
    try {
      const stage = await open({
        [first]: migration('CREATE TABLE messages (id BIGINT PRIMARY KEY, body VARCHAR(9));'),
      })
      expect((await stage.run(migrate)).exitCode).toBe(0)
      const replayed = await stage.run(['drift', '--replay', ...only])
      expect([replayed.exitCode, flat(replayed.stdout)], replayed.stderr).toEqual([
        0,
        expect.stringContaining('No difference between live and applied'),
      ])
      await collate('utf8mb4_bin')
      const changed = await stage.run(['drift', '--replay', '--fresh', ...only])
      expect([changed.exitCode, flat(changed.stdout)], changed.stderr).toEqual([
        1,
        expect.stringContaining('1 object of live differs from applied'),
      ])
    } finally {
      await collate('utf8mb4_0900_ai_ci')
    }
  })

  it('are none where a database on MySQL is compared that needs no keyspace', { timeout: 120_000 }, async () => {
    const { url } = testServer()
    const connection = await createConnection({ uri: url })
    await connection.query('CREATE DATABASE beside_keyspaces')
    const own = { vitess: { journal: 'user_db' } }
    const stage = await openVitessStage(openStage, vitess(), {
      files: { ...files, 'plain_db/20260101000000_plain.sql': migration('CREATE TABLE plain (id INT PRIMARY KEY);') },
      configuration: {
        databases: {
          ...{ user_db: own, message_db: own },
          plain_db: { url: `${url.replace(/\/$/, '')}/beside_keyspaces`, schema: 'beside_keyspaces' },
        },
      },
    })
    const compared = await stage.run(['schema', 'diff', '--from', 'live', '--to', 'files', '-t', 'plain_db'])
    await connection.query('DROP DATABASE beside_keyspaces')
    await connection.end()
    expect([compared.exitCode, flat(compared.stdout)], compared.stderr).toEqual([
      0,
      expect.stringContaining('1 object of live differs from files'),
    ])
  })
})

describeVitess('a table with a foreign key, which no migration of Vitess creates', () => {
  it('is accepted with the indexes that it has, and no setting is recommended that would not help', {
    timeout: 120_000,
  }, async () => {
    const stage = await open({
      'user_db/20260101000000_users.sql': migration('CREATE TABLE users (id BIGINT PRIMARY KEY);'),
    })
    const run = await stage.run(['migrate', '--yes', '-t', 'user_db'])
    expect(run.exitCode, run.stderr).toBe(0)
    await stage.onShards(
      'CREATE TABLE more (id BIGINT PRIMARY KEY, user_id BIGINT, FOREIGN KEY (user_id) REFERENCES users (id))',
      'user_db',
    )
    const accepted = await stage.run(['drift', '--accept', 'more', '--yes', '-t', 'user_db'])
    await stage.onShards('DROP TABLE more', 'user_db')
    expect(accepted.exitCode, accepted.stdout + accepted.stderr).toBe(0)
    expect(flat(accepted.stderr)).toContain('It is not known which indexes of `user_db` MySQL created for foreign keys')
    expect(accepted.stderr).not.toContain('scratchUrl')
  })
})
