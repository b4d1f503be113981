import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { env } from 'node:process'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll } from 'vitest'
import { type JsonRun, readAnswer } from '../documents/published.ts'
import { dropSchemas, randomName } from '../servers/schema.ts'
import { testServer } from '../servers/servers.ts'
import { type RunningTool, runTool, startTool, type ToolOptions, type ToolRun } from './tool.ts'
import { runToolHere } from './tool-here.ts'

export interface StageOptions {
  /** Logical databases. Default: `app`. */
  readonly databases?: readonly string[]
  /** Files below the project's folder; `app/0001_a.sql` is short for `migrations/app/0001_a.sql`. */
  readonly files?: Readonly<Record<string, string>>
  /** Added to the configuration. */
  readonly configuration?: object
  /** False leaves the schemas to be created by the test. */
  readonly create?: boolean
  /** Another server than the shared one. */
  readonly url?: string
}

/** A project with schemas of its own on a real server, and the built tool to use on it. */
export interface Stage {
  readonly folder: string
  readonly url: string
  readonly prefix: string
  readonly schema: (database: string) => string
  readonly write: (file: string, text: string | Buffer) => void
  readonly remove: (file: string) => void
  readonly run: (args: readonly string[], options?: ToolOptions) => Promise<ToolRun>
  readonly start: (args: readonly string[], options?: ToolOptions) => RunningTool
  /** The same with `--json`: every line checked against the published schemas. */
  readonly json: (args: readonly string[], options?: ToolOptions) => Promise<JsonRun>
  /** Asks the server, in the schema of `app` or of another database. Rows as arrays. */
  readonly query: (sql: string, database?: string) => Promise<readonly (readonly unknown[])[]>
  /** The names of a schema's tables, the journal, the record of the schema and the runs left out, sorted. */
  readonly tables: (database?: string) => Promise<readonly string[]>
}

/** To be called at the top of a test file: opens stages, and clears them away after the file's last test. */
export function withStages(): (options?: StageOptions) => Promise<Stage> {
  const closings: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const close of closings) await close()
  })
  return async (options = {}) => {
    const { stage, close } = await openStage(options)
    closings.push(close)
    return stage
  }
}

function locate(file: string): string {
  return /^[^/]+\/[^/]+\.(sql|js|mjs|ts|sum|txt)$/.test(file) ? join('migrations', file) : file
}

async function openStage(options: StageOptions) {
  const { databases = ['app'], files = {}, configuration = {}, create = true, url = testServer().url } = options
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-stage-'))
  const prefix = `${randomName('s')}_`
  const schema = (database: string): string => prefix + database
  const connection = await createConnection({ uri: url, rowsAsArray: true, dateStrings: true })
  const write = (file: string, text: string | Buffer): void => {
    const path = join(folder, locate(file))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  for (const database of databases) {
    mkdirSync(join(folder, 'migrations', database), { recursive: true })
    if (create) await connection.query(`CREATE DATABASE \`${schema(database)}\``)
  }
  const base = { url, prefix, databases: Object.fromEntries(databases.map((name) => [name, {}])) }
  write('wwdb.config.json', JSON.stringify({ ...base, ...configuration }, null, 2))
  for (const [file, text] of Object.entries(files)) write(file, text)
  const runOnce = env['WWDB_TEST_TOOL'] === 'here' ? runToolHere : runTool
  const run: Stage['run'] = (args, more) => runOnce(args, { cwd: folder, ...more })
  const query = (sql: string, database = databases[0] ?? 'app') => ask(connection, schema(database), sql)
  const stage: Stage = {
    folder,
    url,
    prefix,
    schema,
    write,
    remove: (file) => rmSync(join(folder, locate(file))),
    run,
    start: (args, more) => startTool(args, { cwd: folder, ...more }),
    json: async (args, more) => readAnswer(await run([...args, '--json'], more)),
    query,
    tables: async (database) => {
      const rows = await query('SHOW TABLES', database)
      return rows
        .map(([name]) => String(name))
        .filter((name) => !['wwdb_journal', 'wwdb_schema', 'wwdb_runs'].includes(name))
    },
  }
  const close = async (): Promise<void> => {
    await connection.end().catch(() => undefined)
    // A server of the test's own is gone by now, and its schemas with it.
    if (options.url === undefined) await dropSchemas(url, prefix)
    rmSync(folder, { recursive: true, force: true })
  }
  return { stage, close }
}

async function ask(connection: Connection, schema: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  await connection.query(`USE \`${schema}\``).catch(() => undefined)
  const [rows] = await connection.query<RowDataPacket[]>(sql)
  return Array.isArray(rows) ? (rows as unknown as readonly (readonly unknown[])[]) : []
}

/** The text of a migration file. */
export function migration(up: string, down?: string, header = ''): string {
  const above = header === '' ? '' : `${header}\n`
  return `${above}-- migrate:up\n${up}\n${down === undefined ? '' : `\n-- migrate:down\n${down}\n`}`
}

/** A migration that creates one table, and drops it again. */
export function tableMigration(name: string, header = ''): string {
  return migration(`CREATE TABLE ${name} (id INT PRIMARY KEY);`, `DROP TABLE ${name};`, header)
}
