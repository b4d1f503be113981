import type { JsonObject } from './declaration.ts'

/** The rules of a synonyms set. */
export type ObservedSynonyms = readonly { readonly id: string; readonly synonyms: string }[]

/** What is one body each, by name, and the persistent settings of the cluster by their dotted keys. */
export interface ObservedPlain {
  readonly synonyms: ReadonlyMap<string, ObservedSynonyms>
  readonly pipelines: ReadonlyMap<string, JsonObject>
  readonly clusterSettings: JsonObject
}

/** What of them is to be read. */
export interface WantedPlain {
  readonly synonyms: readonly string[]
  readonly pipelines: readonly string[]
  readonly clusterSettings: boolean
}
