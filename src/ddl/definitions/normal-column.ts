import { type Clause, findWords, isMark, isWord, outerWords } from '../../sql/clauses.ts'
import { type Edit, editTokens } from '../../sql/tokens.ts'
import { readColumnAttributes } from '../column-attributes.ts'
import { lengthOfType } from '../column-type.ts'
import type { ColumnSnapshot } from '../snapshot.ts'
import type { Element } from './table-definition.ts'

const integers = new Set(['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT', 'YEAR'])
const texts = new Set(['CHAR', 'VARCHAR', 'TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT', 'ENUM', 'SET'])

/**
 * A column of SHOW CREATE TABLE in normal form.
 * @param inherited the collation of its table
 * @param collations the default collation of each character set
 */
export function normalizeColumn(
  { name, text: written, tokens }: Element,
  inherited: string,
  collations: ReadonlyMap<string, string>,
): ColumnSnapshot {
  const base = tokens[1]?.text.toUpperCase() ?? ''
  const before = outerWords(tokens)
  const [set, collate] = [before.has('SET') ? findWords(tokens, 'CHARACTER', 'SET') : -1, before.get('COLLATE') ?? -1]
  const charset = set < 0 ? undefined : modernCharset(tokens[set + 2]?.text ?? '')
  const chosen = collate < 0 ? undefined : modernCharset(tokens[collate + 1]?.text ?? '')
  const collation = texts.has(base)
    ? (chosen ?? (charset === undefined ? inherited : (collations.get(charset) ?? charset)))
    : null
  const length = lengthOfType(tokens.slice(1))
  const at = tokens[length]?.end ?? 0
  const isInherited = collation === null || collation === inherited
  const edits: readonly Edit[] = [
    ...dropWidth(base, tokens),
    ...renameIntroducers(tokens),
    ...cut(written, tokens, set, 3),
    ...cut(written, tokens, collate, 2),
    ...(isInherited ? [] : [{ start: at, end: at, text: charsetClause(collation) }]),
  ]
  const { text, tokens: changed } = editTokens({ text: written, tokens }, edits)
  const isSame = changed === tokens
  const words = isSame ? before : outerWords(changed)
  const end = isSame ? length : lengthOfType(changed.slice(1))
  return {
    name,
    text,
    collation,
    type: text.slice(changed[1]?.start, changed[end]?.end),
    nullable: !words.has('NOT') || findWords(changed, 'NOT', 'NULL') < 0,
    ...readColumnAttributes(changed, text, words),
  }
}

/** Whether it is the name of a character set: its default collation is known only to its server. */
const isUnnamed = (collation: string): boolean => collation !== 'binary' && !collation.includes('_')

/** What follows the type in the text of a column that does not inherit its collation. */
export function charsetClause(collation: string): string {
  const charset = ` CHARACTER SET ${collation.split('_')[0]}`
  return isUnnamed(collation) ? charset : `${charset} COLLATE ${collation}`
}

/** `utf8mb4 utf8mb4_bin`, `latin1 default` */
export function describeCollation(collation: string): string {
  return `${collation.split('_')[0]} ${isUnnamed(collation) ? 'default' : collation}`
}

/** `utf8` is `utf8mb3`, in the names of character sets, of collations and of introducers (MySQL 8.0.28 renamed them). */
export function modernCharset(name: string): string {
  return name.replace(/^(_?)utf8(?=$|_)/, '$1utf8mb3')
}

/**
 * Servers before 8.0.19 print a display width for every integer. It has a meaning only with ZEROFILL, and drivers read `tinyint(1)`
 * as a flag (manual, "Numeric Type Attributes").
 */
export function dropWidth(base: string, tokens: Clause): readonly Edit[] {
  if (!integers.has(base) || !isMark(tokens[2], '(')) return []
  const isFlag = base === 'TINYINT' && tokens[3]?.text === '1' && !isWord(tokens[5], 'UNSIGNED')
  if (isFlag || tokens.slice(4, 8).some((token) => isWord(token, 'ZEROFILL'))) return []
  return [{ start: tokens[2]?.start ?? 0, end: tokens[4]?.end ?? 0, text: '' }]
}

/** The introducer `_utf8` under its current name. */
export function renameIntroducers(tokens: Clause): readonly Edit[] {
  return tokens.flatMap(({ type, text, start, end }) =>
    type === 'word' && text === '_utf8' ? [{ start, end, text: '_utf8mb3' }] : [],
  )
}

/** Removes a number of tokens, with the space before them. */
function cut(text: string, tokens: Clause, at: number, count: number): readonly Edit[] {
  if (at < 0) return []
  const start = tokens[at]?.start ?? 0
  const from = text.charAt(start - 1) === ' ' ? start - 1 : start
  return [{ start: from, end: tokens[at + count - 1]?.end ?? start, text: '' }]
}
