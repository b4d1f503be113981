import { compileNaming } from '../../calendar/naming.ts'
import { readPattern } from '../../calendar/pattern.ts'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type FamilyView, indexRecords, isGone, KeySources, shardOf, wholesOf } from '../family-view.ts'
import type { UnexpectedTable } from '../inspection.ts'
import type { LiveTable, ShardServers, ShardStore, TableShape, TableToCreate } from '../ports.ts'
import { type FamilyRecord, isHoldName, isLoadName, type Registry, readDriftHold, type Shard } from '../shard.ts'
import type { ShapedShard } from './group-shapes.ts'
import { compareKeys } from './list-shards.ts'

/** What a target has: its registry, its classified tables, and their shapes. */
export interface ViewedTarget {
  readonly registry: Registry
  /** How many tables and views the schema has. */
  readonly tables: number
  readonly families: readonly ViewedFamily[]
  readonly classified: ClassifiedTables
  readonly shapes: ReadonlyMap<string, TableShape>
  /** Sentences: what could not be read in addition to the target. */
  readonly doubts: readonly string[]
}

/** Reads a target in a handful of queries, however many shards it has. Takes no lock and writes nothing. */
export async function viewTarget(
  request: Pick<InspectionRequest, 'config' | 'servers' | 'families' | 'readKnown'>,
  database: DatabaseConfig,
  store: ShardStore,
): Promise<ViewedTarget> {
  const own = request.families.filter((family) => family.database === database.name)
  const registry = await store.readRegistry()
  const tables = await store.listTables()
  const families = await viewFamilies(store.target, own, { registry, tables }, new KeySources(request))
  const classified = classifyTables(families.map(({ view }) => view))
  // `wwdb held` lists those that online changes keep, `wwdb retire list` those that are retired.
  const kept = new Set(tables.filter(({ isKept }) => isKept === true).map(({ name }) => name))
  const isClear = [...classified.lookalikes.values()].every((found) => found.length === 0)
  // Migrations are read only where a table looks out of place: usually none does.
  const known: KnownNames = isClear ? { tables: new Set(), doubt: null } : await request.readKnown(database.name)
  return {
    registry,
    tables: tables.length,
    families,
    classified: {
      ...classified,
      lookalikes: withoutKnown(classified.lookalikes, known.tables),
      strayHolds: classified.strayHolds.filter((table) => !kept.has(table)),
    },
    doubts: known.doubt === null ? [] : [known.doubt],
    shapes: await store.readShapes(null, 'fingerprint'),
  }
}

/** The requested families. */
export function selectViewed(
  { only }: Pick<InspectionRequest, 'only'>,
  { families }: ViewedTarget,
): readonly ViewedFamily[] {
  return families.filter(({ view }) => only === null || only.has(view.family.name))
}

/** A family's shards that have a table and a shape, in the order of their keys. */
export function listShaped({ view }: ViewedFamily, { classified, shapes }: ViewedTarget): readonly ShapedShard[] {
  const keys = [...(classified.keys.get(view.family.name) ?? [])].sort(compareKeys)
  return keys.flatMap((key) => {
    const shard = shardOf(view, key)
    const shape = shard === null ? undefined : shapes.get(shard.table)
    if (shard === null || shape === undefined) return []
    return [{ shard, fingerprint: shape.fingerprint, record: view.records.get(key) ?? null }]
  })
}

/** A family as it was read, with what could not be. */
export interface ViewedFamily {
  readonly view: FamilyView
  readonly record: FamilyRecord | null
  readonly unchecked: readonly string[]
}

/** Combines what is known about every family of a schema. A key source that cannot be read is reported, not thrown. */
export async function viewFamilies(
  target: Target,
  families: readonly ShardFamily[],
  read: { readonly registry: Registry; readonly tables: readonly LiveTable[] },
  sources: KeySources,
): Promise<readonly ViewedFamily[]> {
  const tables = new Map(read.tables.map(({ name, type }) => [name, type]))
  const wholes = wholesOf(read.tables)
  const records = indexRecords(read.registry, families)
  const viewed: ViewedFamily[] = []
  for (const family of families) {
    const { census, unchecked } = await readCensus(family, sources)
    const view: FamilyView = {
      family,
      target,
      naming: compileNaming(family.pattern, family.division),
      records: records.get(family.name) ?? new Map(),
      findings: read.registry.findings.filter((one) => one.family === family.name),
      tables,
      ...(wholes.size === 0 ? {} : { wholes }),
      census,
      present: new Set(census?.present),
    }
    const record = read.registry.families.find((one) => one.family === family.name) ?? null
    viewed.push({ view, record, unchecked })
  }
  return viewed
}

