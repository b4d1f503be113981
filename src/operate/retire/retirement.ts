import { type Clause, indexNameAt, isWord, readAlterations } from '../../sql/clauses.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'

/** What a statement drops, where it drops one thing and does nothing else. */
export interface Retirement {
  readonly type: 'table' | 'column' | 'index'
  readonly table: ObjectName
  /** The column or the index; null for a table. */
  readonly part: string | null
}

/** Null for a statement that drops several things, or does anything beside. Pure. */
export function readRetirement(statement: Pick<Statement, 'verb' | 'objects' | 'text'>): Retirement | null {
  const { verb, objects, text } = statement
  const [table] = objects
  if (table === undefined || objects.length !== 1) return null
  const tokens = tokenize(text)
  if (verb === 'DROP TABLE')
    return tokens.some((token) => isWord(token, 'IF', 'TEMPORARY')) ? null : { type: 'table', table, part: null }
  if (verb !== 'ALTER TABLE' && verb !== 'DROP INDEX') return null
  if (tokens.some((token) => isWord(token, 'ALGORITHM', 'LOCK', 'IF'))) return null
  if (verb === 'DROP INDEX') return { type: 'index', table, part: tokens[indexNameAt(tokens)]?.text ?? '' }
  const clauses = readAlterations(tokens)
  const [clause] = clauses
  const dropped = clauses.length === 1 && clause !== undefined ? readDropped(clause) : null
  return dropped === null ? null : { ...dropped, table }
}

/** What else an ALTER TABLE drops. */
const others = ['PRIMARY', 'FOREIGN', 'CONSTRAINT', 'CHECK', 'PARTITION'] as const

function readDropped(clause: Clause): Omit<Retirement, 'table'> | null {
  const [drop, second] = clause
  if (!isWord(drop, 'DROP') || isWord(second, ...others)) return null
  const isNamed = isWord(second, 'INDEX', 'KEY', 'COLUMN')
  const name = isNamed ? clause[2] : second
  if (name === undefined || clause.length !== (isNamed ? 3 : 2)) return null
  return { type: isWord(second, 'INDEX', 'KEY') ? 'index' : 'column', part: name.text }
}

/** As people write it: `users`, `users.nick`. */
export const nameRetired = ({ table, part }: { readonly table: string; readonly part: string | null }): string =>
  part === null ? table : `${table}.${part}`

/** What hides, shows and drops a thing: the statements that wwdb sends for it. */
export interface RetiringTexts {
  readonly hide: string
  readonly show: string
  readonly drop: string
}

/** @param hold the name under which a table is kept */
export function writeRetiring(
  { type, table, part }: { readonly type: Retirement['type']; readonly table: string; readonly part: string | null },
  hold: string,
): RetiringTexts {
  const own = quoteName(table)
  if (type === 'table') {
    const held = quoteName(hold)
    return {
      hide: `RENAME TABLE ${own} TO ${held}`,
      show: `RENAME TABLE ${held} TO ${own}`,
      drop: `DROP TABLE ${held}`,
    }
  }
  const name = quoteName(part ?? '')
  const set = type === 'column' ? `ALTER COLUMN ${name} SET ` : `ALTER INDEX ${name} `
  return {
    hide: `ALTER TABLE ${own} ${set}INVISIBLE`,
    show: `ALTER TABLE ${own} ${set}VISIBLE`,
    drop: `ALTER TABLE ${own} DROP ${type === 'column' ? 'COLUMN' : 'INDEX'} ${name}`,
  }
}
