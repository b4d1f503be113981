import type { CatalogueAct } from './acts.ts'
import type { MongodbDeclaration } from './declaration.ts'
import type { CountQuestion, MemberSight, MongodbCatalogue, ReplicaSetConfiguration } from './observation.ts'

export type { CatalogueAct } from './acts.ts'

/**
 * How a write went.
 * - `elsewhere` this server is not the primary (any more), or was lost meanwhile: look for the primary and do it again.
 * - `later` another configuration is just being agreed on, or was agreed on meanwhile: read it and do it again.
 */
export type WriteOutcome = 'done' | 'elsewhere' | 'later'

/**
 * Speaks to MongoDB's servers, to each directly. Addresses are `host:port`. Methods throw ToolErrors: `STORE_UNREACHABLE`,
 * `STORE_ACCESS_DENIED` (69), `STORE_TOO_OLD`, `STORE_REFUSED`.
 */
export interface MongodbDriver {
  /** Never throws STORE_UNREACHABLE: that is a sight, too. `version` is null then. */
  readonly lookAt: (address: string) => Promise<{ readonly version: string | null; readonly sight: MemberSight }>
  readonly initiate: (address: string, configuration: ReplicaSetConfiguration) => Promise<WriteOutcome>
  /** Creates the configured user with the role root, as nobody. */
  readonly createAdministrator: (address: string) => Promise<WriteOutcome>
  readonly reconfigure: (address: string, configuration: ReplicaSetConfiguration) => Promise<WriteOutcome>
  /** Makes the primary a secondary for a minute, once another one has caught up. */
  readonly stepDown: (address: string) => Promise<WriteOutcome>
  readonly readCatalogue: (address: string, declaration: MongodbDeclaration) => Promise<MongodbCatalogue>
  /** How many documents (values, for duplicates) a change would concern. */
  readonly count: (address: string, question: CountQuestion) => Promise<number>
  /** Returns when a majority of the set has it. What is there already as the act wants it is no fault. */
  readonly perform: (address: string, act: CatalogueAct) => Promise<WriteOutcome>
  /**
   * Writes a document with majority, reads it from each of `readers`, and removes its collection.
   * @returns the addresses that did not show it within some seconds.
   */
  readonly passCanary: (
    address: string,
    readers: readonly string[],
    database: string,
  ) => Promise<{ readonly outcome: WriteOutcome; readonly missing: readonly string[] }>
  /** Null where the user may not know. */
  readonly readAccessControl: (address: string) => Promise<boolean | null>
  /** Drops databases, users and roles whose names begin with the prefix; says what. */
  readonly clear: (address: string, prefix: string) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}
