import { tokenize } from '../../sql/tokens.ts'
import { joinParts, markPrimary, readPart } from '../read-table.ts'
import type { TableSnapshot } from '../snapshot.ts'
import type { Table } from '../table.ts'

/** A table with this definition as the rules know it. How many rows it has is not part of a definition: it counts as empty. */
export function toTable({ name, columns, indexes, foreignKeys, checks, options }: TableSnapshot): Table {
  const written = [...columns, ...indexes, ...foreignKeys, ...checks]
  const charset = options['CHARSET'] ?? null
  const parts = joinParts(written.map(({ text }) => readPart(tokenize(text), charset)))
  return {
    ...parts,
    columns: markPrimary(parts.columns, parts.indexes),
    name,
    options: new Map(Object.entries(options)),
    partitionedBy: null,
    complete: true,
    at: null,
    rows: 0,
    bytes: 0,
  }
}
