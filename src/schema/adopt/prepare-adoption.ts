import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import type { Context } from '../../command/context.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { SchemaSnapshot } from '../../ddl/snapshot.ts'
import { checksumOf } from '../../files/checksum.ts'
import type { AdoptedRow } from '../../migrations/journal/rows.ts'
import { diffSchemas, type SchemaDiff } from '../diff.ts'
import { refuseHidden } from '../hidden.ts'
import { readSource } from '../sources/sources.ts'
import { listUncompared, listUnwritten } from '../uncompared.ts'
import { renderBaseline } from '../write/baseline-files.ts'
import { readMigrationFiles, readOldFile, readOldFiles, type WrittenFile } from './adopt-files.ts'
import type { CodeTool, SqlTool } from './contract.ts'
import { chooseDialect } from './dialects.ts'
import { type FullFile, startWithFull } from './full-file.ts'
import { rowsOfBaseline, rowsOfFiles } from './journal-rows.ts'
import {
  type AdoptedFile,
  type AdoptedMigration,
  type AdoptionPlan,
  type EditedFile,
  planAdoption,
} from './plan-adoption.ts'
import type { ReadHistory } from './read-history.ts'
import { mapVersions } from './versions.ts'

/** What an adoption writes, and what was found with it. */
export interface PreparedAdoption {
  readonly files: readonly (WrittenFile & Pick<AdoptedMigration, 'from' | 'state'>)[]
  /** The tables of the other tool. */
  readonly tables: readonly string[]
  /** The rows of the journal. @param first the number of the first pass */
  readonly rows: (first: number) => readonly AdoptedRow[]
  readonly history: readonly string[]
  readonly edited: readonly EditedFile[]
  /** Null where the applied files create exactly what exists. */
  readonly diff: SchemaDiff | null
  readonly notes: readonly string[]
}

/** What the caller says about the files. */
export interface FileOptions {
  readonly path: string
  /** A pattern for files below the folder. */
  readonly match: string | null
  /** The server whose files are meant, where there are files for several servers. */
  readonly dialect: string | null
  /** The content of the database becomes the first migration, in place of the files that have run. */
  readonly fromLive: boolean
  /** The file that creates the whole schema, in place of the upgrades up to its version. */
  readonly fullFile: string | null
  /** That version; null where it is the newest of the files. */
  readonly fullVersion: string | null
}

/**
 * A tool whose migrations are SQL: reads its files and its history, converts them, and compares their result with the database.
 * Throws ToolError `ADOPT_REFUSED` with everything that must be repaired first.
 */
export async function prepareFiles(
  context: Context,
  database: DatabaseConfig,
  tool: SqlTool,
  options: FileOptions,
  history: ReadHistory,
): Promise<PreparedAdoption> {
  const read = await readOldFiles(options.path, options.match)
  const chosen = chooseDialect(read, options.dialect)
  const place = { database: database.name, schema: database.schema, fromLive: options.fromLive }
  const full = await readFull(options)
  const files =
    full === null ? chosen.files : [full.file, ...chosen.files.filter(({ path }) => path !== full.file.path)]
  const converted = planAdoption(full === null ? tool : startWithFull(full), files, history.rows, place)
  const present = await readMigrationFiles(database)
  const plan = { ...converted, files: converted.files.map((file) => keepPresent(file, present)) }
  const faults = [...chosen.faults, ...plan.faults]
  if (faults.length > 0) throw new ToolError('ADOPT_REFUSED', faults)
  if (plan.files.length === 0 && plan.replaced.length === 0) throw noFiles(tool, options.path)
  const notes = [...chosen.notes, ...plan.notes]
  if (options.fromLive) return prepareReplaced(context, database, tool, { ...plan, notes }, history)
  const made = await replayConverted(context, database, plan.files)
  const live = await readAdopted(context, database, withoutMade(history.tables, made))
  const diff = diffSchemas(made, live, [])
  return {
    files: plan.files.map(toWritten),
    tables: withoutMade(history.tables, made),
    rows: (first) => rowsOfFiles(tool.name, inOrderOfRun(plan.files, plan.order), first),
    history: [],
    edited: plan.edited,
    diff: diff.differences.length === 0 ? null : diff,
    notes: [...notes, ...listUncompared([{ database, vschema: 'one-sided' }])],
  }
}

/** Named like the other files, where it lies below their folder. */
async function readFull({ path, fullFile, fullVersion }: FileOptions): Promise<FullFile | null> {
  if (fullFile === null) return null
  const file = await readOldFile(fullFile, '--full-file')
  const below = relative(path, fullFile).split(sep).join('/')
  return { file: below.startsWith('..') ? file : { ...file, path: below }, version: fullVersion }
}

const toWritten = ({ fileName, text, from, applied }: AdoptedFile): PreparedAdoption['files'][number] => ({
  fileName,
  text,
  from,
  state: applied === null ? 'pending' : 'applied',
})

