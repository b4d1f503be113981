import { type Clause, findWords, isWord } from '../sql/clauses.ts'
import type { ColumnAttributes } from './table.ts'

/** The attributes of a column's definition besides its type; `tokens` begin with the type. */
export function readColumnAttributes(tokens: Clause): ColumnAttributes {
  const serial = isWord(tokens[0], 'SERIAL') || findWords(tokens, 'SERIAL', 'DEFAULT', 'VALUE') >= 0
  return {
    generated: readGenerated(tokens),
    autoIncrement: serial || findWords(tokens, 'AUTO_INCREMENT') >= 0,
    hasDefault: hasDefault(tokens),
    onUpdate: findWords(tokens, 'ON', 'UPDATE') >= 0,
    hasComment: hasComment(tokens),
    primary: findWords(tokens, 'PRIMARY') >= 0,
  }
}

/** `[GENERATED ALWAYS] AS (expression) [VIRTUAL | STORED]`: no other part of a column's definition begins with AS. */
function readGenerated(tokens: Clause): ColumnAttributes['generated'] {
  if (findWords(tokens, 'AS') < 0) return null
  return findWords(tokens, 'STORED') >= 0 ? 'STORED' : 'VIRTUAL'
}

function hasDefault(tokens: Clause): boolean {
  const at = findWords(tokens, 'DEFAULT')
  return at >= 0 && !isWord(tokens[at - 1], 'SERIAL') && !isWord(tokens[at + 1], 'NULL')
}

function hasComment(tokens: Clause): boolean {
  const at = findWords(tokens, 'COMMENT')
  return at >= 0 && (tokens[at + 1]?.text ?? '') !== ''
}
