import type { ObjectSnapshot } from '../ddl/snapshot.ts'

/**
 * What a server reports about itself, or about one of its schemas. An absent part was not read: nothing is said about
 * it.
 */
export interface UpgradeFacts {
  /** Where a finding is: `server db1:3306`, `live schema of app`. */
  readonly place: string
  /** Null for what concerns the whole server. */
  readonly database: string | null
  /** `8.0.12` */
  readonly version: string
  /** The server's own are left out. */
  readonly accounts?: readonly { readonly name: string; readonly plugin: string }[]
  /** Dynamic privileges. */
  readonly privileges?: readonly { readonly account: string; readonly privilege: string }[]
  /** Global ones; `isSet` is false for the value that the server was built with. */
  readonly variables?: readonly { readonly name: string; readonly value: string; readonly isSet: boolean }[]
  /** Loaded from libraries, or named by the configuration. */
  readonly plugins?: readonly string[]
  /** Of data files. */
  readonly paths?: readonly string[]
  /** Tables, views, routines, triggers and events of a schema. */
  readonly objects?: readonly ObjectSnapshot[]
}

/** What a server reported about itself, and what it did not: sentences. */
export interface UpgradeReading {
  readonly facts: Omit<UpgradeFacts, 'place' | 'database'>
  readonly unread: readonly string[]
}
