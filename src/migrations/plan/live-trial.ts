/** A live statement that a migration breaks, or that is executed in another way behind it. */
interface BrokenStatement {
  /** With `?` for each literal. */
  readonly text: string
  readonly digest: string
  /** `primary`, the names of replicas, and the addresses of group members. */
  readonly servers: readonly string[]
  /** Executions on all of them. */
  readonly count: number
  readonly lastSeen: string
  /** `fails`: the server refuses it behind the migration. `reads`: its tables are read in another way. */
  readonly change: 'fails' | 'reads'
  /** How its tables are read before: `users: ref by by_nick`. */
  readonly before: string
  /** The server's message, or how they are read then. */
  readonly after: string
}

/** What the live statements of a database do before and behind its pending migrations. */
export interface LiveTrial {
  readonly database: string
  /** The tables that the migrations change: statements that name none of them were not looked for. */
  readonly tables: readonly string[]
  /** Different statements that were tried before and behind. */
  readonly tried: number
  readonly broken: readonly BrokenStatement[]
  /** Statements that were not tried, by the reason. */
  readonly untried: readonly { readonly why: string; readonly statements: number }[]
  /** What was not looked at, as sentences. */
  readonly notes: readonly string[]
}

/** A trial of nothing must not pass. Where nothing is changed that statements could name, nothing was to be tried. */
export const provesNothing = (live: readonly LiveTrial[]): boolean =>
  live.length > 0 && live.every(({ tried }) => tried === 0)
