import { closestName } from '../core/closest-name.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { type AllowedLoss, allowFlag, isAllowed, unusedAllowances } from './allowed-losses.ts'
import { adviseRemoval } from './keep-advice.ts'
import { codesOf, type StoreChange, type StoreLossCode, type StorePlan } from './store-plan.ts'

/** What the person who starts the run has allowed. */
export interface LossPermission {
  readonly allow: readonly AllowedLoss[]
  /** Asks before what was allowed is done; throws where the answer is not yes. */
  readonly confirm: (what: string) => Promise<void>
}

type LosingChange = StoreChange & { readonly loss: NonNullable<StoreChange['loss']> }

/** How many of the things concerned are named in a sentence. */
const mostNamed = 8

/** Throws ToolError `STORE_LOSS` with a fault for each change that would lose what is not allowed, and for each name that was allowed and is none of theirs. */
export function refuseLosses(plans: readonly StorePlan[], { allow }: LossPermission): void {
  const refused = losingChanges(plans).flatMap(({ plan, change }) => {
    const denied = codesOf(change.loss).filter((code) => !isAllowed(code, plan, change, allow))
    return denied.length === 0 ? [] : [toFault(plan, change, denied)]
  })
  if (refused.length === 0) return
  throw new ToolError('STORE_LOSS', [...refused, ...refuseNames(plans, allow)])
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

/** A name that is not one of those that lose something is a slip where the run ends anyway: it may be why. */
function refuseNames(plans: readonly StorePlan[], allow: readonly AllowedLoss[]): readonly Fault[] {
  return unusedAllowances(allow, plans).map(({ flag, others }) => {
    const close = closestName(flag, others)
    const shown = others.slice(0, mostNamed).map((one) => `\`${one}\``)
    const more = others.length > mostNamed ? ` and ${others.length - mostNamed} more` : ''
    const known = others.length === 0 ? 'Nothing has this loss.' : `What has this loss: ${shown.join(', ')}${more}.`
    return {
      what: `\`${flag}\` does not name what this run would lose.`,
      next: close === null ? known : `Did you mean \`${close}\`? ${known}`,
    }
  })
}

/** What is on the server and in no file: the file has not changed, and nothing that is stored goes. */
const ofOthers: Readonly<Partial<Record<StoreLossCode, string>>> = {
  'removed-access': 'rights or limits of rights that its declaration does not have',
  'removed-additions': 'parts that its declaration does not have',
}

function toFault(plan: StorePlan, change: LosingChange, denied: readonly StoreLossCode[]): Fault {
  const { store, server } = plan
  const flags = `\`${denied.map((code) => allowFlag(code, plan, change)).join(' ')}\``
  const whole = denied.flatMap((code) => adviseRemoval(change, code) ?? [])
  const others = denied.filter((code) => adviseRemoval(change, code) === null)
  const removed = others.flatMap((code) => ofOthers[code] ?? [])
  const losesData = removed.length < others.length
  const what = [
    ...whole.map(({ removes }) => removes),
    ...(losesData ? ['that loses data'] : []),
    ...removed.map((one) => `that removes ${one}`),
  ]
  const keep = [
    ...whole.map((one) => one.keep),
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
