import { periodAt, shiftPeriod } from '../../calendar/period.ts'
import type { Context } from '../../command/context.ts'
import type { Emit } from '../../command/event.ts'
import type { Config } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import { migrationFolders } from '../../migrations/files/folder.ts'
import { readMigrations } from '../../migrations/files/read-migrations.ts'
import type { Migration } from '../../migrations/migration.ts'
import { type OnlineChanges, onlineChanges } from '../../migrations/online-changes.ts'
import { type Schemas, schemasOf } from '../../migrations/plan/placeholders.ts'
import type { Governor } from '../../operate/governor.ts'
import { leaveColumns, writeView } from '../family-view.ts'
import { settleLedger } from '../fan-out/carry-out.ts'
import { type FanOutReport, fanOut } from '../fan-out/fan-out.ts'
import { type ShardLedger, type ShardLedgers, shardLedgers } from '../fan-out/ports.ts'
import { assignShardPasses, selectShards } from '../fan-out/select-shards.ts'
import { movedTo } from '../moved-family.ts'
import { joinPartitions } from '../partitions/whole-tables.ts'
import { reopen } from '../settle-family.ts'
import type { FamilyRecord, ShardRecord } from '../shard.ts'
import type { Propagate } from './request.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'

/** What a rotation needs to upgrade shards to their family's version. */
interface PropagateRequest {
  readonly config: Config
  readonly families: readonly ShardFamily[]
  readonly schemas: Schemas
  readonly ledgers: () => Promise<ShardLedgers>
  /** Every migration of a database that has a file; read when a shard is behind. */
  readonly migrations: (database: string) => Promise<readonly Migration[]>
  readonly emit: Emit
  readonly stop: StopRequest
  readonly online: OnlineChanges
  readonly governor: Governor | null
}

/**
 * Upgrades shards that are behind their family's version: shards that were held when a fan-out ran, and those that one
 * left undone. Under the lock of the rotation, whose store leads. Returns the failures, by family.
 */
async function propagateFanOuts(request: PropagateRequest, target: TargetRun): Promise<ReadonlyMap<string, unknown>> {
  const failed = new Map<string, unknown>()
  for (const work of target.families) {
    const lagging = listLagging(work, target)
    if (lagging.length === 0 || !work.run.canContinue || request.stop.requested) continue
    try {
      await catchUp(request, target, work, lagging)
    } catch (error) {
      failed.set(work.family.name, error)
    }
  }
  return failed
}

/** Live or sealed shards with a lower version than their family's. Those of a family that has moved stay as they are: the way back carries rows into the columns that they had. */
function listLagging({ record, view }: FamilyWork, target: TargetRun): readonly ShardRecord[] {
  if (movedTo(view) !== null) return []
  return [...view.records.values()].filter(
    ({ state, templateVersion, table }) =>
      (state === 'live' || state === 'sealed') && templateVersion < record.version && target.tables.has(table),
  )
}

/** True for a family with shards that a rotation upgrades to its version. */
export function lagsBehind(work: FamilyWork, target: TargetRun): boolean {
  return target.store.fansOut && listLagging(work, target).length > 0
}

async function catchUp(
  request: PropagateRequest,
  target: TargetRun,
  work: FamilyWork,
  lagging: readonly ShardRecord[],
): Promise<void> {
  const { store, database } = target
  const ledgers = await request.ledgers()
  const ledger = await ledgers.open(database, request.config.timeouts, store.facts.connectionId)
  try {
    await ledger.create()
    const report = await carryMissing(request, target, work, lagging, ledger)
    await writeVersions(target, report)
    const [failure] = report.failures
    if (report.error !== null) throw report.error
    if (failure !== undefined) throw notCaughtUp(work.record, report)
  } finally {
    await ledger.close()
  }
}

async function carryMissing(
  request: PropagateRequest,
  target: TargetRun,
  { family, record, view }: FamilyWork,
  lagging: readonly ShardRecord[],
  ledger: ShardLedger,
): Promise<CatchUpReport> {
  const { config, families, emit, stop, schemas, online, governor } = request
  const changes = (await ledger.readChanges()).filter(
    (change) => change.family === family.name && change.version <= record.version,
  )
  const last = changes.at(-1)
  const migrations = await request.migrations(family.database)
  const migration = migrations.find((one) => one.version === last?.migration)
  if (last === undefined || migration === undefined) throw unknownChange(record)
  const all = [...view.records.values()].filter(({ state }) => state === 'live' || state === 'sealed')
  const whole = joinPartitions(all, await target.store.listTables())
  // A partition that came back to a table of its version is recorded with it, and nothing runs.
  const standing = whole.standing.filter((one) => whole.partsOf(one).some((part) => lagging.includes(part)))
  const selection = selectShards({
    family,
    families,
    standing,
    tables: whole.tables,
    migration,
    direction: last.direction,
    decision: { to: record.version, forward: true },
    changes,
    migrations,
  })
  const snapshot = await settleLedger(
    { ledger, config, emit, stop, online },
    changes.map((change) => change.migration),
  )
  const runs = await assignShardPasses(snapshot, selection.work, false)
  await leaveColumns(target.store, family, record.template)
  const report = await fanOut({
    ledger,
    migration,
    family: family.name,
    direction: last.direction,
    runs: runs.filter((run) => run.runs.length > 0),
    done: runs.filter((run) => run.runs.length === 0).length,
    canary: false,
    connections: config.rotation.connections,
    together: false,
    // A shard that cannot be upgraded does not stop the others.
    errorBudget: Number.POSITIVE_INFINITY,
    schemas,
    statementTimeout: config.timeouts.statement,
    guard: config.guard,
    emit,
    stop,
    online,
    governor,
  })
  const current = standing.filter(({ templateVersion }) => templateVersion === record.version)
  const finished = [...runs.filter((run) => run.runs.length === 0), ...report.finished]
  const complete = [
    ...finished.map(({ shard, to }) => ({ shard, to })),
    ...current.map((shard) => ({ shard, to: record.version })),
  ]
  const changed = complete.flatMap(({ shard, to }) => whole.partsOf(shard).map((part) => ({ shard: part, to })))
  return { ...report, finished, changed: changed.filter(({ shard, to }) => shard.templateVersion < to) }
}

