import type { JsonObject, TemplateContent } from './declaration.ts'

export interface ObservedNode {
  readonly name: string
  /** Names of its plugins and of its modules. */
  readonly parts: readonly string[]
}

export interface ObservedPolicy {
  readonly phases: JsonObject
  readonly meta: JsonObject
  /** Every index that follows it, those of data streams included. */
  readonly indices: readonly string[]
}

/** A component template, or an index template, as the server gives it back. */
export interface ObservedTemplate extends TemplateContent {
  readonly meta: JsonObject
  /** Everything else: `index_patterns`, `composed_of`, `priority`, `data_stream`. */
  readonly rest: JsonObject
}

/** A data stream, or an alias with a write index. */
export interface ObservedSeries {
  readonly type: 'stream' | 'alias'
  /** Oldest first. */
  readonly indices: readonly string[]
  /** Null for an alias that no index takes writes for. */
  readonly writeIndex: (TemplateContent & { readonly name: string }) | null
}

/** Something that stands under the prefix, and is not among what was asked for. */
export interface ObservedLeftover {
  /** `index template`, `data stream`, ... */
  readonly kind: string
  readonly name: string
  /** True where wwdb made it. */
  readonly byTool: boolean
}

/** What a server has of what is declared, and what stands under the same prefix besides. */
export interface ElasticsearchObservation {
  readonly version: string
  readonly nodes: readonly ObservedNode[]
  readonly policies: ReadonlyMap<string, ObservedPolicy>
  readonly components: ReadonlyMap<string, ObservedTemplate>
  readonly templates: ReadonlyMap<string, ObservedTemplate>
  readonly series: ReadonlyMap<string, ObservedSeries>
  readonly leftovers: readonly ObservedLeftover[]
}

/** One index, for those who must know what would go with it. */
export interface IndexFacts {
  readonly name: string
  readonly documents: number
  /**
   * Milliseconds since the epoch from which its ages are counted: the rollover where the server tells (`_ilm/explain`), else its
   * creation, which is earlier.
   */
  readonly since: number
  readonly counted: 'rollover' | 'creation'
  /** The policy it follows now. */
  readonly policy: string | null
  /** The phase it is in; null where the server does not tell. */
  readonly phase: string | null
}

/** What the server would make of a template. */
export interface Simulation extends TemplateContent {
  /** Other templates whose patterns meet the same names. */
  readonly overlapping: readonly string[]
}
