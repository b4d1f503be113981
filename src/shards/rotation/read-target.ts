import type { DatabaseConfig } from '../../config/config.ts'
import type { KeySource, ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import { dependentsOf } from '../dependents.ts'
import type { FamilyView } from '../family-view.ts'
import { judgeClocks } from '../judge-clocks.ts'
import { openLosses } from '../losses.ts'
import { planFamily, settleFamily } from '../plan-family.ts'
import type { KeyCensus, ShardStore } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import type { FamilyRecord, Registry } from '../shard.ts'
import { FamilyRun } from './family-run.ts'
import type { RotationRequest } from './request.ts'
import { type FamilyWork, indexRecords, TargetRun } from './target-run.ts'

/** Reads keys once for every source, however many families have it. */
export class KeySources {
  readonly #request: Pick<RotationRequest, 'config' | 'servers'>
  readonly #read = new Map<string, Promise<KeyCensus | null>>()

  constructor(request: Pick<RotationRequest, 'config' | 'servers'>) {
    this.#request = request
  }

  /** Throws ToolError `KEY_INVALID`, or why the source's database cannot be asked. */
  read(source: KeySource): Promise<KeyCensus | null> {
    const name = JSON.stringify(source)
    const reading = this.#read.get(name) ?? this.#ask(source)
    this.#read.set(name, reading)
    return reading
  }

  #ask(source: KeySource): Promise<KeyCensus | null> {
    const { config, servers } = this.#request
    const database = config.databases.find(({ name }) => name === source.database)
    if (database !== undefined) return servers.readKeys(database, config.timeouts, source)
    return Promise.reject(
      new ToolError('UNKNOWN_TARGET', {
        what: `The keys of a family come from ${source.database}, which the configuration does not have.`,
        next: 'Add it under `databases`, or correct the `-- wwdb:keys` line of the template.',
      }),
    )
  }
}

/** Reads what a target has, and plans its families. Writes nothing. */
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
  const carried = isNew ? await store.readCarriedVersions() : new Map<string, number>()
  const host = request.now()
  const clocks = judgeClocks({
    host,
    server: request.rehearsal ? null : await store.readClock(),
    lastRunAt: request.rehearsal ? null : registry.lastRunAt,
    longestPause: request.longestPause,
    confirmed: request.trustClock,
  })
  const tables = new Map(live.map(({ name, type }) => [name, type]))
  const records = indexRecords(registry, families)
  const work: FamilyWork[] = []
  for (const family of families) {
    const run = new FamilyRun(family.name, store.target)
    const census = await readCensus(family, sources, run)
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
    const selected = request.only === null || request.only.has(family.name)
    work.push({ ...withRecordedTemplate(family, { registry, carried }, view, run), view, run, selected, plan: null })
  }
  const planned = planAll(work, clocks, request.ahead)
  return new TargetRun(database, store, { clocks, tables, records, families: planned })
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

/** What is made is made as the registry says: a file that was edited counts once a fan-out has carried the edit. */
function withRecordedTemplate(
  family: ShardFamily,
  { registry, carried }: { readonly registry: Registry; readonly carried: ReadonlyMap<string, number> },
  view: FamilyView,
  run: FamilyRun,
): { readonly family: ShardFamily; readonly record: FamilyRecord } {
  const { text, checksum } = family.template
  const known = registry.families.find((record) => record.family === family.name)
  const fresh = {
    family: family.name,
    version: known?.version ?? carried.get(family.name) ?? 1,
    template: text,
    checksum,
  }
  const edited = known !== undefined && known.checksum !== checksum
  if (known === undefined || view.records.size === 0)
    return { family, record: { ...fresh, lastSuccessAt: known?.lastSuccessAt ?? null } }
  if (!edited) return { family, record: known }
  run.note(
    `${family.template.file} is not what version ${known.version} of the family was made from. New shards are made as that ` +
      'version says, until a migration with `-- wwdb:shards` carries the change to all of them.',
  )
  const template = { ...family.template, text: known.template, checksum: known.checksum }
  return { family: { ...family, template }, record: known }
}

function planAll(
  work: readonly FamilyWork[],
  clocks: ReturnType<typeof judgeClocks>,
  ahead: number,
): readonly FamilyWork[] {
  const settled = new Map(work.map((one) => [one.family.name, settleFamily(one.view, clocks.now)]))
  const views = [...settled.values()].map(({ view }) => view)
  return work.map((one) => {
    const own = settled.get(one.family.name)
    if (!one.selected || !one.run.goesOn || own === undefined) return one
    const plan = planFamily(own, dependentsOf(own.view, views), clocks, ahead)
    one.run.aheadUntil = plan.aheadUntil
    one.run.note(...plan.notes)
    one.run.lose(openLosses(own.view))
    return { ...one, plan }
  })
}
