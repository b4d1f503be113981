import type { DatabaseConfig, Timeouts } from '../config/config.ts'
import type { ReplicaConfig } from '../config/throttle-config.ts'
import { port } from '../core/port.ts'

/** A row of `events_statements_summary_by_digest`. */
export interface DigestRow {
  readonly schema: string | null
  readonly digest: string
  /** Names and keywords, with `?` for each literal; the server may have cut its end off. */
  readonly text: string
  /** One of the statements, which the server may have cut. */
  readonly sample: string
  readonly count: number
  /** Milliseconds since 1970. */
  readonly firstSeen: number
  readonly lastSeen: number
}

/** Reads and writes of a table by one index, or by none. */
interface IndexUse {
  readonly table: string
  readonly index: string | null
  readonly reads: number
  readonly writes: number
}

/** A member of a group, at the address that it gives to the others. */
export interface GroupServer {
  readonly uuid: string
  readonly host: string
  readonly port: number
}

interface Reset {
  readonly text: string
  readonly at: number
}

/** What a server has seen. */
export interface SeenStatements {
  readonly uuid: string
  /** UUIDs of the servers from which it replicates now. */
  readonly sources: readonly string[]
  /** The servers of its group that are not offline, itself among them; empty without a group. */
  readonly members: readonly GroupServer[]
  /** When its tables with the names of the words were made, in milliseconds since 1970: a table that is made again counts anew. */
  readonly created: ReadonlyMap<string, number>
  /** Those whose text may name one of the words, and those of which both texts may be cut. */
  readonly rows: readonly DigestRow[]
  /** Milliseconds since 1970: nothing older is counted, because the server started then, or its counters were reset. */
  readonly countedSince: number
  /** The server's clock. */
  readonly now: number
  /** Statements that read or write rows and were sent in one of the schemas, whatever they name, the most frequent ones; absent where they were not asked for. */
  readonly sentHere?: readonly DigestRow[]
  /** Executions that were counted in the row with DIGEST NULL, because the table of digests was full, and when the last of them was seen. */
  readonly lost: number
  readonly lostAt: number
  /** Statements that empty counters of performance_schema, or switch what is counted, and when each was seen last. */
  readonly resets: readonly Reset[]
  /** Statements that give a table with one of the words another name: it counts anew by the time it has its own again. */
  readonly renames: readonly Reset[]
  /** Whether reads and writes by index are counted. */
  readonly countsIndexes: boolean
  /** Connections that read its binary log: replicas, and others that look like one. */
  readonly readers: number
  /** Bytes, from which on a sample and a digest are cut. */
  readonly longestSample: number
  readonly longestDigest: number
  readonly indexes: readonly IndexUse[]
  /** `user@host` of connections that are open, by digest. */
  readonly users: ReadonlyMap<string, readonly string[]>
}

/** A server that was asked. `name` is that of the replica, or `primary`; of a group member that is no named replica its address. */
export type ServerLook = { readonly name: string; readonly server: string } & (
  | ({ readonly type: 'seen' } & SeenStatements)
  /** A clause. */
  | { readonly type: 'unseen'; readonly why: string }
)

export interface StatementQuestion {
  /** The schema whose index counters are read. */
  readonly schema: string
  /** Schemas of what is looked for: a statement sent in another one is read only where it has the name of one of these in its text. */
  readonly schemas: readonly string[]
  /** Parts of the names that are looked for. */
  readonly words: readonly string[]
  /** Milliseconds: statements that were last seen before are left out. */
  readonly within: number
  /** Whether statements are asked for that name none of the words, to see whether applications send any. */
  readonly sentHere?: true
}

/** Code that the server keeps, with its text; null where the account may not read it. */
export interface StoredText {
  readonly type: 'view' | 'procedure' | 'function' | 'trigger' | 'event'
  readonly schema: string
  readonly name: string
  readonly text: string | null
  /** The table of a trigger. */
  readonly table?: string
}

/** What a schema has of the names that are looked for. */
export interface NamedParts {
  readonly tables: readonly string[]
  /** Columns of these names, by schema and table. */
  readonly columns: readonly { readonly schema: string; readonly table: string; readonly column: string }[]
  readonly indexes: readonly { readonly table: string; readonly index: string }[]
  readonly foldsNames: boolean
  readonly stored: readonly StoredText[]
}

export interface StatementServers {
  /** The primary, each replica, and each member of their groups beside these. Never throws for one of them: it says why it was not looked at. */
  readonly look: (
    database: DatabaseConfig,
    replicas: readonly ReplicaConfig[],
    timeouts: Timeouts,
    question: StatementQuestion,
  ) => Promise<readonly ServerLook[]>
  /** @param schemas null for all that the account may see; @param parts names behind those of tables. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`. */
  readonly readParts: (
    database: DatabaseConfig,
    schemas: readonly string[] | null,
    timeouts: Timeouts,
    parts: readonly string[],
  ) => Promise<NamedParts>
  /** When passes of migrations ran, by version; milliseconds since 1970. */
  readonly readPasses: (
    database: DatabaseConfig,
    timeouts: Timeouts,
  ) => Promise<readonly { readonly version: string; readonly from: number; readonly to: number }[]>
}

export const statementServers = port<StatementServers>('uses/statements')
