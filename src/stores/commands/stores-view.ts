import { countOf } from '../../core/plural.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { nextLines, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import { allowFlag } from '../allowed-losses.ts'
import type { StorePlanDocument } from '../outcome.ts'
import { codesOf, type StoreChange, type StoreDifference, type StorePlan } from '../store-plan.ts'

/** The answer of `setup plan`. */
export interface StorePlanResult {
  readonly kind: 'store-plan'
  readonly stores: readonly StorePlanDocument[]
  readonly changes: number
  /** The flags of `setup apply` that the plan is of; absent where there is none. */
  readonly flags?: readonly string[]
}

export const storePlanView: View<StorePlanResult> = {
  render: renderStorePlan,
}

/** More differences or affected things than this are counted, unless --verbose shows all. */
const most = 6

const indent = 4

/** The changes that would bring each store to its declarations. */
function renderStorePlan(result: StorePlanResult, page: Page): readonly Line[] {
  return [
    ...result.stores.flatMap((store) => renderStore(store, page)),
    ...wrapLine(['Nothing was written.'], page.columns),
    ...nextLines(result.changes === 0 ? [] : [describeApply(result)], page),
  ]
}

/** Each loss has its flag, so that none is accepted with another one; more than a line holds are told by one of them. */
function describeApply({ stores, flags = [] }: StorePlanResult): string {
  const losses = stores.flatMap(({ plan }) =>
    plan === null
      ? []
      : plan.changes.flatMap((change) =>
          change.loss === null ? [] : codesOf(change.loss).map((code) => allowFlag(code, plan, change)),
        ),
  )
  const allowed = [...new Set(losses)]
  const command = ['wwdb setup apply', ...flags]
  if (allowed.length === 0) return `\`${command.join(' ')}\` applies them.`
  const intended = allowed.length === 1 ? 'the loss is' : `each of the ${allowed.length} losses is`
  // By name however many they are: a code alone also accepts what nobody has seen.
  return `\`${[...command, ...allowed].join(' ')}\` applies them, if ${intended} intentional.`
}

/** A store is not reported as declared as a whole where a part did not answer. */
function describePlan({ changes, unchanged, left }: StorePlan): string {
  if (changes.length === 0 && left === undefined) return `as declared (${countOf(unchanged.length, 'resource')})`
  const seen = `${countOf(changes.length, 'change')}, ${unchanged.length} as declared`
  return left === undefined ? seen : `${seen}; a part does not answer`
}

function renderStore(document: StorePlanDocument, page: Page): readonly Line[] {
  const { store, server, plan, fault } = document
  const changes = plan?.changes ?? []
  const version = plan?.version == null ? '' : `, ${plan.version}`
  const sign = plan === null ? symbol('bad') : changes.length === 0 ? symbol('idle') : symbol('good')
  const state = plan === null ? 'not planned' : describePlan(plan)
  const heading: Line = [sign, ' ', toned('strong', store), toned('faint', ` at ${server}${version}`), `: ${state}`]
  return [
    ...wrapLine(heading, page.columns, indent),
    ...changes.flatMap((change) => renderChange(change, page)),
    ...(plan?.notes ?? []).flatMap((note) => paragraph(['    ', symbol('warning'), ' '], note, indent + 2, page)),
    ...(fault === null ? [] : renderFault(fault, page)),
  ]
}

function renderChange(change: StoreChange, page: Page): readonly Line[] {
  const { differences, loss } = change
  const shown = page.verbose ? differences : differences.slice(0, most)
  const more = differences.length - shown.length
  return [
    ...wrapLine([`    ${signs[change.action]} `, change.summary], page.columns, indent + 2),
    ...shown.flatMap((difference) => renderDifference(difference, page)),
    ...(more > 0 ? wrapLine([toned('faint', `        and ${more} more`)], page.columns, 8) : []),
    ...(loss === null ? [] : renderLoss(loss, page)),
  ]
}

const signs: Readonly<Record<StoreChange['action'], string>> = { create: '+', update: '~', replace: '±', remove: '-' }

export function renderDifference({ path, actual, declared }: StoreDifference, page: Page): readonly Line[] {
  const name = path === '' ? '' : `${path}: `
  const text = `${actual ?? 'nothing'} -> ${declared ?? 'nothing'}`
  return wrapLine([toned('faint', `        ${name}`), text], page.columns, 10)
}

function renderLoss(loss: NonNullable<StoreChange['loss']>, page: Page): readonly Line[] {
  const shown = page.verbose ? loss.affected : loss.affected.slice(0, most)
  const more = loss.affected.length > shown.length ? ` and ${loss.affected.length - shown.length} more` : ''
  const concerned = shown.length === 0 ? '' : ` Affected: ${shown.join(', ')}${more}.`
  return paragraph(
    ['        ', symbol('warning'), ' '],
    `${codesOf(loss).join(', ')}: ${loss.why}${concerned}`,
    10,
    page,
  )
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'store-plan': StorePlanResult
  }
}
