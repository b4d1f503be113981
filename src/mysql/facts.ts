/** What a server reports about itself when a session opens. */
export interface ServerFacts {
  /** `8.0.12`, `9.7.4`: digits only. */
  readonly version: string
  readonly uuid: string
  readonly connectionId: number
  /** Seconds since the epoch by the server's clock. */
  readonly epochSeconds: number
  /**
   * Whether names of tables and schemas that differ only in case are the same name: `lower_case_table_names` is not 0.
   */
  readonly foldsNames: boolean
  /** True where it accepts no writes: a replica, a secondary, or out of service. */
  readonly isReadOnly: boolean
  /** True in a group that takes writes on several members: a lock on one of them means nothing to the others. */
  readonly severalPrimaries?: boolean
  /** `lower_case_table_names`, and `max_allowed_packet` of its sessions in bytes. */
  readonly tableNames?: number
  readonly maxPacket?: number
  /** The account of the session, and then its active roles: `user@host`. */
  readonly accounts?: readonly string[]
  /** What people should know about it before they rely on it: sentences. */
  readonly notices: readonly string[]
  /**
   * How the session settings that it gives to others differ from this session, where that was not configured:
   * sentences.
   */
  readonly differences: readonly string[]
  /** Assignments that further connections of the same session need on this server; empty on most. */
  readonly morePins: readonly string[]
}

export interface StatementOutcome {
  readonly rows: number | null
  readonly warnings: readonly string[]
  /** As a decimal string: it may exceed 2^53. Null when the statement surely left LAST_INSERT_ID() as it was. */
  readonly lastInsertId: string | null
}

/** The same for one of several statements that ran together. */
export type TimedOutcome = StatementOutcome & { readonly milliseconds: number }

/** What a migration's statements may have left in the connection. */
export interface SessionLeftovers {
  readonly sessionVariables: readonly string[]
  readonly userVariables: readonly string[]
  readonly prepared: readonly string[]
  readonly temporaryTables: readonly string[]
}

/** A server of a group, as another member sees it. */
export interface GroupMember {
  readonly address: string
  /** `ONLINE`, `RECOVERING`, `UNREACHABLE`, `ERROR`, `OFFLINE`. */
  readonly state: string
  readonly role: string
  /** Transactions that it has not checked or applied yet. */
  readonly queue: number
}
