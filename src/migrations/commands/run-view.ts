import type { TargetOutcome } from '../../command/result.ts'
import { formatDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { assertNever, type Fault } from '../../core/tool-error.ts'
import { describeStall, isWorthALine } from '../../operate/stall.ts'
import { nextLines, outcomeSign, type Page, paragraph } from '../../terminal/human/page.ts'
import { displayWidth, type Line, padLine, type Span, toned, whole } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import { adviseOnFailures, annotateFailures, faultsOf, type View } from '../../terminal/view.ts'

/** The answer of every command that changes databases by migrations, database by database. */
export interface RunResult {
  readonly kind: 'run'
  readonly command: string
  readonly outcomes: readonly TargetOutcome[]
  readonly milliseconds: number
  readonly dryRun: boolean
}

export const runView: View<RunResult> = {
  render: renderRunSummary,
  faults: ({ outcomes }) => faultsOf(outcomes),
  succeeded: wentWell,
  showsPlan: ({ dryRun }) => dryRun,
  annotations: ({ outcomes }) => annotateFailures(outcomes),
}

/** More names than this are counted, unless --verbose shows all. */
const mostNames = 10

/** Names up to this width are aligned. */
const widestName = 24

const indent = 4

/** What a run did and did not do, database by database, the totals, and the next command where it failed. */
function renderRunSummary(result: RunResult, page: Page): readonly Line[] {
  const nameColumns = Math.min(
    widestName,
    Math.max(0, ...result.outcomes.map(({ target }) => displayWidth(target.database))),
  )
  return [
    ...result.outcomes.flatMap((outcome) => renderOutcome(outcome, nameColumns, result, page)),
    ...wrapLine(describeTotals(result), page.columns),
    ...(result.dryRun ? wrapLine(['Dry run: nothing was written.'], page.columns) : []),
    ...nextLines(adviseNext(result), page),
  ]
}

/** True when every target is as it should be. */
function wentWell(result: RunResult): boolean {
  return result.outcomes.every((outcome) => outcome.state === 'done' || outcome.state === 'nothing-to-do')
}

function renderOutcome(outcome: TargetOutcome, nameColumns: number, run: RunResult, page: Page): readonly Line[] {
  const lead: Line = [
    outcomeSign(outcome.state),
    ' ',
    ...padLine([toned('strong', outcome.target.database)], nameColumns),
    '  ',
  ]
  const lines = [...wrapLine([...lead, ...describeOutcome(outcome, run)], page.columns, indent)]
  lines.push(
    ...(outcome.pauses ?? []).flatMap(({ why, milliseconds }) =>
      paragraph(['    '], `paused ${formatDuration(milliseconds)}: ${why}`, 4, page),
    ),
  )
  const { stall } = outcome
  if (stall !== undefined && isWorthALine(stall)) lines.push(...paragraph(['    '], describeStall(stall), 4, page))
  if (outcome.fault !== null) {
    lines.push(...paragraph(['    because: '], reasonOf(outcome, outcome.fault), 13, page))
  }
  // Each names the file that it wrote.
  if (outcome.state === 'done' && run.command === 'drift --accept' && !run.dryRun)
    lines.push(...outcome.done.flatMap((one) => wrapLine([' '.repeat(indent), one], page.columns, indent)))
  if (outcome.state !== 'done' && outcome.state !== 'nothing-to-do') {
    lines.push(...listSteps('done:     ', outcome.done, page), ...listSteps('not done: ', outcome.notDone, page))
  }
  return lines
}

/** A failure is shown in full before the summary: here only its first sentence. What was not started has only its reason. */
function reasonOf(outcome: TargetOutcome, fault: Fault): string {
  return outcome.state === 'not-started' ? (fault.why ?? fault.what) : fault.what
}

function describeOutcome(outcome: TargetOutcome, run: RunResult): Line {
  const work = `${countOf(outcome.done.length, 'migration')} ${pastTense(run.command)}`
  const size = whole('faint', `(${countOf(outcome.statements, 'statement')}, ${formatDuration(outcome.milliseconds)})`)
  switch (outcome.state) {
    case 'done':
      return run.dryRun ? ['planned'] : [`${work} `, size]
    case 'nothing-to-do':
      return ['nothing to do']
    case 'failed':
      return [toned('bad', 'failed'), `: ${work}, ${outcome.notDone.length} not `, size]
    case 'stopped':
      return [toned('warning', 'stopped'), `: ${work}, ${outcome.notDone.length} not `, size]
    case 'not-started':
      return [toned('warning', 'not started')]
    case 'not-reached':
      return [toned('bad', 'not reached')]
    case 'blocked':
      return [toned('warning', 'blocked'), `: ${work}, ${outcome.notDone.length} not `, size]
    default:
      return assertNever(outcome.state)
  }
}

function pastTense(command: string): string {
  switch (command) {
    case 'rollback':
      return 'reverted'
    case 'baseline':
    case 'drift --accept':
    case 'mark':
    case 'repair':
      return 'recorded'
    case 'redo':
      return 'redone'
    default:
      return 'applied'
  }
}

function listSteps(label: string, steps: readonly string[], page: Page): readonly Line[] {
  if (steps.length === 0) return []
  const shown = page.verbose || steps.length <= mostNames ? steps : steps.slice(0, mostNames - 1)
  const more = steps.length > shown.length ? ` and ${steps.length - shown.length} more` : ''
  const lead = `${' '.repeat(indent)}${label}`
  return wrapLine([toned('faint', lead), `${shown.join(', ')}${more}`], page.columns, lead.length)
}

function describeTotals(run: RunResult): Line {
  const of = (state: TargetOutcome['state']) => run.outcomes.filter((outcome) => outcome.state === state).length
  const parts: Span[] = []
  const add = (count: number, text: string, tone?: 'bad' | 'warning') => {
    if (count === 0) return
    if (parts.length > 0) parts.push(', ')
    parts.push(tone === undefined ? `${count} ${text}` : toned(tone, `${count} ${text}`))
  }
  add(of('done'), run.dryRun ? 'planned' : 'done')
  add(of('nothing-to-do'), 'with nothing to do')
  add(of('failed'), 'failed', 'bad')
  add(of('stopped'), 'stopped', 'warning')
  add(of('not-started'), 'not started', 'warning')
  add(of('not-reached'), 'not reached', 'bad')
  add(of('blocked'), 'blocked', 'warning')
  const list = parts.length === 0 ? ['none chosen'] : parts
  return [`${countOf(run.outcomes.length, 'database')}: `, ...list, `; ${formatDuration(run.milliseconds)}.`]
}

/** A rehearsal did nothing, so there is nothing to continue. */
function adviseAfterRehearsal({ command, outcomes }: RunResult): readonly string[] {
  if (!outcomes.some(({ notDone }) => notDone.length > 0)) return []
  return command === 'repair'
    ? ['Review the list, then run `wwdb repair` with the flags of the repairs that you want.']
    : ['Run the same command without `--dry-run` to do it.']
}

/** A failed run is started again; its fault says what must be repaired first. */
function adviseNext(run: RunResult): readonly string[] {
  if (wentWell(run)) return []
  const servers = run.outcomes.flatMap(({ state, fault }) =>
    state === 'not-reached' || state === 'blocked' ? (fault?.where?.server ?? []) : [],
  )
  if (run.dryRun && servers.length === 0) return adviseAfterRehearsal(run)
  const again = `run \`wwdb ${run.command}\` again: it continues where this run stopped.`
  // It may have failed before or after the revert: afterwards, another migration is the last applied one.
  const checked =
    'check `wwdb status`: `wwdb migrate` applies what is reverted or partial, `wwdb redo` starts with a revert.'
  const failures = adviseOnFailures(run.outcomes, run.command === 'redo' ? checked : again)
  if (failures.length === 0 && servers.length > 0)
    return [`Make ${[...new Set(servers)].join(', ')} reachable, then ${again}`]
  return failures.length > 0 ? failures : [again.replace(/^run/, 'Run')]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly run: RunResult
  }
}