/** A history table that the files themselves create belongs to the schema. */
function withoutMade(tables: readonly string[], { objects }: SchemaSnapshot): readonly string[] {
  const made = new Set(objects.flatMap(({ type, name }) => (type === 'table' ? [name.toLowerCase()] : [])))
  return tables.filter((table) => !made.has(table.toLowerCase()))
}

function noFiles(tool: SqlTool, path: string): ToolError {
  return new ToolError('ADOPT_REFUSED', {
    what:
      tool.name === 'files'
        ? 'No `.sql` file or its folder is named after a version.'
        : `No file is named like a migration of ${tool.name}.`,
    where: { file: path },
    next: 'Give their folder with `--files`.',
  })
}

/**
 * The database's content becomes the first migration in place of files that do not create a schema from the beginning; files that have not
 * run follow it.
 */
async function prepareReplaced(
  context: Context,
  database: DatabaseConfig,
  tool: SqlTool,
  { files, replaced, notes }: AdoptionPlan,
  { tables }: ReadHistory,
): Promise<PreparedAdoption> {
  if (replaced.length === 0)
    throw new ToolError('ADOPT_REFUSED', {
      what: 'With `--from-live`, the current schema replaces files that ran, but none has run.',
      where: { database: database.name },
      next: 'Leave `--from-live` out.',
    })
  const live = await readAdopted(context, database, tables)
  const version = '1'.padStart(files[0]?.version.length ?? 4, '0')
  const baseline = { fileName: `${version}_baseline.sql`, text: renderBaseline(live, version), from: null }
  return {
    files: [{ ...baseline, state: 'baseline' }, ...files.map(toWritten)],
    tables,
    rows: (first) => rowsOfBaseline(tool.name, version, replaced, first),
    history: replaced.map(({ id }) => id),
    edited: [],
    diff: null,
    notes: [
      ...notes,
      'The baseline contains the definitions of the database but no rows: add rows that a new database needs as seeds.',
      ...listUnwritten([database]),
    ],
  }
}

/**
 * A tool whose migrations are programs: the database's content becomes the first migration, and the names of the tool's history go into
 * the journal.
 */
export async function prepareBaseline(
  context: Context,
  database: DatabaseConfig,
  tool: CodeTool,
  { rows, tables }: ReadHistory,
): Promise<PreparedAdoption> {
  const { applied, faults, notes } = tool.readHistory(rows)
  if (faults.length > 0) throw new ToolError('ADOPT_REFUSED', faults)
  if (applied.length === 0) {
    throw new ToolError('ADOPT_REFUSED', {
      what: `The table \`${tables[0]}\` has no rows: ${tool.name} has not run anything in \`${database.name}\`.`,
      where: { database: database.name },
      next: 'Give the table with `--history-table`, or start without adoption.',
    })
  }
  const live = await readAdopted(context, database, tables)
  const version = versionOfBaseline(applied.map(({ id }) => id))
  return {
    files: [
      { fileName: `${version}_baseline.sql`, text: renderBaseline(live, version), from: null, state: 'baseline' },
    ],
    tables,
    rows: (first) => rowsOfBaseline(tool.name, version, applied, first),
    history: applied.map(({ id }) => id),
    edited: [],
    diff: null,
    notes: [...notes, ...listUnwritten([database])],
  }
}

/** The time of the last name, where names begin with one, so that later files sort after it; else the first place of a sequence. */
function versionOfBaseline(names: readonly string[]): string {
  const times = names.flatMap((name) => /^\d+(?:[.-]\d+)*/.exec(name)?.[0] ?? [])
  const [version = ''] = mapVersions(times.toSorted().slice(-1))
  return version.length === 14 ? version : '0001'
}

/** The database's content, without the tables of the other tool. Throws ToolError `SCHEMA_HIDDEN`. */
async function readAdopted(
  context: Context,
  database: DatabaseConfig,
  tables: readonly string[],
): Promise<SchemaSnapshot> {
  const schemas = await readSource({ ...context, targets: [database.name] }, { type: 'live' })
  refuseHidden(schemas)
  const [schema] = schemas
  if (schema === undefined) throw new Error(`${database.name} was not read`)
  const own = new Set(tables.map((one) => one.toLowerCase()))
  const objects = schema.snapshot.objects.filter(({ type, name }) => type !== 'table' || !own.has(name.toLowerCase()))
  return { ...schema.snapshot, objects }
}

/** What the applied files create in a scratch schema. Meanwhile the files are in a folder of their own. */
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
 * A file that was adopted for another environment stays as it is: the hazards that it accepts depend on what had run there, and on what people
 * have accepted since.
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
  const places = new Map(order.map((id, index) => [id, index]))
  const placeOf = ({ applied }: AdoptedFile): number => places.get(applied?.id ?? '') ?? -1
  return files.filter(({ applied }) => applied !== null).toSorted((one, other) => placeOf(one) - placeOf(other))
}
