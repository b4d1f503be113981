import type { TargetOutcome } from '../command/result.ts'
import type { DatabaseConfig } from '../config/config.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import type { UnreachedTarget } from '../core/target.ts'
import { type Fault, inOneSentence, ToolError } from '../core/tool-error.ts'
import type { Migration } from './migration.ts'

/** A database whose server could not be used. The command continues with the others. */
export interface Unreached {
  readonly database: DatabaseConfig
  readonly error: ToolError
  /** A database of the command itself; one that its migrations require; one whose migrations only require those of the command. */
  readonly relation: 'chosen' | 'required' | 'dependent'
  /** Its files, which show what depends on it. */
  readonly all: readonly Migration[]
}

/** True for the reasons that make a server unusable: it does not answer, or it refuses the user. */
export function isUnreachable(error: unknown): error is ToolError {
  return error instanceof ToolError && error.exitCode === exitCodes.unreachable
}

/** Also true for a connection that was lost later: if nothing was done yet, the database counts as not reached. */
export function isLost(error: unknown): error is ToolError {
  return isUnreachable(error) || (error instanceof ToolError && error.code === 'CONNECTION_LOST')
}

export function describeUnreached({ database, error }: Pick<Unreached, 'database' | 'error'>): UnreachedTarget {
  const target = { database: database.name, schema: database.schema, server: database.server.label }
  return { target, code: error.code, fault: error.faults[0] ?? { what: error.message } }
}

/** The databases of the command itself that were not reached, as an answer shows them. */
export function listUnreached(unreached: readonly Unreached[]): readonly UnreachedTarget[] {
  return unreached.filter(({ relation }) => relation === 'chosen').map(describeUnreached)
}

/** A warning for each database whose migrations depend on those of the command and whose journal could not be read. Those with many targets are named where they prevent something. */
export function warnOfDependents(unreached: readonly Unreached[]): readonly string[] {
  return unreached
    .filter(({ relation, error }) => relation === 'dependent' && error.code !== 'TARGETS_MANY')
    .map(({ database, error }) => {
      const [fault] = error.faults
      return `The journal of \`${database.name}\` could not be read, so its migrations count as applied: ${inOneSentence(fault ?? { what: error.message })}`
    })
}

/** The outcome of a run for a database that was not reached. */
export function toUnreachedOutcome({ target, code, fault }: UnreachedTarget): TargetOutcome {
  return { target, state: 'not-reached', done: [], notDone: [], statements: 0, milliseconds: 0, fault, code }
}

/** An answer that lacks a database is incomplete; a failure of the run itself takes precedence. */
export function exitCodeWith(own: ExitCode, isIncomplete: boolean): ExitCode {
  return isIncomplete && (own === exitCodes.done || own === exitCodes.findings) ? exitCodes.unreachable : own
}

/** A count across all databases cannot leave one out: a different migration might be the last one. */
export function refuseCounting(unreached: readonly Unreached[]): void {
  const lacking = unreached.filter(({ relation }) => relation === 'chosen')
  if (lacking.length === 0) return
  const faults = lacking.map(({ database, error }): Fault => {
    const [fault] = error.faults
    return {
      what: `Steps are counted over all databases, but the connection to \`${database.name}\` failed.`,
      where: { database: database.name, server: database.server.label },
      why: inOneSentence(fault ?? { what: error.message }),
      next: `${fault?.next ?? `Make ${database.server.label} reachable.`} Or choose the other databases with \`--target\`.`,
    }
  })
  throw new ToolError(lacking[0]?.error.code ?? 'UNREACHABLE', faults, { exitCode: exitCodes.unreachable })
}

export const isMissing = (reason: unknown): reason is ToolError =>
  reason instanceof ToolError && reason.code === 'SCHEMA_MISSING'

/** What a request tolerates, and the files that it knows. */
interface Tolerance {
  readonly migrations: ReadonlyMap<string, readonly Migration[]>
  readonly missing?: 'fail' | 'skip' | 'list'
  readonly unreached?: 'fail' | 'skip'
}

/** Why databases could not be opened: tolerated, or not. */
interface Rejections {
  readonly missing: readonly DatabaseConfig[]
  readonly unreached: readonly Unreached[]
  readonly failed: readonly unknown[]
}

/** Databases that only depend on the chosen ones need not be readable: their migrations count as applied. */
function isTolerated(
  { unreached, missing }: Pick<Tolerance, 'unreached' | 'missing'>,
  relation: Unreached['relation'],
  error: unknown,
): error is ToolError {
  if (missing === 'list' && isMissing(error)) return true
  if (isUnreachable(error)) return unreached === 'skip' || relation === 'dependent'
  return (
    relation === 'dependent' && error instanceof ToolError && ['SERVER_REFUSED', 'TARGETS_MANY'].includes(error.code)
  )
}

/** Sorts the reasons by what the request tolerates. */
export function sortRejections(
  request: Tolerance,
  databases: readonly DatabaseConfig[],
  settled: readonly PromiseSettledResult<unknown>[],
  relationOf: (database: DatabaseConfig) => Unreached['relation'],
): Rejections {
  const missing: DatabaseConfig[] = []
  const unreached: Unreached[] = []
  const failed: unknown[] = []
  for (const [index, database] of databases.entries()) {
    const one = settled[index]
    if (one?.status !== 'rejected') continue
    const error: unknown = one.reason
    const relation = relationOf(database)
    if (request.missing === 'skip' && isMissing(error)) missing.push(database)
    else if (isTolerated(request, relation, error))
      unreached.push({ database, error, relation, all: request.migrations.get(database.name) ?? [] })
    else failed.push(error)
  }
  // Where no server was reached, the answer is only the error.
  const none = unreached.some(({ relation }) => relation === 'chosen') && unreached.length === databases.length
  return none
    ? { missing, unreached: [], failed: [...failed, ...unreached.map(({ error }) => error)] }
    : { missing, unreached, failed }
}

/** One error with the faults of all; a defect among them is rethrown. */
export function joinErrors(errors: readonly unknown[]): unknown {
  const reported = errors.filter((error): error is ToolError => error instanceof ToolError)
  const first = reported[0]
  if (first === undefined || reported.length < errors.length)
    return errors.find((error) => !(error instanceof ToolError))
  // Databases that share a server share one fault when it does not answer.
  const faults: readonly Fault[] = [
    ...new Map(reported.flatMap((error) => error.faults).map((fault) => [JSON.stringify(fault), fault])).values(),
  ]
  const worst = reported.map((error) => error.exitCode).toSorted((a, b) => b - a)[0] ?? first.exitCode
  return new ToolError(first.code, faults, { exitCode: worst, cause: first })
}
