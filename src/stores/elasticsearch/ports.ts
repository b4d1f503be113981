import type { LeasePlace } from '../lease.ts'
import type { ObservedAccess } from './access-ports.ts'
import type { JsonObject, TemplateContent } from './declaration.ts'
import type { Canary, CanaryReport, ClusterHealth } from './health-ports.ts'
import type { ServerContents } from './import-ports.ts'
import type { IndexWrite, ObservedIndex, ObservedIndices, Stray } from './index-ports.ts'
import type { ObservedPlain, ObservedSynonyms, WantedPlain } from './plain-ports.ts'
import type { CopyDriver, LiveIndex, Moves, SeriesName, WantedMove } from './reindex-ports.ts'
import type { ObservedSnapshots, SnapshotRuns, SnapshotWrite, WantedSnapshots } from './snapshot-ports.ts'

export interface ObservedNode {
  readonly name: string
  /** Names of its plugins and of its modules. */
  readonly parts: readonly string[]
}

export interface ObservedPolicy {
  readonly phases: JsonObject
  readonly meta: JsonObject
  /** As the server returns it. */
  readonly body: JsonObject
  /** Every index that follows it, those of data streams included. */
  readonly indices: readonly string[]
}

/** A component template, or an index template, as the server returns it. */
export interface ObservedTemplate extends TemplateContent {
  readonly meta: JsonObject
  /** Of its data streams; empty for none. */
  readonly lifecycle?: JsonObject
  /** Everything else: `index_patterns`, `composed_of`, `priority`, `data_stream`. */
  readonly rest: JsonObject
  /** As the server returns it. */
  readonly body: JsonObject
}

/** A data stream, or an alias with a write index. */
export interface ObservedSeries {
  readonly type: 'stream' | 'alias'
  /** Oldest first. */
  readonly indices: readonly string[]
  /** Null for an alias without a write index. */
  readonly writeIndex: ObservedIndex | null
  /** The other indices; empty where they were not asked for. */
  readonly older: readonly ObservedIndex[]
  /** Of a data stream that has one. */
  readonly lifecycle?: JsonObject
}

/** The reindexes of a data stream, alias, or index that nothing rolls over. */
export interface ObservedMoves extends Moves {
  /** The index whose documents are copied; null where no reindex is under way, or where the index is not there any more. */
  readonly sourceIndex: LiveIndex | null
  /** The copy that is filled; null where there is none, or where another index has its name. */
  readonly copyIndex: LiveIndex | null
  /** Indices that took the place of others, those included that lost it again. */
  readonly replacements: readonly string[]
}

/** A field with several types, each in some indices. */
export interface FieldConflict {
  readonly field: string
  readonly types: readonly { readonly type: string; readonly indices: readonly string[] }[]
}

/** An undeclared resource whose name begins with the prefix. */
export interface ObservedLeftover {
  readonly kind: ResourceKind
  readonly name: string
  /** True where it has the mark of wwdb. */
  readonly byTool: boolean
  /** True where its name and its content are what wwdb wrote; false for a copy, a change by hand, or a mark without a digest. */
  readonly isAsMade: boolean
  /** What else uses it, such as `index logs-000001`: the server would refuse to remove it. Null for nothing. */
  readonly neededBy: string | null
}

/** What a server has of the declared resources, and what else has the same prefix. */
export interface ServerState {
  readonly version: string
  readonly nodes: readonly ObservedNode[]
  readonly policies: ReadonlyMap<string, ObservedPolicy>
  readonly components: ReadonlyMap<string, ObservedTemplate>
  readonly templates: ReadonlyMap<string, ObservedTemplate>
  readonly series: ReadonlyMap<string, ObservedSeries>
  /** By data stream, alias, or index that nothing rolls over. */
  readonly moves: ReadonlyMap<string, ObservedMoves>
  readonly access: ObservedAccess
  readonly leftovers: readonly ObservedLeftover[]
  /** Empty where no index and no alias is declared. */
  readonly strays: readonly Stray[]
  readonly plainIndices: ObservedIndices
  readonly snapshots: ObservedSnapshots
  readonly plain: ObservedPlain
  /** Component templates that are made elsewhere, by name. */
  readonly existing: ReadonlyMap<string, ObservedTemplate>
}

