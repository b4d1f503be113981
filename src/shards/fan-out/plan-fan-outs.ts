import type { Config } from '../../config/config.ts'
import { groupBy } from '../../core/group-by.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { FanOutPlan, NearLimit, OnlineShards, ShapeGroup } from '../../migrations/fan-out-plan.ts'
import type { Schemas } from '../../migrations/plan/placeholders.ts'
import type { Plan, Step, TargetPlan } from '../../migrations/plan.ts'
import { scriptOf } from '../../migrations/plan-document.ts'
import type { OpenTarget } from '../../migrations/targets.ts'
import { listInUse } from '../family-view.ts'
import { refuseMovedChange } from '../moved-family.ts'
import { joinPartitions, refuseInstant } from '../partitions/whole-tables.ts'
import type { LiveTable, TableShape } from '../ports.ts'
import type { FamilyRecord, Registry } from '../shard.ts'
import type { TemplateChange } from './ports.ts'
import { proveChange } from './prove-change.ts'
import type { ShardWork } from './select-shards.ts'
import { refuseUnknown, type Selection, selectShards } from './select-shards.ts'
import {
  type FanOutPlace,
  type FanOutServices,
  findFamily,
  isFanOutStep,
  listPending,
  withFanOutPlace,
} from './services.ts'
import { decideVersion, type VersionDecision } from './template-version.ts'

/** When this few instant column changes are left for a shard, a person should know. */
const narrowMargin = 4

export interface FanOutPlanRequest {
  readonly config: Config
  readonly services: FanOutServices
  readonly schemas: Schemas
  /** False skips what is tried in a scratch schema. */
  readonly probe: boolean
}

/**
 * Adds to the steps that run on shards the list of shards, the number of their shapes, and the proof that the change
 * leads to the template's file. Reads only; tries in a scratch schema where `probe` is true. Throws ToolError
 * `UNKNOWN_FAMILY`, `SHARD_UNKNOWN`, `TEMPLATE_DIFFERS`, `TEMPLATE_ORDER`.
 */
export async function planFanOuts(
  request: FanOutPlanRequest,
  plan: Plan,
  targets: readonly OpenTarget[],
): Promise<Plan> {
  const planned = plan.targets.map((one) => {
    const target = targets.find((open) => open.database.name === one.target.database)
    return target === undefined || !one.steps.some(isFanOutStep) ? one : planTarget(request, one, target)
  })
  return { ...plan, targets: await Promise.all(planned) }
}

async function planTarget(request: FanOutPlanRequest, plan: TargetPlan, target: OpenTarget): Promise<TargetPlan> {
  const { services, config } = request
  const families = await services.families()
  return withFanOutPlace(services, target.database, config.timeouts, null, async (place) => {
    const [registry, live, changes] = [
      await place.store.readRegistry(),
      await place.store.listTables(),
      await place.ledger.readChanges(),
    ]
    const view = new RegistryView(registry, live, changes)
    const steps: Step[] = []
    for (const step of plan.steps)
      steps.push(
        isFanOutStep(step)
          ? { ...step, fanOut: await planStep(request, { target, families, place, view, step }) }
          : step,
      )
    return { ...plan, steps }
  })
}

/** The registry as it will be when the steps planned so far have run. */
class RegistryView {
  readonly registry: Registry
  readonly live: readonly LiveTable[]
  readonly #records: Map<string, FamilyRecord>
  #changes: readonly TemplateChange[]

  constructor(registry: Registry, live: readonly LiveTable[], changes: readonly TemplateChange[]) {
    this.registry = registry
    this.live = live
    this.#records = new Map(registry.families.map((record) => [record.family, record]))
    this.#changes = changes
  }

  recordOf(family: string): FamilyRecord | null {
    return this.#records.get(family) ?? null
  }

  changesOf(family: string): readonly TemplateChange[] {
    return this.#changes.filter((change) => change.family === family)
  }

  apply(decision: VersionDecision): void {
    const { begin, forget } = decision
    const gone = new Set([...(begin?.record ?? []), ...forget].map((change) => `${change.family}/${change.version}`))
    this.#changes = [
      ...this.#changes.filter((change) => !gone.has(`${change.family}/${change.version}`)),
      ...(begin?.record ?? []),
    ]
    if (begin !== null) this.#records.set(begin.family.family, begin.family)
  }
}

