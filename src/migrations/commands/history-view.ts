import type { RunOutcome, RunRecord, ShardChange, ShardEvent } from '../../audit/run.ts'
import { formatDuration } from '../../core/duration.ts'
import { formatTime } from '../../core/instant.ts'
import { countOf } from '../../core/plural.ts'
import type { Target, UnreachedTarget } from '../../core/target.ts'
import { renderUnreached } from '../../terminal/human/fault.ts'
import { type Page, paragraph, symbol, targetHeading } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { alignEach, alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { Pass } from '../journal/journal.ts'
import type { RunningPass } from '../journal/status.ts'
import { renderUnderWay } from './state-view.ts'

/** A pass with the runs that wrote it: several where one continued what another had begun, none of an earlier wwdb. */
export interface RecordedPass extends Pass {
  readonly runs: readonly string[]
}

/** What ran on one target; of each kind the newest first. */
export interface TargetHistory {
  readonly target: Target
  readonly passes: readonly RecordedPass[]
  /** The pass that a run is carrying out now; absent where there is none. */
  readonly underWay?: RunningPass
  readonly runs: readonly RunRecord[]
  /** With `--shard` or `--run`. */
  readonly shardEvents: readonly ShardEvent[]
  /** Migrations that were carried to shards, with `--shard` or `--run`. */
  readonly shardChanges: readonly ShardChange[]
}

/** The answer of `history`: what ran, who ran it, and what it did. */
export interface HistoryResult {
  readonly kind: 'history'
  readonly targets: readonly TargetHistory[]
  readonly unreached: readonly UnreachedTarget[]
}

export const historyView: View<HistoryResult> = {
  render: renderHistory,
}

/** The journal first: time (UTC), direction, migration, duration, person, and version of the tool. Below it the events of shards, and the runs. */
function* renderHistory(result: HistoryResult, page: Page): Iterable<Line> {
  const shared = gatherSharedRuns(result.targets)
  const ids = new Set(shared.map(({ run }) => run.id))
  for (const [index, history] of result.targets.entries()) {
    if (index > 0) yield []
    yield* renderTarget(history, ids, page)
  }
  yield* renderSharedRuns(shared, page)
  yield* renderUnreached(result.unreached, page)
}

interface SharedRun {
  readonly run: RunRecord
  readonly databases: readonly string[]
}

/** A run that wrote to several databases has a row in each: it is shown once, newest first, with what it did in any of them. */
function gatherSharedRuns(targets: readonly TargetHistory[]): readonly SharedRun[] {
  const gathered = new Map<string, SharedRun>()
  for (const { target, runs } of targets) {
    for (const run of runs) {
      const known = gathered.get(run.id)
      const changes = [...new Set([...(known?.run.changes ?? []), ...run.changes])]
      const databases = [...(known?.databases ?? []), target.database]
      gathered.set(run.id, { run: { ...(known?.run ?? run), changes }, databases })
    }
  }
  return [...gathered.values()]
    .filter(({ databases }) => databases.length > 1)
    .toSorted((one, other) => (one.run.startedAt < other.run.startedAt ? 1 : -1))
}

function renderSharedRuns(shared: readonly SharedRun[], page: Page): readonly Line[] {
  if (shared.length === 0) return []
  const heading: Line = [toned('strong', `${countOf(shared.length, 'run')} on several databases`)]
  return [
    [],
    ...wrapLine(heading, page.columns, 2),
    ...shared.flatMap(({ run, databases }) => renderRun(run, page, [`on ${databases.join(', ')}`])),
  ]
}

function* renderTarget(history: TargetHistory, shared: ReadonlySet<string>, page: Page): Iterable<Line> {
  const { target, passes, runs, shardEvents, shardChanges, underWay } = history
  const own = runs.filter(({ id }) => !shared.has(id))
  const shown = [
    ...(shardEvents.length > 0 || shardChanges.length > 0 ? [] : [countOf(passes.length, 'pass')]),
    ...(own.length > 0 ? [countOf(own.length, 'run')] : []),
  ]
  const people = new Map(runs.map((run) => [run.id, describePerson(run)]))
  const columns = { columns: page.columns, indent: 2 }
  const happened = [
    ...shardEvents.map((event) => ({ at: event.at, cells: eventRow(event, people) })),
    ...shardChanges.map((change) => ({ at: change.at, cells: changeRow(change, people) })),
  ].toSorted((one, other) => (one.at < other.at ? 1 : -1))
  const rowOf = (pass: RecordedPass): readonly Line[] => passRow(pass, pass.pass === underWay?.pass)
  yield* wrapLine(targetHeading(target, ...shown), page.columns, 2)
  yield* alignEach(passes, rowOf, { ...columns, droppable: [6, 5], flexible: [3, 2] })
  if (underWay !== undefined) yield* renderUnderWay(underWay, page)
  yield* alignTable(
    happened.map(({ cells }) => cells),
    { ...columns, droppable: [4], flexible: [2, 3, 1] },
  )
  for (const run of own) yield* renderRun(run, page)
}

function passRow(pass: Pass, isRunning: boolean): readonly Line[] {
  const complete = pass.closed === pass.total
  return [
    [complete ? symbol('good') : symbol(isRunning ? 'idle' : 'warning'), ` ${formatTime(pass.openedAt)}`],
    [describeKind(pass)],
    [pass.version],
    [pass.name],
    complete
      ? [toned('faint', isRecordAlone(pass) ? '' : formatDuration(pass.milliseconds))]
      : [toned(isRunning ? 'active' : 'warning', `${isRunning ? 'running, ' : ''}${pass.closed} of ${pass.total}`)],
    [toned('faint', pass.appliedBy)],
    [toned('faint', pass.toolVersion)],
  ]
}

/** An entry that no run of wwdb made, and whose own tool recorded no duration: `0 ms` would be a false claim. */
function isRecordAlone({ kind, milliseconds }: Pass): boolean {
  return milliseconds === 0 && (kind === 'adopted' || kind === 'baseline' || kind === 'mark')
}

function describeKind(pass: Pass): string {
  if (pass.kind === 'baseline' || pass.kind === 'mark' || pass.kind === 'adopted') return pass.kind
  return pass.kind === 'versioned' ? pass.direction : `${pass.direction} ${pass.kind}`
}

function eventRow(event: ShardEvent, people: ReadonlyMap<string, string>): readonly Line[] {
  return [
    [symbol('good'), ` ${formatTime(event.at)}`],
    [event.table],
    [describeEvent(event)],
    [event.run === null ? toned('faint', 'not recorded') : (people.get(event.run) ?? 'not known')],
    [toned('faint', event.run ?? '')],
  ]
}

function describeEvent({ from, to, templateVersion, protected: reason }: ShardEvent): string {
  const kept = reason === null ? '' : `, protected: ${reason}`
  if (from === null) return `new, ${to}${kept}`
  return from === to ? `${to}, template ${templateVersion}${kept}` : `${from} to ${to}${kept}`
}

function changeRow(change: ShardChange, people: ReadonlyMap<string, string>): readonly Line[] {
  const names = [...new Set(change.runs.map((run) => people.get(run) ?? 'not known'))]
  return [
    [change.complete ? symbol('good') : symbol('warning'), ` ${formatTime(change.at)}`],
    [change.table],
    [`${change.direction} ${change.version}${change.complete ? '' : ', not complete'}`],
    [names.length === 0 ? toned('faint', 'not recorded') : names.join(', ')],
    [toned('faint', change.runs.join(' '))],
  ]
}

/** Who started the CI job, else the user of the machine; and the MySQL account. */
function describePerson({ actor, person, host, account }: RunRecord): string {
  return `${actor ?? `${person}@${host}`} as ${account}`
}

/** A run: time, command, outcome, person; below it what else is known about it. */
function renderRun(run: RunRecord, page: Page, more: readonly string[] = []): readonly Line[] {
  const words = run.flags === '' ? run.command : `${run.command} ${run.flags}`
  const head: Line = [outcomeSign(run.outcome), ` ${formatTime(run.startedAt)} `, toned('strong', words)]
  const details = [
    ...more,
    `${describeOutcome(run)}, by ${describePerson(run)}, wwdb ${run.toolVersion}`,
    `run ${run.id}${run.planDigest === null ? '' : `, plan ${run.planDigest.slice(0, 12)}`}${run.commit === null ? '' : `, commit ${run.commit.slice(0, 12)}`}`,
    ...(run.job === null ? [] : [`job ${run.job}`]),
    ...(run.error === null ? [] : [run.error]),
    ...run.changes,
  ]
  return [
    ...wrapLine(['  ', ...head], page.columns, 4),
    ...details.flatMap((text) => paragraph(['    '], text, 4, page)),
  ]
}

function outcomeSign(outcome: RunOutcome): Span {
  if (outcome === 'done') return symbol('good')
  if (outcome === 'running') return symbol('idle')
  return symbol(outcome === 'failed' ? 'bad' : 'warning')
}

function describeOutcome({ outcome, startedAt, endedAt, exitCode }: RunRecord): string {
  if (outcome === 'running') return 'in progress'
  if (endedAt === null) return 'stopped: its connection was lost'
  const milliseconds = instantOf(endedAt) - instantOf(startedAt)
  const code = exitCode === null || exitCode === 0 ? '' : `, exit code ${exitCode}`
  return `${outcome} after ${formatDuration(milliseconds)}${code}`
}

const instantOf = (time: string): number => Date.parse(`${time.replace(' ', 'T')}Z`)

declare module '../../command/result.ts' {
  interface Answers {
    readonly history: HistoryResult
  }
}
