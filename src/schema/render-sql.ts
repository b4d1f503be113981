import { isCode } from '../ddl/compare-snapshots.ts'
import type { CodeSnapshot, ObjectSnapshot, SchemaSnapshot, TableSnapshot } from '../ddl/snapshot.ts'
import { quoteName } from '../sql/quote-name.ts'
import { tokenize } from '../sql/tokens.ts'

/** The value in every session of wwdb. */
const sessionCollation = 'utf8mb4_0900_ai_ci'

export interface SqlOptions {
  /** Whether DEFINER is written; without it, the user who runs the text becomes the definer. */
  readonly definers: boolean
}

/** A statement of wwdb, without its delimiter, and whether its text contains semicolons. */
export interface RenderedStatement {
  readonly text: string
  readonly isCompound: boolean
}

/**
 * The SQL that recreates a schema, in an order that runs: tables, their foreign keys, functions and procedures, views after those that they read, triggers, events. The same schema gives the same bytes.
 * @param rows statements that fill the tables
 */
export function renderSchema(
  snapshot: SchemaSnapshot,
  options: SqlOptions,
  rows: readonly RenderedStatement[] = [],
): string {
  return renderStatements(makeObjects(snapshot.objects, options, rows))
}

/** Statements as a file: DELIMITER only around those that need it. */
export function renderStatements(statements: readonly RenderedStatement[]): string {
  const parts: string[] = []
  let isOpen = false
  for (const { text, isCompound } of statements) {
    if (isCompound && !isOpen) parts.push('DELIMITER $$')
    if (!isCompound && isOpen) parts.push('DELIMITER ;')
    isOpen = isCompound
    parts.push(isCompound ? `${text}$$` : `${text};`)
  }
  if (isOpen) parts.push('DELIMITER ;')
  return parts.length === 0 ? '' : `${parts.join('\n\n')}\n`
}

/**
 * The statements that create these objects, in an order that runs. Pure.
 * @param rows statements that fill the tables, before any key or trigger is there
 */
export function makeObjects(
  objects: readonly ObjectSnapshot[],
  options: SqlOptions,
  rows: readonly RenderedStatement[] = [],
): readonly RenderedStatement[] {
  const tables = objects.filter((object): object is TableSnapshot => object.type === 'table')
  return [
    ...tables.map((table) => plain(createTable(table))),
    ...rows,
    ...tables.flatMap((table) => (table.foreignKeys.length === 0 ? [] : [plain(addForeignKeys(table))])),
    ...makeCode(objects.filter(isCode), options, new Set()),
  ]
}

/**
 * The statements that create stored code: functions and procedures, views after those that they read, triggers in their order, events; each under the sql_mode, time zone and collation under which it was created. @param replaced views that exist with another text
 */
export function makeCode(
  code: readonly CodeSnapshot[],
  options: SqlOptions,
  replaced: ReadonlySet<string>,
): readonly RenderedStatement[] {
  const of = (type: CodeSnapshot['type']): readonly CodeSnapshot[] => code.filter((one) => one.type === type)
  const ordered = [
    ...of('function'),
    ...of('procedure'),
    ...orderViews(of('view')),
    ...orderTriggers(of('trigger')),
    ...of('event'),
  ]
  const statements: RenderedStatement[] = []
  let [mode, zone]: readonly [string | null, string | null] = [null, null]
  let collation = sessionCollation
  for (const one of ordered) {
    if (one.sqlMode !== null && one.sqlMode !== mode) {
      mode = one.sqlMode
      statements.push(plain(`SET SESSION sql_mode = '${mode}'`))
    }
    if (one.timeZone !== null && one.timeZone !== zone) {
      zone = one.timeZone
      statements.push(plain(`SET SESSION time_zone = '${zone}'`))
    }
    if (one.collation !== undefined && one.collation !== collation) {
      collation = one.collation
      statements.push(plain(`SET SESSION collation_connection = ${collation}`))
    }
    statements.push(renderCode(one, options, one.type === 'view' && replaced.has(one.name)))
  }
  if (collation !== sessionCollation) statements.push(plain(`SET SESSION collation_connection = ${sessionCollation}`))
  if (mode !== null) statements.push(plain('SET SESSION sql_mode = DEFAULT'))
  if (zone !== null) statements.push(plain('SET SESSION time_zone = DEFAULT'))
  return statements
}

/** A statement without semicolons in it. */
export function plain(text: string): RenderedStatement {
  return { text, isCompound: false }
}

/** Without its foreign keys: their parents may be created later. */
export function createTable(table: TableSnapshot): string {
  const parts = [...table.columns, ...table.indexes, ...table.checks].map(({ text }) => `  ${text}`)
  const options = Object.entries(table.options).map(
    ([name, value]) => `${name === 'CHARSET' ? 'DEFAULT ' : ''}${name}=${value}`,
  )
  const partitioning = table.partitioning === null ? '' : `\n${table.partitioning}`
  return `CREATE TABLE ${quoteName(table.name)} (\n${parts.join(',\n')}\n) ${options.join(' ')}${partitioning}`
}

function addForeignKeys({ name, foreignKeys }: TableSnapshot): string {
  return `ALTER TABLE ${quoteName(name)}\n  ${foreignKeys.map(({ text }) => `ADD ${text}`).join(',\n  ')}`
}

function renderCode(code: CodeSnapshot, { definers }: SqlOptions, isReplaced: boolean): RenderedStatement {
  const at = code.definer.lastIndexOf('@')
  const definer = `DEFINER=${quoteName(code.definer.slice(0, at))}@${quoteName(code.definer.slice(at + 1))} `
  const owned =
    definers && at >= 0 ? code.text.replace(/^CREATE (ALGORITHM=\w+ )?/, (head) => head + definer) : code.text
  const text = isReplaced ? owned.replace(/^CREATE /, 'CREATE OR REPLACE ') : owned
  return { text, isCompound: tokenize(text).some(({ type, text: mark }) => type === 'punctuation' && mark === ';') }
}

/** Views after those that they read. Circular views, which MySQL does not permit, stay in order of name. */
function orderViews(views: readonly CodeSnapshot[]): readonly CodeSnapshot[] {
  const names = new Set(views.map(({ name }) => name))
  const reads = new Map(
    views.map(({ name, text }) => [
      name,
      new Set(
        tokenize(text).flatMap((token) =>
          token.type === 'name' && token.text !== name && names.has(token.text) ? [token.text] : [],
        ),
      ),
    ]),
  )
  const done = new Set<string>()
  const ordered: CodeSnapshot[] = []
  let left = views
  while (left.length > 0) {
    const free = left.filter(({ name }) => [...(reads.get(name) ?? [])].every((one) => done.has(one)))
    const next = free.length > 0 ? free : left
    for (const view of next) {
      ordered.push(view)
      done.add(view.name)
    }
    left = left.filter(({ name }) => !done.has(name))
  }
  return ordered
}

/** Triggers of one table, time and event fire in the order in which they were created. */
function orderTriggers(triggers: readonly CodeSnapshot[]): readonly CodeSnapshot[] {
  return triggers.toSorted((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1))
}
