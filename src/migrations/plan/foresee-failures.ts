import type { Fault } from '../../core/tool-error.ts'
import type { ProbeRefusal } from '../../probe/probe-result.ts'
import { hidePasswords, listPasswords } from '../../sql/mask-passwords.ts'
import type { Statement } from '../../sql/statement.ts'
import { summarizeStatement } from '../../sql/statement.ts'
import type { Step } from '../plan.ts'
import { findExisting, followOwn, noOwnNames, type OwnNames } from './find-existing.ts'
import { findMissing } from './find-missing.ts'
import { type ForeseenStatement, placeOf } from './foreseen-statement.ts'
import { adviseHidden, type RetiredNow } from './note-retired.ts'

interface Foreseen {
  /** What stops a run before its first statement. */
  readonly failures: readonly Fault[]
  readonly notes: readonly string[]
  /** Those of the notes that say what `failures` say. */
  readonly failureNotes: readonly string[]
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
  const failureNotes: string[] = []
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
      const note = `${describe(statement)} will fail. ${found.why ?? found.what}`
      notes.push(note)
      failureNotes.push(note)
      // A trial leaves out what depends on it, so that later refusals still count.
      continue
    }
    if (refusal === undefined) continue
    const isCertain = refusal.isTried === true || certainNumbers.has(refusal.number)
    const isSound = refusal.isTried === true ? isTrialSound : isFollowed
    // For a table that could not be followed, the copy does not show which parts exist.
    if (refusal.isReported && (isSound || !isCertain)) {
      const note = describeRefusal(refusal)
      notes.push(note)
      if (isCertain) {
        failures.push(toFault(one, refusal, retired))
        failureNotes.push(note)
      }
    }
    // Later statements were tried on a copy without this one; a trial leaves out what depends on it.
    if (refusal.isTried !== true) {
      isFollowed = false
      isTrialSound = false
    }
  }
  return { failures, notes, failureNotes }
}

function describeRefusal({ subject, why, isPrepared, isTried }: ProbeRefusal): string {
  if (isPrepared === true) return `The server would refuse ${subject}: ${why}`
  return isTried === true
    ? `Tried in a scratch schema, the server refuses ${subject}: ${why}`
    : `On an empty copy of its table the server refuses ${subject}: ${why}`
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
