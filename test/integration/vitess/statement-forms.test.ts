import { setTimeout as pause } from 'node:timers/promises'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
let connection: Connection

const ended = new Set(['complete', 'failed', 'cancelled'])

/** What Vitess says of a migration once it has ended: its status, and its message. */
async function runOnline(text: string): Promise<readonly [string, string]> {
  await connection.query("SET @@ddl_strategy='vitess'")
  const [[submitted]] = await connection.query<RowDataPacket[]>(text)
  await connection.query("SET @@ddl_strategy='direct'")
  for (;;) {
    const like = String(Object.values(submitted ?? {})[0])
    const [[row]] = await connection.query<RowDataPacket[]>(`SHOW VITESS_MIGRATIONS LIKE '${like}'`)
    const status = String(row?.['migration_status'])
    if (ended.has(status)) return [status, String(row?.['message'])]
    await pause(200)
  }
}

const rowsOf = async (table: string): Promise<readonly unknown[]> =>
  (await connection.query(`SELECT id FROM ${table}`))[0] as RowDataPacket[]

beforeEach(async () => {
  await clearKeyspaces(vitess())
  connection = await createConnection({ uri: `${vitess().url}/user_db` })
})
afterEach(() => connection.end())

describeVitess('what the plan refuses', () => {
  it('is called complete by Vitess, or fails, and changes nothing', { timeout: 120_000 }, async () => {
    await connection.query(
      'CREATE TABLE notes (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))',
    )
    await connection.query('CREATE TABLE kept (id INT PRIMARY KEY)')
    await connection.query('INSERT INTO notes (id) VALUES (1), (11)')
    expect(await runOnline('ALTER TABLE notes EXCHANGE PARTITION p0 WITH TABLE kept')).toEqual(['complete', ''])
    expect(await runOnline('ALTER TABLE notes TRUNCATE PARTITION p0')).toEqual(['complete', ''])
    expect(await runOnline('ALTER TABLE kept DISCARD TABLESPACE')).toEqual(['complete', ''])
    expect(await runOnline('ALTER TABLE notes ANALYZE PARTITION p0')).toEqual([
      'failed',
      expect.stringContaining('Row count exceeded'),
    ])
    expect([await rowsOf('notes'), await rowsOf('kept')]).toEqual([[{ id: 1 }, { id: 11 }], []])
  })

  it('is a table from a query no part of', { timeout: 60_000 }, async () => {
    await connection.query('CREATE TABLE notes (id INT PRIMARY KEY)')
    await connection.query('INSERT INTO notes (id) VALUES (1)')
    expect(await runOnline('CREATE TABLE copies SELECT * FROM notes')).toEqual(['complete', ''])
    expect(await rowsOf('copies')).toEqual([{ id: 1 }])
  })

  it.each([
    ['ALTER TABLE notes EXCHANGE PARTITION p0 WITH TABLE kept;', /EXCHANGE PARTITION to the empty copy/],
    ['ALTER TABLE notes TRUNCATE PARTITION p0;', /TRUNCATE PARTITION to the empty copy/],
    ['ALTER TABLE notes ADD COLUMN n INT, RENAME TO letters;', /does not run ALTER TABLE \.\.\. RENAME as a migration/],
    ["CREATE TABLESPACE t ADD DATAFILE 't.ibd';", /belongs to a MySQL server/],
  ])('is named before anything runs: %s', async (text, said) => {
    const table =
      'CREATE TABLE notes (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10));'
    const stage = await openVitessStage(openStage, vitess(), {
      files: { 'user_db/20260101000000_notes.sql': migration(`${table}\n${text}`) },
    })
    const run = await stage.run(['migrate', '--yes', '-t', 'user_db'])
    expect([run.exitCode, run.stdout + run.stderr]).toEqual([2, expect.stringMatching(said)])
    expect(await stage.ask("SHOW TABLES LIKE 'notes'")).toEqual([])
  })
})

describeVitess('a partition by range', () => {
  it('is dropped on each shard at once, and on none where one refuses', { timeout: 120_000 }, async () => {
    const only = ['migrate', '--yes', '-t', 'message_db']
    const table =
      'CREATE TABLE notes (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));'
    const stage = await openVitessStage(openStage, vitess(), {
      files: { 'message_db/20260101000000_notes.sql': migration(table) },
    })
    expect((await stage.run(only)).exitCode).toBe(0)
    stage.write('message_db/20260102000000_drop.sql', migration('ALTER TABLE notes DROP PARTITION p0;'))
    const run = await stage.run([...only, '--allow', 'drop-partition'])
    expect(run.exitCode, run.stdout + run.stderr).toBe(0)
    console.log(
      await connection
        .query(`SHOW VITESS_MIGRATIONS FROM message_db LIKE 'wwdb:%'`)
        .then(([rows]) => JSON.stringify(rows)),
    )
  })
})
