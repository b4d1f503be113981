import type { FamilyMove } from '../../../src/shards/family-move.ts'
import type { LiveTable, TableShape } from '../../../src/shards/ports.ts'
import { withTraces } from '../../../src/shards/registry/traces.ts'
import type { FamilyRecord, Registry, ShardFinding, ShardRecord, ShardTrace } from '../../../src/shards/shard.ts'
import { Refused } from './server.ts'
import { fingerprintOf, type TableText } from './table-text.ts'

/** A session that reads tables and has not ended the transaction: they cannot be renamed or dropped meanwhile. */
export interface OpenReader {
  readonly connectionId: number
  readonly end: () => void
}

export interface MemoryTable extends TableText {
  /** Opaque; as the test put them in. */
  readonly rows: readonly string[]
}

/** A schema of the tests' server: tables, views, readers, and the registry as one value. */
export class MemorySchema {
  readonly #tables = new Map<string, MemoryTable>()
  readonly #views = new Map<string, string>()
  readonly #readers = new Map<OpenReader, readonly string[]>()
  #shards = new Map<string, ShardRecord>()
  #families = new Map<string, FamilyRecord>()
  #findings = new Map<string, ShardFinding>()
  /** The last of each table. */
  #events = new Map<string, ShardTrace>()
  #registry: Pick<Registry, 'exists' | 'generation' | 'lastRunAt'> = { exists: false, generation: 0, lastRunAt: null }

