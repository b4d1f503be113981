import { isDeepStrictEqual } from 'node:util'
import type { Emit } from '../../command/event.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { OnlineChanges } from '../../migrations/online-changes.ts'
import { schemasOf } from '../../migrations/plan/placeholders.ts'
import type { FamilyAlterations, FamilyRepair, ShapeAlteration } from '../answers.ts'
import { leaveColumns, newRecord, renewColumns } from '../family-view.ts'
import { type AlteredFamily, inspectAlterations, toAlterationStatement } from '../inspect/inspect-alterations.ts'
import type { InspectionRequest } from '../inspect/view-target.ts'
import { movedTo } from '../moved-family.ts'
import { joinPartitions, namesOfStanding, type WholeTables } from '../partitions/whole-tables.ts'
import { noRegistryChange } from '../ports.ts'
import { reopen } from '../settle-family.ts'
import type { ShardRecord } from '../shard.ts'
import { settleLedger } from './carry-out.ts'
import { type FanOutReport, fanOut } from './fan-out.ts'
import { assignShardPasses } from './select-shards.ts'
import type { FanOutPlace } from './services.ts'

/** What repairing the shards of one target needs, under its lock. */
export interface RepairRequest extends Omit<InspectionRequest, 'scratch'>, FanOutPlace {
  readonly database: DatabaseConfig
  /** What was shown and approved: nothing else runs. */
  readonly approved: readonly FamilyAlterations[]
  /** The number of shards that may fail before no other shard of their shape is started. */
  readonly errorBudget: number
  readonly emit: Emit
  readonly stop: StopRequest
  /** Settles what online changes of a fan-out that was cut off left. */
  readonly online?: OnlineChanges
}

/**
 * Brings shards back to their templates: every shape is a separate fan-out, its first shard alone and the others after it.
 * The approved changes are compared with the current state, under the lock. Afterwards the registry knows the new shapes.
 * Throws ToolError `REPAIR_STALE` or `MOVE_REFUSED` with nothing changed, `LOCK_HELD`, `CONNECTION_LOST`.
 */
export async function repairTarget(request: RepairRequest): Promise<readonly FamilyRepair[]> {
  const { families } = await inspectAlterations(request, request.database, request.store)
  const wanted = families.filter(({ alterations }) => alterations.groups.length > 0)
  refuseMovedRepairs(wanted)
  refuseChanged(request, wanted)
  if (wanted.length === 0) return []
  await request.ledger.create()
  const repairs: FamilyRepair[] = []
  for (const family of wanted) repairs.push(await repairFamily(request, family))
  return repairs
}

/** The template does not have the column of the key, without which no row comes back. Throws ToolError `MOVE_REFUSED`. */
export function refuseMovedRepairs(families: readonly AlteredFamily[]): void {
  for (const { viewed, alterations } of families) {
    const moved = movedTo(viewed.view)
    if (moved === null || alterations.groups.length === 0) continue
    throw new ToolError('MOVE_REFUSED', {
      what: `The shards of \`${alterations.family}\` are not altered.`,
      where: { database: alterations.target.database, server: alterations.target.server },
      why: `The family has moved to \`${moved}\`, and \`wwdb shards move --undo\` needs the columns that its shards have.`,
      next: 'Nothing was changed. Name the other families with `--family`, and remove the template of this one before its shards are dropped.',
    })
  }
}

function refuseChanged({ approved, database }: RepairRequest, present: readonly AlteredFamily[]): void {
  const essence = ({ family, groups }: FamilyAlterations): unknown => ({
    family,
    groups: groups.map(({ tables, statements }) => ({ tables, statements })),
  })
  const before = approved.filter(({ groups, target }) => groups.length > 0 && target.database === database.name)
  const same = isDeepStrictEqual(
    before.map(essence),
    present.map(({ alterations }) => essence(alterations)),
  )
  if (same) return
  throw new ToolError('REPAIR_STALE', {
    what: 'The shards changed after the repair was planned.',
    where: { database: database.name },
    why: 'Some of them were changed, created or dropped in the meantime.',
    next: 'Nothing was changed. Run `wwdb shards repair` again and review its new plan.',
  })
}

