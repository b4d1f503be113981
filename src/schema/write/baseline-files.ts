import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Context } from '../../command/context.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isCode } from '../../ddl/compare-snapshots.ts'
import type { SchemaSnapshot, TableSnapshot } from '../../ddl/snapshot.ts'
import { knowLive } from '../drift/know-implicit.ts'
import { implicitOf, writeKeys } from '../foreign-key-indexes.ts'
import { refuseHidden } from '../hidden.ts'
import { createTable, makeCode, plain, renderStatements } from '../render-sql.ts'
import type { SourcedSchema } from '../sources/read-live.ts'
import { readSource } from '../sources/sources.ts'
import { listUnwritten } from '../uncompared.ts'
import { writeWhole } from './drafts.ts'

/** A first migration that creates what a database has. */
export interface BaselineFile {
  /** Relative to the project's folder. */
  readonly file: string
  readonly path: string
  readonly text: string
}

/**
 * The chosen databases as first migrations with that version; nothing is written. Empty databases get none. Throws
 * ToolError `BASELINE_REFUSED` where a database already has other migrations, `SCHEMA_HIDDEN`.
 */
export async function planBaselineFiles(context: Context, version: string): Promise<readonly BaselineFile[]> {
  const { root } = await context.config()
  const schemas = await readSource(context, { type: 'live' })
  refuseHidden(schemas)
  const files: BaselineFile[] = []
  for (const schema of schemas.filter(({ snapshot }) => snapshot.objects.length > 0)) {
    const path = join(schema.database.migrations, `${version}_baseline.sql`)
    const known = await knowLive(context, schema.database, schema.snapshot, () => true)
    const planned = { file: relative(root, path), path, text: renderBaseline(known, version) }
    await refuseOthers(schema, planned)
    for (const message of listUnwritten([schema.database])) context.emit({ type: 'warning', message, target: null })
    files.push(planned)
  }
  return files
}

/** A killed run has left the same file: that does not count as another migration. */
async function refuseOthers({ database }: SourcedSchema, { path, file, text }: BaselineFile): Promise<void> {
  const names = await readdir(database.migrations).catch(() => [])
  const others = names.filter(
    (name) => /^\d.*\.(?:sql|js|mjs|ts)$/.test(name) && join(database.migrations, name) !== path,
  )
  const present = await readFile(path, 'utf8').catch(() => null)
  const other = others[0] ?? (present === null || present === text ? undefined : file)
  if (other === undefined) return
  throw new ToolError('BASELINE_REFUSED', {
    what: `The migrations of \`${database.name}\` already start with another file: \`${other}\`.`,
    where: { database: database.name, file },
    why: 'A baseline from live is the first migration of a database that has none.',
    next: 'Choose other databases with `--target`, or omit `--from-live` if the files already define the current schema.',
  })
}

export async function writeBaselineFiles(files: readonly BaselineFile[]): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(join(path, '..'), { recursive: true })
    await writeWhole(path, text)
  }
}

/** A schema as the text of a first migration. */
export function renderBaseline(snapshot: SchemaSnapshot, version: string): string {
  const parents = new Set(
    snapshot.objects.flatMap((object) =>
      object.type === 'table' ? object.foreignKeys.flatMap(({ parentDatabase }) => parentDatabase ?? []) : [],
    ),
  )
  const needed = [...parents].toSorted().map((database) => `${database}/${version}`)
  const header = needed.length === 0 ? '' : `-- wwdb:requires ${needed.join(' ')}\n`
  const own = snapshot.objects.filter((object): object is TableSnapshot => object.type === 'table')
  const { tables, before, after } = writeKeys(own, implicitOf(own))
  const code = makeCode(snapshot.objects.filter(isCode), { definers: false }, new Set())
  const statements = [...tables.map((table) => plain(createTable(table))), ...before, ...after, ...code]
  return `${header}-- migrate:up\n${renderStatements(statements)}`
}
