import type { Result } from '../../domain/result.ts'
import type { FamilyOutcome, FamilyPlanDocument } from '../../domain/shards/rotation-outcome.ts'
import { assertNever } from '../../domain/tool-error.ts'
import { formatDuration } from '../text/duration.ts'
import { type Line, type Span, toned } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import { renderFault } from './fault.ts'
import { nextLines, type Page, paragraph, symbol } from './page.ts'

type RotationResult = Extract<Result, { readonly kind: 'rotation' }>
type RotationPlanResult = Extract<Result, { readonly kind: 'rotation-plan' }>

/** More names than this are counted, unless --verbose asks for all. */
const mostNames = 6

const indent = 4

/** What a rotation did, family by family, what a person should look at, and the totals. */
export function renderRotation(result: RotationResult, page: Page): readonly Line[] {
  const bad = result.families.some(({ state }) => state === 'failed' || state === 'not-started')
  return [
    ...result.families.flatMap((family) => renderFamily(family, page)),
    ...wrapLine(describeTotals(result), page.columns),
    ...nextLines(
      bad ? [`\`wwdb ${result.command}\` again, once what failed is put right: it goes on from there.`] : [],
      page,
    ),
  ]
}

/** What a rotation would do, family by family. */
export function renderRotationPlan(result: RotationPlanResult, page: Page): readonly Line[] {
  const when = result.rehearsal ? `A rehearsal for ${result.now}` : 'Nothing was written'
  return [
    ...result.families.flatMap((family) => renderFamilyPlan(family, page)),
    ...wrapLine([`${when}.`], page.columns),
  ]
}

/** True where nobody needs to read more than that. */
export function rotatedWell({ families }: RotationResult): boolean {
  return families.every(({ state, notes }) => (state === 'done' || state === 'nothing-to-do') && notes.length === 0)
}

function renderFamily(outcome: FamilyOutcome, page: Page): readonly Line[] {
  const { family, target, notes, fault, aheadUntil } = outcome
  const until = aheadUntil === null ? '' : `; tables until ${aheadUntil.slice(0, 10)}`
  const lead: Line = [
    signOf(outcome.state),
    ' ',
    toned('strong', family),
    toned('faint', ` in ${target.database}`),
    ': ',
  ]
  return [
    ...wrapLine([...lead, ...describeState(outcome), toned('faint', until)], page.columns, indent),
    ...worksOf(outcome).flatMap(([work, tables]) => listTables(`${work}: `, tables, page)),
    ...notes.flatMap((note) => paragraph(['    ', symbol('warning'), ' '], note, indent + 2, page)),
    ...(fault === null ? [] : renderFault(fault, page)),
  ]
}

function describeState(outcome: FamilyOutcome): Line {
  switch (outcome.state) {
    case 'done':
      return ['done']
    case 'nothing-to-do':
      return ['nothing to do']
    case 'failed':
      return [toned('bad', 'failed')]
    case 'stopped':
      return [toned('warning', 'stopped')]
    case 'not-started':
      return [toned('warning', 'not started')]
    default:
      return assertNever(outcome.state)
  }
}

function signOf(state: FamilyOutcome['state']): Span {
  switch (state) {
    case 'done':
      return symbol('good')
    case 'nothing-to-do':
      return symbol('idle')
    case 'failed':
      return symbol('bad')
    case 'stopped':
    case 'not-started':
      return symbol('warning')
    default:
      return assertNever(state)
  }
}

function worksOf(outcome: FamilyOutcome): readonly (readonly [string, readonly string[]])[] {
  const works = [
    ['made', outcome.created],
    ['adopted', outcome.adopted],
    ['restored', outcome.restored],
    ['sealed', outcome.sealed],
    ['put on hold', outcome.held],
    ['archived', outcome.archived],
    ['dropped', outcome.dropped],
  ] as const
  return works.filter(([, tables]) => tables.length > 0)
}

function listTables(label: string, tables: readonly string[], page: Page): readonly Line[] {
  if (tables.length === 0) return []
  const shown = page.verbose || tables.length <= mostNames ? tables : tables.slice(0, mostNames - 1)
  const more = tables.length > shown.length ? ` and ${tables.length - shown.length} more` : ''
  const lead = `${' '.repeat(indent)}${label}`
  return wrapLine([toned('faint', lead), `${shown.join(', ')}${more}`], page.columns, lead.length)
}

function describeTotals({ families, now, milliseconds }: RotationResult): Line {
  const sum = (list: (outcome: FamilyOutcome) => readonly string[]): number =>
    families.reduce((total, family) => total + list(family).length, 0)
  const parts = [
    `${sum(({ created }) => created)} made`,
    `${sum(({ held }) => held)} put on hold`,
    `${sum(({ dropped }) => dropped)} dropped`,
  ]
  const failed = families.filter(({ state }) => state === 'failed').length
  const waiting = families.filter(({ state }) => state === 'not-started').length
  return [
    `${now.slice(0, 16).replace('T', ' ')} UTC: ${parts.join(', ')}`,
    failed > 0 ? toned('bad', `, ${failed} failed`) : '',
    waiting > 0 ? toned('warning', `, ${waiting} not started`) : '',
    `; ${formatDuration(milliseconds)}.`,
  ]
}

function renderFamilyPlan(plan: FamilyPlanDocument, page: Page): readonly Line[] {
  const { family, target, make, adopt, corrections, steps, notes, question, fault } = plan
  const idle = make.length + adopt.length + corrections.length + steps.length === 0
  const until = plan.aheadUntil === null ? '' : `tables until ${plan.aheadUntil.slice(0, 10)}`
  const lead: Line = [idle ? symbol('idle') : symbol('good'), ' ', toned('strong', family)]
  const state = fault !== null ? 'not planned' : idle ? 'nothing to do' : ''
  const words = [state, until].filter((word) => word !== '').join('; ')
  return [
    ...wrapLine([...lead, toned('faint', ` in ${target.database}`), `: ${words}`], page.columns, indent),
    ...listTables(
      'to make: ',
      make.map(({ table, why }) => `${table} (${why})`),
      page,
    ),
    ...listTables('to adopt: ', adopt, page),
    ...listTables('to put right in the registry: ', corrections, page),
    ...steps.flatMap(({ step, table, why }) =>
      wrapLine([`    ${step} `, toned('strong', table), toned('faint', `: ${why}`)], page.columns, indent + 2),
    ),
    ...(question === null ? [] : askLines(question, page)),
    ...notes.flatMap((note) => paragraph(['    ', symbol('warning'), ' '], note, indent + 2, page)),
    ...(fault === null ? [] : renderFault(fault, page)),
  ]
}

function askLines({ holds, live }: { readonly holds: number; readonly live: number }, page: Page): readonly Line[] {
  const text = `${holds} of ${live} live shards would be put on hold: that needs --yes.`
  return paragraph(['    ', symbol('warning'), ' '], text, indent + 2, page)
}
