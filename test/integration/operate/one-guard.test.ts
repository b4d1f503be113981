import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const template = `-- wwdb:period day
-- wwdb:name logs_{YYYYMMDD}
-- wwdb:premake 3 periods
-- wwdb:archive none
CREATE TABLE {{table}} (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  KEY idx_account (account_id)
) ENGINE=InnoDB
`

const definition = /^(?:ALTER TABLE|DROP TABLE|RENAME TABLE|TRUNCATE|CREATE (?:UNIQUE )?INDEX|DROP INDEX)\b/i

interface Sent {
  readonly thread: number
  readonly text: string
}

/** Definitions of existing tables of the application that were sent with a longer wait in the lock queue than the guard allows. */
function findUnguarded(log: readonly Sent[]): readonly string[] {
  const waits = new Map<number, number>()
  const scratch = new Set<number>()
  const found: string[] = []
  for (const { thread, text } of log) {
    const wait = /lock_wait_timeout\s*=\s*(\d+)/.exec(text)?.[1]
    if (wait !== undefined) waits.set(thread, Number(wait))
    if (/wwdb_scratch_/.test(text)) scratch.add(thread)
    const isOwn = /wwdb_(?:journal|runs|shard|schema|meta|seed|family|families)/.test(text)
    if (definition.test(text) && !isOwn && !scratch.has(thread) && (waits.get(thread) ?? 3600) > 3) found.push(text)
  }
  return found
}

describe.each(versionsInTurn(import.meta.url))('definitions of existing tables, MySQL %s', (version) => {
  let server: OwnServer
  let watcher: Connection

  beforeAll(async () => {
    server = await startServer({ version, flags: ['--log-output=TABLE'] })
    watcher = await createConnection({ uri: server.url })
  })
  afterAll(async () => {
    await watcher?.end()
    await server?.stop()
  })

  test('every command sends them through the guard, which keeps them in the lock queue for three seconds at most', async () => {
    const stage = await openStage({
      url: server.url,
      files: { 'app/1_a.sql': tableMigration('a'), 'shard-templates/app/logs.sql': template },
    })
    const run = async (...words: readonly string[]) => {
      const ended = await stage.run(words)
      expect(ended.exitCode, words.join(' ') + ended.stderr + ended.stdout).toBe(0)
    }
    await run('migrate', '--yes')
    await run('rotate', 'run', '--yes')
    await watcher.query('SET GLOBAL general_log=ON')
    const up = 'ALTER TABLE a ADD COLUMN b INT;\nCREATE INDEX ib ON a (b);\nRENAME TABLE a TO c;'
    stage.write('app/2_b.sql', migration(up, 'RENAME TABLE c TO a;\nALTER TABLE a DROP COLUMN b;'))
    await run('migrate', '--yes', '--allow', 'RENAME_TABLE')
    await run('redo', '--yes', '--allow', 'RENAME_TABLE', '--allow', 'DROP_COLUMN')
    await run('rollback', '--yes', '--allow', 'RENAME_TABLE', '--allow', 'DROP_COLUMN')
    await run('migrate', '--yes', '--allow', 'RENAME_TABLE')
    stage.write(
      'app/3_logs.sql',
      `-- wwdb:shards logs\n${migration('ALTER TABLE {{table}} ADD COLUMN note INT;', 'ALTER TABLE {{table}} DROP COLUMN note;')}`,
    )
    stage.write('shard-templates/app/logs.sql', template.replace('  KEY idx', '  note INT,\n  KEY idx'))
    await run('migrate', '--yes')
    const [first = ''] = (await stage.tables()).filter((name) => name.startsWith('logs_'))
    await stage.query(`ALTER TABLE ${first} DROP INDEX idx_account`)
    await run('shards', 'repair', '--yes')
    await stage.query('ALTER TABLE c ADD COLUMN byhand INT')
    await run('drift', '--revert', '--yes', '--allow', 'DROP_COLUMN')
    await watcher.query('SET GLOBAL general_log=OFF')
    const [rows] = await watcher.query<(RowDataPacket & Sent)[]>(
      "SELECT thread_id AS thread,CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log WHERE command_type='Query' ORDER BY event_time",
    )
    // Those by hand are this test's own.
    const log = rows.filter(({ text }) => !/byhand INT|^ALTER TABLE \w+ DROP INDEX idx_account$/.test(text))
    const sent = log.filter(({ text }) => definition.test(text)).map(({ text }) => text)
    for (const words of ['ADD COLUMN b', 'CREATE INDEX ib', 'RENAME TABLE', 'ADD COLUMN note', 'idx_account', 'byhand'])
      expect(
        sent.some((text) => text.includes(words)),
        `${words} was not sent`,
      ).toBe(true)
    expect(findUnguarded(log)).toEqual([])
  }, 300_000)

  test('a definition with the wait of the session is found', () => {
    const pinned = { thread: 1, text: 'SET SESSION sql_mode=1, lock_wait_timeout=5' }
    const guarded = { thread: 1, text: 'SET SESSION lock_wait_timeout=1' }
    const alter = { thread: 1, text: 'ALTER TABLE a ADD COLUMN b INT' }
    expect(findUnguarded([pinned, alter])).toHaveLength(1)
    expect(findUnguarded([pinned, guarded, alter])).toEqual([])
  })
})
