import type { ErrorCode } from '../../core/error-codes.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import type { Target } from '../../core/target.ts'
import { type Excerpt, type Fault, type Location, ToolError } from '../../core/tool-error.ts'
import { hidePasswords, listPasswords, maskLine } from '../../sql/mask-passwords.ts'
import { nameBlockers } from '../../sql/name-blockers.ts'
import type { Statement } from '../../sql/statement.ts'
import { ranNothing } from '../journal/journal.ts'
import { alreadyThere } from '../plan/foresee-failures.ts'
import { adviseHidden, readRetiredNow } from '../plan/note-retired.ts'
import { type Step, stepName } from '../plan.ts'
import type { OpenTarget } from '../targets.ts'
import { rolledBack } from '../user-code.ts'
import type { AttemptResult, StatementFailure } from './attempt.ts'
import type { ExecutionRequest } from './work.ts'

interface FailedAt {
  readonly target: Target
  readonly step: Step
  /** From 0. */
  readonly index: number
  readonly summary: string
  readonly statement: Statement | null
}

/**
 * Where in a line the text begins that the server quoted, or -1. It quotes what follows the fault, 80 characters at most: so
 * of several places with the same word it means the one from which the line's rest is the same.
 */
function findQuoted(line: string, message: string): number {
  const near = / near '([\s\S]*?)' at line \d+$/.exec(message)?.[1]?.split(/\r?\n/)[0]
  if (near === undefined || near === '') return -1
  return line.endsWith(near) ? line.length - near.length : line.indexOf(near)
}

/** Where in the file the server stopped reading: the statement's line it named, at the text it quoted. */
function locateFault(statement: Statement, failure: StatementFailure): Excerpt {
  const lines = statement.text.split(/\r?\n/)
  const offset = failure.type === 'refused' && failure.line !== null ? Math.min(failure.line, lines.length) - 1 : 0
  const margin = offset === 0 ? ' '.repeat(Math.max(0, statement.column - 1)) : ''
  const text = margin + (lines[offset] ?? '')
  const found = findQuoted(text, failure.why)
  const column = found >= 0 ? found + 1 : offset === 0 ? statement.column : text.length - text.trimStart().length + 1
  return maskLine({ text, line: statement.line + offset, column }, listPasswords(statement.text))
}

function whereFailed(at: FailedAt, excerpt: Excerpt | null, cause: unknown): Location {
  const { target, statement, step } = at
  const place = { file: step.migration.file, database: target.database, server: target.server }
  if (statement === null || excerpt === null) return { ...place, ...thrownIn(step, cause) }
  return { ...place, line: excerpt.line, column: excerpt.column, statement: at.summary }
}

interface Sentence {
  readonly code: ErrorCode
  readonly ending: string
  readonly why: string
  readonly next: string
}

