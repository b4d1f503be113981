import type { TargetOutcome } from '../../command/result.ts'
import { formatDuration } from '../../core/duration.ts'
import { countOf, groupDigits } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import { nextLines, outcomeSign, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned, whole } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import { annotateFailures, faultsOf, type View } from '../../terminal/view.ts'

/** The answer of a run over the targets of a database that has many: counted, and whole where one did not go well. */
export interface TargetsRunResult {
  readonly kind: 'targets-run'
  readonly command: string
  readonly database: string
  /** How many targets the list has. */
  readonly listed: number
  /** How many targets ended in which way. */
  readonly counts: {
    readonly done: number
    readonly nothingToDo: number
    readonly failed: number
    readonly stopped: number
    readonly notReached: number
    readonly blocked: number
  }
  /** Targets that a wave would have had, and that were not begun. */
  readonly notStarted: number
  /** With `--failed-only`: targets that were left alone, because no attempt on them had failed. */
  readonly leftOut: number
  /** Migrations and statements that were completed in all targets. */
  readonly migrations: number
  readonly statements: number
  /** How many waves the targets with work were divided into, the canary among them. */
  readonly waves: number
  /** Why no further target was begun; `done` where all were. */
  readonly end: 'done' | 'canary-failed' | 'budget-spent' | 'stopped'
  /** Targets that failed, stopped, were blocked or not reached. */
  readonly outcomes: readonly TargetOutcome[]
  /** Schemas that have a migration of this database, with its text, and are not in its list: nothing was done to them. */
  readonly left: readonly Target[]
  readonly milliseconds: number
}

export const targetsRunView: View<TargetsRunResult> = {
  render,
  faults: ({ outcomes }) => faultsOf(outcomes.slice(0, mostShown)),
  succeeded: ({ outcomes, end }) => outcomes.length === 0 && end === 'done',
  annotations: ({ outcomes }) => annotateFailures(outcomes),
}

/** More targets than this are counted: --json has all of them. */
const mostShown = 10

function render(result: TargetsRunResult, page: Page): readonly Line[] {
  const shown = result.outcomes.slice(0, page.verbose ? result.outcomes.length : mostShown)
  const more = result.outcomes.length - shown.length
  return [
    ...shown.flatMap((outcome) => renderOutcome(outcome, page)),
    ...(more > 0
      ? wrapLine([`  ${groupDigits(more)} more did not go well: \`--json\` has all of them.`], page.columns)
      : []),
    ...wrapLine(describeAll(result), page.columns),
    ...renderLeft(result.left, page),
    ...nextLines(adviseNext(result), page),
  ]
}

const words: Readonly<Record<TargetOutcome['state'], string>> = {
  done: 'done',
  'nothing-to-do': 'nothing to do',
  failed: 'failed',
  stopped: 'stopped',
  'not-started': 'not started',
  'not-reached': 'not reached',
  blocked: 'blocked',
}

function renderOutcome({ target, state, fault, done, notDone }: TargetOutcome, page: Page): readonly Line[] {
  const progress =
    done.length + notDone.length === 0 ? '' : `: ${countOf(done.length, 'migration')} done, ${notDone.length} not`
  const name = toned('strong', `${target.database}/${target.schema}`)
  return [
    ...wrapLine(
      [outcomeSign(state), ' ', name, toned('faint', ` at ${target.server}`), `  ${words[state]}${progress}`],
      page.columns,
      4,
    ),
    ...(fault === null ? [] : paragraph(['    because: '], fault.what, 13, page)),
  ]
}

function describeAll(result: TargetsRunResult): Line {
  const { counts, notStarted, leftOut, listed, migrations, statements, milliseconds } = result
  const parts = [
    ...partOf(counts.nothingToDo, 'up to date before'),
    ...partOf(counts.done, 'migrated'),
    ...partOf(counts.failed, 'failed'),
    ...partOf(counts.stopped, 'stopped'),
    ...partOf(counts.blocked, 'blocked'),
    ...partOf(counts.notReached, 'not reached'),
    ...partOf(notStarted, 'not started'),
    ...partOf(leftOut, 'without a failed attempt, left alone'),
  ]
  const size = `(${countOf(migrations, 'migration')}, ${countOf(statements, 'statement')}, ${formatDuration(milliseconds)})`
  return [
    symbol(result.outcomes.length === 0 && result.end === 'done' ? 'good' : 'bad'),
    ` ${countOf(listed, 'target')} of `,
    toned('strong', result.database),
    listed === 0 ? '.' : `: ${parts.join(', ')} `,
    ...(listed === 0 ? [] : [whole('faint', size)]),
  ]
}

const partOf = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${groupDigits(count)} ${what}`]

/** Schemas that are not in the list, of a run and of `status`. */
export function renderLeft(left: readonly Target[], page: Page): readonly Line[] {
  if (left.length === 0) return []
  const shown = left.slice(0, mostShown).map(({ schema, server }) => `\`${schema}\` on ${server}`)
  const more = left.length > shown.length ? ` and ${groupDigits(left.length - shown.length)} more` : ''
  const [are, them] = left.length === 1 ? ['is', 'it'] : ['are', 'them']
  const places = `${shown.join(', ')}${more}`
  const text = `Not in the list, and not touched: ${places}. Migrations with the text of this database ${are} in ${them}.`
  return paragraph([symbol('warning'), ' '], text, 2, page)
}

function adviseNext(result: TargetsRunResult): readonly string[] {
  const again = `\`wwdb ${result.command} --target ${result.database}\``
  const bad = result.outcomes.filter(({ state }) => state !== 'stopped')
  if (bad.length > 0) {
    const left = result.notStarted === 0 ? '' : ` and of those that were not started (${whyNotStarted(result)})`
    return [
      `Fix what failed, then run ${again} again: it does what is left of these targets${left}, and nothing twice.`,
    ]
  }
  if (result.end === 'stopped' || result.counts.stopped > 0)
    return [`Run ${again} again: it does what is left, and nothing twice.`]
  return []
}

function whyNotStarted({ end }: TargetsRunResult): string {
  switch (end) {
    case 'canary-failed':
      return 'the canary failed'
    case 'budget-spent':
      return 'more failed than `--error-budget` allows'
    case 'stopped':
      return 'the run was stopped'
    case 'done':
      return 'none'
  }
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'targets-run': TargetsRunResult
  }
}
