import type { Statement } from '../sql/statement.ts'

/** True for the tables of wwdb itself: journal, ledgers and registries. */
export function isOwnTable(name: string): boolean {
  return name.toLowerCase().startsWith('wwdb_')
}

/** True for an INSERT or REPLACE of literal rows. Only the text before the first value is searched for a query: large files need no tokens. */
export function isPlainInsert({ verb, text, objects }: Statement): boolean {
  if ((verb !== 'INSERT' && verb !== 'REPLACE') || objects.some(({ name }) => isOwnTable(name))) return false
  return !/\b(?:select|table|with)\b/i.test(text.slice(0, 4096).split("'", 1)[0] ?? '')
}
