import { isWord } from '../../sql/clauses.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { type KnownTables, type PresentTable, type TableState, tableKey } from '../../sql/table-state.ts'
import { largeTable } from '../existing-data.ts'
import { isPlainInsert } from '../find-hazards.ts'
import type { KnownObject, KnownTable } from '../known-schema/known-schema.ts'
import { readSources } from '../read-sources.ts'
import type { LintFile, ReadStatement } from '../subjects.ts'

/**
 * What rules of hazards know of the tables of a file: definitions are those of the files before it, and rows count as many.
 * A table that a judged file makes is new.
 */
export function knownTablesOf(file: LintFile, isNew: (name: ObjectName) => boolean): KnownTables {
  const states = new Map<string, TableState>()
  const known: KnownTables = { schema: null, states }
  for (const read of file.up) {
    const { statement, before } = read
    for (const name of [...tablesOf(statement), ...sourcesOf(read)]) {
      const key = tableKey(known, name)
      const state = states.has(key) ? null : stateOf(before.find(name), isNew(name))
      if (state !== null) states.set(key, state)
    }
  }
  return known
}

function tablesOf({ objects, references }: Statement): readonly ObjectName[] {
  return [...objects, ...references].filter(({ type }) => type === 'table' || type === 'view')
}

/** The tables that the query of an INSERT or REPLACE reads: they are no objects of the statement. */
function sourcesOf(read: ReadStatement): readonly ObjectName[] {
  const { statement } = read
  if ((statement.verb !== 'INSERT' && statement.verb !== 'REPLACE') || isPlainInsert(statement)) return []
  const { tokens } = read
  const start = tokens.findIndex((token) => isWord(token, 'SELECT', 'TABLE', 'WITH'))
  return start < 0 ? [] : readSources(tokens.slice(start)).map(({ table }) => table)
}

function stateOf(found: KnownObject, isNew: boolean): TableState | null {
  if (isNew) return { type: 'new' }
  return found.type === 'table' && found.table.complete ? presentTable(found.table) : null
}

function presentTable(table: KnownTable): PresentTable {
  return {
    type: 'present',
    rows: largeTable.rows,
    bytes: largeTable.bytes,
    charset: table.options.get('CHARSET') ?? null,
    columns: table.columns.map(({ name, type, attributes, definition }) => ({
      name,
      type: definition
        .map(({ text, type: kind }) => (kind === 'string' ? `'${text.replaceAll("'", "''")}'` : text))
        .join(' '),
      nullable: type?.nullable ?? true,
      charset: type?.charset ?? null,
      attributes,
    })),
    keys: [
      ...table.indexes.map(({ name, kind, parts }) => ({
        name,
        kind: kind === 'PRIMARY' || kind === 'UNIQUE' ? kind : ('INDEX' as const),
        columns: parts.flatMap(({ column }) => column ?? []),
      })),
      ...table.foreignKeys.map(({ name, columns }) => ({ name: name ?? '', kind: 'FOREIGN KEY' as const, columns })),
      ...table.checks.map((name) => ({ name: name ?? '', kind: 'CHECK' as const, columns: [] })),
    ],
  }
}
