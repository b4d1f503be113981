import type { Column, Table } from '../ddl/table.ts'
import { isWord } from '../sql/clauses.ts'

const texts = /^(?:(?:var)?char|(?:tiny|medium|long)?text)$/

/** The collation of a text column where the files name it; a character set alone means the server's default. */
export function writtenCollation(table: Table, column: Column | null): string | null {
  if (column?.type == null || !texts.test(column.type.base)) return null
  if (column.collation !== null) return column.collation
  return namesCharset(column) ? null : (table.options.get('COLLATE')?.toLowerCase() ?? null)
}

/** The same; of a column that is utf8mb4 without a collation, the one that MySQL 8 gives it. */
export function likelyCollation(table: Table, column: Column): string | null {
  const written = writtenCollation(table, column)
  const charset = written === null && column.type !== null && texts.test(column.type.base) ? column.type.charset : null
  return written ?? (charset === 'utf8mb4' ? 'utf8mb4_0900_ai_ci' : null)
}

function namesCharset({ definition }: Column): boolean {
  return definition.some((token) => isWord(token, 'CHARACTER', 'CHARSET'))
}
