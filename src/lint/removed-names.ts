import { readDroppedColumn, readDroppedKeys, readNewNames } from '../ddl/read-alterations.ts'
import { hasWords, readAlterations } from '../sql/clauses.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { columnMayHaveData, printName, tablesWithData } from './existing-data.ts'
import type { HazardContext } from './rule.ts'

/** A name that means nothing any more behind a statement: what it named is dropped, or has another name. */
export interface RemovedName {
  readonly table: ObjectName
  readonly part: { readonly type: 'column' | 'index'; readonly name: string } | null
}

/** As it is shown: `users`, `users.nick`. */
export function nameRemoved({ table, part }: RemovedName): string {
  return part === null ? printName(table) : `${printName(table)}.${part.name}`
}

/** The tables, columns and indexes that a statement drops or renames, as far as they were there before the run. */
export function listRemovedNames(statement: Statement, context: HazardContext): readonly RemovedName[] {
  const { verb, objects } = statement
  const existing = new Set(tablesWithData(statement, context))
  const wasThere = (table: ObjectName): boolean => existing.has(printName(table))
  if (verb === 'DROP TABLE' || verb === 'DROP VIEW')
    return objects.filter((name) => verb === 'DROP VIEW' || wasThere(name)).map((table) => ({ table, part: null }))
  // Both ends of every pair.
  if (verb === 'RENAME TABLE')
    return objects.filter((name, at) => at % 2 === 0 && wasThere(name)).map((table) => ({ table, part: null }))
  const [table] = objects
  if (table === undefined || !['ALTER TABLE', 'DROP INDEX'].includes(verb) || !wasThere(table)) return []
  const tokens = tokenize(statement.text)
  const clauses = readAlterations(tokens)
  const renamed = [...readNewNames(clauses)].filter(([from, to]) => from !== to.toLowerCase()).map(([from]) => from)
  const dropped = clauses.flatMap((clause) => readDroppedColumn(clause) ?? [])
  const columns = [...dropped, ...renamed].filter((name) => columnMayHaveData(name, statement, context))
  const keys = readDroppedKeys(tokens).flatMap(({ kind, name }) => (kind === 'INDEX' ? [name] : []))
  const moved = clauses.flatMap((clause) =>
    hasWords(clause, 0, 'RENAME', 'INDEX') || hasWords(clause, 0, 'RENAME', 'KEY') ? [clause[2]?.text ?? ''] : [],
  )
  const isRenamed = clauses.some(
    (clause) => hasWords(clause, 0, 'RENAME') && !['INDEX', 'KEY', 'COLUMN'].some((word) => hasWords(clause, 1, word)),
  )
  return [
    ...(isRenamed ? [{ table, part: null }] : []),
    ...columns.map((name): RemovedName => ({ table, part: { type: 'column', name } })),
    ...[...keys, ...moved].map((name): RemovedName => ({ table, part: { type: 'index', name } })),
  ]
}