/** One index, to show what a loss affects. */
export interface IndexFacts {
  readonly name: string
  readonly documents: number
  /** Of its primary shards. */
  readonly bytes: number
  /**
   * Milliseconds since the epoch from which its ages are counted: the rollover where the server reports it (`_ilm/explain`), else its
   * creation, which is earlier.
   */
  readonly since: number
  readonly counted: 'rollover' | 'creation'
  /** The policy it follows now. */
  readonly policy: string | null
  /** The phase it is in; null where the server does not report it. */
  readonly phase: string | null
}

/** What the server would make of a template. */
export interface Simulation extends TemplateContent {
  /** Other templates whose patterns match the same names. */
  readonly overlapping: readonly string[]
}

/** The names to read, as they are on the server. */
export interface WantedNames {
  /** Their common prefix; empty for none. */
  readonly prefix: string
  readonly policies: readonly string[]
  readonly components: readonly string[]
  readonly templates: readonly string[]
  readonly streams: readonly string[]
  readonly aliases: readonly string[]
  /** Also reads the indices that take no writes. */
  readonly older: boolean
  /** Null where no role and no user is declared: then nothing is requested that requires the right to manage users. */
  readonly passwords: ReadonlyMap<string, string> | null
  readonly plain: WantedPlain
  /** Indices that nothing rolls over, and their aliases. */
  readonly plainIndices: readonly string[]
  readonly plainAliases: readonly string[]
  readonly snapshots: WantedSnapshots
  /** Component templates that are made elsewhere. */
  readonly existing: readonly string[]
}

/** What changes the server. Repeatable: carried out again, it changes nothing. */
export type ServerWrite =
  | IndexWrite
  | SnapshotWrite
  | { readonly type: 'put-policy'; readonly name: string; readonly body: JsonObject }
  | { readonly type: 'put-component'; readonly name: string; readonly body: JsonObject }
  | { readonly type: 'put-template'; readonly name: string; readonly body: JsonObject }
  | { readonly type: 'create-stream'; readonly name: string }
  | { readonly type: 'put-stream-lifecycle'; readonly name: string; readonly body: JsonObject }
  | { readonly type: 'create-index'; readonly name: string; readonly alias: string }
  /** Makes an index of the alias its write index. */
  | { readonly type: 'point-alias'; readonly alias: string; readonly index: string }
  | { readonly type: 'put-mapping'; readonly index: string; readonly body: JsonObject }
  /** `changesPolicy`: the index first leaves the policy it followed. */
  | {
      readonly type: 'put-settings'
      readonly index: string
      readonly body: JsonObject
      readonly changesPolicy: boolean
    }
  | { readonly type: 'put-synonyms'; readonly name: string; readonly rules: ObservedSynonyms }
  | { readonly type: 'put-pipeline'; readonly name: string; readonly body: JsonObject }
  | { readonly type: 'put-cluster-settings'; readonly settings: JsonObject }
  | { readonly type: 'put-role-mapping'; readonly name: string; readonly body: JsonObject }
  | { readonly type: 'put-role'; readonly name: string; readonly body: JsonObject }
  /** Null leaves the password as it is. */
  | { readonly type: 'put-user'; readonly name: string; readonly body: JsonObject; readonly password: string | null }
  | { readonly type: 'remove-resource'; readonly kind: ResourceKind; readonly name: string }
  /** Carried out only while `from` is still the write index. */
  | {
      readonly type: 'roll-over'
      readonly series: ObservedSeries['type']
      readonly name: string
      readonly from: string
      /** Indices that a reindex moves afterwards. */
      readonly wanted: readonly WantedMove[]
    }

  /** Copies an index into a new one, which then takes its place in the data stream or alias `name`, or that name itself. */
  | {
      readonly type: 'reindex'
      readonly series: SeriesName['series']
      readonly name: string
      readonly source: string
      readonly copy: string
      /** The index that is kept with the documents of the source, where the switch removes that. */
      readonly clone: string | null
      readonly rate: number | null
      /** Indices of the series that this run moves. */
      readonly wanted: readonly WantedMove[]
      /** Indices that nothing rolls over, which this run moves as well, each by its declared name. */
      readonly besides: ReadonlyMap<string, WantedMove>
      /** What the copy is made of beside its template, which it has only where it is an index of an alias. */
      readonly content: TemplateContent
      /** Settings of the copy while it is filled, those that it gets then, and those of its lifecycle. */
      readonly during: JsonObject
      readonly after: JsonObject
      readonly lifecycle: JsonObject
      /** Settings and parameters of fields of the source that were made by hand and are not copied, for people. */
      readonly dropped: readonly string[]
    }
  /** Copies what only the older index has, and takes it out of the alias. */
  | {
      readonly type: 'merge'
      readonly name: string
      readonly source: string
      readonly into: string
      readonly rate: number | null
    }
  /** Gives up a reindex that is under way. `isLast`: its copy is removed although the index of which it is one is gone. */
  | { readonly type: 'abandon-copy'; readonly name: string; readonly isLast: boolean }
  /** Removes an index whose place in the data stream or alias `name` another one took. */
  | { readonly type: 'remove-kept'; readonly name: string; readonly index: string }

