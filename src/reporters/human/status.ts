import type { MigrationStatus, TargetStatus } from '../../domain/migration-status.ts'
import type { Result } from '../../domain/result.ts'
import { countOf } from '../text/count.ts'
import { formatDuration } from '../text/duration.ts'
import { type Line, type Span, type Tone, toned } from '../text/span.ts'
import { alignTables } from '../text/table.ts'
import { wrapLine } from '../text/wrap.ts'
import { nextLines, type Page, symbols, targetHeading } from './page.ts'
import { formatMinute } from './time.ts'
import { renderUnreached } from './unreached.ts'

type StatusResult = Extract<Result, { readonly kind: 'status' }>

const looks: Readonly<Record<MigrationStatus['state'], { readonly sign: string; readonly tone: Tone }>> = {
  applied: { sign: symbols.good, tone: 'good' },
  baseline: { sign: symbols.good, tone: 'good' },
  pending: { sign: symbols.idle, tone: 'active' },
  partial: { sign: symbols.warning, tone: 'warning' },
  outdated: { sign: symbols.idle, tone: 'active' },
  changed: { sign: symbols.bad, tone: 'bad' },
  missing: { sign: symbols.bad, tone: 'bad' },
  'out-of-order': { sign: symbols.warning, tone: 'warning' },
  'not-applicable': { sign: '-', tone: 'faint' },
}

/** Every migration of every database with its state, and how many are pending. Times are UTC. */
export function renderStatus(result: StatusResult, page: Page): readonly Line[] {
  const options = { columns: page.columns, indent: 2, droppable: [4], flexible: [2, 1] }
  const tables = alignTables(
    result.targets.map(({ migrations }) => migrations.map(row)),
    options,
  )
  const blocks = result.targets.map((target, index) => renderTargetStatus(target, tables[index] ?? [], page))
  const total = `${countOf(result.pending, 'pending migration')} in ${countOf(result.targets.length, 'database')}.`
  const next = result.pending > 0 ? ['`wwdb plan` shows what they would do, `wwdb migrate` applies them.'] : []
  const lacking = renderUnreached(result.unreached, page)
  return [
    ...blocks.flatMap((block) => [...block, []]),
    ...(lacking.length === 0 ? [] : [...lacking, []]),
    ...wrapLine([total], page.columns),
    ...nextLines(next, page),
  ]
}

function renderTargetStatus(status: TargetStatus, table: readonly Line[], page: Page): readonly Line[] {
  const remarks = status.serverVersion === null ? [] : [`MySQL ${status.serverVersion}`]
  const heading = wrapLine(targetHeading(status.target, ...remarks), page.columns, 2)
  const absent: Line = ['  ', toned('warning', `The schema ${status.target.schema} does not exist yet`), '.']
  return [
    ...heading,
    ...(status.schemaExists ? [] : wrapLine(absent, page.columns, 2)),
    ...table,
    ...wrapLine([toned('faint', `  ${countStates(status.migrations)}`)], page.columns, 2),
  ]
}

function row(migration: MigrationStatus): readonly Line[] {
  const look = looks[migration.state]
  const took: Span[] =
    migration.milliseconds === null ? [] : [toned('faint', formatDuration(migration.milliseconds).padStart(6))]
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
  if (migration.state === 'partial' && migration.closed !== null && migration.total !== null) {
    return [toned('warning', `${migration.closed} of ${countOf(migration.total, 'statement')}`)]
  }
  return migration.appliedAt === null ? [] : [toned('faint', formatMinute(migration.appliedAt))]
}

function countStates(migrations: readonly MigrationStatus[]): string {
  if (migrations.length === 0) return 'No migrations.'
  const counts = new Map<string, number>()
  for (const { state } of migrations) counts.set(state, (counts.get(state) ?? 0) + 1)
  return `${[...counts].map(([state, count]) => `${count} ${state}`).join(', ')}.`
}
