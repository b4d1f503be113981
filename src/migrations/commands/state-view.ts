import { formatDuration, formatSeconds } from '../../core/duration.ts'
import { formatMinute } from '../../core/instant.ts'
import { countOf } from '../../core/plural.ts'
import type { RunUnderWay, UnreachedTarget } from '../../core/target.ts'
import { renderFault, renderUnreached } from '../../terminal/human/fault.ts'
import { nextLines, type Page, symbols, targetHeading } from '../../terminal/human/page.ts'
import { type Line, type Span, type Tone, toned } from '../../terminal/text/span.ts'
import { alignTables } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { HeldName } from '../journal/held-name.ts'
import type { RetiredName } from '../journal/retired-name.ts'
import type { MigrationStatus, RunningPass, TargetStatus } from '../journal/status.ts'

/** The answer of `status`. */
export interface StatusResult {
  readonly kind: 'status'
  readonly targets: readonly TargetStatus[]
  /** Databases about which nothing is known, because their servers were not reached; the same in all answers. */
  readonly unreached: readonly UnreachedTarget[]
  /** Migrations that `migrate` would apply if there were no findings. */
  readonly pending: number
  /** Those that a run is carrying out now. */
  readonly running: number
}

export const statusView: View<StatusResult> = {
  render: renderStatus,
}

const looks: Readonly<Record<MigrationStatus['state'], { readonly sign: string; readonly tone: Tone }>> = {
  applied: { sign: symbols.good, tone: 'good' },
  baseline: { sign: symbols.good, tone: 'good' },
  pending: { sign: symbols.idle, tone: 'active' },
  partial: { sign: symbols.warning, tone: 'warning' },
  running: { sign: symbols.idle, tone: 'active' },
  reverting: { sign: symbols.warning, tone: 'warning' },
  outdated: { sign: symbols.idle, tone: 'active' },
  changed: { sign: symbols.bad, tone: 'bad' },
  missing: { sign: symbols.bad, tone: 'bad' },
  'out-of-order': { sign: symbols.warning, tone: 'warning' },
  'not-applicable': { sign: '-', tone: 'faint' },
}

const stopped: ReadonlySet<MigrationStatus['state']> = new Set(['partial', 'running', 'reverting'])

/** Every migration of every database with its state, what prevents a run, and how many are pending. Times are UTC. */
function renderStatus(result: StatusResult, page: Page): readonly Line[] {
  const options = { columns: page.columns, indent: 2, droppable: [4], flexible: [2, 1] }
  const tables = alignTables(
    result.targets.map(({ migrations }) => migrations.map(row)),
    options,
  )
  const blocks = result.targets.map((target, index) => renderTargetStatus(target, tables[index] ?? [], page))
  const lacking = renderUnreached(result.unreached, page)
  return [
    ...blocks.flatMap((block) => [...block, []]),
    ...(lacking.length === 0 ? [] : [...lacking, []]),
    ...wrapLine(countAll(result), page.columns),
    ...nextLines(adviseNext(result), page),
  ]
}

const countFindings = ({ targets }: StatusResult): number =>
  targets.reduce((sum, { findings }) => sum + findings.length, 0)

function countAll(result: StatusResult): Line {
  const { pending, running, targets } = result
  const findings = countFindings(result)
  const remarks: readonly Span[] = [
    ...(running === 0 ? [] : [`, ${running} running`]),
    ...(findings === 0 ? [] : [', ', toned('bad', countOf(findings, 'finding'))]),
  ]
  return [`${countOf(pending, 'pending migration')}`, ...remarks, ` in ${countOf(targets.length, 'database')}.`]
}

/** The advice is shown with its finding, and comes before any run. */
function adviseNext(result: StatusResult): readonly string[] {
  const running = result.running > 0 ? ['`wwdb lock status` shows who runs it.'] : []
  if (countFindings(result) > 0) {
    return [...running, 'Do what the findings say first, then run `wwdb status` again.']
  }
  if (result.pending === 0) return running
  if (result.targets.some(({ readOnly }) => readOnly === true))
    return [
      ...running,
      'A server is read-only: run `wwdb status` against the one that accepts writes to see what is pending.',
    ]
  const create = result.targets.every(({ schemaExists }) => schemaExists)
    ? []
    : ['`wwdb db create` creates the schemas that do not exist yet.']
  const [they, them] = result.pending === 1 ? ['it', 'it'] : ['they', 'them']
  return [...running, ...create, `\`wwdb plan\` shows what ${they} would do, \`wwdb migrate\` applies ${them}.`]
}

const describeKeyspace = ({ shards, journal, ddlStrategy }: NonNullable<TargetStatus['keyspace']>): string =>
  `Vitess, ${countOf(shards, 'shard')}, definitions ${ddlStrategy === 'direct' ? 'at once' : 'online'}, journal and lease in ${journal}`

function renderTargetStatus(status: TargetStatus, table: readonly Line[], page: Page): readonly Line[] {
  const remarks =
    status.serverVersion === null
      ? []
      : status.keyspace !== undefined
        ? [describeKeyspace(status.keyspace)]
        : [`MySQL ${status.serverVersion}${status.readOnly === true ? ', read-only' : ''}`]
  const heading = wrapLine(targetHeading(status.target, ...remarks), page.columns, 2)
  const absent: Line = ['  ', toned('warning', `The schema \`${status.target.schema}\` does not exist yet`), '.']
  return [
    ...heading,
    ...(status.schemaExists ? [] : wrapLine(absent, page.columns, 2)),
    ...table,
    ...wrapLine([toned('faint', `  ${countStates(status.migrations)}`)], page.columns, 2),
    ...(status.run === undefined ? [] : renderUnderWay(status.run, page)),
    ...(status.runs ?? []).flatMap((run) => renderRun(run, page)),
    ...renderDrift(status.drift ?? 0, page),
    ...renderHeldNames(status.held ?? [], page),
    ...renderRetired(status.retired ?? [], page),
    ...status.findings.flatMap((finding) => renderFault(finding, page)),
  ]
}