function describeFailure(result: AttemptResult & { readonly type: 'failed' }): Sentence {
  const { failure } = result
  const again = 'then run the command again: it continues at this statement.'
  switch (failure.type) {
    case 'lost':
      if (failure.mayHaveRun === true)
        return {
          code: 'UNSETTLED',
          ending: 'is not known to have run as a whole',
          why: failure.why,
          next: 'Do not change its text yet. Run the command again: the next run looks at what it did on each shard, or in the VSchema, and asks you where it cannot tell.',
        }
      if (failure.unsent === true)
        return {
          code: 'CONNECTION_LOST',
          ending: 'was not sent',
          why: failure.why,
          next: 'Run the command again once `SHOW VITESS_TABLETS` has a primary for each shard: it continues at this statement.',
        }
      if (failure.lacksPrimary === true)
        return {
          code: 'CONNECTION_LOST',
          ending: 'was cut off',
          why: failure.why,
          next: 'The shard was being reparented, or its tablet or its MySQL server is down. Run the command again once `SHOW VITESS_TABLETS` has a primary for it: the next run looks whether the statement ran, and continues.',
        }
      return {
        code: 'CONNECTION_LOST',
        ending: 'lost its connection',
        why: `${failure.why}; the server may still be running it`,
        next: 'Run the command again when the server is reachable: the next run checks whether the statement ran, waits for it if it is still running, and continues.',
      }
    case 'held':
      if (failure.copy !== undefined)
        return {
          code: 'BLOCKED',
          ending: 'was not completed',
          why: `${failure.why}; the swap would be ${nameBlockers(result.blockers)}. The copy \`${failure.copy}\` is complete and stays, and triggers keep it current`,
          next: 'End what holds its tables, or increase `guard.budget`, then run the command again: it compares the copy again and goes on with the swap. Until then, triggers write each change of the table twice.',
        }
      return {
        code: 'BLOCKED',
        ending: 'was not sent',
        why: `${failure.why}; it would be ${nameBlockers(result.blockers)}`,
        next: `End what holds its tables, or increase \`guard.budget\`, ${again}`,
      }
    case 'waited':
      return {
        code: 'BLOCKED',
        ending: `was blocked ${result.attempts} times`,
        why: `${failure.why}; ${nameBlockers(result.blockers)}`,
        next: `End what blocks it, or increase \`${result.guarded === true ? 'guard.budget' : 'timeouts.lockWait'}\`, ${again}`,
      }
    case 'canceled':
      return result.timedOut
        ? {
            code: 'STATEMENT_TIMEOUT',
            ending: 'took longer than --statement-timeout',
            why: failure.why,
            next: `Increase the limit, ${again}`,
          }
        : {
            code: 'CANCELED',
            ending: 'was killed',
            why: failure.why,
            next: 'Run the command again to continue at this statement.',
          }
    case 'refused':
      if (failure.becameReadOnly === true) {
        const next = 'Run again on the current primary: the run continues at this statement.'
        return { code: 'READ_ONLY', ending: 'was refused, because the server became read-only', why: failure.why, next }
      }
      return {
        code: 'STATEMENT_FAILED',
        ending: 'failed',
        why: failure.why,
        next:
          failure.byTableAcl === true
            ? `Do what is said there of the table ACL, ${again}`
            : `Correct it (do not change the statements before it, which ran), ${again}`,
      }
  }
}

/** No text can be corrected there, and a REVERT that has begun cannot begin again. */
const adviseReverted =
  'Its table is as it was. Run the command again with `--dry-run`: it says whether Vitess can still take this back, and what to do where it cannot.'

/** The error of a statement that did not get through. */
export function statementFailed(at: FailedAt, result: AttemptResult & { readonly type: 'failed' }): ToolError {
  const sentence = describeFailure(result)
  const excerpt = at.statement === null ? null : locateFault(at.statement, result.failure)
  const fault = {
    what: `Statement ${at.index + 1} of ${at.step.total} of \`${migrationLabel(at.step.migration)}\` ${sentence.ending}: ${at.summary}.`,
    where: whereFailed(at, excerpt, result.cause),
    why: hidePasswords(sentence.why, at.statement === null ? [] : listPasswords(at.statement.text)),
    next: at.statement?.reverts !== undefined && sentence.code !== 'UNSETTLED' ? adviseReverted : sentence.next,
    ...(excerpt === null ? {} : { excerpt }),
  }
  // Its number is that of a login.
  const isAcl = result.failure.type === 'refused' && result.failure.byTableAcl === true
  return new ToolError(sentence.code, fault, isAcl ? {} : { cause: result.cause })
}

/** The line of a data migration that an error was thrown from, where its stack names one. */
function thrownIn(step: Step, thrown: unknown): PlaceInCode | null {
  const script = step.type === 'revert' ? step.migration.down : step.migration.up
  return script?.type === 'module' ? findPlaceInCode(script.path, thrown) : null
}

interface PlaceInCode {
  readonly line: number
  readonly column: number
}

/** Where in a file of code an error came from, by its stack; null where that does not name the file. */
export function findPlaceInCode(path: string, thrown: unknown): PlaceInCode | null {
  if (!(thrown instanceof Error)) return null
  const frame = thrown.stack?.split('\n').find((line) => line.includes(path))
  const match = /:(\d+):(\d+)\)?$/.exec(frame ?? '')
  return match === null ? null : { line: Number(match[1]), column: Number(match[2]) }
}

