import type { Fault } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { compareDefiners, compareSnapshots, describeDifference, isCode } from '../../ddl/compare-snapshots.ts'
import type { CodeSnapshot, ColumnSnapshot, SchemaSnapshot, TableSnapshot } from '../../ddl/snapshot.ts'
import type { Migration } from '../../migrations/migration.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { writeKeys } from '../foreign-key-indexes.ts'
import type { TableRows, UnshownFacts } from '../ports.ts'
import { createTable, makeCode, plain, type RenderedStatement, renderStatements } from '../render-sql.ts'
import type { SquashPart } from './plan-squash.ts'
import type { RowComparison } from './volatile-rows.ts'

/** A database's state after a replay. */
export interface Outcome extends UnshownFacts {
  readonly snapshot: SchemaSnapshot
  readonly rows: readonly TableRows[]
}

/** Rows in one INSERT: a file that is easy to read, and statements far below `max_allowed_packet`. */
const rowsTogether = 100
/** Versions in one line of a header. */
const versionsTogether = 8

/** The name of the squashed file: never that of the file whose version it takes. */
export function squashName({ version, files }: SquashPart): string {
  return files.at(-1)?.name === 'squashed' ? `${version}_squashed_again.sql` : `${version}_squashed.sql`
}

/** The squashed file of one database. The same files give the same bytes. Pure. */
export function writeSquash(part: SquashPart, outcome: Outcome, parts: readonly SquashPart[]): string {
  const body = renderStatements(writeStatements(part, outcome))
  const needed = findRequired(part, body, parts)
  const headers = [
    ...inLines(versionsOf(part.files)).map((line) => `-- wwdb:squashes ${line}`),
    ...(needed.length === 0 ? [] : [`-- wwdb:requires ${needed.join(' ')}`]),
  ]
  return `${headers.join('\n')}\n-- migrate:up\n${body === '' ? 'DO 0;\n' : body}`
}

/** Tables, their rows, their foreign keys, and stored code. */
function writeStatements(
  { files }: SquashPart,
  { snapshot: { objects }, rows, implicit, user }: Outcome,
): readonly RenderedStatement[] {
  const own = objects.filter((object): object is TableSnapshot => object.type === 'table')
  const { tables, before, after } = writeKeys(own, implicit)
  const data = [...tables.map(createTable).map(plain), ...before, ...fillTables(rows), ...after]
  const code = objects.filter(isCode).map((one) => (namesDefiner(one, user, files) ? one : { ...one, definer: '' }))
  const loose = needsLooseMode(own, rows) ? [plain(`SET SESSION sql_mode = '${looseModes}'`)] : []
  const strict = loose.length > 0 ? [plain('SET SESSION sql_mode = DEFAULT')] : []
  return [...loose, ...data, ...strict, ...makeCode(code, { definers: true }, new Set())]
}

/**
 * Whether the old files name the definer; else the definer is the user who runs them, which differs between environments. A definer other than the
 * current user must be named in the files; otherwise their last statement shows it.
 */
function namesDefiner({ type, name, definer }: CodeSnapshot, user: string, files: readonly Migration[]): boolean {
  if (definer !== user) return true
  const texts = files.flatMap(({ up }) => (up.type === 'statements' ? up.statements : []))
  const last = texts.findLast((one) =>
    one.objects.some((object) => object.type === type && object.name.toLowerCase() === name.toLowerCase()),
  )
  const [head = ''] = /^.*?\b(?:VIEW|PROCEDURE|FUNCTION|TRIGGER|EVENT)\b/is.exec(last?.text ?? '') ?? []
  return /\bDEFINER\s*=\s*(?!CURRENT_USER\b)/i.test(head)
}

/** Accepts every value that a column can hold, unchanged. */
const looseModes = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'
const zeroDate = /^'\d{4}-(?:00-\d\d|\d\d-(?:00|29|30|31))/

