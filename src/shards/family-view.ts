import type { ShardNaming } from '../calendar/naming.ts'
import { periodOf } from '../calendar/period.ts'
import type { Emit } from '../command/event.ts'
import type { Config } from '../config/config.ts'
import { isCalled, type KeySource, type ShardFamily } from '../core/shard-family.ts'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import { readCreatedTable } from '../ddl/created-table.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { FoundArchive, KeyCensus, LiveTable, ShardServers, ShardStore } from './ports.ts'
import type { Registry, Shard, ShardFinding, ShardRecord } from './shard.ts'

/** Everything from which decisions about a family are made. */
export interface FamilyView {
  readonly family: ShardFamily
  readonly target: Target
  readonly naming: ShardNaming
  /** The family's rows in the registry, by key. */
  readonly records: ReadonlyMap<string, ShardRecord>
  /** The open findings of the family's shards. */
  readonly findings: readonly ShardFinding[]
  /** Every table and view of the schema, by name. */
  readonly tables: ReadonlyMap<string, LiveTable['type']>
  /** The tables of which shards are partitions, by the shard's name; absent where all shards are tables. */
  readonly wholes?: ReadonlyMap<string, string>
  /** Null for periods, and where the key source's table does not exist yet. */
  readonly census: KeyCensus | null
  /** The census' present keys. */
  readonly present: ReadonlySet<string>
}

/** The tables of which shards are partitions, by the shard's name. */
export function wholesOf(tables: readonly LiveTable[]): ReadonlyMap<string, string> {
  return new Map(
    tables.flatMap(({ name, partitionOf }) => (partitionOf === undefined ? [] : [[name, partitionOf] as const])),
  )
}

/** The shard of a key; null for text that is not a key of the family's division. */
export function shardOf({ family, naming }: Pick<FamilyView, 'family' | 'naming'>, key: string): Shard | null {
  const { division, name } = family
  if (division.type === 'key') return { family: name, key, table: naming.name(key), from: null, to: null }
  const period = periodOf(key, division.kind, division.zone)
  if (period === null) return null
  return { family: name, key, table: naming.name(key), from: period.from, to: period.to }
}

/** States in which a shard's rows are no longer under its own name, according to the registry. */
export function isRetired({ state }: Pick<ShardRecord, 'state'>): boolean {
  return state === 'held' || state === 'archived' || state === 'dropped'
}

/** States in which nothing of a shard is on the server any more, according to the registry. */
export function isGone({ state }: Pick<ShardRecord, 'state'>): boolean {
  return state === 'dropped' || state === 'lost'
}

/** A run has begun a step, and how that ended is not written. */
export function isBegun({ state }: Pick<ShardRecord, 'state'>): boolean {
  return state === 'holding' || state === 'dropping' || state === 'restoring'
}

/** A registry row for a new shard. */
export function newRecord(shard: Shard, templateVersion: number, fingerprint: string | null): ShardRecord {
  const blank = { goneAt: null, seal: null, hold: null, archive: null, protection: null }
  return { ...shard, state: 'live', templateVersion, fingerprint, ...blank }
}

