import { readSources } from '../read-sources.ts'
import type { Token } from '../tokens.ts'

/** A name with what stands before its dot. */
export interface QualifiedName {
  readonly qualifier: string
  readonly name: string
}

const isName = (token: Token | undefined): token is Token => token?.type === 'word' || token?.type === 'name'
const isMark = (token: Token | undefined, mark: string): boolean => token?.type === 'punctuation' && token.text === mark

const ofSession = /^(?:LAST_INSERT_ID|GET_LOCK|RELEASE_LOCK|RELEASE_ALL_LOCKS|IS_USED_LOCK|IS_FREE_LOCK)$/i

/** Whether a statement calls a function whose answer a session keeps. */
export function usesSession(tokens: readonly Token[]): boolean {
  return tokens.some((token, at) => token.type === 'word' && ofSession.test(token.text) && isMark(tokens[at + 1], '('))
}

/** What may stand before a dot and is no keyspace: tables and aliases. */
function listLocalNames(tokens: readonly Token[], keyspace: string): ReadonlySet<string> {
  const names = new Set<string>()
  const add = (name: string): void => void names.add(name.toLowerCase())
  for (const { table, alias } of readSources(tokens)) {
    add(alias)
    add(table.name)
  }
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1]
    if (isMark(tokens[at + 1], '.')) continue
    if (isName(token) && before?.type === 'word' && /^(?:AS|INTO|WITH|RECURSIVE)$/i.test(before.text)) add(token.text)
    // The alias of a derived table; a table behind the name of its own keyspace.
    if (isName(token) && (isMark(before, ')') || (isMark(before, '.') && tokens[at - 2]?.text === keyspace)))
      add(token.text)
  }
  return names
}

/**
 * The first name that is qualified with another schema than the keyspace, in any clause; null where there is none. vtgate would read or change it there, with a commit of its own. What
 * is neither the keyspace, nor a table or an alias of the statement, counts as another schema: a question too many loses nothing.
 */
export function findForeignName(tokens: readonly Token[], keyspace: string): QualifiedName | null {
  const foreign = readSources(tokens).find(({ table }) => table.schema !== null && table.schema !== keyspace)
  if (foreign !== undefined) return { qualifier: foreign.table.schema ?? '', name: foreign.table.name }
  const local = listLocalNames(tokens, keyspace)
  for (const [at, token] of tokens.entries()) {
    const name = tokens[at + 2]
    if (!isName(token) || !isMark(tokens[at + 1], '.') || isMark(tokens[at - 1], '.')) continue
    const hasThreeParts = isName(name) && isMark(tokens[at + 3], '.')
    if (token.text === keyspace || (!hasThreeParts && local.has(token.text.toLowerCase()))) continue
    return { qualifier: token.text, name: name?.text ?? '' }
  }
  return null
}
