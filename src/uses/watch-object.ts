import type { Config, DatabaseConfig } from '../config/config.ts'
import { findCode, findStatements, type LiveStatement } from './find-uses.ts'
import type { NamedObject, Naming } from './name-uses.ts'
import type { RanText } from './own-statements.ts'
import type { NamedParts, SeenStatements, ServerLook, StatementServers } from './ports.ts'

/** A table, or a column or an index of it, whose uses are looked for. */
export interface WatchedObject {
  /** The names that mean the table. */
  readonly tables: readonly string[]
  readonly part: NamedObject['part']
}

/** What one server says of it. */
export type WatchedServer = { readonly name: string } & (
  | { readonly type: 'unseen'; readonly why: string }
  | {
      readonly type: 'seen'
      /** Those that name it, the latest first. */
      readonly statements: readonly LiveStatement[]
      /** Statements that were cut so that nobody can tell. */
      readonly unjudged: number
      /** Reads of the index, or reads and writes of the table; 0 for a column. */
      readonly count: number
      /** When its table was made, the latest of several; null where the server has none. */
      readonly created: number | null
      readonly seen: SeenStatements
    }
)

export interface Watched {
  readonly servers: readonly WatchedServer[]
  /** Code that names it, `view shop.nicks`, and whether only by all columns; and code of which nobody can tell. */
  readonly code: readonly { readonly label: string; readonly names: Naming }[]
  readonly unjudgedCode: readonly string[]
}

/** What live statements, counters and stored code of the primary and the replicas say of an object. @param within milliseconds */
export async function watchObject(
  config: Config,
  database: DatabaseConfig,
  servers: StatementServers,
  { tables, part }: WatchedObject,
  within: number,
  readRan: () => Promise<readonly RanText[]>,
): Promise<Watched> {
  const question = {
    ...{ schema: database.schema, schemas: [database.schema] },
    ...{ words: tables, within: Math.max(within, 60_000) },
  }
  const [looks, parts] = await Promise.all([
    servers.look(database, config.throttle.replicas, config.timeouts, question),
    // A view of another team's schema reads it, too.
    servers.readParts(database, null, config.timeouts, part === null ? [] : [part.name]),
  ])
  const object = toObject(database.schema, tables, part, parts)
  const isNamed = looks.some((look) => look.type === 'seen' && findStatements(look, object, []).statements.length > 0)
  const ran = isNamed ? await readRan() : []
  const { code, unjudged } = findCode(parts.stored, object)
  const print = (one: { readonly type: string; readonly schema: string; readonly name: string }): string =>
    `${one.type} ${one.schema}.${one.name}`
  return {
    servers: looks.map((look) => toWatched(look, object, ran)),
    code: code.map((one) => ({ label: print(one), names: one.names })),
    unjudgedCode: unjudged.map(print),
  }
}

function toObject(
  schema: string,
  tables: readonly string[],
  part: NamedObject['part'],
  { foldsNames, columns }: Pick<NamedParts, 'foldsNames' | 'columns'>,
): NamedObject {
  const fold = (name: string): string => (foldsNames ? name.toLowerCase() : name)
  const known = new Set(tables.map(fold))
  const others = new Set(columns.map((one) => `${one.schema}\0${fold(one.table)}`))
  return {
    ...{ schema, part, foldsNames },
    isTable: (name) => known.has(fold(name)),
    hasColumn: (of, name) => others.has(`${of}\0${fold(name)}`),
  }
}

function toWatched(look: ServerLook, object: NamedObject, ran: readonly RanText[]): WatchedServer {
  if (look.type === 'unseen') return { name: look.name, type: 'unseen', why: look.why }
  const { statements, unjudged } = findStatements(look, object, ran)
  const created = [...look.created].filter(([table]) => object.isTable(table)).map(([, at]) => at)
  return {
    ...{ name: look.name, type: 'seen', statements, unjudged, count: countUses(look, object), seen: look },
    created: created.length === 0 ? null : Math.max(...created),
  }
}

function countUses({ indexes }: Pick<SeenStatements, 'indexes'>, { isTable, part }: NamedObject): number {
  if (part?.type === 'column') return 0
  const own = indexes.filter(
    ({ table, index }) => isTable(table) && (part === null || index?.toLowerCase() === part.name.toLowerCase()),
  )
  // Rows that are written into a table are written into its indexes, too.
  return own.reduce((sum, { reads, writes }) => sum + reads + (part === null ? writes : 0), 0)
}
