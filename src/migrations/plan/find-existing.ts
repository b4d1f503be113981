import { isAtLeast } from '../../core/version.ts'
import { readAdded, readDroppedColumn } from '../../ddl/read-alterations.ts'
import { knownColumns, type Schema, stateOfTable, tableKey } from '../../ddl/schema.ts'
import { isWord, readAlterations } from '../../sql/clauses.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'
import { findRepeatedPart, followParts, type OwnParts } from './own-parts.ts'

/**
 * What the statements of a plan have created so far, and where. `applyStatement` follows what exists; this records the place for a message, and only of unambiguous
 * names.
 */
export interface OwnNames {
  /** The tables and views, by `tableKey`, with the position of the statement: `file:line`. */
  readonly made: Map<string, string>
  /** Names that may mean something else, in lower case: temporary tables hide others, and objects in executable comments exist only on some servers. */
  readonly unsure: Set<string>
  /** Its indexes, constraints, routines, triggers and events. */
  readonly parts: OwnParts
  /**
   * Whether the server stores checks: before 8.0.16 it parses and ignores them, and a name may occur twice. False where the version is
   * unknown.
   */
  readonly keepsChecks: boolean
}

/** Something that a statement would create again. */
interface Existing {
  readonly what: string
  readonly why: string
  /** True where the server had it before the plan. */
  readonly isOnServer: boolean
}

/** @param serverVersion null where it is unknown */
export function noOwnNames(serverVersion: string | null): OwnNames {
  const keepsChecks = serverVersion !== null && isAtLeast(serverVersion, '8.0.16')
  return { made: new Map(), unsure: new Set(), parts: new Map(), keepsChecks }
}

/** A table, view or column, or a named part, that exists already; null where there is none. */
export function findExisting(statement: Statement, tables: Schema, own: OwnNames): Existing | null {
  const found = findExistingTable(statement, tables, own)
  if (found !== null || statement.objects.some(({ name }) => own.unsure.has(name.toLowerCase()))) return found
  const part = findRepeatedPart(statement, tables, own)
  return part === null ? null : { ...part, isOnServer: false }
}

/**
 * The table, view or column that a statement creates, or renames something to, although it exists; null where there is none. Only where it is
 * certain: every statement before was followed.
 */
function findExistingTable(statement: Statement, tables: Schema, own: OwnNames): Existing | null {
  if (statement.idempotent || startsInComment(statement)) return null
  switch (statement.verb) {
    case 'CREATE TABLE':
    case 'CREATE VIEW':
      return describe(statement.objects[0], statement.verb, tables, own)
    case 'RENAME TABLE':
      return statement.objects.length === 2 ? findTarget(statement, tables, own) : null
    case 'ALTER TABLE':
      return (isRename(statement) ? findTarget(statement, tables, own) : null) ?? findColumn(statement, tables, own)
    default:
      return null
  }
}

/** An ALTER TABLE that names two tables: it renames one to the other, or exchanges a partition with it. */
function isRename({ objects, text }: Statement): boolean {
  return objects.length === 2 && !/\bexchange\b/i.test(text)
}

/** The other end of a rename. */
function findTarget({ verb, objects }: Statement, tables: Schema, own: OwnNames): Existing | null {
  const [from, to] = objects
  const isSame = from === undefined || to === undefined || tableKey(tables, from) === tableKey(tables, to)
  return isSame || from.name.toLowerCase() === to.name.toLowerCase() ? null : describe(to, verb, tables, own)
}

function describe(name: ObjectName | undefined, verb: string, tables: Schema, own: OwnNames): Existing | null {
  if (name === undefined || !isSure(name, tables, own)) return null
  const { type } = stateOfTable(tables, name)
  if (type !== 'table' && type !== 'new' && type !== 'view') return null
  const at = own.made.get(tableKey(tables, name))
  // What an unfinished pass has created: its statements are settled when it continues.
  if (at === undefined && type === 'new') return null
  const kind = type === 'view' ? 'view' : 'table'
  const what = verb.startsWith('CREATE')
    ? `${verb} creates \`${name.name}\`, which already exists.`
    : `${verb} renames a table to \`${name.name}\`, which already exists.`
  const why =
    at === undefined
      ? `The server has a ${kind} \`${name.name}\`.`
      : `The ${kind} \`${name.name}\` is created by \`${at}\`.`
  return {
    what,
    why: `${why.slice(0, -1)}, and no statement before this one drops or renames it.`,
    isOnServer: at === undefined,
  }
}