interface StepQuestion {
  readonly target: OpenTarget
  readonly families: readonly ShardFamily[]
  readonly place: FanOutPlace
  readonly view: RegistryView
  readonly step: Step
}

async function planStep(request: FanOutPlanRequest, question: StepQuestion): Promise<FanOutPlan> {
  const { target, families, place, view, step } = question
  const family = findFamily(families, step.migration)
  refuseUnknown(family, families, place.store.target, view)
  refuseInstant(family, step.migration)
  refuseMovedChange(family, view.registry, step.migration)
  const record = view.recordOf(family.name)
  if (record === null)
    return { family: family.name, version: null, total: 0, done: 0, shapes: [], near: [], proven: false }
  const direction = step.type === 'revert' ? 'down' : 'up'
  const { text: template, checksum } = family.template
  const { migration } = step
  const decision = decideVersion({
    migration,
    direction,
    record,
    changes: view.changesOf(family.name),
    file: { template, checksum },
    pending: listPending(target, family),
  })
  view.apply(decision)
  const { standing, tables } = joinPartitions(listInUse(view.registry, family.name), view.live)
  const selection = selectShards({
    family,
    families,
    standing,
    tables,
    migration,
    direction,
    decision,
    changes: view.changesOf(family.name),
    migrations: target.all,
  })
  const prove = async (): Promise<void> => {
    if (decision.begin === null || !request.probe) return
    const { family: after, proof: steps } = decision.begin
    const rendering = { schemas: request.schemas, families, ledger: place.ledger }
    await proveChange({ ...rendering, family, before: record, after, steps })
  }
  // The proof works in a scratch schema while the store's connection reads the shapes.
  const [described] = await Promise.all([describe(place, family, decision, selection, request.probe), prove()])
  const { online, ...plan } = described
  return isOnline(step) && online !== null ? { ...plan, online } : plan
}

async function describe(
  { store, ledger }: FanOutPlace,
  family: ShardFamily,
  decision: VersionDecision,
  { work, done }: Selection,
  proven: boolean,
): Promise<Omit<FanOutPlan, 'online'> & { readonly online: OnlineShards | null }> {
  const tables = work.map(({ shard }) => shard.table)
  const [shapes, { limit, used, bytes }] = await Promise.all([
    tables.length === 0 ? new Map<string, TableShape>() : store.readShapes(tables, 'fingerprint'),
    ledger.readStorage(tables),
  ])
  return {
    family: family.name,
    version: decision.to,
    tables,
    total: work.length + done,
    done,
    shapes: groupByShape(work, (table) => shapes.get(table)?.fingerprint ?? '', bytes),
    near: findNear(tables, used, limit),
    online: measure(tables, bytes),
    proven,
  }
}

function groupByShape(
  work: readonly ShardWork[],
  fingerprintOf: (table: string) => string,
  bytes: ReadonlyMap<string, number>,
): readonly ShapeGroup[] {
  const groups = groupBy(work, ({ shard }) => fingerprintOf(shard.table))
  const sizeOf = ({ shard }: ShardWork): number => bytes.get(shard.table) ?? 0
  return [...groups.values()]
    .toSorted((a, b) => b.length - a.length)
    .flatMap((group) => {
      const [largest] = group.toSorted((a, b) => sizeOf(b) - sizeOf(a))
      return largest === undefined ? [] : [{ names: largest.names, shards: group.length }]
    })
}

const isOnline = (step: Step): boolean => {
  const script = scriptOf(step)
  return script?.type === 'statements' && script.statements.some(({ online }) => online !== undefined)
}

/** Null where InnoDB does not say. */
function measure(tables: readonly string[], bytes: ReadonlyMap<string, number>): OnlineShards | null {
  const sizes = tables.flatMap((table) => {
    const own = bytes.get(table)
    return own === undefined ? [] : [{ table, bytes: own }]
  })
  const [largest] = sizes.toSorted((a, b) => b.bytes - a.bytes)
  return largest === undefined ? null : { bytes: sizes.reduce((sum, one) => sum + one.bytes, 0), largest }
}

function findNear(tables: readonly string[], used: ReadonlyMap<string, number>, limit: number): readonly NearLimit[] {
  return tables.flatMap((table) => {
    const own = used.get(table) ?? 0
    return own > limit - narrowMargin ? [{ table, used: own, limit }] : []
  })
}