/** Who carries out what is running: from the journal and, as far as this account may see it, from the server. */
export function renderUnderWay(run: RunningPass, page: Page): readonly Line[] {
  const { person, connectionId, account, seconds, percent, orphaned } = run
  const facts = [
    `connection ${connectionId}`,
    ...(account === null ? [] : [account]),
    ...(seconds === null ? [] : [`for ${formatSeconds(seconds)}`]),
    ...(percent === null ? [] : [`${percent}% done`]),
  ]
  const ended = orphaned ? '; its run has ended, but the server is still executing its statement' : ''
  const unseen = account === null ? '. This account cannot see more: that requires the PROCESS privilege' : ''
  const text = ` (${facts.join(', ')})${ended}${unseen}.`
  return wrapLine(['  ', toned('active', 'Run by '), toned('strong', person), text], page.columns, 4)
}

/** A run that holds the database, between two statements or without any migration. */
function renderRun({ id, command, person, seconds }: RunUnderWay, page: Page): readonly Line[] {
  const text = `: \`${command}\`, for ${formatSeconds(seconds)} (${id}).`
  return wrapLine(['  ', toned('active', 'Running, by '), toned('strong', person), text], page.columns, 4)
}

function renderDrift(count: number, page: Page): readonly Line[] {
  if (count === 0) return []
  const what = count === 1 ? 'One object was changed by hand' : `${count} objects were changed by hand`
  return wrapLine(['  ', toned('warning', `${symbols.warning} ${what}`), ': `wwdb drift` shows how.'], page.columns, 4)
}

function renderHeldNames(held: readonly HeldName[], page: Page): readonly Line[] {
  if (held.length === 0) return []
  const due = held.filter(({ isDue }) => isDue).map(({ name }) => name)
  const [are, them] = held.length === 1 ? ['is', 'it'] : ['are', 'them']
  const past =
    due.length === 0 ? '' : `, ${due.length} past ${due.length === 1 ? 'its' : 'their'} grace (${due.join(', ')})`
  const what = `${symbols.warning} ${countOf(held.length, 'table')} ${are} held`
  return wrapLine(['  ', toned('warning', what), `${past}: \`wwdb held\` lists ${them}.`], page.columns, 4)
}

function renderRetired(retired: readonly RetiredName[], page: Page): readonly Line[] {
  const [first] = retired.map(({ until }) => until).toSorted()
  if (first === undefined) return []
  const due = retired.filter(({ isDue }) => isDue).length
  const what = `${countOf(retired.length, 'object')} ${retired.length === 1 ? 'is' : 'are'} retired`
  const [it, those, them] =
    retired.length === 1 ? ['it', 'it if nothing uses it', 'it'] : ['the first', 'those that nothing uses', 'them']
  const more =
    due === 0
      ? `, ${it} may be dropped from ${first.slice(0, 16).replace('T', ' ')} UTC on: \`wwdb retire list\` shows who uses ${them}.`
      : `, ${due} past ${due === 1 ? 'its' : 'their'} grace: \`wwdb retire run\` drops ${those}.`
  return wrapLine(['  ', toned('active', what), more], page.columns, 4)
}

function row(migration: MigrationStatus): readonly Line[] {
  const look = looks[migration.state]
  const { milliseconds, state } = migration
  // The server counts the time of a running statement in whole seconds: in its first one, `0 ms` would say that it took
  // no time.
  const format = state === 'running' ? (so: number) => formatSeconds(so / 1000) : formatDuration
  const took: Span[] = milliseconds === null ? [] : [toned('faint', format(milliseconds).padStart(6))]
  return [
    [toned(look.tone, `${look.sign} ${migration.state}`)],
    [migration.version],
    migration.kind === 'versioned' ? [migration.name] : [migration.name, toned('faint', ` (${migration.kind})`)],
    timeOrProgress(migration),
    took,
  ]
}

function timeOrProgress(migration: MigrationStatus): Line {
  const { shards } = migration
  if (shards !== undefined) return [toned('warning', `${shards.done} of ${countOf(shards.total, 'shard')}`)]
  if (stopped.has(migration.state) && migration.closed !== null && migration.total !== null) {
    const batch = migration.batch === undefined ? '' : `, ${countOf(migration.batch.rows, 'row')} of a batch`
    return [toned('warning', `${migration.closed} of ${countOf(migration.total, 'statement')}${batch}`)]
  }
  return migration.appliedAt === null ? [] : [toned('faint', formatMinute(migration.appliedAt))]
}

function countStates(migrations: readonly MigrationStatus[]): string {
  if (migrations.length === 0) return 'No migrations.'
  const counts = new Map<string, number>()
  for (const { state } of migrations) counts.set(state, (counts.get(state) ?? 0) + 1)
  return `${[...counts].map(([state, count]) => `${count} ${state}`).join(', ')}.`
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly status: StatusResult
  }
}
