import { formatDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { assertNever } from '../../core/tool-error.ts'
import type { RetiredThing } from '../../retire/retired-thing.ts'
import { renderRetiredThing } from '../../retire/views/retired-thing.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { nextLines, outcomeSign, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { renderSql } from '../../terminal/human/statement-text.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { FamilyOutcome, FamilyPlanDocument } from '../answers.ts'

/** The answer of commands that create, protect, restore or remove shards. */
export interface RotationResult {
  readonly kind: 'rotation'
  readonly command: string
  /** ISO 8601, UTC. */
  readonly now: string
  readonly families: readonly FamilyOutcome[]
  /** What migrations retired in these databases, where `rotate run` has looked at it: as `retire run` answers. */
  readonly retired?: readonly RetiredThing[]
  readonly milliseconds: number
}

/** The answer of `rotate plan`. */
export interface RotationPlanResult {
  readonly kind: 'rotation-plan'
  /** ISO 8601, UTC: when it would run. */
  readonly now: string
  /** True where that time was given, not read from a clock. */
  readonly rehearsal: boolean
  readonly families: readonly FamilyPlanDocument[]
}

export const rotationView: View<RotationResult> = {
  render: renderRotation,
  succeeded: rotatedWell,
}

export const rotationPlanView: View<RotationPlanResult> = {
  render: renderRotationPlan,
}

/** More names than this are counted, unless --verbose shows all. */
const mostNames = 6

const indent = 4

/** What a rotation did, family by family, what a person should check, and the totals. */
function renderRotation(result: RotationResult, page: Page): readonly Line[] {
  const bad = result.families.some(
    ({ state }) => state === 'failed' || state === 'not-reached' || state === 'not-started',
  )
  return [
    ...result.families.flatMap((family) => [...renderFamily(family, page), ...faultOf(family, result.families, page)]),
    ...(result.retired ?? []).flatMap((thing) => renderRetiredThing(thing, false, page)),
    ...wrapLine(describeTotals(result), page.columns),
    ...nextLines(
      bad ? [`\`wwdb ${result.command}\` again after fixing what failed: it continues from there.`] : [],
      page,
    ),
  ]
}

/** What a rotation would do, family by family, with the first statement of each group of similar ones. */
function renderRotationPlan(result: RotationPlanResult, page: Page): readonly Line[] {
  const when = result.rehearsal ? `A rehearsal for ${minuteOf(result.now)} UTC` : 'Nothing was written'
  return [
    ...result.families.flatMap((plan) => [...renderFamilyPlan(plan, page), ...faultOf(plan, result.families, page)]),
    ...wrapLine([`${when}.`], page.columns),
  ]
}

/** True where the summary needs no details. */
function rotatedWell({ families, retired = [] }: RotationResult): boolean {
  if (retired.length > 0) return false
  return families.every(({ state, notes }) => (state === 'done' || state === 'nothing-to-do') && notes.length === 0)
}

function renderFamily(outcome: FamilyOutcome, page: Page): readonly Line[] {
  const { family, target, notes, aheadUntil } = outcome
  const until = aheadUntil === null ? '' : `; tables until ${aheadUntil.slice(0, 10)}`
  const lead: Line = [
    outcomeSign(outcome.state),
    ' ',
    toned('strong', family),
    toned('faint', ` in ${target.database}`),
    ': ',
  ]
  return [
    ...wrapLine([...lead, ...describeState(outcome), toned('faint', until)], page.columns, indent),
    ...worksOf(outcome).flatMap(([work, tables]) => listTables(`${work}: `, tables, page)),
    ...notes.flatMap((note) => paragraph(['    ', symbol('warning'), ' '], note, indent + 2, page)),
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
    case 'not-reached':
      return [toned('bad', 'not reached')]
    case 'not-started':
      return [toned('warning', 'not started')]
    default:
      return assertNever(outcome.state)
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

function describeTotals({ command, families, now, milliseconds }: RotationResult): Line {
  const count = (list: (outcome: FamilyOutcome) => readonly string[], word: string): readonly string[] => {
    const total = families.reduce((sum, family) => sum + list(family).length, 0)
    return total > 0 || command === 'rotate run' ? [`${total} ${word}`] : []
  }
  const failed = families.filter(({ state }) => state === 'failed').length
  const unreached = families.filter(({ state }) => state === 'not-reached').length
  const waiting = families.filter(({ state }) => state === 'not-started').length
  const parts: Line = [
    ...count(({ created }) => created, 'made'),
    ...count(({ held }) => held, 'put on hold'),
    ...count(({ dropped }) => dropped, 'dropped'),
    ...(failed > 0 ? [toned('bad', `${failed} failed`)] : []),
    ...(unreached > 0 ? [toned('bad', `${unreached} not reached`)] : []),
    ...(waiting > 0 ? [toned('warning', `${waiting} not started`)] : []),
  ]
  return [
    `${minuteOf(now)} UTC`,
    ...(parts.length > 0 ? [] : [families.some(({ state }) => state === 'done') ? ': done' : ': nothing to do']),
    ...parts.flatMap((part, index) => [index === 0 ? ': ' : ', ', part]),
    `; ${formatDuration(milliseconds)}.`,
  ]
}

function minuteOf(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ')
}

function renderFamilyPlan(plan: FamilyPlanDocument, page: Page): readonly Line[] {
  const { family, target, make, adopt, corrections, steps, notes, question, fault } = plan
  const changes = make.length + adopt.length + corrections.length + steps.length
  const idle = changes === 0
  const until = plan.aheadUntil === null ? '' : `tables until ${plan.aheadUntil.slice(0, 10)}`
  const lead: Line = [idle ? symbol('idle') : symbol('good'), ' ', toned('strong', family)]
  const state = fault !== null ? 'not planned' : idle ? 'nothing to do' : countOf(changes, 'change')
  const words = [state, until].filter((word) => word !== '').join('; ')
  return [
    ...wrapLine([...lead, toned('faint', ` in ${target.database}`), `: ${words}`], page.columns, indent),
    ...listTables(
      'to make: ',
      make.map(({ table, why }) => `${table} (${why})`),
      page,
    ),
    ...(make[0] === undefined ? [] : renderSql(make[0].sql, indent + 4, page)),
    ...listTables('to adopt: ', adopt, page),
    ...listTables('to correct in the registry:  ', corrections, page),
    ...listSteps(steps, page),
    ...(question === null ? [] : askLines(question, page)),
    ...notes.flatMap((note) => paragraph(['    ', symbol('warning'), ' '], note, indent + 2, page)),
  ]
}

/** Steps with the same action and reason are one line: the first, the last and how many, with the first statement. All of them with --verbose. */
function listSteps(steps: FamilyPlanDocument['steps'], page: Page): readonly Line[] {
  const alike = new Map<string, FamilyPlanDocument['steps'][number][]>()
  for (const one of steps) {
    const kind = page.verbose ? one.table : `${one.step}: ${kindOfReason(one.why)}`
    alike.set(kind, [...(alike.get(kind) ?? []), one])
  }
  return [...alike.values()].flatMap((group) => {
    const [first] = group
    const last = group.at(-1)
    if (first === undefined || last === undefined) return []
    const many = group.length > 1
    const tables = many ? `${first.table} to ${last.table}` : first.table
    const reason = many ? `, ${group.length} shards: ${kindOfReason(first.why)}` : `: ${first.why}`
    return [
      ...wrapLine([`    ${first.step} `, toned('strong', tables), toned('faint', reason)], page.columns, indent + 2),
      ...(first.sql === null ? [] : renderSql(first.sql, indent + 4, page)),
    ]
  })
}

/** A reason without its dates, which differ from shard to shard. */
function kindOfReason(why: string): string {
  return why.replaceAll(/ (?:on|by|until) \d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}(?::\d{2})?(?: UTC)?)?/g, '')
}

/** A fault that several families share is shown once, after the last of them, with their names. */
function faultOf(
  one: FamilyOutcome | FamilyPlanDocument,
  families: readonly (FamilyOutcome | FamilyPlanDocument)[],
  page: Page,
): readonly Line[] {
  const { fault } = one
  if (fault === null) return []
  const text = JSON.stringify(fault)
  const sharing = families.filter((other) => JSON.stringify(other.fault) === text)
  if (sharing.at(-1) !== one) return []
  const names = sharing.map(({ family }) => family).join(', ')
  return [...renderFault(fault, page), ...(sharing.length > 1 ? paragraph(['  For:  '], names, 8, page) : [])]
}

function askLines({ holds, live }: { readonly holds: number; readonly live: number }, page: Page): readonly Line[] {
  const text = `${holds} of ${live} live shards would be put on hold: that needs \`--yes\`.`
  return paragraph(['    ', symbol('warning'), ' '], text, indent + 2, page)
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly rotation: RotationResult
    readonly 'rotation-plan': RotationPlanResult
  }
}
