import { setTimeout as pause } from 'node:timers/promises'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
let connection: Connection

const ended = new Set(['complete', 'failed', 'cancelled'])

/** What Vitess says of a migration once it has ended: its status and its message; of one that waits for all shards, the status of each. */
async function runOnline(text: string, flag?: '--postpone-completion'): Promise<readonly string[]> {
  await connection.query(`SET @@ddl_strategy='vitess ${flag ?? ''}'`)
  const [[submitted]] = await connection.query<RowDataPacket[]>(text)
  await connection.query("SET @@ddl_strategy='direct'")
  const uuid = String(Object.values(submitted ?? {})[0])
  for (;;) {
    const [rows] = await connection.query<RowDataPacket[]>(`SHOW VITESS_MIGRATIONS LIKE '${uuid}'`)
    const found = rows.map((row) => String(row['migration_status']))
    if (found.length > 0 && found.every((status) => ended.has(status)))
      return flag === undefined ? [found.join(), String(rows[0]?.['message'])] : found.toSorted()
    if (flag !== undefined) await connection.query(`ALTER VITESS_MIGRATION '${uuid}' COMPLETE`)
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
    expect(await runOnline('ALTER TABLE notes ANALYZE PARTITION p0')).toEqual([
      'failed',
      expect.stringContaining('Row count exceeded'),
    ])
    expect([await rowsOf('notes'), await rowsOf('kept')]).toEqual([[{ id: 1 }, { id: 11 }], []])
  })

  it('takes the files from a copy that has taken the place of the table', { timeout: 60_000 }, async () => {
    await connection.query('CREATE TABLE kept (id INT PRIMARY KEY)')
    expect(await runOnline('ALTER TABLE kept DISCARD TABLESPACE')).toEqual(['complete', ''])
    await expect(rowsOf('kept')).rejects.toThrow(/Tablespace is discarded/)
    await connection.query('DROP TABLE kept')
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
  it('is dropped without a copy, on the shards that can, while another one refuses', { timeout: 120_000 }, async () => {
    const only = ['migrate', '--yes', '-t', 'message_db']
    const table =
      'CREATE TABLE notes (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN (30));'
    const stage = await openVitessStage(openStage, vitess(), {
      files: { 'message_db/20260101000000_notes.sql': migration(table) },
    })
    expect((await stage.run(only)).exitCode).toBe(0)
    stage.write('message_db/20260102000000_drop.sql', migration('ALTER TABLE notes DROP PARTITION p0;'))
    const run = await stage.run([...only, '--allow', 'drop-partition'])
    expect(run.exitCode, run.stdout + run.stderr).toBe(0)

    await stage.ask('ALTER TABLE notes DROP PARTITION p1', 'message_db:80-')
    await connection.query('USE message_db')
    expect(await runOnline('ALTER TABLE notes DROP PARTITION p1', '--postpone-completion')).toEqual([
      'complete',
      'failed',
    ])
    const left =
      "SELECT partition_name FROM information_schema.partitions WHERE table_schema=DATABASE() AND table_name='notes'"
    expect(await stage.onShards(left, 'message_db')).toEqual([[['p2']], [['p2']]])
  })
})

describeVitess('rows of a sharded keyspace', () => {
  const tables =
    'CREATE TABLE letters (id BIGINT PRIMARY KEY, n INT);\nALTER VSCHEMA ON letters ADD VINDEX by_id (id) USING xxhash;\nCREATE TABLE notes (id BIGINT PRIMARY KEY, n INT);\n'

  it.each([
    ['REPLACE INTO letters VALUES (1, 1)', /REPLACE INTO with sharded/, /takes no REPLACE there/],
    ["LOAD DATA INFILE '/x' INTO TABLE letters", /LOAD is not supported/, /takes no LOAD DATA there/],
    ['UPDATE letters SET id = 2 WHERE id = 1', /cannot UPDATE primary vindex columns/, /a column of a vindex/],
    [
      'INSERT INTO letters VALUES (1, 1) ON DUPLICATE KEY UPDATE id = 3',
      /cannot update vindex column/,
      /a column of a vindex/,
    ],
    [
      'UPDATE letters l JOIN notes n ON n.id = l.id SET n.n = 1',
      /primary vindex/,
      /names `notes`, which has no vindex/,
    ],
    ['DELETE n FROM letters l JOIN notes n ON n.id = l.id', /primary vindex/, /names `notes`, which has no vindex/],
  ])('are not written so, by vtgate and by the plan: %s', { timeout: 60_000 }, async (text, ofVtgate, ofPlan) => {
    const stage = await openVitessStage(openStage, vitess(), {
      files: { 'message_db/20260101000000_rows.sql': migration(`${tables}${text};`) },
    })
    const plan = await stage.run(['plan', '-t', 'message_db'])
    expect([plan.exitCode, plan.stdout.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringMatching(ofPlan)])
    await connection.query('USE message_db')
    for (const one of tables.split(';\n').filter((part) => part !== '')) await connection.query(one)
    // vtgate learns of tables and columns from its tablets a moment later.
    const answer = (): Promise<string> => connection.query(text).then(() => 'it ran', String)
    await expect.poll(answer, { timeout: 30_000 }).toMatch(ofVtgate)
  })

  it('are read from a table without a vindex', { timeout: 60_000 }, async () => {
    const read =
      'INSERT INTO letters (id, n) SELECT id, n FROM notes;\nUPDATE letters l JOIN notes n ON n.id = l.id SET l.n = n.n;\nDELETE l FROM letters l JOIN notes n ON n.id = l.id;\nINSERT INTO letters VALUES (1, 1) ON DUPLICATE KEY UPDATE id = VALUES(id), n = 2;'
    const stage = await openVitessStage(openStage, vitess(), {
      files: { 'message_db/20260101000000_rows.sql': migration(`${tables}${read}`) },
    })
    const run = await stage.run(['migrate', '--yes', '-t', 'message_db'])
    expect(run.exitCode, run.stdout + run.stderr).toBe(0)
  })
})

