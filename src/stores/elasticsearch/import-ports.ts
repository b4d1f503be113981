import type { ObservedAccess } from './access-ports.ts'
import type { AliasMember, JsonObject } from './declaration.ts'
import type { ObservedIndex } from './index-ports.ts'
import type { ObservedSynonyms } from './plain-ports.ts'
import type { ObservedNode } from './ports.ts'
import type { FoundSnapshots } from './snapshot-ports.ts'

/** A resource by its name, as the server returns it. */
export interface Named {
  readonly name: string
  readonly body: JsonObject
}

/** A data stream, and the template that it was made from. */
export interface FoundStream {
  readonly name: string
  readonly template: string
  /** Whether it keeps documents by a lifecycle of data streams. */
  readonly hasLifecycle: boolean
}

/** An index that belongs to no data stream. */
export interface FoundIndex {
  readonly name: string
  readonly aliases: readonly { readonly name: string; readonly writes: boolean | null }[]
}

/** An alias, and where it leads. */
export interface FoundAlias {
  readonly name: string
  readonly members: readonly AliasMember[]
}

/** Everything of a server that is neither hidden nor its own. */
export interface ServerContents {
  readonly version: string
  readonly nodes: readonly ObservedNode[]
  /** Bodies with `phases` and `_meta`. */
  readonly policies: readonly Named[]
  /** Bodies with `template` and `_meta`. */
  readonly components: readonly Named[]
  readonly templates: readonly Named[]
  /** Names of templates of the older kind, without those of the server. */
  readonly legacyTemplates: readonly string[]
  readonly streams: readonly FoundStream[]
  readonly indices: readonly FoundIndex[]
  /** Those of data streams included. */
  readonly aliases: readonly FoundAlias[]
  /** Indices that no template's data stream or alias makes, with their content. */
  readonly plainIndices: readonly ObservedIndex[]
  readonly access: ObservedAccess
  readonly pipelines: readonly Named[]
  /** Null where this user may not read them. */
  readonly synonyms: ReadonlyMap<string, ObservedSynonyms> | null
  /** Synonyms sets with more rules than the server returns. */
  readonly cutSynonyms: readonly string[]
  readonly snapshots: FoundSnapshots
  /** Persistent ones by their dotted keys. */
  readonly clusterSettings: JsonObject
}
