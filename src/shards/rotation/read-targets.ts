import type { DatabaseConfig } from '../../config/config.ts'
import { isCalled, type ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type FamilyPlanDocument, toFamilyPlanDocument } from '../answers.ts'
import { assessClocks, clocksDiffer } from '../clocks.ts'
import { contradicted, findContradictions } from '../contradictions.ts'
import { dependentsOf, type FamilyView, indexRecords, KeySources } from '../family-view.ts'
import type { KeyCensus, ShardStore } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import { openLosses, settleFamily } from '../settle-family.ts'
import type { Registry, Shard, ShardRecord } from '../shard.ts'
import { planFamily } from './plan-family.ts'
import { withRecordedTemplate } from './recorded-template.ts'
import type { RotationRequest } from './request.ts'
import { FamilyRun, type FamilyWork, TargetRun } from './target-run.ts'

/** Reads a target's state, and plans its families. Writes nothing. */
export async function readTarget(
  request: RotationRequest,
  database: DatabaseConfig,
  store: ShardStore,
  sources: KeySources,
): Promise<TargetRun> {
  const families = request.families.filter((family) => family.database === database.name)
  const registry = await store.readRegistry()
  const live = await store.listTables()
  const isNew = families.some(({ name }) => !registry.families.some(({ family }) => family === name))
  const templates = await store.readTemplates()
  const carried = isNew ? await store.readCarriedVersions() : new Map<string, number>()
  const host = request.now()
  const clocks = assessClocks({
    host,
    server: request.rehearsal ? null : await store.readClock(),
    skew: request.config.rotation.clockSkew,
    lastRunAt: request.rehearsal ? null : registry.lastRunAt,
    longestPause: request.longestPause,
    confirmed: request.trustClock,
  })
  const tables = new Map(live.map(({ name, type }) => [name, type]))
  const records = indexRecords(registry, families)
  const work: FamilyWork[] = []
  for (const family of families) {
    const run = new FamilyRun(family.name, store.target)
    const refusal = await store.refuse(family)
    if (refusal !== null) run.fail(refusal)
    else if (clocks.refused && request.tolerates?.has('clocks') !== true) run.fail(clocksDiffer(clocks, store.target))
    const census = refusal === null ? await readCensus(family, sources, run) : null
    const view: FamilyView = {
      family,
      target: store.target,
      naming: namingOf(family),
      records: records.get(family.name) ?? new Map(),
      findings: registry.findings.filter((one) => one.family === family.name),
      tables,
      census,
      present: new Set(census?.present),
    }
    stopWhereContradicted(request, view, registry, run)
    const selected = request.only === null || request.only.has(family.name)
    const recorded = withRecordedTemplate(family, { registry, carried, templates, fansOut: store.fansOut }, view, run)
    work.push({ ...recorded, view, run, selected, plan: null })
  }
  const planned = planAll(work, clocks, request.ahead)
  const isKnown = ({ family }: ShardRecord): boolean => families.some((one) => isCalled(one, family))
  const strangers = registry.shards.filter((record) => !isKnown(record))
  return new TargetRun(database, store, { clocks, tables, records, families: planned, strangers })
}

/** Two records that contradict each other stop the family before anything is planned from one of them. */
function stopWhereContradicted(request: RotationRequest, view: FamilyView, registry: Registry, run: FamilyRun): void {
  if (!run.canContinue) return
  const own = request.families.filter(({ database }) => database === view.family.database)
  const found = findContradictions(view, registry, own)
  const error = contradicted(found.filter(({ kind }) => request.tolerates?.has(kind) !== true))
  if (error !== null) run.fail(error)
}

async function readCensus(family: ShardFamily, sources: KeySources, run: FamilyRun): Promise<KeyCensus | null> {
  if (family.division.type === 'period') return null
  try {
    return await sources.read(family.division.source)
  } catch (error) {
    run.fail(error)
    return null
  }
}

function planAll(
  work: readonly FamilyWork[],
  clocks: ReturnType<typeof assessClocks>,
  ahead: number,
): readonly FamilyWork[] {
  const settled = new Map(work.map((one) => [one.family.name, settleFamily(one.view, clocks.now)]))
  const views = [...settled.values()].map(({ view }) => view)
  return work.map((one) => {
    const own = settled.get(one.family.name)
    if (!one.selected || !one.run.canContinue || own === undefined) return one
    const plan = planFamily(own, dependentsOf(own.view, views), clocks, ahead)
    one.run.aheadUntil = plan.aheadUntil
    one.run.note(...plan.notes)
    one.run.lose(openLosses(own.view))
    return { ...one, plan }
  })
}

/** A target of a rotation, open or not. */
export interface OpenedTarget {
  readonly database: DatabaseConfig
  /** The requested families. */
  readonly families: readonly ShardFamily[]
  /** Families without a template with which an earlier run has begun something, where it is opened for these alone. */
  readonly strangers?: readonly string[]
  readonly store: ShardStore | null
  /** Why it is not open, or not locked; null when all is well. */
  readonly error: unknown
}