/** Names in another schema may be changed by another database's migrations; the journal belongs to wwdb. */
function isSure({ schema, name }: ObjectName, tables: Schema, { unsure }: OwnNames): boolean {
  const folded = name.toLowerCase()
  return (schema === null || schema === tables.schema) && !unsure.has(folded) && !folded.startsWith('wwdb_')
}

/** A column that ALTER TABLE adds to a table of the plan: the columns of others are tried on copies of their tables. */
function findColumn(statement: Statement, tables: Schema, own: OwnNames): Existing | null {
  const [table] = statement.objects
  if (table === undefined || !isSure(table, tables, own)) return null
  const made = own.made.get(tableKey(tables, table))
  const columns = made === undefined ? null : knownColumns(stateOfTable(tables, table))
  const clauses = readAlterations(tokenize(statement.text))
  // In one statement, a column is renamed or dropped before another of its name is added.
  if (made === undefined || columns === null || clauses.some((clause) => isWord(clause[0], 'CHANGE', 'RENAME')))
    return null
  const dropped = new Set(clauses.flatMap((clause) => readDroppedColumn(clause)?.toLowerCase() ?? []))
  const names = clauses.flatMap((clause) => readAdded(clause).map(([name]) => name))
  const present = new Set(columns.map((one) => one.toLowerCase()).filter((one) => !dropped.has(one)))
  const name = names.find((one) => present.has(one.toLowerCase()))
  if (name === undefined) return null
  return {
    what: `${statement.verb} adds the column \`${name}\`, which already exists.`,
    why: `The table \`${table.name}\` of \`${made}\` has a column \`${name}\`, and no statement before this one drops or renames it.`,
    isOnServer: false,
  }
}

/** Adds what a statement creates. @param tables what is known before it */
export function followOwn(own: OwnNames, statement: Statement, tables: Schema): void {
  const { verb, objects } = statement
  if (verb === 'CREATE TEMPORARY TABLE' || (startsInComment(statement) && !verb.startsWith('DROP'))) hide(own, objects)
  // With a temporary table of its name in the session, only that one is changed.
  const isHidden = objects.some(({ name }) => own.unsure.has(name.toLowerCase()))
  if (isHidden && (verb === 'ALTER TABLE' || verb === 'RENAME TABLE')) hide(own, objects)
  followParts(own.parts, statement, tables)
  const [first] = objects
  if (first === undefined) return
  if ((verb === 'CREATE TABLE' && !isKept(statement, tables)) || verb === 'CREATE VIEW')
    own.made.set(tableKey(tables, first), placeOf(statement))
  if (verb === 'RENAME TABLE' || (verb === 'ALTER TABLE' && isRename(statement))) followRename(own, statement, tables)
}

/** From here on these names may mean something else. */
export function hide({ unsure }: OwnNames, objects: readonly ObjectName[]): void {
  for (const { name } of objects) unsure.add(name.toLowerCase())
}

const placeOf = ({ file, line }: Statement): string => `${file}:${line}`

/** CREATE TABLE IF NOT EXISTS of a table that may exist. */
function isKept({ idempotent, objects }: Statement, tables: Schema): boolean {
  const [table] = objects
  return idempotent && (table === undefined || stateOfTable(tables, table).type !== 'absent')
}

function followRename({ made }: OwnNames, statement: Statement, tables: Schema): void {
  for (const [index, to] of statement.objects.entries()) {
    const from = statement.objects[index - 1]
    if (index % 2 === 0 || from === undefined) continue
    made.delete(tableKey(tables, from))
    made.set(tableKey(tables, to), placeOf(statement))
  }
}

/** The content of executable comments counts only on some servers. */
function startsInComment({ class: kind, text }: Statement): boolean {
  return kind === 'definition' && /^[^(]*\/\*!/.test(text)
}
