import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { StoreKind } from '../../../src/core/store.ts'
import type { StoreImportResult } from '../../../src/stores/commands/store-import-view.ts'
import type { StorePlanResult } from '../../../src/stores/commands/stores-view.ts'
import { type RunningTool, runTool, startTool, type ToolOptions, type ToolRun } from '../tool/tool.ts'

const repository = resolve(import.meta.dirname, '../../..')

/** A project with one store, and an import of it. */
export interface ImportProject {
  readonly folder: string
  readonly write: (file: string, text: string) => void
  readonly read: (file: string) => string
  /** The declarations that it has, by their names. */
  readonly files: () => readonly string[]
  /** Runs `wwdb setup ...` to its end. */
  readonly setup: (...words: readonly string[]) => Promise<ToolRun>
  /** Starts the built tool in its folder, for a test that ends it. */
  readonly start: (args: readonly string[], options?: ToolOptions) => RunningTool
  readonly importAll: (
    ...words: readonly string[]
  ) => Promise<{ readonly exitCode: number | null; readonly answer: StoreImportResult }>
  /** What a plan would change: summaries. */
  readonly changes: () => Promise<readonly string[]>
  readonly close: () => void
}

/** @param settings of the store, such as its URL */
export function openImportProject(
  store: StoreKind,
  settings: object,
  environment: Readonly<Record<string, string>> = {},
): ImportProject {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-import-'))
  const declarations = join(folder, 'migrations', store)
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  write('wwdb.config.json', JSON.stringify({ databases: { app: {} }, stores: { [store]: settings } }))
  const setup = (...words: readonly string[]): Promise<ToolRun> =>
    runTool(['setup', ...words], { cwd: folder, environment })
  return {
    folder,
    write,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    files: () => (existsSync(declarations) ? readdirSync(declarations).toSorted() : []),
    setup,
    start: (args, options = {}) =>
      startTool(args, { cwd: folder, ...options, environment: { ...environment, ...options.environment } }),
    importAll: async (...words) => {
      const { exitCode, stdout, stderr } = await setup('import', store, '--json', ...words)
      if (stdout === '') throw new Error(stderr)
      return { exitCode, answer: JSON.parse(stdout) }
    },
    changes: async () => {
      const { stdout, stderr } = await setup('plan', '--json')
      if (stdout === '') throw new Error(stderr)
      const { stores }: StorePlanResult = JSON.parse(stdout)
      return stores.flatMap(({ plan, fault }) =>
        plan === null ? [fault?.what ?? 'not planned'] : plan.changes.map(({ summary }) => summary),
      )
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Gives a project the declarations that this repository has for a store. */
export function takeOwnDeclarations(project: ImportProject, store: StoreKind): void {
  cpSync(join(repository, 'migrations', store), join(project.folder, 'migrations', store), { recursive: true })
}
