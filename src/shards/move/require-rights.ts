import { ToolError } from '../../core/tool-error.ts'
import type { MoveRefusal } from './move-facts.ts'
import { type MoveRequest, refused } from './move-request.ts'
import type { MovePlan } from './plan-move.ts'
import type { LackingRights, MoveRight } from './ports.ts'
import { hasRows } from './require-beginning.ts'
import type { MovedShard } from './workflow-commands.ts'

/** What a step of a move needs on the server of the shards. */
export interface NeededRights {
  readonly rights: readonly MoveRight[]
  /** Only a CREATE TRIGGER asks whom the server trusts with triggers: a DROP TRIGGER does not. */
  readonly createsTriggers: boolean
}

/** What a switch needs, with the registry that it marks. */
export const switchRights: NeededRights = {
  rights: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'TRIGGER'],
  createsTriggers: true,
}

/** What a copy needs with all that follows it: days may lie between them. */
export const rightsOfCopy = ({ widened }: Pick<MovePlan, 'widened'>): NeededRights =>
  widened.length === 0 ? switchRights : { ...switchRights, rights: [...switchRights.rights, 'ALTER'] }

/** What the way back needs. Without TRIGGER, the server does not even show that writes are refused. @param columns how many shards lose the column that the move gave them */
export const rightsOfUndo = (isSwitched: boolean, columns: number): NeededRights => ({
  rights: [
    ...(isSwitched ? (['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const) : []),
    'TRIGGER',
    ...(columns === 0 ? [] : (['ALTER'] as const)),
  ],
  createsTriggers: false,
})

/** What of the needed rights is missing, with the GRANT; null where none is. Pure. */
export function refuseRights(
  { account, place, rights, untrusted }: LackingRights,
  needed: NeededRights,
): MoveRefusal | null {
  const missing = needed.rights.filter((right) => rights.includes(right))
  const isUntrusted = untrusted && needed.createsTriggers
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
          `Run \`SET PERSIST log_bin_trust_function_creators = ON\`, which a restart keeps and which is safe with a row-based binary log, or \`GRANT SUPER ON *.* TO ${account}\`.`,
        ]
      : []),
  ]
  return { why: why.join(' '), next: `Nothing was written. ${next.join(' ')} Then run the command again.` }
}

/** Looks at the server of the shards alone. Throws ToolError `MOVE_REFUSED`. */
export async function requireOwnRights(
  request: MoveRequest,
  shards: readonly Pick<MovedShard, 'table'>[],
  needed: NeededRights,
): Promise<void> {
  const refusal = refuseRights(await request.source.readLacking(shards[0]?.table ?? null), needed)
  if (refusal !== null) throw refused(request, refusal.why, refusal.next)
}

/** Looks at both sides before anything is written: a copy of days should not end at the first trigger. Throws ToolError `MOVE_REFUSED`. */
export async function requireRights(
  request: MoveRequest,
  plan: { readonly id: string; readonly shards: readonly Pick<MovedShard, 'table'>[] },
  needed: NeededRights,
): Promise<void> {
  await requireOwnRights(request, plan.shards, needed)
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
