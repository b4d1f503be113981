import { cutCreatedTable } from '../../ddl/created-table.ts'
import { readAddedParts, readDroppedColumn, readDroppedKeys } from '../../ddl/read-alterations.ts'
import { type ReadParts, readPart } from '../../ddl/read-definition.ts'
import { type Schema, stateOfTable, tableKey } from '../../ddl/schema.ts'
import { type Clause, indexNameAt, isName, readAlterations } from '../../sql/clauses.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'

/** Where a plan creates an index, a named constraint, a routine, a trigger or an event. */
interface Made {
  /** `file:line` of the statement. */
  readonly at: string
  /** The table with which it is dropped, by `tableKey`; null for routines and events. */
  readonly table: string | null
}

/**
 * By `keyOf`. These names are unique in a schema, while each `Table` only has its own; so they are kept beside `Schema`, with the place that
 * created them.
 */
export type OwnParts = Map<string, Made>

type PartKind = 'index' | 'foreign key' | 'check' | 'procedure' | 'function' | 'trigger' | 'event'

/** A name that may exist once: for an index in its table, for all others in their schema. */
interface Part {
  readonly kind: PartKind
  readonly name: string
  readonly table: string | null
}

const codeKinds: ReadonlyMap<string, PartKind> = new Map([
  ['CREATE PROCEDURE', 'procedure'],
  ['CREATE FUNCTION', 'function'],
  ['CREATE TRIGGER', 'trigger'],
  ['CREATE EVENT', 'event'],
])

function keyOf({ kind, name, table }: Part): string {
  return `${kind}\u0000${kind === 'index' ? (table ?? '') : ''}\u0000${name.toLowerCase()}`
}

/** What a statement would create again, although no statement in between dropped it: what it is, and where it was created. */
export function findRepeatedPart(
  statement: Statement,
  tables: Schema,
  { parts, keepsChecks }: { readonly parts: OwnParts; readonly keepsChecks: boolean },
): { readonly what: string; readonly why: string } | null {
  if (statement.idempotent || statement.text.includes('/*!')) return null
  const tokens = tokenizeAltering(statement)
  const made = listMade(statement, tokens, tables).filter(({ kind }) => keepsChecks || kind !== 'check')
  // A plan asks for each of thousands of tables: the names are not copied.
  if (made.length === 0) return null
  loadCreated(parts, statement, tables)
  const gone = new Set(listGone(parts, statement, tokens, tables))
  const again = new Map<string, Made>()
  for (const part of made) {
    const key = keyOf(part)
    const found = again.get(key) ?? (gone.has(key) ? undefined : parts.get(key))
    if (found !== undefined)
      return {
        what: `${statement.verb} creates the ${part.kind} \`${part.name}\`, which already exists.`,
        why: `The ${part.kind} \`${part.name}\` is created by \`${found.at}\`, and no statement before this one drops or renames it.`,
      }
    again.set(key, { at: `${statement.file}:${statement.line}`, table: part.table })
  }
  return null
}

/** Adds what a statement creates, and removes what it drops. @param tables what is known before it */
export function followParts(parts: OwnParts, statement: Statement, tables: Schema): void {
  const tokens = tokenizeAltering(statement)
  loadCreated(parts, statement, tables)
  for (const key of listGone(parts, statement, tokens, tables)) parts.delete(key)
  if (statement.text.includes('/*!')) return
  for (const part of listMade(statement, tokens, tables)) {
    const isKept = statement.idempotent && parts.has(keyOf(part))
    if (!isKept) parts.set(keyOf(part), { at: `${statement.file}:${statement.line}`, table: part.table })
  }
}

const altering = ['ALTER TABLE', 'CREATE INDEX', 'DROP INDEX']

/** Most statements of a project are none of these, and their tokens are not needed. */
function tokenizeAltering({ verb, text }: Statement): Clause {
  return altering.includes(verb) || (verb === 'CREATE TABLE' && /\bconstraint\b/i.test(text)) ? tokenize(text) : []
}

