import { readFileSync } from 'node:fs'
import { createConnection } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { readStates } from '../../../src/migrations/journal/journal.ts'
import { type JournalFormat, journalFormat } from '../../../src/migrations/journal/journal-format.ts'
import { prepareJournal } from '../../../src/migrations/locking.ts'
import type { Session } from '../../../src/migrations/ports.ts'
import type { OpenTarget } from '../../../src/migrations/targets.ts'
import { databaseOf } from '../../helpers/migrations/engine.ts'
import { mysqlSessions } from '../../helpers/mysql/mysql-sessions.ts'
import { createSchema, type TestSchema } from '../../helpers/servers/schema.ts'
import { startServer, testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

/** What `migrate` of the files below left with the wwdb of that format, which ended with the error of the third statement of 0002. */
const fixture = readFileSync(
  new URL(`../../fixtures/journal/format-${journalFormat.number}.sql`, import.meta.url),
  'utf8',
)
const files = {
  'app/0001_people.sql': migration(
    "CREATE TABLE people (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40));\nINSERT INTO people (name) VALUES ('Ann');",
    'DROP TABLE people;',
  ),
  'app/0002_half.sql': migration(
    'CREATE TABLE half (id INT AUTO_INCREMENT PRIMARY KEY, n INT);\nINSERT INTO half (n) VALUES (7);\nALTER TABLE half ADD INDEX (m);',
    'DROP TABLE half;',
  ),
}
const corrected = files['app/0002_half.sql'].replace('(m)', '(n)')
const notes =
  '-- wwdb:keys app.people(id)\n-- wwdb:name notes_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (\n  id BIGINT NOT NULL PRIMARY KEY\n) ENGINE=InnoDB;\n'
const openStage = withStages()

async function load(url: string): Promise<void> {
  const connection = await createConnection({ uri: url, multipleStatements: true })
  await connection.query(fixture)
  await connection.end()
}

const definition = (text: string): string =>
  text.slice(text.indexOf('CREATE TABLE `wwdb_journal`')).split(';\n')[0] ?? ''

describe('the journal as this version writes it', () => {
  test('is that of the fixture of its format: who changes it raises the number and adds a step', async () => {
    const { run, query } = await openStage({ files })
    expect((await run(['migrate'])).exitCode).toBe(2)
    const [[, made] = []] = await query('SHOW CREATE TABLE wwdb_journal')
    expect(made).toBe(definition(fixture))
    const rows =
      'SELECT pass,statement,state,version,name,kind,direction,checksum,total,hash,class,summary FROM wwdb_journal ' +
      // The settings of a later wwdb: one goes with `wwdb_schema`, which the fixture does not have, and the next run writes the other one.
      "WHERE version NOT IN ('record', 'lower_case_table_names')"
    const written = await query(rows)
    await query('DROP TABLE wwdb_journal')
    for (const statement of fixture
      .split(';\n')
      .filter((text) => /^(CREATE TABLE|INSERT INTO) `wwdb_journal`/.test(text)))
      await query(statement)
    expect(await query(rows)).toEqual(written)
  })

  test('is gone on from where the run ended that wrote it', async () => {
    const { run, query, write, schema, url } = await openStage({ files })
    await load(`${url}/${schema('app')}`)
    write('app/0002_half.sql', corrected)
    const { exitCode, stderr } = await run(['migrate'])
    expect(exitCode, stderr).toBe(0)
    expect(await query('SELECT id, name FROM people')).toEqual([[1, 'Ann']])
    expect(await query('SELECT id, n FROM half')).toEqual([[1, 7]])
    expect(await query("SELECT DISTINCT state FROM wwdb_journal WHERE version = '0002'")).toEqual([['closed']])
  })
})

describe('a journal of a newer format', () => {
  const commands = [
    ['status'],
    ['history'],
    ['plan'],
    ['migrate'],
    ['migrate', '--dry-run'],
    ['rollback', '--yes'],
    ['redo', '--yes'],
    ['repair'],
    ['baseline', '0001'],
    ['mark', '0002', '--applied'],
    ['check', 'references'],
    ['seed'],
    ['rotate', 'run'],
  ]

  test('is refused by every command that reads or writes it, which says what to do, and stays as it is', async () => {
    const { json, run, query, write, schema, url } = await openStage({ files })
    await load(`${url}/${schema('app')}`)
    await query("UPDATE wwdb_journal SET name = '2', tool_version = '7.1.0' WHERE pass = 0 AND version = 'format'")
    write('seeds/app/people.yaml', 'table: people\nkey: id\nrows:\n  - id: 4\n    name: Eve\n')
    write('shard-templates/app/notes.sql', notes)
    const picture = async () => [
      await query('SHOW TABLES'),
      await query("SELECT * FROM wwdb_journal WHERE version <> 'lower_case_table_names'"),
    ]
    const before = await picture()
    for (const command of commands) {
      const { answer } = await json(command)
      // A rotation says it of the database.
      expect([command, answer['exitCode'], JSON.stringify(answer)]).toEqual([
        command,
        2,
        expect.stringContaining('"code":"JOURNAL_NEWER"'),
      ])
    }
    expect(await picture()).toEqual(before)
    // Also where its columns are others.
    await query('ALTER TABLE wwdb_journal RENAME COLUMN milliseconds TO microseconds')
    const { stderr } = await run(['status'])
    expect(stderr).toContain('The journal of `app` has format 2, but this wwdb reads formats only up to 1')
    expect(stderr).toContain('A newer wwdb 7.1.0 wrote it: this version could misread what ran, and run it again.')
    expect(stderr).toContain('Use a newer wwdb, version 7.1.0 or later. Nothing was changed.')
  })
})

describe('a registry of a newer format', () => {
  test('a registry of shards is refused by every command that reads or writes it, and stays as it is', async () => {
    const { json, query, write, run } = await openStage({
      files: { 'app/0001_people.sql': files['app/0001_people.sql'] },
    })
    expect((await run(['migrate'])).exitCode).toBe(0)
    write('shard-templates/app/notes.sql', notes)
    expect((await run(['rotate', 'run'])).exitCode).toBe(0)
    expect((await run(['shards', 'list'])).exitCode).toBe(0)
    await query("UPDATE wwdb_shard_families SET version = 3 WHERE family = ''")
    const picture = async () => [
      await query('SHOW TABLES'),
      await query('SELECT * FROM wwdb_shards'),
      await query('SELECT * FROM wwdb_shard_families'),
    ]
    const refuse = async (...command: readonly string[]) => {
      const { answer } = await json(command)
      expect([command, answer['exitCode'], JSON.stringify(answer)]).toEqual([
        command,
        2,
        expect.stringContaining('"code":"REGISTRY_NEWER"'),
      ])
    }
    const before = await picture()
    for (const command of [['list'], ['check'], ['repair'], ['adopt']]) await refuse('shards', ...command)
    for (const command of [['run'], ['plan']]) await refuse('rotate', ...command)
    expect(await picture()).toEqual(before)
    await query('ALTER TABLE wwdb_shards RENAME COLUMN seal_rows TO sealed_rows')
    await refuse('shards', 'list')
  })

  test('a registry of test environments is refused, and stays as it is', async () => {
    const server = await startServer()
    try {
      const stage = await openStage({ url: server.url, files: { 'app/0001_people.sql': files['app/0001_people.sql'] } })
      const provision = async (...command: readonly string[]) => (await stage.json(['provision', ...command])).answer
      expect(await provision('up', '--name', 'mine')).toMatchObject({ exitCode: 0 })
      await stage.query("ALTER TABLE wwdb_provision.sets COMMENT 'wwdb format 2: sets of databases for tests'")
      const newer = { code: 'REGISTRY_NEWER', exitCode: 2 }
      expect(await provision('list')).toMatchObject(newer)
      expect(await provision('up', '--name', 'other')).toMatchObject(newer)
      await stage.query('ALTER TABLE wwdb_provision.sets RENAME COLUMN lease TO term')
      expect(await provision('list')).toMatchObject(newer)
      expect(await stage.query("SELECT name FROM wwdb_provision.sets WHERE kind = 'set'")).toEqual([['mine']])
    } finally {
      await server.stop()
    }
  })
})

/** What a later version might need: a column, what is to stand in it, and an index, in two steps. */
const next: JournalFormat = {
  number: 3,
  steps: [
    {
      to: 2,
      statements: [
        { text: 'ALTER TABLE wwdb_journal ADD COLUMN ticket VARCHAR(20) NULL', doneBy: [1060] },
        { text: "UPDATE wwdb_journal SET ticket=CONCAT('T-',pass) WHERE pass>0" },
      ],
    },
    { to: 3, statements: [{ text: 'ALTER TABLE wwdb_journal ADD INDEX idx_ticket (ticket)', doneBy: [1061] }] },
  ],
}

/** The same, but the server drops the connection behind so many statements. */
function killedBehind(count: number): JournalFormat {
  let sent = 0
  const kill = { text: 'KILL CONNECTION_ID()' }
  const steps = next.steps.map(({ to, statements }) => ({
    to,
    statements: statements.flatMap((statement) => (++sent === count ? [statement, kill] : [statement])),
  }))
  return { ...next, steps: count === 0 ? [{ to: 2, statements: [kill] }, ...steps.slice(1)] : steps }
}

async function asTarget(session: Session, format: JournalFormat): Promise<OpenTarget> {
  const snapshot = await session.readJournal(format)
  return { database: databaseOf('app'), session, snapshot, state: readStates(snapshot), all: [], migrations: [] }
}

describe.each(versionsInTurn(import.meta.url))('a journal of an earlier format, on MySQL %s', (version) => {
  async function inSchema(work: (schema: TestSchema, open: () => Promise<Session>) => Promise<void>): Promise<void> {
    const schema = await createSchema('t', await testServerOf(version))
    const opened: Session[] = []
    const sessions = mysqlSessions(schema)
    try {
      await work(schema, async () => {
        const session = await sessions()
        opened.push(session)
        return session
      })
    } finally {
      await Promise.allSettled(opened.map((session) => session.close()))
      await schema.drop()
    }
  }

  async function upgrade(open: () => Promise<Session>, format: JournalFormat): Promise<OpenTarget> {
    const session = await open()
    await session.lock(10_000, () => {})
    const upgraded = await prepareJournal(await asTarget(session, next), 'physical', format)
    await session.unlock()
    return upgraded
  }

  async function look({ url }: TestSchema): Promise<unknown> {
    const connection = await createConnection({ uri: url, rowsAsArray: true })
    try {
      const [rows] = await connection.query(
        "SELECT * FROM wwdb_journal WHERE NOT (pass=0 AND version IN ('format','record','lower_case_table_names')) ORDER BY pass, statement",
      )
      const [format] = await connection.query("SELECT name FROM wwdb_journal WHERE pass=0 AND version='format'")
      const [made] = await connection.query('SHOW CREATE TABLE wwdb_journal')
      return { rows, format, made }
    } finally {
      await connection.end()
    }
  }

  test('is read as it is by who only reads, and brought to the present one under the lock', () =>
    inSchema(async (schema, open) => {
      await load(schema.url)
      const before = await look(schema)
      const reader = await open()
      const { passes, settings } = await reader.readJournal(next)
      expect([passes.map(({ version, closed }) => [version, closed]), settings.get('format')]).toEqual([
        [
          ['0001', 2],
          ['0002', 2],
        ],
        '1',
      ])
      await expect(reader.upgradeJournal(next.steps)).rejects.toMatchObject({ code: 'LOCK_LOST' })
      expect(await look(schema)).toEqual(before)

      const upgraded = await upgrade(open, next)
      expect(upgraded.snapshot.settings.get('format')).toBe('3')
      expect(upgraded.snapshot.passes).toEqual(passes)
      expect(await look(schema)).toMatchObject({
        format: [['3']],
        made: [[expect.anything(), expect.stringMatching(/`ticket`.*idx_ticket/s)]],
      })
      // The version before, which knows no such format, leaves it alone.
      await expect((await open()).readJournal()).rejects.toMatchObject({ code: 'JOURNAL_NEWER' })
    }))

  test('is upgraded by the next run when the first is killed at any point', () =>
    inSchema(async (schema, open) => {
      await load(schema.url)
      await upgrade(open, next)
      const whole = await look(schema)
      for (const count of [0, 1, 2, 3]) {
        await load(schema.url)
        await expect(upgrade(open, killedBehind(count))).rejects.toBeInstanceOf(ToolError)
        const left = (await look(schema)) as { readonly format: unknown }
        expect(left.format).toEqual([[count < 3 ? '1' : '2']])
        await upgrade(open, next)
        expect(await look(schema), `killed behind ${count}`).toEqual(whole)
      }
    }))

  test('is counted as the first one where the run was killed that was to write which it is', () =>
    inSchema(async (schema, open) => {
      const session = await open()
      await session.lock(10_000, () => {})
      await session.createJournal()
      const { snapshot } = await prepareJournal(await asTarget(session, next), 'physical', next)
      expect([snapshot.settings.get('references'), snapshot.settings.get('format')]).toEqual(['physical', '3'])
      expect(await look(schema)).toMatchObject({
        made: [[expect.anything(), expect.stringMatching(/`ticket`.*idx_ticket/s)]],
      })
    }))
})
