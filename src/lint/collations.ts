import { typeOf } from '../ddl/read-parts.ts'
import type { Column } from '../ddl/table.ts'

const texts = /^(?:(?:var)?char|(?:tiny|medium|long)?text)$/

/** The collation of a text column where the files name it; a character set alone means the server's default. */
export function writtenCollation(column: Column | null): string | null {
  if (column === null || !texts.test(typeOf(column)?.base ?? '')) return null
  return column.collation?.includes('_') === true ? column.collation : null
}

/** The same; for a utf8mb4 column without a collation, MySQL 8's default. */
export function likelyCollation(column: Column): string | null {
  const isDefault = texts.test(typeOf(column)?.base ?? '') && column.collation === 'utf8mb4'
  return writtenCollation(column) ?? (isDefault ? 'utf8mb4_0900_ai_ci' : null)
}
