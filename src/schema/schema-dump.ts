import type { SchemaSnapshot } from '../ddl/snapshot.ts'
import type { FoldedFamily } from './fold-families.ts'

/** One database of `schema dump --as json`. */
interface SchemaDocument extends SchemaSnapshot {
  /** Shard families in place of their shards; empty with `--shards`. */
  readonly families: readonly FoldedFamily[]
  /** SHA-256 of the schema in normal form, as hexadecimal digits. Families and the VSchema of a keyspace are not part of it. */
  readonly fingerprint: string
}

/** What `schema dump --as json` prints: the databases in the order of the configuration. */
export type SchemaDump = readonly SchemaDocument[]
