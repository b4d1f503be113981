import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { randomName } from '../../helpers/servers/schema.ts'
import type { OwnServer } from '../../helpers/servers/servers.ts'
import { type RunningTool, startTool, type ToolOptions, type ToolRun } from '../../helpers/tool/tool.ts'
import { runToolHere } from '../../helpers/tool/tool-here.ts'
import { withDatabase } from './database.ts'

/** A project on disk, a server, and the tool to run between them. */
export interface Fixture {
  readonly folder: string
  readonly server: OwnServer
  /** Starts the built tool in the project's folder, on a schema behind a port: what is killed, or is one of several. */
  readonly start: (args: readonly string[], schema: string, port?: number) => RunningTool
  /** Runs the tool to its end, in the test's own process: what is before a kill and after it. */
  readonly run: (args: readonly string[], schema: string, port?: number) => Promise<ToolRun>
  /** Makes a schema and fills it with `setUp`; returns its name. */
  readonly createSchema: (setUp: string) => Promise<string>
  readonly dropSchema: (schema: string) => Promise<void>
  readonly urlOf: (schema: string) => string
  /** Writes a file of the project again. */
  readonly write: (name: string, text: string) => Promise<void>
  readonly close: () => Promise<void>
}

export interface FixtureOptions {
  readonly server: OwnServer
  readonly launcher: string
  /** Whether runs in the test's own process send each statement alone, as the launcher is to do. */
  readonly sendsAlone?: boolean
  /** Files of the project beside its configuration. The one logical database is `app`, in `migrations/app`. */
  readonly files: Readonly<Record<string, string>>
  /** Added to what every run gets. */
  readonly environment?: Readonly<Record<string, string>>
}

export async function openFixture({
  server,
  launcher,
  sendsAlone,
  files,
  environment = {},
}: FixtureOptions): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), 'wwdb-chaos-'))
  const configuration = { databases: { app: { url: '$' + '{APP_URL}', migrations: 'migrations/app' } } }
  const all = { 'wwdb.config.json': JSON.stringify(configuration), 'package.json': '{"type":"module"}', ...files }
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const optionsFor = (schema: string, port = server.port): ToolOptions => ({
    cwd: folder,
    launcher,
    ...(sendsAlone === undefined ? {} : { sendsAlone }),
    environment: { ...environment, APP_URL: `mysql://root@127.0.0.1:${port}/${schema}` },
  })
  const urlOf = (schema: string): string => `${server.url}/${schema}`
  return {
    folder,
    server,
    start: (args, schema, port) => startTool(args, optionsFor(schema, port)),
    run: (args, schema, port) => runToolHere(args, optionsFor(schema, port)),
    urlOf,
    write: (name, text) => writeFile(join(folder, name), text),
    createSchema: async (setUp) => {
      const schema = randomName('chaos')
      await withDatabase(server.url, (database) => database.run(`CREATE DATABASE ${schema}; USE ${schema}; ${setUp}`))
      return schema
    },
    dropSchema: (schema) => withDatabase(server.url, (database) => database.run(`DROP DATABASE ${schema}`)),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