/** One sentence for many shards: the first few by name, and how many more. */
export function nameSome(tables: readonly string[]): string {
  const shown = `\`${tables.slice(0, 3).join('`, `')}\``
  return tables.length > 3 ? `${shown} and ${tables.length - 3} more` : shown
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

/** Families of the target whose tables reference this one's. */
export function dependentsOf({ family }: FamilyView, views: readonly FamilyView[]): readonly FamilyView[] {
  return views.filter((view) => view.family.template.siblings.includes(family.name))
}

/** A shard as the registry would have it if it had not been lost. */
export function toDropped({ shard, templateVersion, archive }: FoundArchive, family: string): ShardRecord {
  return { ...newRecord({ ...shard, family }, templateVersion, null), state: 'dropped', archive }
}

/** Why an archive does not belong to a shard of the current family, as half a sentence; null where it does. */
export function refuseArchive(
  view: Pick<FamilyView, 'family' | 'naming'>,
  { database, shard }: FoundArchive,
): string | null {
  const { family } = view
  if (!isCalled(family, shard.family) || database !== family.database)
    return `it belongs to \`${shard.family}\` in \`${database}\`, not to \`${family.name}\` in \`${family.database}\``
  const wanted = shardOf(view, shard.key)
  if (wanted === null || wanted.table !== shard.table)
    return `\`${shard.table}\` does not match the family's name pattern`
  if (wanted.from !== shard.from || wanted.to !== shard.to)
    return 'its period differs from the one that its key has now'
  return null
}

/** The shards of a family that are under their own names, by the registry. */
export function listInUse(registry: Registry, family: string): readonly ShardRecord[] {
  return registry.shards.filter((one) => one.family === family && (one.state === 'live' || one.state === 'sealed'))
}

/** Where keys are read. */
interface KeyPlaces {
  readonly config: Config
  readonly servers: Pick<ShardServers, 'readKeys'>
}

/** Reads the keys of every source once, however many families use it. */
export class KeySources {
  readonly #request: KeyPlaces
  readonly #read = new Map<string, Promise<KeyCensus | null>>()

  constructor(request: KeyPlaces) {
    this.#request = request
  }

  /** Throws ToolError `KEY_INVALID`, or the reason why the source's database cannot be read. */
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
        what: `The keys of a family come from \`${source.database}\`, which is not in the configuration.`,
        next: 'Add it under `databases`, or correct the `-- wwdb:keys` line of the template.',
      }),
    )
  }
}

type ViewStore = Pick<ShardStore, 'target' | 'readColumns' | 'readViewTables' | 'createView'>

/** The columns of a view over shards, and its SELECT. */
interface ViewText {
  readonly columns: readonly string[]
  readonly text: string
}

/**
 * UNION ALL over explicit columns: those of the newest table, or the wanted ones among them. An older table that lacks a column has NULL there; a missing table is left out. @param members oldest first
 */
export async function writeView(
  store: ViewStore,
  members: readonly string[],
  isWanted: (column: string) => boolean = () => true,
): Promise<ViewText> {
  const all = await Promise.all(members.map(async (table) => ({ table, columns: await store.readColumns(table) })))
  const present = all.filter((member) => member.columns.length > 0)
  const columns = (present.at(-1)?.columns ?? []).filter(isWanted)
  const branches = present.map((member) => {
    const own = new Set(member.columns)
    const list = columns.map((column) => (own.has(column) ? quoteName(column) : `NULL AS ${quoteName(column)}`))
    return `SELECT ${list.join(', ')} FROM ${quoteName(member.table)}`
  })
  return { columns, text: branches.join('\nUNION ALL\n') }
}

/**
 * Before shards lose columns: removes these columns from the view over them, so that its readers get no error (1356) while some shards still have them. Does nothing where no column is dropped, or there is no view. @param template the template from which all shards will be made
 */
export async function leaveColumns(store: ViewStore, family: ShardFamily, template: string): Promise<void> {
  const name = family.policy.view?.name
  if (name === undefined) return
  const after = readCreatedTable(template)?.columns.map((column) => column.name.toLowerCase())
  if (after === undefined) return
  const members = await store.readViewTables(name)
  const stays = (column: string): boolean => after.includes(column.toLowerCase())
  const shown = await store.readColumns(name)
  if (members.length === 0 || shown.every(stays)) return
  const { columns, text } = await writeView(store, members, stays)
  if (columns.length > 0) await store.createView(name, text)
}

/**
 * After shards gained or lost columns: the view over them shows the columns of the newest. If a session blocks the
 * change of the view, the shards are still complete: that is a warning, and the next rotation renews the view.
 */
export async function renewColumns(store: ViewStore, family: ShardFamily, emit: Emit): Promise<void> {
  try {
    await showNewest(store, family)
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'SHARD_BLOCKED') throw error
    const message = `The view of \`${family.name}\` is in use, so its columns were not changed. The next \`wwdb rotate run\` renews it.`
    emit({ type: 'warning', target: store.target, message })
  }
}

async function showNewest(store: ViewStore, family: ShardFamily): Promise<void> {
  const name = family.policy.view?.name
  const members = name === undefined ? [] : await store.readViewTables(name)
  if (name === undefined || members.length === 0) return
  const { columns, text } = await writeView(store, members)
  if (columns.length > 0 && columns.join('\n') !== (await store.readColumns(name)).join('\n'))
    await store.createView(name, text)
}
