import { type Fault, ToolError } from '../core/tool-error.ts'
import { codesOf, type StoreChange, type StoreLoss, type StoreLossCode, type StorePlan } from './store-plan.ts'

/** What the person who starts the run has allowed, by code. */
export interface LossPermission {
  readonly allow: readonly string[]
  /** Asks before what was allowed is done; throws where the answer is not yes. */
  readonly confirm: (what: string) => Promise<void>
}

type LosingChange = StoreChange & { readonly loss: NonNullable<StoreChange['loss']> }

/** How many of the things concerned are named in a sentence. */
const mostNamed = 8

/** Throws ToolError `STORE_LOSS` with a fault for each change that would lose what is not allowed. */
export function refuseLosses(plans: readonly StorePlan[], { allow }: LossPermission): void {
  const refused = losingChanges(plans).filter(({ change }) => deniedCodes(change.loss, allow).length > 0)
  if (refused.length === 0) return
  throw new ToolError(
    'STORE_LOSS',
    refused.map(({ plan, change }) => toFault(plan, change, deniedCodes(change.loss, allow))),
  )
}

/**
 * Stops a run that would lose what is not allowed, and asks for confirmation of what is.
 * Throws ToolError `STORE_LOSS` before anything is written.
 */
export async function approveLosses(plans: readonly StorePlan[], permission: LossPermission): Promise<void> {
  refuseLosses(plans, permission)
  const losing = losingChanges(plans)
  if (losing.length === 0) return
  const sentences = losing.map(({ plan, change }) => `${plan.store}: ${change.summary}. ${describeLoss(change)}`)
  await permission.confirm(sentences.join('\n'))
}

function losingChanges(plans: readonly StorePlan[]) {
  return plans.flatMap((plan) => plan.changes.filter(loses).map((change) => ({ plan, change })))
}

function loses(change: StoreChange): change is LosingChange {
  return change.loss !== null
}

function deniedCodes(loss: StoreLoss, allow: readonly string[]): readonly StoreLossCode[] {
  return codesOf(loss).filter((code) => !allow.includes(code))
}

/** What is on the server and in no file: the file has not changed, and nothing that is stored goes. */
const ofOthers: Readonly<Partial<Record<StoreLossCode, string>>> = {
  'removed-access': 'rights or limits of rights that its declaration does not have',
  'removed-additions': 'parts that its declaration does not have',
}

function toFault({ store, server }: StorePlan, change: LosingChange, denied: readonly StoreLossCode[]): Fault {
  const flags = `\`${denied.map((code) => `--allow ${code}`).join(' ')}\``
  const removed = denied.flatMap((code) => ofOthers[code] ?? [])
  const losesData = removed.length < denied.length
  const what = [...(losesData ? ['that loses data'] : []), ...removed.map((one) => `that removes ${one}`)]
  const keep = [
    ...(removed.length === 0 ? [] : ['to keep what was added, declare it']),
    ...(losesData ? ['otherwise revert the declaration'] : []),
  ]
  const intended = losesData ? 'If the loss is intentional, allow it' : 'If it may go, allow it'
  return {
    what: `${store}: ${change.summary}: ${what.join(', and ')}.`,
    where: { server },
    why: describeLoss(change),
    next: `${intended} with ${flags}; ${keep.join('; ')}.`,
  }
}

function describeLoss({ loss: { why, affected } }: LosingChange): string {
  if (affected.length === 0) return why
  const named = affected.slice(0, mostNamed).join(', ')
  const more = affected.length > mostNamed ? ` and ${affected.length - mostNamed} more` : ''
  return `${why} Affected: ${named}${more}.`
}
