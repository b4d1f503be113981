import { normalizeTable } from '../ddl/definitions/normal-form.ts'
import type { ObjectSnapshot, SnapshotOptions } from '../ddl/snapshot.ts'
import { quoteQualified } from '../sql/quote-name.ts'
import type { Connection, Row } from './connection.ts'
import { readFacts, selectSchema } from './read-snapshot.ts'

/** Tables by name, read before their schema is. */
export type TablesAhead = ReadonlyMap<string, ObjectSnapshot>

/**
 * What is needed to read the texts of a schema, which is the same for all of its tables: it is queried with the first
 * of them.
 */
export type ReadingFacts = readonly Row[]

/** Reads tables that a run has just created, so that it need not read them at its end. */
export async function readTablesAhead(
  connection: Pick<Connection, 'askAll'>,
  schema: string,
  names: readonly string[],
  { databases }: SnapshotOptions,
  known: ReadingFacts | null,
): Promise<{ readonly tables: TablesAhead; readonly facts: ReadingFacts }> {
  const shown = names.map((name) => `SHOW CREATE TABLE ${quoteQualified(schema, name)}`)
  const asked = known === null ? [selectSchema(schema)] : []
  const all = await connection.askAll([...asked, ...shown].join(';'))
  const facts = known ?? all[0]?.rows ?? []
  const answers = all.slice(asked.length)
  const { context } = readFacts(facts, databases)
  const tables = new Map<string, ObjectSnapshot>()
  for (const [index, { rows }] of answers.entries()) {
    const [name, text] = rows[0] ?? []
    if (typeof name !== 'string' || typeof text !== 'string' || name !== names[index]) continue
    const table = normalizeTable(name, text, context)
    if (table.foreignKeys.length === 0) tables.set(name, table)
  }
  return { tables, facts }
}
