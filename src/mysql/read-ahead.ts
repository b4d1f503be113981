import { mayHaveForeignKeys, showTable } from '../ddl/shown-table.ts'
import type { ObjectSnapshot, SnapshotOptions } from '../ddl/snapshot.ts'
import { quoteQualified } from '../sql/quote-name.ts'
import type { Connection } from './connection.ts'
import { type Charsets, readContext, selectCharsets } from './schema-facts.ts'

/** Tables by name, read before their schema is. */
export type TablesAhead = ReadonlyMap<string, ObjectSnapshot>

/** Reads tables that a run has just created, so that it need not read them at its end. @param known the character sets of the server; they are read where they are not known */
export async function readTablesAhead(
  connection: Pick<Connection, 'askAll'>,
  schema: string,
  names: readonly string[],
  { databases }: SnapshotOptions,
  known: Promise<Charsets> | null,
): Promise<{ readonly tables: TablesAhead; readonly charsets: Charsets }> {
  const shown = names.map((name) => `SHOW CREATE TABLE ${quoteQualified(schema, name)}`)
  const asked = known === null ? [selectCharsets] : []
  const all = await connection.askAll([...asked, ...shown].join(';'))
  const charsets = (await known) ?? all[0]?.rows ?? []
  const answers = all.slice(asked.length)
  const context = readContext(charsets, databases)
  const tables = new Map<string, ObjectSnapshot>()
  for (const [index, { rows }] of answers.entries()) {
    const [name, text] = rows[0] ?? []
    if (typeof name !== 'string' || typeof text !== 'string' || name !== names[index]) continue
    if (!mayHaveForeignKeys(text)) tables.set(name, showTable(name, text, context))
  }
  return { tables, charsets }
}
