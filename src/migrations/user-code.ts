/** One query of users' code, as knex makes it. */
export interface ModuleQuery {
  readonly sql: string
  readonly bindings: readonly unknown[]
  /** What knex passes on to the driver, e.g. `rowsAsArray`. */
  readonly options: Readonly<Record<string, unknown>>
}

/** A column of an answer, as far as it can be copied between processes. */
export interface ModuleField {
  readonly catalog: string
  readonly schema: string
  readonly table: string
  readonly orgTable: string
  readonly name: string
  readonly orgName: string
  readonly characterSet: number
  readonly encoding: string
  readonly columnLength: number
  readonly columnType: number
  readonly type: number
  readonly flags: number
  readonly decimals: number
}

/** An answer comes in parts, so that a large result is never held as a whole on its way. */
export type AnswerPart =
  | { readonly type: 'fields'; readonly fields: readonly ModuleField[] }
  | { readonly type: 'rows'; readonly rows: readonly unknown[] }
  | { readonly type: 'header'; readonly header: Readonly<Record<string, unknown>> }

/** What a run gives to users' code: its one connection, and the wish that it ends. */
export interface ModuleConnection {
  /** Throws what the server threw; a ToolError for what users' code may not send. */
  readonly query: (query: ModuleQuery) => AsyncIterable<AnswerPart>
  /** Aborted when the code must end now: a time limit, the second signal. */
  readonly now: AbortSignal
  /** Aborted when a program asked the run to stop (SIGTERM): code that does nothing is ended, code that works may finish. */
  readonly soon: AbortSignal
}

/** Runs `up`, `down` or `seed` of a file of the user's. */
export type DataFunction = (connection: ModuleConnection) => Promise<void>

/** Users' code was ended because the run wanted it to end; its transaction is to be rolled back. */
export class UserCodeEnded extends Error {}
