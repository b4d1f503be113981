import type { DatabaseConfig } from '../config/config.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import type { Migration } from '../core/migration.ts'
import type { TargetOutcome } from '../core/result.ts'
import type { UnreachedTarget } from '../core/target.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'

/** A database whose server could not be used. The command goes on with the others. */
export interface Unreached {
  readonly database: DatabaseConfig
  readonly error: ToolError
  /** True for a database of the command itself; false for one that its migrations only depend on. */
  readonly chosen: boolean
  /** Its files: they say what depends on it. */
  readonly all: readonly Migration[]
}

/** True for what keeps a command from a server: nobody answers, or the user is not let in. */
export function isUnreachable(error: unknown): error is ToolError {
  return error instanceof ToolError && error.exitCode === exitCodes.unreachable
}

export function describeUnreached({ database, error }: Pick<Unreached, 'database' | 'error'>): UnreachedTarget {
  const target = { database: database.name, schema: database.schema, server: database.server.label }
  return { target, code: error.code, fault: error.faults[0] ?? { what: error.message } }
}

/** The databases of the command itself that were not reached, as an answer shows them. */
export function listUnreached(unreached: readonly Unreached[]): readonly UnreachedTarget[] {
  return unreached.filter(({ chosen }) => chosen).map(describeUnreached)
}

/** How a run ended for a database that was not reached. */
export function toUnreachedOutcome(unreached: Pick<Unreached, 'database' | 'error'>): TargetOutcome {
  const { target, code, fault } = describeUnreached(unreached)
  return { target, state: 'not-reached', done: [], notDone: [], statements: 0, milliseconds: 0, fault, code }
}

/** An answer that lacks a database is not a whole one; a failure of the run itself is told first. */
export function exitCodeWith(own: ExitCode, isIncomplete: boolean): ExitCode {
  return isIncomplete && (own === exitCodes.done || own === exitCodes.findings) ? exitCodes.unreachable : own
}

/** What counts over all databases cannot leave one out: another migration than the last one would be taken. */
export function refuseCounting(unreached: readonly Unreached[]): void {
  const lacking = unreached.filter(({ chosen }) => chosen)
  if (lacking.length === 0) return
  const faults = lacking.map(({ database, error }): Fault => {
    const [fault] = error.faults
    return {
      what: `Steps are counted over all databases, and the server of \`${database.name}\` was not reached.`,
      where: { database: database.name, server: database.server.label },
      why: [fault?.what ?? error.message, fault?.why].filter((part) => part !== undefined).join(': '),
      next: 'Make the server reachable, or choose the other databases with --target.',
    }
  })
  throw new ToolError(lacking[0]?.error.code ?? 'UNREACHABLE', faults, { exitCode: exitCodes.unreachable })
}
