import { isName } from '../../sql/clauses.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { StoredText } from '../../uses/ports.ts'

/**
 * Tables, with the views of a schema that read them and the tables of it whose triggers name them, and so on: a statement that names one of these reaches what is changed. A
 * view or trigger of which the account may read no text may reach it as well. Pure.
 * @param schema the one in which the names are
 */
export function listReached(
  tables: readonly string[],
  stored: readonly StoredText[],
  { schema, foldsNames }: { readonly schema: string; readonly foldsNames: boolean },
): readonly string[] {
  const fold = (name: string): string => (foldsNames ? name.toLowerCase() : name)
  const ways = stored.flatMap(({ type, schema: of, name, text, table }) => {
    const entry = type === 'view' ? name : type === 'trigger' ? table : undefined
    if (entry === undefined || fold(of) !== fold(schema)) return []
    const named =
      text === null ? null : new Set(tokenize(text).flatMap((token) => (isName(token) ? [fold(token.text)] : [])))
    return [{ entry, named }]
  })
  const reached = new Map(tables.map((table) => [fold(table), table]))
  for (let size = -1; size !== reached.size; ) {
    size = reached.size
    for (const { entry, named } of ways) {
      if (reached.has(fold(entry))) continue
      if (named === null || [...reached.keys()].some((table) => named.has(table))) reached.set(fold(entry), entry)
    }
  }
  return [...reached.values()]
}
