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
  const names = new Set(tables.map(fold))
  const reached = new Map(tables.map((table) => [fold(table), table]))
  for (let known = -1; known !== names.size + reached.size; ) {
    known = names.size + reached.size
    for (const { entry, named, isTable } of ways) {
      if (named !== null && [...names].every((name) => !named.has(name))) continue
      names.add(fold(entry))
      if (isTable && !reached.has(fold(entry))) reached.set(fold(entry), entry)
    }
  }
  return [...reached.values()]
}
