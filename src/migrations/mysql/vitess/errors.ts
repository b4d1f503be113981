import type { Target } from '../../../core/target.ts'
import { ToolError } from '../../../core/tool-error.ts'
import { describeEnded } from '../../../mysql/ended-transaction.ts'
import { isConnectionLost, isServerError, serverErrors } from '../../../mysql/errors.ts'
import { describeLacking, lacksPrimary } from '../../../mysql/no-primary.ts'
import { explainDenied, readDenied } from '../../../mysql/table-acl.ts'
import { plainMessage } from '../../../mysql/vtgate.ts'
import type { RunFailure } from '../../ports.ts'
import type { EndedState } from '../../vitess/shard-migrations.ts'
import { classifyRunError, translatingErrors } from '../translate-errors.ts'

/** MySQL's number in the words of a shard: `... (errno 1060) ...`, or Vitess' own. */
const unnamed = 1105

/** What leaves the row of a definition open, because shards have carried it out, or may have. */
class LeftOpen extends Error {}

/** @param why as it is said: a reason of vtgate in it goes through `reasonOf`, or all that is around its words would be cut off */
export const leftOpen = (why: string): Error => new LeftOpen(why)

export const uncancelable = (): Error =>
  leftOpen(
    'Vitess runs it as plain DDL, which it does not cancel: it goes on. To end it, `KILL` its connection on the MySQL server of the shard',
  )

/** What failed before it was sent, because Vitess did not answer. */
class NotSent extends Error {}

/** Says so of a lost shard or connection; what else fails is as it was. */
export function notSent(error: unknown): unknown {
  if (error instanceof Error && lacksPrimary(error)) return new NotSent(describeLacking(error), { cause: error })
  return isConnectionLost(error) ? new NotSent(reasonOf(error), { cause: error }) : error
}

export const isLeftOpen = (error: unknown): boolean => error instanceof LeftOpen

export const isLockLost = (error: unknown): boolean => error instanceof ToolError && error.code === 'LOCK_LOST'

/** The server's own words of an error, for a sentence; what a table ACL refuses is said with the list. */
export function reasonOf(error: unknown): string {
  const denied = readDenied(error)
  return denied === null ? plainMessage(error instanceof Error ? error.message : String(error)) : explainDenied(denied)
}

/** The server's own words: vtgate adds the statement with its values, which may be secret. */
function withPlainMessage(error: unknown): unknown {
  if (!isServerError(error)) return error
  const message = plainMessage(error.message)
  if (message === error.message) return error
  const { errno, code, sqlState, fatal } = error
  return Object.assign(new Error(message), { errno, code, sqlState, fatal, sqlMessage: message })
}

export function explainVtgate(error: unknown): RunFailure | null {
  if (error instanceof LeftOpen) return { type: 'lost', why: error.message, mayHaveRun: true }
  if (error instanceof NotSent) return { type: 'lost', why: error.message, unsent: true }
  if (error instanceof Error && lacksPrimary(error))
    return { type: 'lost', why: describeLacking(error), lacksPrimary: true }
  const ended = describeEnded(error)
  if (ended !== null && isServerError(error))
    return { type: 'refused', why: ended, number: error.errno, line: null, becameReadOnly: false }
  const denied = readDenied(error)
  if (denied !== null && isServerError(error))
    return { type: 'refused', why: explainDenied(denied), number: error.errno, line: null, byTableAcl: true }
  return classifyRunError(withPlainMessage(error))
}

/** wwdb's own queries through vtgate: their errors become sentences. */
export function translatingVtgate<T>(target: Target, work: () => Promise<T>): Promise<T> {
  return translatingErrors(target, async () => {
    try {
      return await work()
    } catch (error) {
      const isNamed = lacksPrimary(error) || describeEnded(error) !== null || readDenied(error) !== null
      throw isNamed ? error : withPlainMessage(error)
    }
  })
}

/** As the server would refuse a definition: the shards' reason, and whether somebody canceled it. */
export function migrationEnded(state: EndedState & { readonly type: 'ended' }): Error {
  const { isCanceled, why } = state
  const errno = isCanceled ? serverErrors.queryInterrupted : unnamed
  return Object.assign(new Error(why), { code: 'ER_VITESS_MIGRATION', errno, fatal: false })
}

/** As the server would refuse what it would take, and is not given. */
export const refused = (why: string): Error =>
  Object.assign(new Error(why), { code: 'ER_VITESS_VSCHEMA', errno: unnamed, fatal: false })

/** As the server ends what is canceled. */
export const canceled = (): Error =>
  Object.assign(new Error('it was canceled before it was given to Vitess, which has changed nothing'), {
    ...{ code: 'ER_VITESS_VSCHEMA', errno: serverErrors.queryInterrupted, fatal: false },
  })
