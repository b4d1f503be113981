import type { JsonObject } from './declaration.ts'
import type { ElasticsearchObservation, IndexFacts, Simulation } from './observation.ts'

/** What is to be looked at, under the names it has on the server. */
export interface WantedNames {
  /** What stands before all of them; empty for nothing. */
  readonly prefix: string
  readonly policies: readonly string[]
  readonly components: readonly string[]
  readonly templates: readonly string[]
  readonly streams: readonly string[]
  readonly aliases: readonly string[]
}

/** One thing that a driver does to a server. Doing it again changes nothing. */
export type Deed =
  | { readonly type: 'put-policy'; readonly name: string; readonly body: JsonObject }
  | { readonly type: 'put-component'; readonly name: string; readonly body: JsonObject }
  | { readonly type: 'put-template'; readonly name: string; readonly body: JsonObject }
  | { readonly type: 'create-stream'; readonly name: string }
  | { readonly type: 'create-index'; readonly name: string; readonly alias: string }
  /** Makes an index of the alias take its writes. */
  | { readonly type: 'point-alias'; readonly alias: string; readonly index: string }
  | { readonly type: 'put-mapping'; readonly index: string; readonly body: JsonObject }
  /** `changesPolicy`: the index leaves the policy it followed first. */
  | {
      readonly type: 'put-settings'
      readonly index: string
      readonly body: JsonObject
      readonly changesPolicy: boolean
    }
  /** Done only while `from` still takes the writes. */
  | { readonly type: 'roll-over'; readonly name: string; readonly from: string }

/** A stream that is made, written, searched and removed to prove that search works. */
export interface Canary {
  readonly name: string
  /** Component templates its indices are made of. */
  readonly components: readonly string[]
  /** Analyzer names for its text; null for the server's default. */
  readonly analyzers: { readonly index: string; readonly search: string } | null
  readonly sentence: string
  /** Texts that must find the sentence, and texts that must not. */
  readonly finding: readonly string[]
  readonly missing: readonly string[]
}

export interface CanaryReport {
  /** The texts that did not do what they should. */
  readonly wrong: readonly string[]
  /** Terms that the sentence was cut into. */
  readonly terms: readonly string[]
  /** Canaries of runs that were killed, which were removed. */
  readonly cleared: readonly string[]
}

export interface ClusterHealth {
  readonly status: string
  readonly nodes: number
  /** Null where the server has no lifecycle management. */
  readonly lifecycle: string | null
  /** Indices whose lifecycle is stuck, each with its reason; null where the server does not tell. */
  readonly stuck: readonly string[] | null
}

/**
 * An Elasticsearch, as planning and applying need it. Implemented by stores/elasticsearch/driver. Everything throws ToolErrors as
 * {@link import('../ports.ts').StoreSession} says.
 */
export interface ElasticsearchDriver {
  readonly server: string
  /** Writes nothing. */
  readonly observe: (names: WantedNames) => Promise<ElasticsearchObservation>
  /**
   * Lets the server put a template together without keeping it.
   * @throws ToolError `STORE_REFUSED` with the server's innermost reason.
   */
  readonly simulate: (name: string, body: JsonObject) => Promise<Simulation>
  /** What a new index of that name would be. */
  readonly simulateIndex: (name: string) => Promise<Simulation>
  /** Those of them that exist. */
  readonly describeIndices: (names: readonly string[]) => Promise<readonly IndexFacts[]>
  readonly perform: (deed: Deed) => Promise<void>
  readonly readHealth: (names: readonly string[]) => Promise<ClusterHealth>
  readonly tryCanary: (canary: Canary) => Promise<CanaryReport>
  /** Removes whatever begins with the prefix, in an order that the server allows; returns what that was. */
  readonly clear: (prefix: string) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}