  get registry(): Registry {
    const rows = [...this.#shards.values()]
    const traces = [...this.#events.values()].filter(({ table, state, protectedFor }) => {
      const known = rows.some((row) => row.table === table && (protectedFor === null || row.protection !== null))
      return !known && (state !== 'dropped' || protectedFor !== null)
    })
    return {
      ...this.#registry,
      families: [...this.#families.values()],
      shards: withTraces(rows, traces),
      findings: [...this.#findings.values()].filter(({ closed }) => closed === null),
      traces,
    }
  }

  /** DELETE FROM wwdb_shards, by hand. */
  forget(isForgotten: (record: ShardRecord) => boolean): void {
    this.#shards = new Map([...this.#shards].filter(([, record]) => !isForgotten(record)))
  }

  /** UPDATE wwdb_shards, by hand. */
  amend(change: (record: ShardRecord) => ShardRecord): void {
    this.#shards = new Map([...this.#shards].map(([key, record]) => [key, change(record)]))
  }

  #recordEvents(shards: readonly ShardRecord[]): void {
    for (const shard of shards) {
      const { family, key, table, state, templateVersion, protection } = shard
      const before = this.#shards.get(keyOfShard(shard))
      const reason = protection?.reason ?? null
      const last = this.#events.get(table)?.protectedFor ?? null
      const isSame =
        before !== undefined &&
        before.state === state &&
        before.templateVersion === templateVersion &&
        before.table === table &&
        (before.protection?.reason ?? null) === reason &&
        last === reason
      if (isSame) continue
      this.#events.delete(table)
      this.#events.set(table, { family, key, table, state, protectedFor: reason, at: 0 })
    }
  }

  get tables(): readonly LiveTable[] {
    return [
      ...[...this.#tables.keys()].map((name) => ({ name, type: 'table' }) as const),
      ...[...this.#views.keys()].map((name) => ({ name, type: 'view' }) as const),
      ...(this.#registry.exists
        ? ['wwdb_shard_events', 'wwdb_shard_families', 'wwdb_shard_findings', 'wwdb_shards'].map(
            (name) => ({ name, type: 'table' }) as const,
          )
        : []),
    ].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  createRegistry(): void {
    this.#registry = { ...this.#registry, exists: true }
  }

  writeRegistry(
    shards: readonly ShardRecord[],
    families: readonly FamilyRecord[],
    lastRunAt: number | null,
    findings: readonly ShardFinding[] = [],
  ): void {
    if (!this.#registry.exists) throw new Refused('there is no registry')
    this.#recordEvents(shards)
    for (const shard of shards) this.#shards.set(keyOfShard(shard), shard)
    for (const family of families) this.#families.set(family.family, family)
    for (const one of findings) this.#findings.set(JSON.stringify([one.family, one.key, one.kind, one.at]), one)
    const { generation } = this.#registry
    this.#registry = {
      exists: true,
      generation: generation + (shards.length > 0 ? 1 : 0),
      lastRunAt: lastRunAt ?? this.#registry.lastRunAt,
    }
  }

  moveFamily({ from, to, merged, isKnown }: FamilyMove): void {
    const moved = this.registry.shards.filter(({ family }) => family === from).map((one) => ({ ...one, family: to }))
    for (const trace of this.registry.traces)
      if (trace.family === from) this.#events.set(trace.table, { ...trace, family: to })
    this.#recordEvents(moved)
    this.forget(({ family }) => family === from)
    for (const shard of [...moved, ...merged]) this.#shards.set(keyOfShard(shard), shard)
    const family = this.#families.get(from)
    this.#families.delete(from)
    if (family !== undefined && (isKnown || !this.#families.has(to))) this.#families.set(to, { ...family, family: to })
    for (const [key, finding] of this.#findings) this.#findings.set(key, renamed(finding, from, to))
    this.#registry = { ...this.#registry, generation: this.#registry.generation + 1 }
  }

  has(name: string): boolean {
    return this.#tables.has(name) || this.#views.has(name)
  }

  hasTable(name: string): boolean {
    return this.#tables.has(name)
  }

  /** Throws `Refused` where its table does not exist. */
  table(name: string): MemoryTable {
    const table = this.#tables.get(name)
    if (table === undefined) throw new Refused(`Table '${name}' doesn't exist`)
    return table
  }

  /** CREATE TABLE IF NOT EXISTS. */
  create(text: TableText): 'created' | 'exists' {
    checkName(text.name)
    if (this.has(text.name)) return 'exists'
    const missing = text.references.find((parent) => parent !== text.name && !this.#tables.has(parent))
    if (missing !== undefined) throw new Refused(`Failed to open the referenced table '${missing}'`)
    this.#tables.set(text.name, { ...text, rows: [] })
    return 'created'
  }

  /** Any change of a table by hand: of its lines, its rows. */
  change(name: string, change: (table: MemoryTable) => Partial<MemoryTable>): void {
    const table = this.table(name)
    this.#tables.set(name, { ...table, ...change(table) })
  }

  rename(from: string, to: string): void {
    checkName(to)
    if (!this.has(from)) throw new Refused(`Table '${from}' doesn't exist`)
    if (this.has(to)) throw new Refused(`Table '${to}' already exists`)
    const view = this.#views.get(from)
    if (view !== undefined) {
      this.#views.delete(from)
      this.#views.set(to, view)
      return
    }
    const table = this.table(from)
    this.#tables.delete(from)
    this.#tables.set(to, { ...table, name: to })
    this.#followParent(from, to)
  }

  drop(name: string): void {
    const child = [...this.#tables.values()].find((table) => table.name !== name && table.references.includes(name))
    if (child !== undefined && this.#tables.has(name))
      throw new Refused(`Cannot drop table '${name}' referenced by a foreign key constraint on table '${child.name}'`)
    this.#tables.delete(name)
  }

  createView(name: string, text: string): void {
    checkName(name)
    if (this.#tables.has(name)) throw new Refused(`'${name}' is not VIEW`)
    const missing = namesIn(text).find((table) => !this.isWhole(table) || this.#reads(table, name))
    if (missing !== undefined) throw new Refused(`'${missing}' doesn't exist, or is a view that cannot be read`)
    this.#views.set(name, text)
  }

  /** True of a table, and of a view while all that it selects from is there: renaming a branch breaks it (error 1356). */
  isWhole(name: string): boolean {
    if (!this.has(name)) return false
    return this.tablesOfView(name).every((branch) => !this.#reads(branch, name) && this.isWhole(branch))
  }

  tablesOfView(name: string): readonly string[] {
    return namesIn(this.#views.get(name) ?? '')
  }

  /** Reading a view reads all its branches. */
  read(name: string, connectionId: number): OpenReader {
    const names = [name, ...namesIn(this.#views.get(name) ?? '')]
    for (const read of names) if (!this.has(read)) throw new Refused(`Table '${read}' doesn't exist`)
    const reader = { connectionId, end: () => this.#readers.delete(reader) }
    this.#readers.set(reader, names)
    return reader
  }

  /** Who reads one of these now. */
  blockersOf(names: readonly string[]): readonly OpenReader[] {
    return [...this.#readers].filter(([, read]) => read.some((name) => names.includes(name))).map(([reader]) => reader)
  }

  shapeOf(name: string): TableShape {
    return fingerprintOf(this.table(name))
  }

  /** Whether reading one means to read the other. Renames can make views that read one another in a circle. */
  #reads(name: string, other: string, seen: readonly string[] = []): boolean {
    if (name === other) return true
    if (seen.includes(name)) return false
    return this.tablesOfView(name).some((branch) => this.#reads(branch, other, [...seen, name]))
  }

  #followParent(from: string, to: string): void {
    for (const [name, other] of this.#tables) {
      if (!other.references.includes(from)) continue
      const items = other.items.map((item) => item.replaceAll(`REFERENCES \`${from}\``, `REFERENCES \`${to}\``))
      const references = other.references.map((parent) => (parent === from ? to : parent))
      this.#tables.set(name, { ...other, items, references })
    }
  }
}

function namesIn(select: string): readonly string[] {
  return [...select.matchAll(/\bFROM\s+`([^`]+)`/gi)].flatMap((match) => match[1] ?? [])
}

function checkName(name: string): void {
  if ([...name].length > 64) throw new Refused(`Identifier name '${name}' is too long`)
}

function renamed(finding: ShardFinding, from: string, to: string): ShardFinding {
  return finding.family === from ? { ...finding, family: to } : finding
}

function keyOfShard({ family, key }: Pick<ShardRecord, 'family' | 'key'>): string {
  return `${family}/${key}`
}