describeVitess('a check', () => {
  it.each(['vitess', 'direct'] as const)(
    'is found under the name that Vitess gave it, %s',
    { timeout: 120_000 },
    async (ddlStrategy) => {
      const own = { vitess: { journal: 'user_db', ddlStrategy, scratchUrl: testServer().url.replace(/\/$/, '') } }
      const stage = await openVitessStage(openStage, vitess(), {
        files: {
          'message_db/20260101000000_notes.sql': migration(
            'CREATE TABLE notes (id BIGINT PRIMARY KEY, n INT, CONSTRAINT positive CHECK (n > 0), CONSTRAINT low CHECK (n < 9), CHECK (n <> 5), CHECK (n <> 6));',
          ),
        },
        configuration: { databases: { user_db: own, message_db: own } },
      })
      const only = ['-t', 'message_db']
      const named = async (): Promise<readonly unknown[]> =>
        (
          await stage.onShards(
            "SELECT LEFT(constraint_name,4) FROM information_schema.check_constraints WHERE constraint_schema=DATABASE() AND constraint_name NOT LIKE '\\_vt%' AND CHECK_CLAUSE LIKE '%`n`%' AND constraint_name IN (SELECT constraint_name FROM information_schema.table_constraints WHERE table_schema=DATABASE() AND table_name='notes') ORDER BY 1",
            'message_db',
          )
        ).map((rows) => rows.flat())
      expect((await stage.run(['migrate', '--yes', ...only])).exitCode).toBe(0)
      expect(await named()).toEqual([
        ['chk_', 'chk_', 'low_', 'posi'],
        ['chk_', 'chk_', 'low_', 'posi'],
      ])
      stage.write(
        'message_db/20260102000000_more.sql',
        migration('ALTER TABLE notes DROP CHECK positive, ADD COLUMN m INT;\nALTER TABLE notes DROP CONSTRAINT low;'),
      )
      const run = await stage.run(['migrate', '--yes', ...only, '--allow', 'drop-constraint'])
      expect([run.exitCode, await named()], run.stdout + run.stderr).toEqual([
        0,
        [
          ['chk_', 'chk_'],
          ['chk_', 'chk_'],
        ],
      ])
      const diff = await stage.run(['schema', 'diff', '--exit-code', ...only])
      expect([diff.exitCode, diff.stdout], diff.stderr).toEqual([0, expect.stringContaining('No difference')])
      for (const more of [[], ['--replay']]) {
        const drift = await stage.run(['drift', ...more, ...only])
        expect([drift.exitCode, drift.stdout], drift.stderr).toEqual([0, expect.stringContaining('No difference')])
      }
    },
  )
})

describeVitess('before anything runs, the plan', () => {
  const tables =
    'CREATE TABLE letters (id BIGINT PRIMARY KEY, n INT);\nCREATE TABLE notes (id BIGINT PRIMARY KEY, n INT);\n'

  it.each([
    ['TABLE letters', /syntax error/, /does not run `TABLE name` as a query/],
    ['INSERT INTO letters TABLE notes', /syntax error/, /does not run `TABLE name` as a query/],
    ['VALUES ROW(1, 2)', /VT|syntax/, /does not run `VALUES ROW\(\.\.\.\)` as a query/],
  ])(
    'refuses what vtgate refuses, also in a file with conditions: %s',
    { timeout: 60_000 },
    async (text, ofVtgate, ofPlan) => {
      const conditions = '-- wwdb:when platform=vitess\n-- wwdb:when server>=8.0.16\n'
      const stage = await openVitessStage(openStage, vitess(), {
        files: { 'user_db/20260101000000_rows.sql': `${conditions}${migration(`${tables}${text};`)}` },
      })
      const plan = await stage.run(['plan', '-t', 'user_db'])
      expect([plan.exitCode, plan.stdout.replaceAll(/\s+/g, ' ')], plan.stderr).toEqual([
        2,
        expect.stringMatching(ofPlan),
      ])
      const lint = await stage.run(['lint', '--all'])
      expect([lint.exitCode, lint.stdout.replaceAll(/\s+/g, ' ')], lint.stderr).toEqual([
        1,
        expect.stringMatching(ofPlan),
      ])
      await connection.query('USE user_db')
      await expect(connection.query(text)).rejects.toThrow(ofVtgate)
    },
  )

  it('refuses to change a table with a foreign key online, by whichever words', { timeout: 60_000 }, async () => {
    const stage = await openVitessStage(openStage, vitess(), {
      files: { 'user_db/20260101000000_key.sql': migration('ALTER TABLE letters DROP CONSTRAINT fk_note;') },
    })
    await stage.ask('CREATE TABLE notes (id BIGINT PRIMARY KEY)')
    await stage.ask(
      'CREATE TABLE letters (id BIGINT PRIMARY KEY, note BIGINT, CONSTRAINT fk_note FOREIGN KEY (note) REFERENCES notes (id))',
    )
    const plan = await stage.run(['plan', '-t', 'user_db'])
    expect([plan.exitCode, plan.stdout.replaceAll(/\s+/g, ' ')], plan.stderr).toEqual([
      2,
      expect.stringContaining(
        'The foreign key `fk_note` of `letters` refers to `notes`. Online, Vitess changes neither',
      ),
    ])
    await connection.query('USE user_db')
    expect(await runOnline('ALTER TABLE letters DROP CONSTRAINT fk_note')).toEqual(['failed', 'Foreign key found'])
  })
})
