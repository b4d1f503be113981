import { type Fault, ToolError } from '../core/tool-error.ts'
import { ranNothing } from './journal/journal-state.ts'
import type { OpenTarget } from './targets.ts'

/** MySQL's numbers for what is there already: table, column, index, routine, trigger, event, foreign key. */
const alreadyThere: ReadonlySet<unknown> = new Set([1050, 1060, 1061, 1304, 1359, 1537, 1826])

function isAlreadyThere(error: ToolError): boolean {
  const { cause } = error
  return typeof cause === 'object' && cause !== null && 'errno' in cause && alreadyThere.has(cause.errno)
}

/**
 * A statement failed because what it makes is there already: perhaps the database was made by other means. The fault names
 * the command that takes it over, the one that the journal permits.
 * @param failed the version of the migration that it is of
 * @param ran whether a statement ran before it in this run
 */
export function adviseTakeover(error: unknown, target: OpenTarget, failed: string | undefined, ran: boolean): unknown {
  if (!(error instanceof ToolError) || error.code !== 'STATEMENT_FAILED' || !isAlreadyThere(error)) return error
  if (failed === undefined) return error
  const { name } = target.database
  const { states, baseline } = target.state
  const isFresh = !ran && baseline === null && [...states.values()].every(ranNothing)
  const takeover = isFresh
    ? `\`wwdb baseline VERSION --target ${name}\` takes it over, where VERSION is the last migration that it already holds`
    : `\`wwdb mark ${failed} --applied --target ${name}\` records that it holds all of this migration`
  const faults = error.faults.map(
    (fault): Fault => ({
      ...fault,
      next: `Where ${name} held this before wwdb came, ${takeover}; then run \`wwdb migrate\` again. Otherwise: ${fault.next ?? 'correct it.'}`,
    }),
  )
  return new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error })
}