/** The indexes of a table's CREATE TABLE, which matter only once something else is done to the table. */
function loadCreated(parts: OwnParts, { verb, objects }: Statement, tables: Schema): void {
  const [table] = objects
  const state = table === undefined || !altering.includes(verb) ? undefined : stateOfTable(tables, table)
  if (table === undefined || state?.type !== 'new' || state.table === null || state.table.partial === true) return
  const key = tableKey(tables, table)
  for (const { name } of state.table.indexes) {
    const part: Part = { kind: 'index', name, table: key }
    if (name !== 'PRIMARY' && !parts.has(keyOf(part)))
      parts.set(keyOf(part), { at: `CREATE TABLE ${table.name}`, table: key })
  }
}

/** The keys of objects that no longer exist, or may not exist, after a statement. */
function listGone(
  parts: OwnParts,
  { verb, objects, text }: Statement,
  tokens: Clause,
  tables: Schema,
): readonly string[] {
  const ofTables = (names: readonly ObjectName[]): readonly string[] => {
    const keys = new Set(names.map((name) => tableKey(tables, name)))
    return [...parts].flatMap(([key, { table }]) => (table !== null && keys.has(table) ? [key] : []))
  }
  const isRename = verb === 'RENAME TABLE' || (verb === 'ALTER TABLE' && objects.length > 1)
  // Triggers are dropped with their table, and which table a trigger belongs to is unknown here.
  if (verb === 'DROP TABLE' || isRename)
    return [...ofTables(objects), ...[...parts.keys()].filter((key) => key.startsWith('trigger\u0000'))]
  const kind = codeKinds.get(verb.replace(/^(?:DROP|ALTER)/, 'CREATE'))
  if (kind !== undefined && (verb.startsWith('DROP') || verb === 'ALTER EVENT'))
    return objects.map(({ name }) => keyOf({ kind, name, table: null }))
  const [table] = objects
  if (table === undefined || !altering.includes(verb)) return []
  // The indexes and checks of a dropped column are dropped with it.
  const dropsColumn = readAlterations(tokens).some((clause) => readDroppedColumn(clause) !== null)
  if (dropsColumn || /\brename\s+(?:index|key)\b/i.test(text)) return ofTables([table])
  const key = tableKey(tables, table)
  return readDroppedKeys(tokens).flatMap(({ kind: dropped, name }) => {
    const kinds: readonly PartKind[] =
      dropped === 'CONSTRAINT'
        ? ['index', 'foreign key', 'check']
        : [dropped === 'FOREIGN KEY' ? 'foreign key' : dropped === 'CHECK' ? 'check' : 'index']
    return kinds.map((one) => keyOf({ kind: one, name, table: key }))
  })
}

/** What a statement creates under its own name. */
function listMade({ verb, objects }: Statement, tokens: Clause, tables: Schema): readonly Part[] {
  const [first] = objects
  if (first === undefined || (first.schema !== null && first.schema !== tables.schema)) return []
  const kind = codeKinds.get(verb)
  if (kind !== undefined) return [{ kind, name: first.name, table: null }]
  const key = tableKey(tables, first)
  if (verb === 'CREATE INDEX') {
    const name = tokens[indexNameAt(tokens)]
    return isName(name) ? [{ kind: 'index', name: name.text, table: key }] : []
  }
  // Only its constraints: its indexes do not conflict with those of another table.
  if (verb === 'CREATE TABLE' && tokens.length > 0)
    return (cutCreatedTable(tokens)?.definitions ?? []).flatMap((definition) =>
      toParts({ ...readPart(definition, null), indexes: [] }, key),
    )
  if (verb !== 'ALTER TABLE') return []
  return readAlterations(tokens).flatMap((clause) =>
    readAddedParts(clause, null).flatMap((added) => toParts(added, key)),
  )
}

/** Names given by definitions; the server names the others, and chooses a free name. */
function toParts({ indexes, foreignKeys, checks }: Omit<ReadParts, 'columns'>, table: string): readonly Part[] {
  const named = (kind: PartKind, name: string | null): readonly Part[] =>
    name === null || name === '' ? [] : [{ kind, name, table }]
  return [
    ...indexes.flatMap(({ name }) => named('index', name === 'PRIMARY' ? null : name)),
    ...foreignKeys.flatMap(({ name }) => named('foreign key', name)),
    ...checks.flatMap(({ name }) => named('check', name)),
  ]
}
