import { isMark, isWord } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/token.ts'
import { tokenize } from '../sql/tokens.ts'

/**
 * True while the server refuses values that do not fit, as every session of wwdb begins; false once a SET of the file may have
 * ended that. What a mode is computed from is not known here: only what keeps the present one (CONCAT) stays strict.
 */
export function followStrictMode(strict: boolean, statement: Statement): boolean {
  if (!statement.sessionVariables.includes('sql_mode')) return strict
  const tokens = tokenize(statement.text)
  const at = tokens.findLastIndex(
    (token, index) => isSqlMode(token) && isMark(tokens[index + 1], assignment(tokens, index)),
  )
  const value = tokens[at + 2]
  if (isWord(value, 'CONCAT', 'CONCAT_WS') && tokens.slice(at + 2).some(isSqlMode)) return strict
  if (value === undefined || (value.type !== 'string' && value.type !== 'word' && value.type !== 'name')) return false
  return /\b(?:STRICT_TRANS_TABLES|STRICT_ALL_TABLES|TRADITIONAL)\b/i.test(value.text)
}

function isSqlMode(token: Token): boolean {
  if (token.type === 'system-variable') return /^(?:(?:session|local)\.)?sql_mode$/i.test(token.text)
  return (token.type === 'word' || token.type === 'name') && token.text.toLowerCase() === 'sql_mode'
}

function assignment(tokens: readonly Token[], at: number): '=' | ':=' {
  return tokens[at + 1]?.text === ':=' ? ':=' : '='
}
