import type { StoreChange, StorePlan } from '../core/store.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'

/** What the person who starts the run has allowed, by code. */
export interface LossPermission {
  readonly allow: readonly string[]
  /** Asks before what was allowed is done; throws where the answer is not yes. */
  readonly confirm: (what: string) => Promise<void>
}

type LosingChange = StoreChange & { readonly loss: NonNullable<StoreChange['loss']> }

/** How many of the things concerned are named in a sentence. */
const mostNamed = 8

/**
 * Stops a run that would lose what nobody has allowed, and asks once more about what was.
 * Throws ToolError `STORE_LOSS` with a fault for each change, before anything is written.
 */
export async function approveLosses(plans: readonly StorePlan[], permission: LossPermission): Promise<void> {
  const losing = plans.flatMap((plan) => plan.changes.filter(loses).map((change) => ({ plan, change })))
  const refused = losing.filter(({ change }) => !permission.allow.includes(change.loss.code))
  if (refused.length > 0) {
    throw new ToolError(
      'STORE_LOSS',
      refused.map(({ plan, change }) => toFault(plan, change)),
    )
  }
  if (losing.length === 0) return
  const sentences = losing.map(({ plan, change }) => `${plan.store}: ${change.summary}. ${describeLoss(change)}`)
  await permission.confirm(sentences.join('\n'))
}

function loses(change: StoreChange): change is LosingChange {
  return change.loss !== null
}

function toFault({ store, server }: StorePlan, change: LosingChange): Fault {
  return {
    what: `${store}: ${change.summary}: that loses data.`,
    where: { server },
    why: describeLoss(change),
    next: `If it is meant, allow it with --allow ${change.loss.code}; else change the declaration back.`,
  }
}

function describeLoss({ loss: { why, affected } }: LosingChange): string {
  if (affected.length === 0) return why
  const named = affected.slice(0, mostNamed).join(', ')
  const more = affected.length > mostNamed ? ` and ${affected.length - mostNamed} more` : ''
  return `${why} Concerned: ${named}${more}.`
}
