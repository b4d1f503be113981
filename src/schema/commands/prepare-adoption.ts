import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseConfig } from '../../config/config.ts'
import type { Context } from '../../core/context.ts'
import { ToolError } from '../../core/tool-error.ts'
import { checksumOf } from '../../files/checksum.ts'
import type { AdoptedRow } from '../../migrations/journal/rows.ts'
import type { SchemaSnapshot } from '../../sql/snapshot.ts'
import type { AdoptTool, CodeTool, HistoryRow, SqlTool } from '../adopt/contract.ts'
import { rowsOfBaseline, rowsOfFiles } from '../adopt/journal-rows.ts'
import { type AdoptedFile, planAdoption } from '../adopt/plan-adoption.ts'
import { mapVersions } from '../adopt/versions.ts'
import { diffSchemas, type SchemaDiff } from '../diff.ts'
import { refuseHidden } from '../hidden.ts'
import { readMigrationFiles, readOldFiles, type WrittenFile } from './adopt-files.ts'
import type { AdoptedMigration, AdoptionResult } from './adopt-view.ts'
import { renderBaseline } from './baseline-files.ts'
import { readSource } from './sources.ts'

/** What an adoption writes, and what was found beside it. */
export interface PreparedAdoption {
  readonly files: readonly (WrittenFile & Pick<AdoptedMigration, 'from' | 'state'>)[]
  /** The rows of the journal. @param first the number of the first pass */
  readonly rows: (first: number) => readonly AdoptedRow[]
  readonly history: readonly string[]
  readonly edited: AdoptionResult['edited']
  /** Null where the applied files make what is there. */
  readonly diff: SchemaDiff | null
  readonly notes: readonly string[]
}

/**
 * A tool whose migrations are SQL: reads its files and its history, converts them, and compares what they make with what is there.
 * Throws ToolError `ADOPT_REFUSED` with all that must be put right first.
 */
export async function prepareFiles(
  context: Context,
  database: DatabaseConfig,
  tool: SqlTool,
  path: string,
  table: string,
): Promise<PreparedAdoption> {
  const old = await readOldFiles(path)
  const rows = await readHistory(context, database, tool, table)
  const converted = planAdoption(tool, old, rows, { database: database.name, schema: database.schema })
  const present = await readMigrationFiles(database)
  const plan = { ...converted, files: converted.files.map((file) => keepPresent(file, present)) }
  if (plan.faults.length > 0) throw new ToolError('ADOPT_REFUSED', plan.faults)
  if (plan.files.length === 0) {
    throw new ToolError('ADOPT_REFUSED', {
      what: `No file is named as ${tool.name} names its migrations.`,
      where: { file: path },
      next: 'Name the folder that has them with `--files`.',
    })
  }
  const live = await readAdopted(context, database, tool, table)
  const made = await replayConverted(context, database, plan.files)
  const diff = diffSchemas(made, live, [], [])
  return {
    files: plan.files.map(({ fileName, text, from, applied }) => ({
      fileName,
      text,
      from,
      state: applied === null ? 'pending' : 'applied',
    })),
    rows: (first) => rowsOfFiles(tool.name, inOrderOfRun(plan.files, plan.order), first),
    history: [],
    edited: plan.edited,
    diff: diff.differences.length === 0 ? null : diff,
    notes: plan.notes,
  }
}

/** A tool whose migrations are programs: what is there becomes the first migration, and the names of its history go into the journal. */
export async function prepareBaseline(
  context: Context,
  database: DatabaseConfig,
  tool: CodeTool,
  table: string,
): Promise<PreparedAdoption> {
  const { applied, faults, notes } = tool.readHistory(await readHistory(context, database, tool, table))
  if (faults.length > 0) throw new ToolError('ADOPT_REFUSED', faults)
  if (applied.length === 0) {
    throw new ToolError('ADOPT_REFUSED', {
      what: `The table \`${table}\` has no row: ${tool.name} has run nothing in \`${database.name}\`.`,
      where: { database: database.name },
      next: 'Name the table with `--history-table`, or start without adoption.',
    })
  }
  const live = await readAdopted(context, database, tool, table)
  const version = versionOfBaseline(applied.map(({ id }) => id))
  return {
    files: [
      { fileName: `${version}_baseline.sql`, text: renderBaseline(live, version), from: null, state: 'baseline' },
    ],
    rows: (first) => rowsOfBaseline(tool.name, version, applied, first),
    history: applied.map(({ id }) => id),
    edited: [],
    diff: null,
    notes,
  }
}

