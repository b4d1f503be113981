import type { Token } from '../token.ts'
import { tokenize } from '../tokens.ts'

/** Words after which an @ begins a variable although no blank stands between; after others it begins an account's host. */
const keywords = new Set(
  (
    'SELECT SET INTO VALUES BY AND OR IN LIKE THEN ELSE WHEN CASE LIMIT OFFSET DO CALL RETURN NOT IS BETWEEN DIV MOD XOR FROM ' +
    'USING WHERE HAVING ON AS DISTINCT ALL INTERVAL REGEXP RLIKE ROW VALUE BINARY'
  ).split(' '),
)

/** The user variables that a statement mentions, in lower case, each once. */
export function findUserVariables(text: string): string[] {
  if (!text.includes('@')) return []
  const names = new Set<string>()
  let before: Token | undefined
  for (const token of tokenize(text)) {
    if (token.type === 'user-variable' && !isHost(token, before)) names.add(token.text.toLowerCase())
    before = token
  }
  return [...names]
}

/** `root`@`localhost`: what follows a name or string without a blank. */
function isHost(token: Token, before: Token | undefined): boolean {
  if (before === undefined || before.end !== token.start) return false
  if (before.type === 'word') return !keywords.has(before.text.toUpperCase())
  return before.type === 'name' || before.type === 'string'
}
