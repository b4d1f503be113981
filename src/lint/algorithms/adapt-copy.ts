import { isMark, isName, isWord } from '../../sql/clauses.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { applyEdits, type Edit, replaceToken } from '../../sql/rewrite.ts'
import type { Token } from '../../sql/token.ts'
import { tokenize } from '../../sql/tokens.ts'

/**
 * Makes the text of SHOW CREATE TABLE create an empty copy in a scratch schema: under another name, with foreign keys
 * that cross schemas pointed at scratch schemas (the real parent would be locked), and without places on the disk.
 * Null for anything but an InnoDB table: other engines only copy.
 */
export function adaptCopy(createTable: string, name: string, scratchOf: (schema: string) => string): string | null {
  const tokens = tokenize(createTable)
  const own = tokens[2]
  if (!isWord(tokens[0], 'CREATE') || !isWord(tokens[1], 'TABLE') || !isName(own)) return null
  if (!isInnoDb(tokens)) return null
  return applyEdits(createTable, [
    replaceToken(own, quoteName(name)),
    ...redirectParents(tokens, scratchOf),
    ...dropPlaces(tokens),
  ])
}

/** Partitions repeat the engine; the table's own comes first. */
function isInnoDb(tokens: readonly Token[]): boolean {
  const at = tokens.findIndex((token, index) => isWord(token, 'ENGINE') && isMark(tokens[index + 1], '='))
  return at >= 0 && tokens[at + 2]?.text.toUpperCase() === 'INNODB'
}

function redirectParents(tokens: readonly Token[], scratchOf: (schema: string) => string): readonly Edit[] {
  return tokens.flatMap((token, at) => {
    const schema = tokens[at + 1]
    if (!isWord(token, 'REFERENCES') || !isName(schema) || !isMark(tokens[at + 2], '.')) return []
    return [replaceToken(schema, quoteName(scratchOf(schema.text)))]
  })
}

/** DATA DIRECTORY, INDEX DIRECTORY and TABLESPACE with their values. */
function dropPlaces(tokens: readonly Token[]): readonly Edit[] {
  return tokens.flatMap((token, at) => {
    const words =
      isWord(token, 'DATA', 'INDEX') && isWord(tokens[at + 1], 'DIRECTORY') ? 2 : isWord(token, 'TABLESPACE') ? 1 : 0
    if (words === 0) return []
    const last = tokens[isMark(tokens[at + words], '=') ? at + words + 1 : at + words]
    return last === undefined ? [] : [{ start: token.start, end: last.end, text: '' }]
  })
}