async function readCensus(
  family: ShardFamily,
  sources: KeySources,
): Promise<{ readonly census: FamilyView['census']; readonly unchecked: readonly string[] }> {
  if (family.division.type === 'period') return { census: null, unchecked: [] }
  const { database, table } = family.division.source
  try {
    return { census: await sources.read(family.division.source), unchecked: [] }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { census: null, unchecked: [`The keys in \`${database}.${table}\` could not be read: ${error.message}`] }
  }
}

/** The relation of a schema's tables to its families. */
interface ClassifiedTables {
  /** Keys of the shards that have a table, by family. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>
  /** Tables that look like a family's shards but are not, by family. */
  readonly lookalikes: ReadonlyMap<string, readonly UnexpectedTable[]>
  /** Tables under a hold name that are missing from the registry. */
  readonly strayHolds: readonly string[]
}

/**
 * Recognizes shards by a strict parse, and lookalikes by the beginning of a family's names.
 * @param views the families of one schema
 */
export function classifyTables(views: readonly FamilyView[]): ClassifiedTables {
  const keys = new Map<string, Set<string>>(views.map(({ family }) => [family.name, new Set()]))
  const lookalikes = new Map<string, UnexpectedTable[]>(views.map(({ family }) => [family.name, []]))
  const strayHolds: string[] = []
  // A table that is back under the hold name of a dropped shard belongs to no shard until it is adopted.
  const records = views.flatMap((view) => [...view.records.values()])
  const holds = new Set(records.filter((record) => !isGone(record)).map(({ hold }) => hold?.table ?? ''))
  const viewNames = new Set(views.map(({ family }) => family.policy.view?.name ?? ''))
  for (const [table, type] of views[0]?.tables ?? []) {
    const owner = views.find(({ naming }) => naming.parse(table) !== null)
    const key = owner?.naming.parse(table) ?? null
    if (owner !== undefined && key !== null) {
      if (type === 'table') keys.get(owner.family.name)?.add(key)
      else lookalikes.get(owner.family.name)?.push({ table, why: 'It is a view with the name of a shard.' })
    } else if (isHoldName(table) || isLoadName(table)) {
      // `wwdb held` lists the tables that drift renamed.
      if (!holds.has(table) && readDriftHold(table, []) === null) strayHolds.push(table)
    } else if (type === 'table' && !viewNames.has(table)) {
      const family = findLookalike(table, views)
      if (family !== null) lookalikes.get(family.name)?.push({ table, why: describeLookalike(family) })
    }
  }
  return { keys, lookalikes, strayHolds }
}

/**
 * Removes expected tables. @param known names that migrations create, in lower case: they are expected, whatever their names
 */
export function withoutKnown(
  lookalikes: ClassifiedTables['lookalikes'],
  known: ReadonlySet<string>,
): ClassifiedTables['lookalikes'] {
  return new Map(
    [...lookalikes].map(([family, tables]) => [family, tables.filter(({ table }) => !known.has(table.toLowerCase()))]),
  )
}

/** The family whose names begin like the table's; the one with the longest beginning. */
function findLookalike(table: string, views: readonly FamilyView[]): ShardFamily | null {
  const matching = views
    .map(({ family }) => ({ family, start: beginningOf(family) }))
    .filter(({ start }) => start !== '' && table.toLowerCase().startsWith(start.toLowerCase()))
    .toSorted((one, other) => other.start.length - one.start.length)
  return matching[0]?.family ?? null
}

function beginningOf(family: ShardFamily): string {
  const [first] = readPattern(family.pattern)
  return first?.type === 'text' ? first.text : ''
}

function describeLookalike({ pattern, division }: ShardFamily): string {
  const what = division.type === 'period' ? `a ${division.kind}` : 'a key'
  return `Its name begins like ${pattern} but does not contain ${what} of that pattern.`
}

/** Tables that the migrations of a logical database create. */
export interface KnownNames {
  /** In lower case. */
  readonly tables: ReadonlySet<string>
  /** A sentence where not all of them could be read; null where they were. */
  readonly doubt: string | null
}

/** What an inspection of shards needs. */
export interface InspectionRequest {
  readonly config: Config
  /** All families of the project, parents before children. */
  readonly families: readonly ShardFamily[]
  /** The requested families, by name; null for all. */
  readonly only: ReadonlySet<string> | null
  readonly servers: ShardServers
  /** Milliseconds since the epoch by this machine's clock. */
  readonly now: () => number
  /** As in a rotation: after this number of milliseconds without a run, nothing is retired. */
  readonly longestPause: number
  /** The CREATE TABLE of a shard. */
  readonly render: (family: ShardFamily, shard: Shard) => TableToCreate
  /** What the migrations of a logical database create; read only where a table looks out of place. */
  readonly readKnown: (database: string) => Promise<KnownNames>
  /** True to create each template in a scratch schema and compare with that; otherwise nothing at all is written. */
  readonly scratch: boolean
}
