import type { DatabaseConfig } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { FamilyView } from '../family-view.ts'
import type { ClockJudgement } from '../judge-clocks.ts'
import type { FamilyPlan } from '../plan.ts'
import type { LiveTable, ShardStore } from '../ports.ts'
import type { FamilyRecord, Registry, ShardFinding, ShardRecord } from '../shard.ts'
import type { FamilyRun } from './family-run.ts'

/** One family in one run: what is decided from, and how far it came. */
export interface FamilyWork {
  /** With the template's text as the registry has it: what new shards are made from. */
  readonly family: ShardFamily
  readonly record: FamilyRecord
  /** Its records and tables are the target's own, so it is never out of date. */
  readonly view: FamilyView
  readonly run: FamilyRun
  /** False for a family that is only looked at because others need it. */
  readonly selected: boolean
  /** Null where it could not be planned, or is not selected. */
  readonly plan: FamilyPlan | null
}

/** One target in one run: the registry as it was read and as it was written since. */
export class TargetRun {
  readonly database: DatabaseConfig
  readonly store: ShardStore
  readonly clocks: ClockJudgement
  readonly tables: Map<string, LiveTable['type']>
  readonly families: readonly FamilyWork[]
  readonly #records: ReadonlyMap<string, Map<string, ShardRecord>>

  constructor(
    database: DatabaseConfig,
    store: ShardStore,
    read: {
      readonly clocks: ClockJudgement
      readonly tables: Map<string, LiveTable['type']>
      readonly records: ReadonlyMap<string, Map<string, ShardRecord>>
      readonly families: readonly FamilyWork[]
    },
  ) {
    this.database = database
    this.store = store
    this.clocks = read.clocks
    this.tables = read.tables
    this.families = read.families
    this.#records = read.records
  }

  /** Writes to the registry, then knows it. */
  async write(
    shards: readonly ShardRecord[],
    families: readonly FamilyRecord[] = [],
    lastRunAt: number | null = null,
    findings: readonly ShardFinding[] = [],
  ): Promise<void> {
    if (shards.length + families.length + findings.length === 0 && lastRunAt === null) return
    await this.store.writeRegistry({ shards, families, findings, lastRunAt })
    for (const shard of shards) this.#records.get(shard.family)?.set(shard.key, shard)
  }

  /** The own names of tables on hold, by the names that they are held under. */
  ownNames(): ReadonlyMap<string, string> {
    const records = [...this.#records.values()].flatMap((family) => [...family.values()])
    return new Map(records.flatMap(({ hold, table }) => (hold === null ? [] : [[hold.table, table] as const])))
  }

  /** Looks again which tables are there. */
  async look(): Promise<void> {
    const live = await this.store.listTables()
    this.tables.clear()
    for (const { name, type } of live) this.tables.set(name, type)
  }

  async rename(table: string, to: string): Promise<void> {
    await this.store.rename(table, to)
    this.tables.delete(table)
    this.tables.set(to, 'table')
  }

  async drop(table: string): Promise<void> {
    await this.store.drop(table)
    this.tables.delete(table)
  }

  async createView(view: string, text: string): Promise<void> {
    await this.store.createView(view, text)
    this.tables.set(view, 'view')
  }
}

/** The registry's rows by family and key, with a place for every family. */
export function indexRecords(
  registry: Registry,
  families: readonly ShardFamily[],
): ReadonlyMap<string, Map<string, ShardRecord>> {
  const index = new Map<string, Map<string, ShardRecord>>(families.map(({ name }) => [name, new Map()]))
  for (const record of registry.shards) index.get(record.family)?.set(record.key, record)
  return index
}
