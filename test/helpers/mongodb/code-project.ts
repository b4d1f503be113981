import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Collection, Db } from 'mongodb'
import { type RunningTool, runTool, startTool, type ToolRun } from '../tool/tool.ts'
import type { TestMongodb } from './mongodb.ts'

/** A project with migrations of one database in code, and that database. */
export interface CodeProject {
  readonly folder: string
  readonly database: Db
  readonly journal: Collection<{ readonly _id: string; readonly state?: string; readonly documents?: number }>
  /** A file of the project; `app/` is the folder of the database. */
  readonly write: (file: string, text: string) => void
  readonly remove: (file: string) => void
  /** Runs `wwdb setup ...` to its end. */
  readonly setup: (...words: readonly string[]) => Promise<ToolRun>
  readonly start: (...words: readonly string[]) => RunningTool
  /** What the journal has: versions and their states. */
  readonly states: () => Promise<readonly (readonly [string, string | undefined])[]>
  readonly close: () => void
}

/** @param name of the database @param settings of the store, such as a URL with a user */
export function openCodeProject(server: TestMongodb, name: string, settings: object = {}): CodeProject {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-code-'))
  const database = server.client.db(name)
  const journal: CodeProject['journal'] = database.collection('wwdb_migrations')
  const pathOf = (file: string): string => join(folder, file.replace(/^app\//, `migrations/${name}.mongodb/`))
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(pathOf(file)), { recursive: true })
    writeFileSync(pathOf(file), text)
  }
  // What a `.js` file is follows from the nearest one.
  write('package.json', '{}')
  const stores = { mongodb: { url: `mongodb://${server.address}`, ...settings } }
  write('wwdb.config.json', JSON.stringify({ databases: { app: {} }, stores }))
  return {
    folder,
    database,
    journal,
    write,
    remove: (file) => rmSync(pathOf(file)),
    setup: (...words) => runTool(['setup', ...words], { cwd: folder }),
    start: (...words) => startTool(['setup', ...words], { cwd: folder }),
    states: async () => {
      const entries = await journal.find({ state: { $exists: true } }).toArray()
      return entries.map(({ _id, state }) => [_id, state] as const)
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** All that a run said. */
export function saidBy({ stdout, stderr }: ToolRun): string {
  return stdout + stderr
}
