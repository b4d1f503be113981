import type { ShardFamily } from '../../core/shard-family.ts'
import type { ToolError } from '../../core/tool-error.ts'
import { shardOf } from '../family-view.ts'
import type { CreateOutcome, ShardServers, ShardStore, TableShape, TableToCreate } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import type { Registry, Shard } from '../shard.ts'
import { moveLateRows } from './late-rows.ts'
import { canBePartitioned, firstPieces, type Layout, type PartitionedFamily, pieceOf, planOwnRanges } from './layout.ts'
import type { Misplaced } from './live-partitions.ts'
import { findMisplaced } from './misplaced.ts'
import {
  changeTable,
  closeShard,
  describePieces,
  holdPartition,
  isRefusal,
  makePartitions,
  restorePartition,
} from './moves.ts'
import { type KeptShard, type PresentTables, readPresent, wholeOf } from './present.ts'
import { exchangePartition, toPartitioned, toWhole, withoutPartitions } from './statements.ts'

/** The servers, with partitions that are shards in the places of tables. */
export function keepPartitions(servers: ShardServers, families: () => readonly ShardFamily[]): ShardServers {
  return {
    ...servers,
    open: async (database, timeouts, writable, leader) => {
      const store = await servers.open(database, timeouts, writable, leader)
      const own = families().filter((family) => family.database === database.name && canBePartitioned(family))
      return own.length === 0 ? store : keepIn(store, own)
    },
  }
}

/**
 * A store whose tables are also partitions: rotation, checks and lists decide on shards by name, and this says what their names mean. A shard that is a partition has the name of
 * that partition; on hold it is a table like any other. Where a shard exists as a table or as a partition, it stays one, whatever the header says; new and restored ones follow the header.
 */
function keepIn(store: ShardStore, families: readonly ShardFamily[]): ShardStore {
  const keeper = new Keeper(store, families)
  return {
    ...store,
    readRegistry: () => keeper.readRegistry(),
    listTables: async () => (await keeper.read()).tables,
    createTables: (tables, connections, stop, report) => keeper.create(tables, connections, stop, report),
    rename: (table, to) => keeper.rename(table, to),
    settle: () => keeper.settle(),
    describeCreation: (table) => keeper.describeCreation(table),
    describeRename: (table, to) => keeper.describeRename(table, to),
    readShapes: (names, detail) => keeper.readShapes(names, detail),
    shapeOf: (table, siblings) => store.shapeOf(keeper.asWhole(table), siblings),
    definitionOf: (table, siblings) => store.definitionOf(keeper.asWhole(table), siblings),
    readDefinitions: (tables) => keeper.readDefinitions(tables),
    readMisplaced: () => keeper.readMisplaced(),
    readTriggers: () => keeper.readTriggers(),
    readColumns: async (table) => store.readColumns((await keeper.find(table))?.layout.table ?? table),
    isEmpty: async (table) => store.isEmpty(...placeOf(table, await keeper.find(table))),
    measure: async (table) => store.measure(...placeOf(table, await keeper.find(table))),
  }
}

const placeOf = (table: string, kept: KeptShard | undefined): readonly [string, string?] =>
  kept === undefined ? [table] : [kept.layout.table, table]

type CreateTables = Parameters<ShardStore['createTables']>

class Keeper {
  readonly #store: ShardStore
  readonly #families: readonly PartitionedFamily[]
  #registry: Registry | null = null
  #present: PresentTables | null = null

  constructor(store: ShardStore, families: readonly ShardFamily[]) {
    this.#store = store
    this.#families = families.filter(canBePartitioned)
  }

  async readRegistry(): Promise<Registry> {
    this.#registry = await this.#store.readRegistry()
    return this.#registry
  }

  async read(): Promise<PresentTables> {
    const known = async (): Promise<Registry> => this.#registry ?? (await this.readRegistry())
    this.#present = await readPresent(this.#store, this.#families, known)
    return this.#present
  }

