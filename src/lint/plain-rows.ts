import { copyText } from '../core/copy-text.ts'
import type { Statement } from '../sql/statement.ts'

/** True for wwdb's own tables: journal, ledgers and registries. */
export function isOwnTable(name: string): boolean {
  return name.toLowerCase().startsWith('wwdb_')
}

/** True for an INSERT or REPLACE of literal rows. Only the text before the first value is searched for a query: large files need no tokens. */
export function isPlainInsert({ verb, text, objects }: Statement): boolean {
  if ((verb !== 'INSERT' && verb !== 'REPLACE') || objects.some(({ name }) => isOwnTable(name))) return false
  return !/\b(?:select|table|with)\b/i.test(text.slice(0, 4096).split("'", 1)[0] ?? '')
}

/** True for an INSERT that gives other values to an existing row. */
export function isUpsert(statement: Pick<Statement, 'verb' | 'text'>): boolean {
  return upsertClause(statement) !== null
}

/** ON DUPLICATE KEY UPDATE with its assignments; null where there is none. It stands at the end, after rows that may be long and are not read. */
export function upsertClause({ verb, text }: Pick<Statement, 'verb' | 'text'>): string | null {
  if (verb !== 'INSERT') return null
  const end = text.length <= longestClause ? text : copyText(text.slice(-longestClause))
  const at = [...end.matchAll(/\bon\s+duplicate\s+key\s+update\b/gi)].at(-1)?.index
  if (at === undefined) return null
  const clause = end.slice(at)
  // An odd quote closes a string that began before it.
  const quotes = clause.replace(/\\[\s\S]/g, '').match(/'/g)?.length ?? 0
  return quotes % 2 === 0 ? clause : null
}

const longestClause = 16_384
