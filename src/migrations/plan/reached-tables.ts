import { isName } from '../../sql/clauses.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { StoredText } from '../../uses/ports.ts'

/**
 * Tables, with the views of a schema that read them and the tables of it whose triggers name them, also through routines, and so on: a statement that names one of these reaches
 * what is changed. Code of which the account may read no text may reach it as well. Pure.
 * @param schema the one in which the names are
 */
export function listReached(
  tables: readonly string[],
  stored: readonly StoredText[],
  { schema, foldsNames }: { readonly schema: string; readonly foldsNames: boolean },
): readonly string[] {
  const fold = (name: string): string => (foldsNames ? name.toLowerCase() : name)
  const ways = stored.flatMap(({ type, schema: of, name, text, table }) => {
    const entry = type === 'trigger' ? table : type === 'event' ? undefined : name
    if (entry === undefined || fold(of) !== fold(schema)) return []
    const named =
      text === null ? null : new Set(tokenize(text).flatMap((token) => (isName(token) ? [fold(token.text)] : [])))
    return [{ entry, named, isTable: type === 'view' || type === 'trigger' }]
  })
  const reached = new Map(tables.map((table) => [fold(table), { name: table, isTable: true }]))
  for (let size = -1; size !== reached.size; ) {
    size = reached.size
    for (const { entry, named, isTable } of ways) {
      if (reached.get(fold(entry))?.isTable === isTable || reached.get(fold(entry))?.isTable === true) continue
      if (named === null || [...reached.keys()].some((table) => named.has(table)))
        reached.set(fold(entry), { name: entry, isTable })
    }
  }
  return [...reached.values()].flatMap(({ name, isTable }) => (isTable ? [name] : []))
}
