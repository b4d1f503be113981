import { closestName } from '../../core/closest-name.ts'
import { countOf } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { knownColumns, type Schema, stateOfTable, tableKey } from '../../ddl/schema.ts'
import { isPlainInsert } from '../../lint/plain-rows.ts'
import { readInsertedColumns } from '../../lint/written-tables.ts'
import type { ProbeRefusal, TrialReport } from '../../probe/probe-result.ts'
import { hidePasswords, listPasswords } from '../../sql/mask-passwords.ts'
import { listTablesRead } from '../../sql/read-sources.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { summarizeStatement } from '../../sql/statement.ts'
import type { Step } from '../plan.ts'
import { findExisting, followOwn, noOwnNames, type OwnNames } from './find-existing.ts'
import { adviseHidden, type RetiredNow } from './note-retired.ts'

/** A statement of a plan, in order, with what is known about the tables before it. */
export interface ForeseenStatement {
  readonly step: Step
  readonly statement: Statement
  readonly tables: Schema
  /** An earlier run opened it and may have executed it: it is settled before anything else runs. */
  readonly isOpen: boolean
}

interface Foreseen {
  /** What stops a run before its first statement. */
  readonly failures: readonly Fault[]
  readonly notes: readonly string[]
}

/**
 * Errors that the server reports for a statement under any sql_mode and with any content of other tables: unknown column,
 * duplicate column, duplicate key name, several primary keys, key column that does not exist, nothing to drop, key over a
 * BLOB or TEXT without a length, unknown key; of rows also ambiguous column, column named twice, not as many values as
 * columns.
 */
const certainNumbers: ReadonlySet<number> = new Set([1052, 1054, 1060, 1061, 1068, 1072, 1091, 1110, 1136, 1170, 1176])

/** MySQL's error numbers for existing objects: table, column, index, routine, trigger, event, foreign key, check. */
export const alreadyThere: ReadonlySet<unknown> = new Set([1050, 1060, 1061, 1304, 1359, 1537, 1826, 3822])

/** The number of a missing table: what is known about names says more. */
const unknownTable = 1146

interface Circumstances {
  readonly isTouchedByOthers: boolean
  readonly serverVersion: string | null
  /** What is only hidden has its name still. */
  readonly retired: RetiredNow
}

/**
 * What is known to fail. An empty copy proves it only as long as every statement before could be followed: the copy does not reflect what a
 * procedure, a prepared statement or another database's migration does to a table. A trial begins with the current tables, and leaves out
 * what it cannot follow: what an earlier run has done, or may have done, does not affect it.
 */
export function foreseeFailures(
  statements: readonly ForeseenStatement[],
  refusals: ReadonlyMap<number, ProbeRefusal>,
  { isTouchedByOthers, serverVersion, retired }: Circumstances,
): Foreseen {
  const failures: Fault[] = []
  const notes: string[] = []
  const temporary = new Set<string>()
  const own = noOwnNames(serverVersion)
  let isFollowed = !isTouchedByOthers
  let isTrialSound = !isTouchedByOthers
  let before: Step | null = null
  for (const [position, one] of statements.entries()) {
    const { statement, step } = one
    if (step !== before) {
      const ran = step.from === 0 ? [] : listStatementsThatRan(step)
      for (const { name } of ran.filter(makesTemporaryTable).flatMap(({ objects }) => objects))
        temporary.add(name.toLowerCase())
      for (const earlier of ran) followOwn(own, earlier, one.tables)
      if (ran.some(({ class: kind }) => kind === 'call' || kind === 'execute')) isFollowed = false
      before = step
    }
    const refusal = withoutPasswords(refusals.get(position), statement)
    if (statement.class === 'call' || statement.class === 'execute' || step.fanOut !== undefined) {
      isFollowed = false
      isTrialSound = false
    }
    if (makesTemporaryTable(statement)) for (const { name } of statement.objects) temporary.add(name.toLowerCase())
    if (statement.verb === 'DROP DATABASE') isFollowed = false
    if (one.isOpen) {
      // It may have run: then the tables had its names and columns before it was followed.
      isFollowed = false
      continue
    }
    const isUnknownTable = refusal === undefined || (refusal.isTried === true && refusal.number === unknownTable)
    const missing = isFollowed && isUnknownTable ? findMissing(one, temporary) : null
    // Where a trial finds that a name is taken, the statements show which file creates it.
    const isAgain = refusal === undefined || (refusal.isTried === true && alreadyThere.has(refusal.number))
    const found = missing ?? (isFollowed && isAgain ? findAgain(one, own, retired) : null)
    if (isFollowed) followOwn(own, statement, one.tables)
    if (found !== null) {
      failures.push(found)
      notes.push(`${describe(statement)} will fail. ${found.why ?? found.what}`)
      // A trial leaves out what depends on it, so that later refusals still count.
      continue
    }
    if (refusal === undefined) continue
    const isCertain = refusal.isTried === true || certainNumbers.has(refusal.number)
    const isSound = refusal.isTried === true ? isTrialSound : isFollowed
    // For a table that could not be followed, the copy does not show which parts exist.
    if (refusal.isReported && (isSound || !isCertain))
      notes.push(
        refusal.isPrepared === true
          ? `The server would refuse ${refusal.subject}: ${refusal.why}`
          : refusal.isTried === true
            ? `Tried in a scratch schema, the server refuses ${refusal.subject}: ${refusal.why}`
            : `On an empty copy of its table the server refuses ${refusal.subject}: ${refusal.why}`,
      )
    if (refusal.isReported && isSound && isCertain) failures.push(toFault(one, refusal, retired))
    // Later statements were tried on a copy without this one; a trial leaves out what depends on it.
    if (refusal.isTried !== true) {
      isFollowed = false
      isTrialSound = false
    }
  }
  return { failures, notes }
}