/** The time of the last name, where names begin with one, so that what follows sorts behind it; else the first place of a sequence. */
function versionOfBaseline(names: readonly string[]): string {
  const times = names.flatMap((name) => /^\d+(?:[.-]\d+)*/.exec(name)?.[0] ?? [])
  const [version = ''] = mapVersions(times.toSorted().slice(-1))
  return version.length === 14 ? version : '0001'
}

/** Throws ToolError `ADOPT_REFUSED` where the table is not there. */
async function readHistory(
  context: Context,
  database: DatabaseConfig,
  { name, history }: AdoptTool,
  table: string,
): Promise<readonly HistoryRow[]> {
  const servers = await context.mysql.schemaServers()
  const { timeouts } = await context.config()
  const session = await servers.open(database, timeouts)
  try {
    const rows = await session.readRows(table, history.columns, history.order)
    if (rows !== null) return rows
    throw new ToolError('ADOPT_REFUSED', {
      what: `\`${database.name}\` has no table \`${table}\`: ${name} has run nothing there.`,
      where: { database: database.name, server: database.server.label },
      next: 'Name the table with `--history-table`.',
    })
  } finally {
    await session.close()
  }
}

/** What is there, without the tables of the other tool. Throws ToolError `SCHEMA_HIDDEN`. */
async function readAdopted(
  context: Context,
  database: DatabaseConfig,
  { history }: AdoptTool,
  table: string,
): Promise<SchemaSnapshot> {
  const schemas = await readSource({ ...context, targets: [database.name] }, { type: 'live' })
  refuseHidden(schemas)
  const [schema] = schemas
  if (schema === undefined) throw new Error(`${database.name} was not read`)
  const own = new Set([table, ...(history.beside?.(table) ?? [])].map((one) => one.toLowerCase()))
  const objects = schema.snapshot.objects.filter(({ type, name }) => type !== 'table' || !own.has(name.toLowerCase()))
  return { ...schema.snapshot, objects }
}

/** What the applied files make, in a scratch schema. The files are in a folder of their own for that time. */
async function replayConverted(
  context: Context,
  database: DatabaseConfig,
  files: readonly AdoptedFile[],
): Promise<SchemaSnapshot> {
  const folder = await mkdtemp(join(tmpdir(), 'wwdb-adopt-'))
  try {
    for (const { fileName, scratchText } of files) await writeFile(join(folder, fileName), scratchText)
    const config = { ...(await context.config()), databases: [{ ...database, migrations: folder }] }
    const inside: Context = { ...context, targets: [], config: async () => config }
    const applied = files.filter((file) => file.applied !== null)
    const done = new Set(applied.map(({ version }) => `${database.name}/${version}`))
    const [made] = await readSource(inside, { type: 'applied', steps: { done, unfinished: new Map(), unreached: [] } })
    if (made === undefined) throw new Error(`${database.name} was not replayed`)
    return made.snapshot
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * A file that was adopted for another environment stays as it is: which hazards it accepts depends on what had run there, and on what people have
 * accepted since.
 */
function keepPresent(file: AdoptedFile, present: ReadonlyMap<string, string>): AdoptedFile {
  const text = present.get(file.fileName)
  const isSame = text !== undefined && withoutAcceptances(text) === withoutAcceptances(file.text)
  return isSame ? { ...file, text, checksum: checksumOf(text) } : file
}

function withoutAcceptances(text: string): string {
  return text.replaceAll(/^-- wwdb:accept .*\n/gm, '')
}

/** Applied files in the order in which the other tool ran them. */
function inOrderOfRun(files: readonly AdoptedFile[], order: readonly string[]): readonly AdoptedFile[] {
  return files
    .filter(({ applied }) => applied !== null)
    .toSorted((one, other) => order.indexOf(one.applied?.id ?? '') - order.indexOf(other.applied?.id ?? ''))
}