  async find(table: string): Promise<KeptShard | undefined> {
    if (!this.#families.some((family) => namingOf(family).parse(table) !== null)) return undefined
    return (this.#present ?? (await this.read())).kept.get(table)
  }

  /** A table in use must not keep a run from its other families: the next run tries again. */
  async settle(): Promise<ReadonlyMap<string, ToolError>> {
    const left = new Map<string, ToolError>()
    for (const layout of this.#present?.layouts ?? []) await this.#divide(layout)
    for (const { shard, layout, beside, place } of this.#present?.unsettled ?? []) {
      try {
        if (place === 'table') await closeShard(this.#store, layout, shard.table)
        else await this.#putAway(beside, layout.table)
      } catch (error) {
        if (!isRefusal(error)) throw error
        left.set(shard.table, error)
      }
    }
    return left
  }

  async #divide(layout: Layout): Promise<void> {
    try {
      await changeTable(this.#store, layout.table, layout.family, planOwnRanges(layout))
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
  }

  /** What an exchange left under the other name: rows that came meanwhile belong to the table. */
  async #putAway(beside: string, whole: string): Promise<void> {
    await moveLateRows(this.#store, beside, whole)
    await this.#store.drop(beside)
  }

  /** The shard of a name that new and restored shards are partitions under. */
  #wanted(table: string): { readonly family: PartitionedFamily; readonly shard: Shard } | null {
    for (const family of this.#families) {
      const naming = namingOf(family)
      const key = family.keeper === 'partition' ? naming.parse(table) : null
      const shard = key === null ? null : shardOf({ family, naming }, key)
      if (shard !== null) return { family, shard }
    }
    return null
  }

  async create(...[tables, connections, stop, report]: CreateTables): Promise<readonly CreateOutcome[]> {
    const wanted = tables.map((table) => ({ table, shard: this.#wanted(table.table) }))
    const plain = wanted.flatMap(({ table, shard }) => (shard === null ? [table] : []))
    const outcomes: CreateOutcome[] = []
    if (plain.length > 0) outcomes.push(...(await this.#store.createTables(plain, connections, stop, report)))
    for (const family of this.#families) {
      const own = wanted.flatMap(({ table, shard }) =>
        shard?.family === family ? [{ table, shard: shard.shard }] : [],
      )
      if (own.length === 0 || stop.requested) continue
      const whole = await this.#wholeOf(family)
      const made = await makePartitions(this.#store, family, whole, own)
      for (const outcome of made) report(outcome)
      outcomes.push(...made)
    }
    if (outcomes.length > 0) this.#present = null
    return outcomes
  }

  describeCreation(table: TableToCreate): string {
    const wanted = this.#wanted(table.table)
    if (wanted === null) return this.#store.describeCreation(table)
    const { family, shard } = wanted
    const layout = this.#present?.layouts.find((one) => one.family === family)
    if (layout !== undefined) return describePieces(layout, shard)
    return toPartitioned(this.asWhole(table).text, family, firstPieces([pieceOf(family, shard)]))
  }

  describeRename(table: string, to: string): string {
    const kept = this.#present?.kept.get(table)
    if (kept !== undefined) return exchangePartition(kept.layout.table, table, to, false)
    const wanted = this.#wanted(to)
    const layout = this.#present?.layouts.find((one) => one.family === wanted?.family)
    if (layout === undefined) return this.#store.describeRename(table, to)
    return exchangePartition(layout.table, to, table, true)
  }

  async #wholeOf(family: PartitionedFamily): Promise<string> {
    const names = [family.name, ...(family.formerNames ?? [])]
    const there = names.length === 1 ? new Map() : await this.#store.readPartitions(names)
    return wholeOf(family, (table) => there.has(table))
  }

  async rename(table: string, to: string): Promise<void> {
    const kept = await this.find(table)
    const wanted = kept === undefined ? this.#wanted(to) : null
    const whole = wanted === null ? null : await this.#wholeOf(wanted.family)
    try {
      if (kept !== undefined) await holdPartition(this.#store, kept, to)
      else if (wanted === null || whole === null || !(await this.#isThere(whole))) await this.#store.rename(table, to)
      else await restorePartition(this.#store, wanted.family, whole, wanted.shard, table)
    } finally {
      this.#present = null
    }
  }

  async #isThere(table: string): Promise<boolean> {
    return (await this.#store.readPartitions([table])).has(table)
  }

  /** Each shard has the shape of the whole table, which is one. */
  async readShapes(
    names: readonly string[] | null,
    detail: 'fingerprint' | 'lines',
  ): Promise<ReadonlyMap<string, TableShape>> {
    const kept = [...(this.#present ?? (await this.read())).kept.values()]
    const wanted = kept.filter(({ shard }) => names === null || names.includes(shard.table))
    const wholes = new Set(wanted.map(({ layout }) => layout.table))
    if (wholes.size === 0) return this.#store.readShapes(names, detail)
    const others = names?.filter((name) => !wanted.some(({ shard }) => shard.table === name))
    const shapes = await this.#store.readShapes(others === undefined ? null : [...others, ...wholes], detail, wholes)
    const own = wanted.flatMap(({ shard, layout }) => {
      const shape = shapes.get(layout.table)
      return shape === undefined ? [] : [[shard.table, shape] as const]
    })
    return new Map([...[...shapes].filter(([name]) => !wholes.has(name)), ...own])
  }

  async readDefinitions(tables: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>()
    for (const table of tables) {
      const whole = (await this.find(table))?.layout.table
      const text = (await this.#store.readDefinitions([whole ?? table])).get(whole ?? table)
      if (text !== undefined) texts.set(table, whole === undefined ? text : withoutPartitions(text))
    }
    return texts
  }

  async readMisplaced(): Promise<readonly Misplaced[]> {
    const { layouts } = this.#present ?? (await this.read())
    return findMisplaced(this.#store, layouts)
  }

  /** Triggers of the whole table are those of each shard in it. */
  async readTriggers(): ReturnType<ShardStore['readTriggers']> {
    const triggers = await this.#store.readTriggers()
    const kept = [...(this.#present?.kept.values() ?? [])]
    const own = kept.flatMap(({ shard, layout }) => {
      const whole = triggers.get(layout.table)
      return whole === undefined ? [] : [[shard.table, whole] as const]
    })
    return new Map([...triggers, ...own])
  }

  /** A template is tried under the name of the table that has its shards: definitions may contain that name. */
  asWhole(table: TableToCreate): TableToCreate {
    const wanted = this.#wanted(table.table)
    if (wanted === null) return table
    return { ...table, text: toWhole(table.text, table.table, wanted.family.name), table: wanted.family.name }
  }
}
