import type { Connection } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { BaselineTable } from './baseline.ts'
import { readTableTexts } from './table-text.ts'

/** A table that is not as it was. */
export interface ChangedTable {
  readonly baseline: BaselineTable
  /** Its definition now; null where it is gone. */
  readonly text: string | null
  /** True where rows differ. */
  readonly rows: boolean
}

export interface Changes {
  readonly changed: readonly ChangedTable[]
  /** What was not there before. */
  readonly added: readonly { readonly schema: string; readonly name: string; readonly isView: boolean }[]
}

/**
 * Compares definitions, counters and rows of every table with the baseline, over several connections: by content, since no counter of
 * changes that the server keeps is exact. Its times of change have whole seconds and are forgotten when a table leaves the cache;
 * what foreign keys cascade is missing in the performance schema; both may be turned off.
 */
export async function findChanges(
  connections: readonly [Connection, ...Connection[]],
  tables: readonly BaselineTable[],
  views: ReadonlySet<string>,
  schemas: readonly string[],
): Promise<Changes> {
  const [first] = connections
  const listing = await listAll(first, schemas)
  const names = new Set(listing.map(({ schema, name }) => `${schema}.${name}`))
  const known = new Set(tables.map(({ schema, table }) => `${schema}.${table}`))
  const present = tables.filter(({ schema, table }) => names.has(`${schema}.${table}`))
  const [texts, digests] = await Promise.all([readTexts(connections, present), readDigests(first, present)])
  const states = new Map(present.map((table, index) => [table, { text: texts[index], digest: digests[index] }]))
  const changed = tables.flatMap((baseline): readonly ChangedTable[] => {
    const state = states.get(baseline)
    if (state === undefined) return [{ baseline, text: null, rows: true }]
    const rows = state.digest !== baseline.digest
    return rows || state.text !== baseline.text ? [{ baseline, text: state.text ?? null, rows }] : []
  })
  const added = listing.filter(({ schema, name }) => !known.has(`${schema}.${name}`) && !views.has(`${schema}.${name}`))
  return { changed, added }
}

async function listAll(connection: Connection, schemas: readonly string[]): Promise<Changes['added']> {
  const { rows } = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME,TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (${schemas.map(quoteString).join(',')})`,
  )
  return rows.map(([schema, name, type]) => ({ schema: String(schema), name: String(name), isView: type === 'VIEW' }))
}

/** The first connection digests rows meanwhile: the others share the definitions. */
async function readTexts(
  connections: readonly [Connection, ...Connection[]],
  tables: readonly BaselineTable[],
): Promise<readonly string[]> {
  const [first, ...others] = connections
  const readers = others.length === 0 ? [first] : others
  const size = Math.ceil(tables.length / readers.length)
  const parts = await Promise.all(
    readers.map((reader, index) =>
      readTableTexts(
        reader,
        tables.slice(index * size, (index + 1) * size).map(({ schema, table }) => [schema, table] as const),
      ),
    ),
  )
  return parts.flat()
}

/** Null for a table that cannot be read as it was: a column is gone. */
async function readDigests(
  connection: Connection,
  tables: readonly BaselineTable[],
): Promise<readonly (string | null)[]> {
  if (tables.length === 0) return []
  try {
    const { rows } = await connection.ask(`SELECT ${tables.map(({ expression }) => expression).join(',')}`)
    return tables.map((_, index) => String(rows[0]?.[index]))
  } catch (error) {
    if (!hasNumber(error, unknownColumn, serverErrors.unknownTable)) throw error
    if (tables.length === 1) return [null]
    const half = Math.ceil(tables.length / 2)
    const before = await readDigests(connection, tables.slice(0, half))
    return [...before, ...(await readDigests(connection, tables.slice(half)))]
  }
}

const unknownColumn = 1054