/** Opens every database with requested families. One that cannot be opened does not stop the others. */
export async function openShardTargets(request: RotationRequest, writable: boolean): Promise<readonly OpenedTarget[]> {
  const wanted = request.families.filter(({ name }) => request.only === null || request.only.has(name))
  const databases = request.config.databases.filter(({ name }) => wanted.some((family) => family.database === name))
  return Promise.all(
    databases.map(async (database) => {
      const families = wanted.filter((family) => family.database === database.name)
      try {
        const store = await request.servers.open(database, request.config.timeouts, writable)
        return { database, families, store, error: null }
      } catch (error) {
        return { database, families, store: null, error }
      }
    }),
  )
}

/** Takes the locks one after another, in the same order in all runs, so that two runs never deadlock. @param wait milliseconds for each */
export async function lockShardTargets(
  request: RotationRequest,
  targets: readonly OpenedTarget[],
  wait: number = request.config.timeouts.lock,
): Promise<readonly OpenedTarget[]> {
  const placeOf = ({ store }: OpenedTarget): string => `${store?.target.server}/${store?.target.schema}`
  const locked: OpenedTarget[] = []
  for (const opened of targets.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))) {
    locked.push(opened.store === null ? opened : await lockOne(request, opened, opened.store, wait))
  }
  return targets.map((target) => locked.find(({ database }) => database === target.database) ?? target)
}

async function lockOne(
  request: RotationRequest,
  opened: OpenedTarget,
  store: ShardStore,
  wait: number,
): Promise<OpenedTarget> {
  const { target } = store
  const started = performance.now()
  const requireNotStopped = (): void => {
    if (request.stop.requested)
      throw new ToolError('STOPPED', {
        what: 'Stopped before anything was done.',
        next: 'Run the command again later.',
      })
  }
  try {
    requireNotStopped()
    await store.lock(wait, (holder, milliseconds) => {
      requireNotStopped()
      request.emit({ type: 'lock-waiting', target, holder, milliseconds })
    })
    request.emit({ type: 'lock-acquired', target, milliseconds: performance.now() - started })
    return opened
  } catch (error) {
    if (error instanceof ToolError && error.code === 'STOPPED') throw error
    return { ...opened, error }
  }
}

export async function closeShardTargets(targets: readonly OpenedTarget[], locked: boolean): Promise<void> {
  await Promise.allSettled(
    targets.map(async ({ store, error }) => {
      if (locked && error === null) await store?.unlock().catch(() => {})
      await store?.close()
    }),
  )
}

interface RotationPlan {
  readonly now: number
  readonly families: readonly FamilyPlanDocument[]
  /** The first failure in planning a family; null where there was none. */
  readonly error: unknown
}

/** Plans a rotation for now, or for the request's time. Writes nothing and takes no lock. */
export async function planRotation(request: RotationRequest): Promise<RotationPlan> {
  const opened = await openShardTargets(request, false)
  try {
    const sources = new KeySources(request)
    const errors: unknown[] = []
    const found = await Promise.all(opened.map((target) => planTarget(request, target, sources, errors)))
    const order = new Map(request.families.map(({ name }, index) => [name, index]))
    const families = found.flat().toSorted((a, b) => (order.get(a.family) ?? 0) - (order.get(b.family) ?? 0))
    return { now: request.now(), families, error: errors[0] ?? null }
  } finally {
    await closeShardTargets(opened, false)
  }
}

async function planTarget(
  request: RotationRequest,
  { database, families, store, error }: OpenedTarget,
  sources: KeySources,
  errors: unknown[],
): Promise<readonly FamilyPlanDocument[]> {
  const place = { database: database.name, schema: database.schema, server: database.server.label }
  const failAll = (why: unknown): readonly FamilyPlanDocument[] => {
    errors.push(why)
    return families.map(({ name }) => unplanned(name, place, why))
  }
  if (store === null) return failAll(error)
  try {
    const target = await readTarget(request, database, store, sources)
    const selected = target.families.filter((family) => family.selected)
    const changing = await store.requireShards().then(() => null, inWords)
    if (changing !== null) for (const { run } of selected) run.note(changing)
    errors.push(...selected.flatMap(({ run }) => (run.error === null ? [] : [run.error])))
    return selected.map((work) => toDocument(request, target, work))
  } catch (reason) {
    return failAll(reason)
  }
}

/** A plan says it, and the run fails by it. */
function inWords(error: unknown): string {
  if (!(error instanceof ToolError)) throw error
  return error.faults.map(({ what, why }) => [what, why].join(' ')).join(' ')
}

function toDocument(request: RotationRequest, target: TargetRun, work: FamilyWork): FamilyPlanDocument {
  const { family, plan, run, view } = work
  if (plan === null) return unplanned(family.name, view.target, run.error)
  const describe = {
    create: (shard: Shard): string => target.store.describeCreation(request.render(family, shard)),
    rename: target.store.describeRename,
    hold: (record: ShardRecord): string => target.store.nameHold(record, target.clocks.now),
  }
  const document = toFamilyPlanDocument(plan, describe)
  return { ...document, notes: run.outcome().notes }
}

function unplanned(family: string, target: FamilyPlanDocument['target'], error: unknown): FamilyPlanDocument {
  const known = error instanceof ToolError ? error : null
  const nothing = { make: [], adopt: [], corrections: [], steps: [], question: null, notes: [], aheadUntil: null }
  return { family, target, ...nothing, fault: known?.faults[0] ?? { what: String(error) }, code: known?.code ?? null }
}
