import type { Config } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { ShardServers, TableToCreate } from '../ports.ts'
import type { Shard } from '../shard.ts'

/** Tables that the migrations of a logical database make. */
export interface KnownNames {
  /** In lower case. */
  readonly tables: ReadonlySet<string>
  /** A sentence where not all of them could be read; null where they were. */
  readonly doubt: string | null
}

/** What looking at shards needs. */
export interface InspectionRequest {
  readonly config: Config
  /** All families of the project, parents before children. */
  readonly families: readonly ShardFamily[]
  /** The families asked for, by name; null for all. */
  readonly only: ReadonlySet<string> | null
  readonly servers: ShardServers
  /** Milliseconds since the epoch by this machine's clock. */
  readonly now: () => number
  /** As a rotation has it: after so many milliseconds without one, nothing is retired. */
  readonly longestPause: number
  /** The CREATE TABLE of a shard. */
  readonly render: (family: ShardFamily, shard: Shard) => TableToCreate
  /** What the migrations of a logical database make; asked only where a table looks out of place. */
  readonly readKnown: (database: string) => Promise<KnownNames>
  /** True to make each template in a scratch schema and compare with that; otherwise nothing at all is written. */
  readonly scratch: boolean
}
