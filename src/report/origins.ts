import { findObject } from '../ddl/schema.ts'
import { findKnownColumn, type Table } from '../ddl/table.ts'
import type { LintFile } from '../lint/subjects.ts'
import type { ReportOrigin } from './report.ts'

/** The files that made a column and changed it last. */
interface ColumnOrigins {
  readonly made: ReportOrigin
  readonly changed: ReportOrigin | null
}

/** Which file made what, by names in lower case. */
export interface Origins {
  readonly ofTable: (table: string) => ReportOrigin | null
  readonly ofColumn: (table: string, column: string) => ColumnOrigins | null
}

interface TableOrigins {
  readonly made: ReportOrigin
  readonly columns: ReadonlyMap<string, ColumnOrigins>
}

/**
 * Follows the tables of a database through its files, in their order. A renamed table keeps its makers; a column that gets another name is made
 * by the file that names it so.
 * @param appliedAt when each version was applied, ISO 8601
 */
export function followOrigins(files: readonly LintFile[], appliedAt: ReadonlyMap<string, string>): Origins {
  const tables = new Map<string, TableOrigins>()
  for (const file of files) {
    if (file.shards !== null) continue
    const origin = {
      file: file.file,
      version: file.version,
      name: file.name,
      applied: appliedAt.get(file.version) ?? null,
    }
    for (const { statement, before, after } of file.up) {
      const names = statement.objects
      const isRename =
        statement.verb === 'RENAME TABLE' || (statement.verb === 'ALTER TABLE' && /\brename\b/i.test(statement.text))
      for (const [index, name] of names.entries()) {
        const now = findObject(after, name)
        if (now.type !== 'table') continue
        const from = (isRename && index % 2 === 1 ? names[index - 1] : name) ?? name
        const was = findObject(before, from)
        const known = was.type === 'table' ? tables.get(from.name.toLowerCase()) : undefined
        tables.set(name.name.toLowerCase(), merge(was.type === 'table' ? was.table : null, now.table, known, origin))
      }
    }
  }
  return {
    ofTable: (table) => tables.get(table.toLowerCase())?.made ?? null,
    ofColumn: (table, column) => tables.get(table.toLowerCase())?.columns.get(column.toLowerCase()) ?? null,
  }
}

function merge(
  before: Table | null,
  after: Table,
  known: TableOrigins | undefined,
  origin: ReportOrigin,
): TableOrigins {
  const columns = after.columns.map((column): readonly [string, ColumnOrigins] => {
    const key = column.name.toLowerCase()
    const earlier = known?.columns.get(key)
    const was = before === null ? null : findKnownColumn(before, column.name)
    if (earlier === undefined || was === null) return [key, { made: origin, changed: null }]
    return [key, was.definition === column.definition ? earlier : { ...earlier, changed: origin }]
  })
  return { made: known?.made ?? origin, columns: new Map(columns) }
}
