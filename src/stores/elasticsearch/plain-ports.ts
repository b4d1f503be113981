import type { JsonObject } from './declaration.ts'

/** What is one body each, by name, and the persistent settings of the cluster by their dotted keys. */
export interface ObservedPlain {
  readonly pipelines: ReadonlyMap<string, JsonObject>
  readonly clusterSettings: JsonObject
}

/** What of them is to be read. */
export interface WantedPlain {
  readonly pipelines: readonly string[]
  readonly clusterSettings: boolean
}