/** A server's message quotes the statement. */
function withoutPasswords(refusal: ProbeRefusal | undefined, { text }: Statement): ProbeRefusal | undefined {
  return refusal === undefined ? undefined : { ...refusal, why: hidePasswords(refusal.why, listPasswords(text)) }
}

function makesTemporaryTable({ verb }: Statement): boolean {
  return verb === 'CREATE TEMPORARY TABLE'
}

/**
 * What an earlier run has executed of a migration that continues: its temporary tables ended with its session, and are not on the server.
 */
function listStatementsThatRan({ type, migration, from }: Step): readonly Statement[] {
  const script = type === 'revert' ? migration.down : migration.up
  return script?.type === 'statements' ? script.statements.slice(0, from) : []
}

const describe = (statement: Statement): string =>
  `${summarizeStatement(statement)} (${statement.file}:${statement.line})`

const placeOf = ({ statement, step }: ForeseenStatement): NonNullable<Fault['where']> => ({
  file: statement.file,
  line: statement.line,
  column: statement.column,
  database: step.migration.database,
})

function toFault(one: ForeseenStatement, { why, number, ...how }: ProbeRefusal, retired: RetiredNow): Fault {
  const trial =
    how.isTried === true ? `tried in a scratch schema, error ${number}` : 'tried on an empty copy of its table'
  return {
    what: `The server would refuse ${summarizeStatement(one.statement)}.`,
    where: placeOf(one),
    why: `${how.isPrepared === true ? 'prepared, not run' : trial}: ${why.replace(/\.$/, '')}.`,
    next: alreadyThere.has(number) ? adviseMark(one, retired) : adviseCorrection(one.statement, number, why),
  }
}

/** The server stops at a reserved word, but does not say that it is one. */
function adviseCorrection({ objects }: Statement, number: number, why: string): string {
  const word = number === 1064 ? /near '(\w+)/.exec(why)?.[1] : undefined
  const isName = objects.some(({ name }) => name === word)
  return isName
    ? `Correct the statement: \`${word}\` is a reserved word of MySQL: quote it with backticks where it is a name. Nothing was run.`
    : 'Correct the statement. Nothing was run.'
}

/** A migration that creates something that exists: it is only hidden, or perhaps the database had it before wwdb was used. */
function adviseMark(one: ForeseenStatement, retired: RetiredNow): string {
  const { database, version } = one.step.migration
  const hidden = adviseHidden(one, retired)
  if (hidden !== null) return `Nothing was run. ${hidden}`
  return `Correct the statement. Nothing was run. If \`${database}\` had all of this migration before wwdb was used, record that with \`wwdb mark ${version} --applied --target ${database}\`.`
}

/** Verbs whose first object is a table that must exist. */
const verbs: ReadonlySet<string> = new Set([
  'ALTER TABLE',
  'CREATE INDEX',
  'DROP INDEX',
  'DROP TABLE',
  'TRUNCATE TABLE',
  'RENAME TABLE',
  'INSERT',
  'REPLACE',
  'LOAD DATA',
  'LOAD XML',
  'UPDATE',
  'DELETE',
])

function findMissing(one: ForeseenStatement, temporary: ReadonlySet<string>): Fault | null {
  // The content of executable comments counts only on some servers.
  if (one.statement.idempotent || one.statement.text.includes('/*!')) return null
  return findMissingTable(one, temporary) ?? findMissingColumn(one, temporary)
}

