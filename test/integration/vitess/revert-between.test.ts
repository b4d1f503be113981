import { createConnection } from 'mysql2/promise'
import { beforeEach, expect, it } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
const back = ['rollback', '--revert', '--yes', '-t', 'message_db']

const files = {
  'message_db/20260101000000_letters.sql': migration(
    'CREATE TABLE letters (id INT NOT NULL PRIMARY KEY, n INT NULL);\nALTER VSCHEMA ON letters ADD VINDEX by_id (id) USING xxhash;\nCREATE TABLE notes (id INT NOT NULL PRIMARY KEY);\nCREATE TABLE others (id INT NOT NULL PRIMARY KEY);',
  ),
}

async function migrated(up: string): Promise<VitessStage> {
  const stage = await openVitessStage(openStage, vitess(), { files })
  const first = await stage.run(['migrate', '--yes', '-t', 'message_db'])
  expect(first.exitCode, first.stderr).toBe(0)
  const rows = Array.from({ length: 20 }, (_, id) => `(${id}, ${id})`)
  await stage.ask(`INSERT INTO letters (id, n) VALUES ${rows}`, 'message_db')
  stage.write('message_db/20260102000000_change.sql', migration(up))
  const allowed = ['--allow', 'DROP_TABLE', '--allow', 'DROP_COLUMN']
  const second = await stage.run(['migrate', '--yes', '-t', 'message_db', ...allowed])
  expect(second.exitCode, second.stderr).toBe(0)
  await stage.ask('INSERT INTO letters (id) VALUES (100)', 'message_db')
  return stage
}

/** What one shard knows of the migrations that the condition is true of. */
const ofShard = (stage: VitessStage, shard: string, columns: string, where: string) =>
  stage.ask(`SELECT ${columns} FROM _vt.schema_migrations WHERE ${where} ORDER BY id`, `message_db:${shard}`)

async function uuidOf(stage: VitessStage, where: string): Promise<string> {
  return String((await ofShard(stage, '-80', 'migration_uuid', where)).at(-1)?.[0])
}

const tablesOf = async (stage: VitessStage): Promise<readonly (readonly unknown[])[]> =>
  (await stage.onShards('SHOW TABLES', 'message_db')).map((rows) =>
    rows.flat().filter((name) => !String(name).startsWith('_vt_')),
  )

async function on(uri: string, statements: readonly string[]): Promise<void> {
  const connection = await createConnection({ uri })
  try {
    for (const statement of statements) await connection.query(statement)
  } finally {
    await connection.end()
  }
}