/** With the shards that have the version now, each by itself. */
interface CatchUpReport extends FanOutReport {
  readonly changed: readonly { readonly shard: ShardRecord; readonly to: number }[]
}

async function writeVersions(target: TargetRun, { changed }: CatchUpReport): Promise<void> {
  if (changed.length === 0) return
  const names = changed.map(({ shard }) => shard.table)
  const shapes = await target.store.readShapes(names, 'fingerprint')
  await target.write(
    changed.map(({ shard, to }) => ({
      ...reopen(shard),
      templateVersion: to,
      fingerprint: shapes.get(shard.table)?.fingerprint ?? null,
    })),
  )
}

function unknownChange({ family, version }: FamilyRecord): ToolError {
  return new ToolError('MIGRATION_MISSING', {
    what: `Shards of \`${family}\` are behind version ${version} of its template, and the migration that made that version is unknown.`,
    why: 'Neither wwdb_shard_changes nor a migration file names it.',
    next: 'Show what they lack with `wwdb shards diff`, and change them with `wwdb shards repair`.',
  })
}

function notCaughtUp({ family, version }: FamilyRecord, { failures, finished }: FanOutReport): ToolError {
  const what = `${failures.length} of ${failures.length + finished.length} shards of \`${family}\` that are behind could not be brought to version ${version} of its template`
  const faults = failures.slice(0, 10).flatMap(({ error }) => error.faults)
  return new ToolError('FAN_OUT_INCOMPLETE', [
    { what, next: 'Fix the errors below; the next rotation retries.' },
    ...faults,
  ])
}

/** How a rotation upgrades shards to their family's version. Migrations are read when one does. */
export function makePropagation(context: Context, config: Config, families: readonly ShardFamily[]): Propagate {
  const databases = migrationFolders(config)
  const read = async (database: string) =>
    (await readMigrations({ root: config.root, databases })).migrations.get(database) ?? []
  const online = onlineChanges(context, config)
  return (target, governor) =>
    propagateFanOuts(
      {
        config,
        families,
        schemas: schemasOf(config),
        ledgers: () => context.port(shardLedgers),
        migrations: read,
        emit: context.emit,
        stop: context.stop,
        online,
        governor,
      },
      target,
    )
}

/** The tables that a family's view reads, oldest first: of the current period and `periods` before it, as far as they exist. */
function membersOf(target: TargetRun, { family, view }: FamilyWork): readonly string[] {
  const { division, policy } = family
  if (policy.view === null || division.type !== 'period') return []
  const current = periodAt(target.clocks.now, division.kind, division.zone)
  const tables = Array.from({ length: policy.view.periods + 1 }, (_, back) =>
    view.naming.name(shiftPeriod(current, -back).key),
  )
  return tables.filter((table) => target.tables.get(table) === 'table').toReversed()
}

/**
 * Takes a table out of its family's view, before it is renamed; returns a function that puts it back. One RENAME of the view
 * and the table would not be enough: MySQL sends a reader that has the view's definition and waits for its tables back to
 * tables that no longer exist, and the reader fails with error 1356 (measured:
 * docs/internals/decisions/0001-before-2026-11.md).
 */
export async function leaveView(target: TargetRun, work: FamilyWork, table: string): Promise<() => Promise<void>> {
  const nothing = async (): Promise<void> => {}
  const name = work.family.policy.view?.name
  if (name === undefined || target.tables.get(name) !== 'view') return nothing
  const present = await target.store.readViewTables(name)
  const members = present.filter((member) => target.tables.has(member))
  const others = members.filter((member) => member !== table)
  if (others.length === members.length || others.length === 0) return nothing
  const show = async (tables: readonly string[]): Promise<void> =>
    target.createView(name, (await writeView(target.store, tables)).text)
  await show(others)
  return () => show(members)
}

/** Brings the view up to the current period. Throws ToolError `VIEW_NAME_TAKEN` where a table has its name. */
export async function refreshView(target: TargetRun, work: FamilyWork): Promise<void> {
  const name = work.family.policy.view?.name
  const members = membersOf(target, work)
  if (name === undefined || members.length === 0) return
  if (target.tables.get(name) === 'table') throw nameTaken(name, work)
  const { columns, text } = await writeView(target.store, members)
  if (await isAsWanted(target, name, members, columns)) return
  await target.createView(name, text)
}

async function isAsWanted(
  target: TargetRun,
  name: string,
  members: readonly string[],
  columns: readonly string[],
): Promise<boolean> {
  if (target.tables.get(name) !== 'view') return false
  const present = await target.store.readViewTables(name)
  if (present.join('\n') !== members.join('\n')) return false
  return (await target.store.readColumns(name)).join('\n') === columns.join('\n')
}

function nameTaken(name: string, { family }: FamilyWork): ToolError {
  return new ToolError('VIEW_NAME_TAKEN', {
    what: `The view \`${name}\` of \`${family.name}\` cannot be created: a table has its name.`,
    where: { file: family.template.file },
    next: 'Give the view another name in its `-- wwdb:view` line, or rename the table.',
  })
}