function findMissingTable(one: ForeseenStatement, temporary: ReadonlySet<string>): Fault | null {
  const { statement, tables } = one
  const missing = listNamedTables(statement).find((name) => isMissing(name, tables, temporary))
  if (missing === undefined) return null
  const close = closestName(missing.name, listTables(tables))
  return {
    what: `${statement.verb} references table \`${missing.name}\`, which does not exist.`,
    where: placeOf(one),
    why: `The server has no table \`${missing.name}\`, and no statement before this one creates it.`,
    next: suggest(close),
  }
}

/** The tables that a statement needs: the one that it changes, all that it drops, those that it reads. */
function listNamedTables(statement: Statement): readonly ObjectName[] {
  const { verb, objects } = statement
  const changed = verbs.has(verb) ? (verb === 'DROP TABLE' ? objects : objects.slice(0, 1)) : []
  return isPlainInsert(statement) ? changed : [...changed, ...listTablesRead(statement)]
}

/** Names in another schema may be created by another database's migrations. */
function isMissing(name: ObjectName, tables: Schema, temporary: ReadonlySet<string>): boolean {
  return (
    name.type === 'table' &&
    // The run itself creates its journal before the statement runs.
    !name.name.toLowerCase().startsWith('wwdb_') &&
    (name.schema === null || name.schema === tables.schema) &&
    !temporary.has(name.name.toLowerCase()) &&
    stateOfTable(tables, name).type === 'absent'
  )
}

/** A column in the list of an INSERT or REPLACE that its table does not have. */
function findMissingColumn(one: ForeseenStatement, temporary: ReadonlySet<string>): Fault | null {
  const { statement, tables } = one
  const table = statement.objects[0]
  if (table === undefined || (statement.verb !== 'INSERT' && statement.verb !== 'REPLACE')) return null
  if (tables.forgotten !== undefined || temporary.has(table.name.toLowerCase())) return null
  const columns = knownColumns(stateOfTable(tables, table))
  const named = columns === null ? null : readInsertedColumns(statement.text)
  const has = (name: string): boolean =>
    // The server may add a primary key of its own.
    name.toLowerCase() === 'my_row_id' ||
    columns?.some((column) => column.toLowerCase() === name.toLowerCase()) === true
  const missing = named?.find((name) => !has(name))
  if (columns === null || missing === undefined) return null
  return {
    what: `${statement.verb} references column \`${missing}\`, which does not exist.`,
    where: placeOf(one),
    why: `The table \`${table.name}\` has no column \`${missing}\`, and no statement before this one adds it.`,
    next: suggest(closestName(missing, columns)),
  }
}

/** A table, view or column that a statement creates although it exists. */
function findAgain(one: ForeseenStatement, own: OwnNames, retired: RetiredNow): Fault | null {
  const existing = findExisting(one.statement, one.tables, own)
  if (existing === null) return null
  const { what, why, isOnServer } = existing
  // A repeatable migration that failed is planned as a whole, and continues where it failed.
  if (isOnServer && one.step.migration.kind === 'repeatable') return null
  const next = isOnServer
    ? adviseMark(one, retired)
    : 'Change the existing object with ALTER TABLE, or use another name. Nothing was run.'
  return { what, where: placeOf(one), why, next }
}

const suggest = (close: string | null): string =>
  close === null ? 'Check its name. Nothing was run.' : `Did you mean \`${close}\`? Nothing was run.`

function listTables(tables: Schema): readonly string[] {
  const prefix = tableKey(tables, { schema: null, name: '' })
  return [...tables.states].flatMap(([key, { type }]) =>
    key.startsWith(prefix) && type === 'table' ? [key.slice(prefix.length)] : [],
  )
}

/** What a trial left out, in one sentence: the first statement with its reason, and how many follow. */
export function noteUntried(trial: TrialReport | undefined, statements: readonly Statement[]): readonly string[] {
  const [first, ...others] = trial?.untried ?? []
  const statement = first === undefined ? undefined : statements[first[0]]
  if (first === undefined || statement === undefined) return []
  const place = `${statement.file}:${statement.line}`
  const more = others.length === 0 ? '' : ` So were ${countOf(others.length, 'other')}.`
  return [
    `${summarizeStatement(statement)} (${place}) was not tried in a scratch schema: ${first[1].replace(/\.$/, '')}.${more}`,
  ]
}

/** The error of a trial that is required but impossible. @param notes why, as sentences */
export function notTried({ database, server }: Target, notes: readonly string[]): ToolError {
  return new ToolError('NOT_TRIED', {
    what: 'The pending statements could not be tried in a scratch schema, which the configuration requires.',
    where: { database, server },
    ...(notes[0] !== undefined && { why: notes[0] }),
    next: 'Grant what `wwdb grants` prints for `wwdb_scratch_%`, or set `trial` to `auto`.',
  })
}
