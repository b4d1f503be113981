import type { Migration } from '../../core/migration.ts'
import type { Fault } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { compareSnapshots } from '../../sql/compare-snapshots.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { SchemaSnapshot } from '../../sql/snapshot.ts'
import type { TableRows } from '../ports.ts'
import { plain, type RenderedStatement, renderSchema } from '../render-sql.ts'
import type { SquashPart } from './plan-squash.ts'

/** What a database is after a replay. */
export interface Outcome {
  readonly snapshot: SchemaSnapshot
  readonly rows: readonly TableRows[]
}

/** Rows in one INSERT: a file that is easy to read, and statements far below `max_allowed_packet`. */
const rowsTogether = 100
/** Versions in one line of a header. */
const versionsTogether = 8

/** The name of the squashed file: never that of the file that had its version. */
export function squashName({ version, files }: SquashPart): string {
  return files.at(-1)?.name === 'squashed' ? `${version}_squashed_again.sql` : `${version}_squashed.sql`
}

/** The squashed file of one database. The same files give the same bytes. Pure. */
export function writeSquash(part: SquashPart, { snapshot, rows }: Outcome, parts: readonly SquashPart[]): string {
  const body = renderSchema(snapshot, { definers: false }, fillTables(rows))
  const needed = findRequired(part, body, parts)
  const headers = [
    ...inLines(versionsOf(part.files)).map((line) => `-- wwdb:squashes ${line}`),
    ...(needed.length === 0 ? [] : [`-- wwdb:requires ${needed.join(' ')}`]),
  ]
  return `${headers.join('\n')}\n-- migrate:up\n${body === '' ? 'DO 0;\n' : body}`
}

/** Their own, and those that an earlier squashed file among them took the place of. */
function versionsOf(files: readonly Migration[]): readonly string[] {
  return [...new Set(files.flatMap(({ version, squashes }) => [...(squashes?.versions ?? []), version]))].toSorted(
    compareVersions,
  )
}

function inLines(versions: readonly string[]): readonly string[] {
  const lines = Math.ceil(versions.length / versionsTogether)
  return Array.from({ length: lines }, (_, line) =>
    versions.slice(line * versionsTogether, (line + 1) * versionsTogether).join(' '),
  )
}

/** Of each other database that the text still names: its squashed file, or the last file that was required of it. */
function findRequired(part: SquashPart, body: string, parts: readonly SquashPart[]): readonly string[] {
  const named = new Set([...body.matchAll(/\{\{schema:([^}]+)\}\}/g)].map(([, name = '']) => name))
  const required = part.files.flatMap(({ requires }) => requires)
  return [...named].toSorted().flatMap((database) => {
    if (database === part.database) return []
    const squashed = parts.find((one) => one.database === database)
    const last = required
      .filter((one) => one.database === database)
      .map(({ version }) => version)
      .toSorted(compareVersions)
      .at(-1)
    const version = squashed?.version ?? last
    return version === undefined ? [] : [`${database}/${version}`]
  })
}

function fillTables(tables: readonly TableRows[]): readonly RenderedStatement[] {
  return tables.flatMap(({ table, columns, rows, counter }) => [
    ...chunk(rows).map((some) => {
      const values = some.map((row) => `  (${row.join(', ')})`).join(',\n')
      return plain(`INSERT INTO ${quoteName(table)} (${columns.map(quoteName).join(', ')}) VALUES\n${values}`)
    }),
    ...(counter === null ? [] : [plain(`ALTER TABLE ${quoteName(table)} AUTO_INCREMENT = ${counter}`)]),
  ])
}

function chunk(rows: TableRows['rows']): readonly TableRows['rows'][] {
  return Array.from({ length: Math.ceil(rows.length / rowsTogether) }, (_, index) =>
    rows.slice(index * rowsTogether, (index + 1) * rowsTogether),
  )
}

/**
 * Where the squashed files leave a database other than the old ones did: by object, and by the rows of each table. Pure.
 * @param isSquashed false for a database whose files stay: rows that depend on the time are not compared then, only how many there are
 */
export function findDifferences(before: Outcome, after: Outcome, isSquashed: boolean): readonly Fault[] {
  const { database } = before.snapshot
  const where = { database }
  const next = 'Choose another version for `--to`, and report it: the files are as they were.'
  const objects = compareSnapshots(before.snapshot, after.snapshot).map(({ type, name }): Fault => {
    return { what: `The ${type} \`${name}\` is another one after the squash.`, where, next }
  })
  const describeRows = ({ columns, rows, counter }: TableRows): string =>
    JSON.stringify(isSquashed ? [columns, rows, counter] : rows.length)
  const rows = before.rows.flatMap((table): readonly Fault[] => {
    const other = after.rows.find((one) => one.table === table.table)
    if (other === undefined || describeRows(other) === describeRows(table)) return []
    return [{ what: `The table \`${table.table}\` holds other rows after the squash.`, where, next }]
  })
  return [...objects, ...rows]
}
