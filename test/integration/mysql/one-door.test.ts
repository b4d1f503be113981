import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { runLedgers } from '../../../src/audit/ports.ts'
import { recordIn } from '../../../src/audit/record-run.ts'
import { Trail } from '../../../src/audit/trail.ts'
import { giveParts } from '../../../src/cli/driver-parts.ts'
import type { Context } from '../../../src/command/context.ts'
import { defineCommand } from '../../../src/command/define-command.ts'
import type { Config, DatabaseConfig } from '../../../src/config/config.ts'
import { exitCodes } from '../../../src/core/exit-code.ts'
import { port } from '../../../src/core/port.ts'
import { type Door, driverOf } from '../../../src/mysql/door.ts'
import { createDoor } from '../../../src/mysql/open.ts'
import { placeOf } from '../../../src/mysql/place.ts'
import { configOf, databaseOf } from '../../helpers/migrations/engine.ts'
import { testParts } from '../../helpers/mysql/test-door.ts'
import { withSchema } from '../../helpers/servers/schema.ts'
import { offlineContext } from '../../helpers/tool/offline-context.ts'

const schema = withSchema('door')

/** A port of nobody: what a new capability would declare beside its interface. */
interface Notes {
  readonly read: (database: DatabaseConfig) => Promise<number>
  readonly write: (database: DatabaseConfig, how: 'itself' | 'beside') => Promise<void>
}

const notes = port<Notes>('tests/notes')

const timeouts = { connect: 10_000, lockWait: 5000 }

/** Its driver names no record and no setting of the session: it opens a connection and writes. The table keeps what the server saw at that moment. */
const driver = driverOf(notes, (door) => ({
  read: async (database) => {
    const connection = await door.open(placeOf(database, timeouts), { writable: false, purpose: 'work' })
    const { rows } = await connection.ask("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME='notes'")
    await connection.close()
    return Number(rows[0]?.[0])
  },
  write: async (database, how) => {
    const first = await door.open(placeOf(database, timeouts), { writable: true, purpose: 'work' })
    const connection = how === 'beside' ? await first.beside() : first
    await connection.ask(
      `CREATE TABLE notes AS SELECT outcome, command, @@SESSION.time_zone AS zone, @@SESSION.sql_mode AS mode FROM wwdb_runs`,
    )
    for (const one of new Set([first, connection])) await one.close()
  },
}))

/** A writing command that mentions none of it either. */
const command = (how: 'itself' | 'beside') =>
  defineCommand({
    name: 'notes write',
    group: 'Databases and projects',
    summary: 'writes a note',
    purpose: 'Writes a note.',
    examples: [
      { command: 'wwdb notes write', purpose: 'once' },
      { command: 'wwdb notes write --json', purpose: 'for a program' },
    ],
    arguments: {},
    flags: {},
    exitCodes: [exitCodes.done],
    interruption: 'at-once',
    writes: true,
    connects: true,
    async run(_options, context) {
      const [database] = (await context.config()).databases
      if (database === undefined) throw new Error('no database')
      await (await context.port(notes)).write(database, how)
      return { result: { kind: 'document', format: 'text', content: '' }, exitCode: exitCodes.done }
    },
  })

interface Opened {
  readonly context: Context
  readonly database: DatabaseConfig
  readonly trail: Trail
}

/** A process that records its runs, with one more driver among those that are generated. */
function openProcess(begin: () => Promise<void> = async () => {}): Opened {
  const { hostname, port: number } = new URL(schema().server.url)
  const { server } = databaseOf('app')
  const place = { ...server, host: hostname, port: Number(number), label: `${hostname}:${number}` }
  const database = databaseOf('app', { schema: schema().name, server: place })
  const config: Config = { ...configOf([]), databases: [database] }
  const trail = new Trail({
    identity: () => ({
      id: '01J0000000000000000000TEST',
      command: 'notes write',
      flags: '',
      person: 'ann',
      host: 'h',
      process: 1,
      toolVersion: '0.0.0',
      ci: { job: null, actor: null, commit: null },
    }),
    readCommit: async () => null,
    ledgers: () => testParts()(runLedgers),
    emit: () => undefined,
    begin,
    keep: async () => null,
    redact: (text) => text,
  })
  const runner = { name: 'ann@h', process: 'h:1', toolVersion: '0.0.0' }
  const record = recordIn(trail, { config: async () => config, targets: [] })
  const door: Door = createDoor({ process: { runner, isAlive: () => true }, announce: () => undefined, record })
  const own = giveParts(async () => door, { drivers: { 'tests/notes': async () => driver } })
  return { context: { ...offlineContext('/'), config: async () => config, port: own }, database, trail }
}

async function query(text: string): Promise<readonly RowDataPacket[]> {
  const connection = await createConnection({ uri: schema().url })
  try {
    const [rows] = await connection.query<RowDataPacket[]>(text)
    return rows
  } finally {
    await connection.end()
  }
}

test.each(['itself', 'beside'] as const)(
  'a new command that writes by a connection (%s) is recorded before its first write, and pinned',
  async (how) => {
    await query('DROP TABLE IF EXISTS notes')
    await query('DROP TABLE IF EXISTS wwdb_runs')
    const { context, database, trail } = openProcess()
    await (await context.port(notes)).read(database)
    expect(await query("SHOW TABLES LIKE 'wwdb%'")).toEqual([])
    await command(how).run({}, context)
    const [note] = await query('SELECT * FROM notes')
    expect(note).toMatchObject({ outcome: 'running', command: 'notes write', zone: '+00:00' })
    expect(String(note?.['mode'])).toContain('STRICT_TRANS_TABLES')
    await trail.finish(() => ({ outcome: 'done', exitCode: 0, error: null }))
    expect(await query('SELECT outcome FROM wwdb_runs')).toEqual([{ outcome: 'done' }])
  },
)

test('a hook that forbids the run stops it before its first write', async () => {
  await query('DROP TABLE IF EXISTS notes')
  await query('DROP TABLE IF EXISTS wwdb_runs')
  const { context, trail } = openProcess(() => Promise.reject(new Error('not today')))
  await expect(command('itself').run({}, context)).rejects.toThrow('not today')
  await trail.finish(() => ({ outcome: 'failed', exitCode: 2, error: null }))
  expect(await query('SHOW TABLES')).toEqual([])
})