/** One of them that is a single request. */
export type SingleWrite = Exclude<ServerWrite, { readonly type: 'reindex' | 'merge' | 'abandon-copy' | 'remove-kept' }>

/** What can be removed, in the order in which the server allows it: a resource before those that it uses. */
export const resourceKinds = [
  'data stream',
  'index',
  'index template',
  'component template',
  'lifecycle policy',
  'ingest pipeline',
  'synonyms set',
  'snapshot policy',
  'snapshot repository',
  'user',
  'role mapping',
  'role',
] as const

export type ResourceKind = (typeof resourceKinds)[number]

/**
 * An Elasticsearch, as planning and applying need it. Implemented by `driver.ts`. Every method throws ToolErrors:
 * `STORE_UNREACHABLE`, `STORE_ACCESS_DENIED` (69), `STORE_TOO_OLD`, `STORE_REFUSED` with the server's message.
 */
export interface ElasticsearchDriver {
  /** Everything that the server has and that is not its own. @param kinds of resources; all by default */
  readonly readEverything: (kinds?: ReadonlySet<string>) => Promise<ServerContents>
  /** Writes nothing. */
  readonly observe: (names: WantedNames) => Promise<ServerState>
  /**
   * Lets the server combine a template without storing it.
   * @throws ToolError `STORE_REFUSED` with the server's innermost reason.
   */
  readonly simulate: (name: string, body: JsonObject) => Promise<Simulation>
  /** The same for an index that is made of nothing but this. */
  readonly simulateContent: (name: string, content: TemplateContent) => Promise<TemplateContent>
  /** What a new index of that name would look like. */
  readonly simulateIndex: (name: string) => Promise<Simulation>
  /** Describes those of the named indices that exist. */
  readonly describeIndices: (names: readonly string[]) => Promise<readonly IndexFacts[]>
  readonly write: (write: SingleWrite) => Promise<void>
  /** Fields with different types in different indices of a data stream or alias. */
  readonly listConflicts: (name: string) => Promise<readonly FieldConflict[]>
  /** Whether an ingest pipeline exists; null where the user may not read pipelines. */
  readonly hasPipeline: (name: string) => Promise<boolean | null>
  /** Why a node cannot write into a repository; null where every node can. */
  readonly tryRepository: (name: string) => Promise<string | null>
  /** What snapshot policies have done. */
  readonly readSnapshotRuns: () => Promise<SnapshotRuns>
  readonly readHealth: (names: readonly string[]) => Promise<ClusterHealth>
  /** The roles of a user who logs in with this password; null where the login is refused. */
  readonly signIn: (user: string, password: string) => Promise<readonly string[] | null>
  readonly tryCanary: (canary: Canary) => Promise<CanaryReport>
  /** Names of this kind that begin with the prefix. */
  readonly list: (kind: ResourceKind, prefix: string) => Promise<readonly string[]>
  readonly remove: (kind: ResourceKind, name: string) => Promise<void>
  readonly copy: CopyDriver
  readonly lock: (prefix: string) => LeasePlace
  readonly close: () => Promise<void>
}
