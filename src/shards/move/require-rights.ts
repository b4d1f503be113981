import { ToolError } from '../../core/tool-error.ts'
import type { MoveRefusal } from './move-facts.ts'
import { type MoveRequest, refused } from './move-request.ts'
import type { MovePlan } from './plan-move.ts'
import type { LackingRights, MoveRight } from './ports.ts'
import { hasRows } from './require-beginning.ts'

/** What a switch needs, and the way back from it. */
export const switchRights: readonly MoveRight[] = ['SELECT', 'INSERT', 'DELETE', 'TRIGGER']

/** What a copy needs with all that follows it: days may lie between them. */
export const rightsOfCopy = ({ widened }: Pick<MovePlan, 'widened'>): readonly MoveRight[] =>
  widened.length === 0 ? switchRights : [...switchRights, 'ALTER']

/** What of the needed rights is missing, with the GRANT; null where none is. Pure. */
export function refuseRights(
  { account, place, rights, untrusted }: LackingRights,
  needed: readonly MoveRight[],
): MoveRefusal | null {
  const missing = needed.filter((right) => rights.includes(right))
  const isUntrusted = untrusted && needed.includes('TRIGGER')
  if (missing.length === 0 && !isUntrusted) return null
  const why = [
    ...(missing.length === 0
      ? []
      : [`The account \`${account}\` lacks ${missing.join(', ')} on the schema of the shards.`]),
    ...(isUntrusted
      ? [
          `The server creates no trigger for \`${account}\`: it writes a binary log, \`log_bin_trust_function_creators\` is OFF, and the account does not have SUPER.`,
        ]
      : []),
  ]
  const next = [
    ...(missing.length === 0 ? [] : [`Run \`GRANT ${missing.join(', ')} ON ${place} TO ${account}\`.`]),
    ...(isUntrusted
      ? [
          `Run \`SET GLOBAL log_bin_trust_function_creators = ON\`, which is safe with a row-based binary log, or \`GRANT SUPER ON *.* TO ${account}\`.`,
        ]
      : []),
  ]
  return { why: why.join(' '), next: `Nothing was written. ${next.join(' ')} Then run the command again.` }
}

/** Looks at both sides before anything is written: a copy of days should not end at the first trigger. Throws ToolError `MOVE_REFUSED`. */
export async function requireRights(
  request: MoveRequest,
  plan: { readonly id: string },
  needed: readonly MoveRight[],
): Promise<void> {
  const refusal = refuseRights(await request.source.readLacking(), needed)
  if (refusal !== null) throw refused(request, refusal.why, refusal.next)
  try {
    await hasRows(request, plan)
  } catch (error) {
    throw error instanceof ToolError && /\bdenied\b/i.test(error.faults[0]?.why ?? '')
      ? unreadable(request, error.faults[0]?.why ?? '')
      : error
  }
}

/** vtgate has no GRANT: the tablets know who may read a table. */
const unreadable = (request: MoveRequest, why: string): ToolError =>
  refused(
    request,
    `The table \`${request.table}\` of \`${request.destination.schema}\` cannot be read through vtgate. ${why}`,
    `Nothing was written. Add the user of the URL to the \`readers\` of \`${request.table}\` in what \`vttablet --table-acl-config\` of its tablets reads, then run the command again.`,
  )
