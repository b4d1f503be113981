import { countOf, groupDigits } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import type { Fault } from '../../core/tool-error.ts'
import { joinSentences, nextLines, type Page, paragraph, symbol, type symbols } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { Plan } from '../plan.ts'
import { renderPlan } from '../views/plan.ts'
import { renderLeft } from './targets-run-view.ts'

/** Targets of a database that are alike. What each state means is said where it is printed: `PrintedGroup`. */
export interface TargetsGroup {
  readonly state: 'up-to-date' | 'behind' | 'new' | 'failed' | 'finding' | 'missing' | 'unclear' | 'not-reached'
  readonly count: number
  /** What `migrate` would apply. */
  readonly migrations: readonly string[]
  /** Why, where one thing can be named. */
  readonly fault: Fault | null
  /** Its first ten targets; all of them where a person has to look at each. */
  readonly targets: readonly Target[]
  /** The plan of the first of its targets, or why there is none. It stands for the others as far as their tables and rows are alike. */
  readonly planned?: { readonly plan: Plan } | { readonly fault: Fault }
}

/** What is pending in the targets of a database that has many, by their journals. */
export interface TargetsStatusResult {
  readonly kind: 'targets-status'
  readonly command: 'status' | 'plan' | 'migrate --dry-run'
  readonly database: string
  /** How many targets the list has. */
  readonly listed: number
  readonly groups: readonly TargetsGroup[]
  /** Schemas that have a migration of this database, with its text, and are not in its list. */
  readonly left: readonly Target[]
}

export const targetsStatusView: View<TargetsStatusResult> = { render }

const mostNames = 3
const mostMigrations = 5

const looks: Readonly<Record<TargetsGroup['state'], { readonly sign: keyof typeof symbols; readonly words: string }>> =
  {
    'up-to-date': { sign: 'good', words: 'up to date' },
    behind: { sign: 'idle', words: 'behind' },
    new: { sign: 'idle', words: 'without any migration yet' },
    failed: { sign: 'bad', words: 'with a migration that failed, or is under way' },
    finding: { sign: 'bad', words: 'that `migrate` would refuse' },
    missing: { sign: 'bad', words: 'whose schema does not exist, or is hidden from this account' },
    unclear: { sign: 'warning', words: 'that only a look of their own can judge' },
    'not-reached': { sign: 'bad', words: 'not reached' },
  }

function render(result: TargetsStatusResult, page: Page): readonly Line[] {
  return [
    ...wrapLine([toned('strong', result.database), `: ${countOf(result.listed, 'target')}`], page.columns, 2),
    ...result.groups.flatMap((group) => renderGroup(group, page)),
    ...renderLeft(result.left, page),
    ...result.groups.flatMap((group) => renderPlanned(group, page)),
    ...renderUnplanned(result, page),
    ...wrapLine([toned('faint', describeUnseen(result))], page.columns),
    ...nextLines(adviseNext(result), page),
  ]
}

/** Groups that a plan leaves out, because it has enough of them or was stopped. */
function renderUnplanned({ command, groups }: TargetsStatusResult, page: Page): readonly Line[] {
  if (command === 'status') return []
  const due = groups.filter(({ state, migrations }) => dueStates.has(state) && migrations.length > 0)
  const left = due.filter(({ planned }) => planned === undefined)
  const targets = left.reduce((sum, { count }) => sum + count, 0)
  if (left.length === 0) return []
  const text = `${countOf(left.length, 'group')} of ${countOf(targets, 'target')} ${left.length === 1 ? 'was' : 'were'} not planned: nothing is said of their statements and hazards.`
  return paragraph([symbol('warning'), ' '], text, 2, page)
}

const dueStates: ReadonlySet<TargetsGroup['state']> = new Set(['behind', 'new', 'failed'])

function describeUnseen({ groups }: TargetsStatusResult): string {
  const but = groups.some(({ planned }) => planned !== undefined) ? ', but for what was planned' : ''
  return `By the journals alone${but}: schemas were not compared with them, and no lock was looked at.`
}

function renderGroup({ state, count, migrations, fault, targets }: TargetsGroup, page: Page): readonly Line[] {
  const { sign, words } = looks[state]
  const names = targets.slice(0, page.verbose ? targets.length : mostNames).map(({ schema }) => schema)
  const more = count - names.length
  const shown = state === 'up-to-date' ? '' : `: ${names.join(', ')}${more > 0 ? ` and ${groupDigits(more)} more` : ''}`
  return [
    ...wrapLine(['  ', symbol(sign), ` ${groupDigits(count)} ${words}${shown}`], page.columns, 6),
    ...(migrations.length === 0
      ? state === 'behind'
        ? wrapLine([toned('faint', '      pending: only what `--to` or `--steps` leaves out')], page.columns, 8)
        : []
      : wrapLine([toned('faint', `      pending: ${listMigrations(migrations)}`)], page.columns, 8)),
    ...(fault === null ? [] : paragraph(['      '], `${joinSentences(fault)}${nextOf(fault)}`, 6, page)),
  ]
}

/** The statements and hazards of one target of a group. */
function renderPlanned({ planned, count, targets: [first] }: TargetsGroup, page: Page): readonly Line[] {
  if (planned === undefined || first === undefined) return []
  const others = count === 1 ? '' : `, which stands for ${groupDigits(count)}`
  const heading = [toned('strong', `${first.database}/${first.schema}`), others]
  const body =
    'plan' in planned
      ? [...renderPlan(planned.plan, page)]
      : paragraph(['  ', symbol('bad'), ' '], `${joinSentences(planned.fault)}${nextOf(planned.fault)}`, 4, page)
  return [[], ...wrapLine(heading, page.columns, 2), ...body, []]
}

const nextOf = ({ next }: Fault): string => (next === undefined ? '' : ` ${next}`)

function listMigrations(migrations: readonly string[]): string {
  const shown = migrations.slice(0, mostMigrations)
  const more = migrations.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function adviseNext({ groups, database, command }: TargetsStatusResult): readonly string[] {
  const find = (...states: readonly TargetsGroup['state'][]) => groups.find(({ state }) => states.includes(state))
  const failed = find('failed', 'finding')?.targets[0]
  const pending = find('behind', 'new', 'failed')
  const one = pending?.targets[0]
  return [
    ...(failed === undefined
      ? []
      : [`\`wwdb status --target ${database}/${failed.schema}\` says more of one of them.`]),
    ...(one === undefined
      ? []
      : [
          command === 'status'
            ? `\`wwdb plan --target ${database}/${one.schema}\` shows what one of them gets, \`wwdb migrate --target ${database}\` applies it to all.`
            : `\`wwdb migrate --target ${database}\` applies it to all; \`wwdb plan --target ${database}/SCHEMA\` plans any other one.`,
        ]),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'targets-status': TargetsStatusResult
  }
}
