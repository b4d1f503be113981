import { closestName } from '../core/closest-name.ts'
import { quoteWord } from '../core/shell-word.ts'
import { type StoreKind, storeKinds } from '../core/store.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { codesOf, type StoreChange, type StoreLossCode, type StorePlan, storeLossCodes } from './store-plan.ts'

/** A loss that the person who starts the run accepts. */
export interface AllowedLoss {
  readonly code: StoreLossCode
  /** Null for every resource of every store. */
  readonly of: LosingResource | null
}

interface LosingResource {
  readonly store: StoreKind
  /** As a flag has it: `index-template`. */
  readonly kind: string
  readonly name: string
}

type PlaceOf = Pick<StorePlan, 'store'>
type ResourceOf = Pick<StoreChange, 'resource'>

/** Splits what `--allow` was given at its commas. A value with a name stays whole, because a name may have a comma, too. */
export function splitAllowed(allow: readonly string[]): readonly string[] {
  const words = allow.flatMap((text) => (text.includes(':') ? [text] : text.split(',').map((word) => word.trim())))
  return words.filter((word) => word !== '')
}

/**
 * The values of `--allow`: `CODE` accepts a loss of every resource, several separated by commas; `CODE:STORE/KIND/NAME` that of one.
 * Throws ToolError `UNKNOWN_LOSS` (64) for a code or a store that does not exist.
 */
export function readAllowedLosses(allow: readonly string[]): readonly AllowedLoss[] {
  const read = splitAllowed(allow).map(readAllowed)
  const faults = read.flatMap((one) => ('what' in one ? [one] : []))
  if (faults.length > 0) throw new ToolError('UNKNOWN_LOSS', faults)
  return read.flatMap((one) => ('what' in one ? [] : [one]))
}

function readAllowed(word: string): AllowedLoss | Fault {
  const [written = '', ...rest] = word.split(':')
  const normal = written.trim().toLowerCase().replaceAll('_', '-')
  const code = storeLossCodes.find((one) => one === normal)
  if (code === undefined) return unknownCode(rest.length === 0 ? normal : word, normal)
  if (rest.length === 0) return { code, of: null }
  const [store = '', kind = '', ...names] = rest.join(':').split('/')
  const known = storeKinds.find((one) => one === store)
  const name = names.join('/')
  if (known !== undefined && kind !== '' && name !== '')
    return { code, of: { store: known, kind: kindWord(kind), name } }
  return {
    what: `\`--allow ${word}\` does not name a resource of a store.`,
    why: 'After the colon come the store, the kind and the name of one resource, as in `removed-access:redis/user/app`.',
    next: `Copy the flag from \`wwdb setup plan\`. Stores: ${storeKinds.join(', ')}.`,
  }
}

function unknownCode(shown: string, code: string): Fault {
  const close = closestName(code, storeLossCodes)
  const known = `Known losses: ${storeLossCodes.join(', ')}.`
  return {
    what: `\`--allow ${shown}\` does not name a loss of a store.`,
    next: close === null ? known : `Did you mean \`${close}\`? ${known}`,
  }
}

function kindWord(kind: string): string {
  return kind.toLowerCase().replaceAll(' ', '-')
}

/** The flag that accepts a loss of one resource and nothing else. */
export function allowFlag(code: StoreLossCode, { store }: PlaceOf, { resource: { kind, name } }: ResourceOf): string {
  return `--allow ${quoteWord(`${code}:${store}/${kindWord(kind)}/${name}`)}`
}

/** Whether what was accepted has this loss of this resource. */
export function isAllowed(
  code: StoreLossCode,
  { store }: PlaceOf,
  { resource }: ResourceOf,
  allow: readonly AllowedLoss[],
): boolean {
  return allow.some(
    ({ code: accepted, of }) =>
      accepted === code &&
      (of === null || (of.store === store && of.kind === kindWord(resource.kind) && of.name === resource.name)),
  )
}

/** What was accepted by name and no plan loses. What an earlier run has done is not lost again, so that alone stops nothing. */
export function unusedAllowances(
  allow: readonly AllowedLoss[],
  plans: readonly StorePlan[],
): readonly { readonly flag: string; readonly others: readonly string[] }[] {
  return allow.flatMap((one) => {
    const { code, of } = one
    if (of === null || !plans.some(({ store }) => store === of.store)) return []
    const losing = plans.flatMap((plan) =>
      plan.changes.flatMap((change) =>
        change.loss !== null && codesOf(change.loss).includes(code) ? [{ plan, change }] : [],
      ),
    )
    if (losing.some(({ plan, change }) => isAllowed(code, plan, change, [one]))) return []
    const flag = allowFlag(code, of, { resource: of })
    return [{ flag, others: losing.map(({ plan, change }) => allowFlag(code, plan, change)) }]
  })
}