/** Holds what comes next in the line of each shard, until the answer is called. */
async function holdTheLine(stage: VitessStage): Promise<() => Promise<void>> {
  await on(`${vitess().url}/message_db`, [
    "SET @@ddl_strategy='vitess --postpone-completion'",
    'ALTER TABLE others ADD COLUMN x INT NULL',
  ])
  // Rows of earlier tests stay.
  const ready = () => ofShard(stage, '-80', 'ready_to_complete', "mysql_table='others' AND migration_status='running'")
  await expect.poll(ready, { timeout: 60_000 }).toEqual([[1]])
  const uuid = await uuidOf(stage, "mysql_table='others' AND migration_status='running'")
  return async () => void (await stage.ask(`ALTER VITESS_MIGRATION '${uuid}' COMPLETE`, 'message_db'))
}

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('a rollback by REVERT', () => {
  it('judges each statement again before that is given: what it needs may be gone by then', {
    timeout: 90_000,
  }, async () => {
    const stage = await migrated('DROP TABLE notes;\nALTER TABLE letters DROP COLUMN n;')
    const drop = await uuidOf(stage, "ddl_action='drop'")
    const alter = await uuidOf(stage, "ddl_action='alter'")
    const release = await holdTheLine(stage)
    const run = stage.start(back)
    const first = () => ofShard(stage, '-80', 'COUNT(*)', `reverted_uuid='${alter}'`)
    await expect.poll(first, { timeout: 60_000 }).toEqual([[1]])
    await stage.ask(`ALTER VITESS_MIGRATION '${drop}' CLEANUP`, 'message_db')
    await release()
    const ended = await run.ended
    expect([ended.exitCode, ended.stderr]).toEqual([
      2,
      expect.stringContaining('Vitess no longer keeps what `notes` was on shard -80'),
    ])
    expect(ended.stdout).not.toContain('1 migration reverted')
    expect(await ofShard(stage, '-80', 'COUNT(*)', `reverted_uuid='${drop}'`)).toEqual([[0]])
    expect((await stage.run(['status', '-t', 'message_db'])).stdout).not.toContain('1 pending')
  })

  it('does not believe that a table is back which is not', { timeout: 90_000 }, async () => {
    const stage = await migrated('DROP TABLE notes;')
    const drop = await uuidOf(stage, "ddl_action='drop'")
    const release = await holdTheLine(stage)
    const run = stage.start(back)
    const first = () => ofShard(stage, '-80', 'COUNT(*)', `reverted_uuid='${drop}'`)
    await expect.poll(first, { timeout: 60_000 }).toEqual([[1]])
    // As Vitess does where it collects the copy on one shard just then.
    const collect = `UPDATE _vt.schema_migrations SET artifacts='',cleanup_timestamp=NOW() WHERE migration_uuid='${drop}'`
    await stage.ask(collect, 'message_db:-80')
    await release()
    const ended = await run.ended
    const undone = /complete on shard -80, where `notes` is not back: it had removed what this needs/
    expect([ended.exitCode, ended.stderr]).toEqual([2, expect.stringMatching(undone)])
    expect(await tablesOf(stage)).toEqual([
      ['letters', 'others'],
      ['letters', 'notes', 'others'],
    ])
    const again = await stage.run(back)
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('UNSETTLED')])
  })

  it.each([
    ['ALTER', 'ALTER TABLE letters DROP COLUMN n;'],
    ['DROP', 'DROP TABLE notes;'],
  ])(
    'gives that of %s again to a shard that was away, and spends no copy of the others',
    {
      timeout: 90_000,
    },
    async (_, up) => {
      const stage = await migrated(up)
      const uuid = await uuidOf(stage, "migration_status='complete'")
      const refuse =
        "CREATE TRIGGER _vt.away BEFORE INSERT ON _vt.schema_migrations FOR EACH ROW BEGIN IF NEW.reverted_uuid<>'' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='away'; END IF; END"
      const server = vitess().shards.get('message_db/80-')?.url ?? ''
      await on(server, [refuse])
      try {
        const run = stage.start(back)
        const taken = () =>
          ofShard(
            stage,
            '-80',
            'COUNT(*)',
            `reverted_uuid='${uuid}' AND (ready_to_complete OR migration_status='complete')`,
          )
        await expect.poll(taken, { timeout: 60_000 }).toEqual([[1]])
        await on(server, ['DROP TRIGGER _vt.away'])
        const ended = await run.ended
        expect(ended.exitCode, ended.stderr).toBe(0)
        expect(ended.stdout).toContain('1 migration reverted')
      } finally {
        await on(server, ['DROP TRIGGER IF EXISTS _vt.away'])
      }
      for (const shard of ['-80', '80-'])
        expect(await ofShard(stage, shard, 'migration_status', `reverted_uuid='${uuid}'`)).toEqual([['complete']])
      const letters = () =>
        stage.ask('SELECT id,n FROM letters WHERE id IN (7,100) ORDER BY id', 'message_db').catch(String)
      await expect.poll(letters, { timeout: 10_000 }).toEqual([
        [7, 7],
        [100, null],
      ])
      expect(await tablesOf(stage)).toEqual([
        ['letters', 'notes', 'others'],
        ['letters', 'notes', 'others'],
      ])
    },
  )
})