async function repairFamily(request: RepairRequest, family: AlteredFamily): Promise<FamilyRepair> {
  const reports: Awaited<ReturnType<typeof repairGroup>>[] = []
  const { view, record } = family.viewed
  await leaveColumns(request.store, view.family, record?.template ?? view.family.template.text)
  for (const [index, group] of family.alterations.groups.entries()) {
    if (request.stop.requested) break
    const report = await repairGroup(request, family, group, index)
    reports.push(report)
    await recordShapes(request, report)
    if (report.error !== null) throw report.error
  }
  const repaired = reports.flatMap(({ finished, partsOf }) =>
    finished.flatMap(({ shard }) => partsOf(shard).map(({ table }) => table)),
  )
  const failed = reports.flatMap(({ failures, partsOf }) =>
    failures.flatMap(({ shard, error }) =>
      partsOf(shard).map(({ table }) => ({
        table,
        code: error.code,
        fault: error.faults[0] ?? { what: error.message },
      })),
    ),
  )
  const all = family.alterations.groups.flatMap(({ tables }) => tables)
  const { name } = view.family
  if (failed.length === 0 && repaired.length === all.length)
    await renewColumns(request.store, view.family, request.emit)
  const left = all.length - repaired.length - failed.length
  return { family: name, target: request.store.target, repaired, failed, left }
}

async function repairGroup(
  request: RepairRequest,
  altered: AlteredFamily,
  group: ShapeAlteration,
  index: number,
): Promise<FanOutReport & Pick<WholeTables, 'partsOf'>> {
  const { family } = altered.viewed.view
  const snapshot = await settleLedger(request, null)
  const migration = toMigration(family, group, `${request.now()}-${index + 1}`)
  const whole = joinPartitions(listRecords(altered, group), await request.store.listTables())
  const work = whole.standing.map((shard) => ({
    shard,
    names: namesOfStanding(family, request.families, shard),
    changes: [{ migration, direction: 'up' as const, to: shard.templateVersion }],
  }))
  const report = await fanOut({
    ...request,
    migration,
    family: family.name,
    direction: 'up',
    runs: await assignShardPasses(snapshot, work, false),
    done: 0,
    canary: true,
    connections: request.config.rotation.connections,
    together: false,
    schemas: schemasOf(request.config),
    statementTimeout: request.config.timeouts.statement,
    guard: request.config.guard,
  })
  return { ...report, partsOf: whole.partsOf }
}

/** The registry's rows; a table that is missing from it is also repaired, and can be adopted then. */
function listRecords({ shards, viewed }: AlteredFamily, { tables }: ShapeAlteration): readonly ShardRecord[] {
  const wanted = new Set(tables)
  return shards
    .filter(({ shard }) => wanted.has(shard.table))
    .map(({ shard, record }) => record ?? newRecord(shard, viewed.record?.version ?? 1, null))
}

/**
 * The ALTERs of a shape as a migration without a file. Its version is unique: the same drift may come back, and must
 * then be repaired again.
 */
function toMigration(family: ShardFamily, { statements }: ShapeAlteration, serial: string): Migration {
  const { file, checksum } = family.template
  return {
    database: family.database,
    version: `repair-${serial}`,
    name: family.name,
    kind: 'versioned',
    file,
    checksum,
    requires: [],
    conditions: [],
    accepted: [],
    shards: family.name,
    up: { type: 'statements', statements: statements.map((text, at) => toAlterationStatement(family, text, at)) },
    down: null,
  }
}

/** The registry records the current shape of a repaired shard. */
async function recordShapes(
  { store }: RepairRequest,
  { finished, partsOf }: FanOutReport & Pick<WholeTables, 'partsOf'>,
): Promise<void> {
  const registry = await store.readRegistry()
  const known = new Set(registry.shards.map(({ table }) => table))
  const shards = finished.flatMap(({ shard }) => partsOf(shard)).filter(({ table }) => known.has(table))
  if (shards.length === 0) return
  const shapes = await store.readShapes(
    shards.map(({ table }) => table),
    'fingerprint',
  )
  const changed = shards.map((shard) => ({
    ...reopen(shard),
    fingerprint: shapes.get(shard.table)?.fingerprint ?? null,
  }))
  await store.writeRegistry({ ...noRegistryChange, shards: changed })
}