/** Zero dates, days that no month has, an ENUM without a member, an AUTO_INCREMENT of zero: the strict mode refuses or changes them. */
function needsLooseMode(tables: readonly TableSnapshot[], rows: readonly TableRows[]): boolean {
  const isLoose = (column: ColumnSnapshot | undefined, literal: string): boolean => {
    if (column === undefined) return false
    if (/^(?:date|timestamp)/.test(column.type)) return zeroDate.test(literal)
    return literal === '0' && (column.autoIncrement || column.type.startsWith('enum'))
  }
  if (tables.some(({ columns }) => columns.some((one) => isLoose(one, one.default ?? '')))) return true
  return rows.some(({ table, columns: names, rows: all }) => {
    const own = tables.find(({ name }) => name === table)
    const columns = names.map((name) => own?.columns.find((one) => one.name === name))
    return all.some((row) => row.some((literal, at) => isLoose(columns[at], literal)))
  })
}

/** Their own versions, and those that an earlier squashed file among them replaced. */
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

/** For each other database that the text still names: its squashed file, or the last file that was required of it. */
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
 * Differences between the results of the squashed and the old files: by object, with its definer and implicit indexes, and by the rows of each table. Pure.
 * @param when both have run: `after the squash`
 * @param comparisonOf how the rows of a table are compared
 */
export function findDifferences(
  before: Outcome,
  after: Outcome,
  when: string,
  comparisonOf: (table: string) => RowComparison,
): readonly Fault[] {
  const where = { database: before.snapshot.database }
  const next = 'Choose another version for `--to`, and report this: the files were not changed.'
  const fault = (what: string): Fault => ({ what, where, next })
  const objects = compareSnapshots(before.snapshot, after.snapshot).map(({ type, name, change, parts }) =>
    fault(`The ${type} \`${name}\` differs ${when}: ${describeDifference({ change, parts })}.`),
  )
  const definers = before.snapshot.objects.filter(isCode).flatMap((one) => {
    const { type, name } = one
    const other = after.snapshot.objects.filter(isCode).find((two) => two.type === type && two.name === name)
    return compareDefiners(one, other ?? null).map(({ name: fact, wanted, found }) =>
      fault(
        fact === 'DEFINER'
          ? `The ${type} \`${name}\` has the definer \`${found}\` ${when}, not \`${wanted}\`.`
          : `The ${type} \`${name}\` has the ${fact} \`${found}\` ${when}, not \`${wanted}\`.`,
      ),
    )
  })
  const tables = new Set([...before.implicit.keys(), ...after.implicit.keys()])
  const indexes = [...tables].flatMap((table) => {
    const [own, others] = [before, after].map(({ implicit }) => implicit.get(table) ?? [])
    const different = [...(own ?? []), ...(others ?? [])].filter(
      (name) => own?.includes(name) !== others?.includes(name),
    )
    return different.map((name) =>
      fault(
        `The index \`${name}\` of \`${table}\`, which MySQL creates for a foreign key, would not be replaced by a later index ${when}.`,
      ),
    )
  })
  const describeRows = (rows: TableRows): string => rowsText(rows, comparisonOf(rows.table))
  const rows = before.rows.flatMap((table): readonly Fault[] => {
    const other = after.rows.find((one) => one.table === table.table)
    if (other === undefined || describeRows(other) === describeRows(table)) return []
    return [fault(`The table \`${table.table}\` has different rows ${when}${describeRow(table, other)}.`)]
  })
  return [...objects, ...definers, ...indexes, ...rows]
}

/** The compared part of rows; without the columns that order them, they are sorted. */
function rowsText({ columns, rows, counter }: TableRows, comparison: RowComparison): string {
  if (comparison.type === 'count') return JSON.stringify(rows.length)
  if (comparison.type === 'exact') return JSON.stringify([columns, rows, counter])
  const left = rows.map((row) => row.filter((_, at) => !comparison.columns.has(columns[at] ?? '')).join())
  return JSON.stringify([columns, left.toSorted(), counter])
}

/** The first column that differs, with both values. */
function describeRow({ columns, rows }: TableRows, { rows: others }: TableRows): string {
  if (rows.length !== others.length) return `: ${others.length}, not ${rows.length}`
  const at = rows.findIndex((row, index) => row.join() !== others[index]?.join())
  const [row = [], other = []] = [rows[at], others[at]]
  const column = row.findIndex((value, index) => value !== other[index])
  if (at < 0 || column < 0) return ''
  return `: \`${columns[column]}\` of row ${at + 1} is ${other[column]}, not ${row[column]}`
}