/** The error of a data migration that threw: its transaction is rolled back, and the next run calls it again. */
export function moduleFailed(step: Step, target: Target, thrown: unknown): ToolError {
  const where = {
    file: step.migration.file,
    database: target.database,
    server: target.server,
    ...thrownIn(step, thrown),
  }
  if (thrown instanceof ToolError) {
    const faults = thrown.faults.map((fault) => ({ ...fault, where: { ...where, ...fault.where } }))
    return new ToolError(thrown.code, faults, { exitCode: thrown.exitCode, cause: thrown })
  }
  const fault = {
    what: `${step.type === 'revert' ? 'down' : 'up'}() of \`${migrationLabel(step.migration)}\` threw an error.`,
    where,
    why: thrown instanceof Error ? thrown.message : String(thrown),
    next: rolledBack.correctIt,
  }
  return new ToolError('MODULE_FAILED', fault, { cause: thrown })
}

/** The error of a step that needs one of another target which was not completed. */
export function dependencyFailed(step: Step, broken: { readonly name: string; readonly why: string }): ToolError {
  return new ToolError('DEPENDENCY_FAILED', {
    what: `${stepName(step)} was not started.`,
    where: { file: step.migration.file, database: step.migration.database },
    why: `It needs \`${broken.name}\`, which was not completed: ${broken.why}`,
    next: 'Fix that one first; the next run continues here.',
  })
}

const noWriteAfter: ReadonlySet<ErrorCode> = new Set(['CONNECTION_LOST', 'LOCK_LOST', 'ONLINE_UNCOMPARED'])

/** True after an error that forbids every further write, because another run may hold the lock, or because the statement has run all the same: open rows stay open, and the next run settles them. */
export function forbidsWriting(error: unknown): boolean {
  return error instanceof ToolError && noWriteAfter.has(error.code)
}

function isAlreadyThere(error: ToolError): boolean {
  const { cause } = error
  return typeof cause === 'object' && cause !== null && 'errno' in cause && alreadyThere.has(cause.errno)
}

/**
 * A statement failed because the object that it creates exists: perhaps the database was created by other means. The fault
 * names the command that adopts it, the one that the journal permits.
 * @param failed the version of the statement's migration
 * @param ran whether a statement ran before it in this run
 */
function adviseTakeover(error: unknown, target: OpenTarget, failed: string | undefined, ran: boolean): unknown {
  if (!(error instanceof ToolError) || error.code !== 'STATEMENT_FAILED' || !isAlreadyThere(error)) return error
  if (failed === undefined) return error
  const { name } = target.database
  const { states, baseline } = target.state
  const isFresh = !ran && baseline === null && [...states.values()].every(ranNothing)
  const takeover = isFresh
    ? `\`wwdb baseline VERSION --target ${name}\` takes it over, where VERSION is the last migration that it already contains`
    : `\`wwdb mark ${failed} --applied --target ${name}\` records that it already contains all of this migration`
  const faults = error.faults.map(
    (fault): Fault => ({
      ...fault,
      next: `If \`${name}\` had this before wwdb was used, ${takeover}; then run \`wwdb migrate\` again. Otherwise: ${fault.next ?? 'correct it.'}`,
    }),
  )
  return new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error })
}

/** The same where the name belongs to what is only hidden: its database has nothing of the migration. */
export async function adviseTaken(error: unknown, target: OpenTarget, failed: Step | undefined, ran: boolean) {
  const [fault] = error instanceof ToolError && isAlreadyThere(error) ? error.faults : []
  const script = failed?.migration.up
  const at = fault?.where?.line ?? 0
  const statement = script?.type === 'statements' ? script.statements.findLast(({ line }) => line <= at) : undefined
  const retired = statement === undefined ? null : await readRetiredNow(target).catch(() => null)
  const hidden =
    failed === undefined || statement === undefined || retired === null
      ? null
      : adviseHidden({ step: failed, statement }, retired)
  if (hidden === null || !(error instanceof ToolError))
    return adviseTakeover(error, target, failed?.migration.version, ran)
  const faults = error.faults.map((one): Fault => ({ ...one, next: hidden }))
  return new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error })
}

/** The user asked the run to stop: open rows are removed, and rows of executed statements are closed. */
export class Stopped extends Error {}

/** Where a person stopped the run before an online change was complete, what stays of it is said, and its statement has not run. Throws in any case. */
export function sayWhatStays(error: unknown, { emit, session }: Pick<ExecutionRequest, 'emit' | 'session'>): never {
  if (!(error instanceof ToolError) || error.code !== 'STOPPED') throw error
  for (const { what, next = '' } of error.faults)
    emit({ type: 'warning', message: `${what} ${next}`.trim(), target: session.target })
  throw new Stopped()
}
