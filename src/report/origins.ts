import { tokensOf } from '../ddl/read-parts.ts'
import { findObject } from '../ddl/schema.ts'
import { findKnownColumn, type Table } from '../ddl/table.ts'
import type { LintFile } from '../lint/subjects.ts'
import type { Statement } from '../sql/statement.ts'
import type { ReportOrigin } from './report.ts'

/** The files that created a column and last changed it. */
interface ColumnOrigins {
  readonly made: ReportOrigin
  readonly changed: ReportOrigin | null
}

/** Which file created what, by names in lower case. */
export interface Origins {
  readonly ofTable: (table: string) => ReportOrigin | null
  readonly ofColumn: (table: string, column: string) => ColumnOrigins | null
}

interface TableOrigins {
  readonly made: ReportOrigin
  readonly columns: ReadonlyMap<string, ColumnOrigins>
}

/**
 * Follows the tables of a database through its files, in their order. A renamed table keeps its origins; the origin of a renamed column is the file that renamed it.
 * @param appliedAt when each version was applied, ISO 8601
 * @param asked the tables that are asked about; the origins of 20,000 others would fill the memory
 */
export function followOrigins(
  files: readonly LintFile[],
  appliedAt: ReadonlyMap<string, string>,
  asked: Iterable<string>,
): Origins {
  const followed = namesOf(files, asked)
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
      const isRename = renamesTables(statement)
      for (const [index, name] of names.entries()) {
        if (!followed.has(name.name.toLowerCase())) continue
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

function renamesTables({ verb, text }: Statement): boolean {
  return verb === 'RENAME TABLE' || (verb === 'ALTER TABLE' && /\brename\b/i.test(text))
}

/** Names of tables with their earlier names, in lower case. */
function namesOf(files: readonly LintFile[], asked: Iterable<string>): ReadonlySet<string> {
  const names = new Set([...asked].map((name) => name.toLowerCase()))
  for (const file of files.toReversed()) {
    for (const { statement } of file.up.toReversed()) {
      if (!renamesTables(statement)) continue
      const { objects } = statement
      for (let at = objects.length - 1; at > 0; at -= 2) {
        const [from, to] = [objects[at - 1], objects[at]]
        if (from !== undefined && to !== undefined && names.has(to.name.toLowerCase()))
          names.add(from.name.toLowerCase())
      }
    }
  }
  return names
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
    return [key, tokensOf(was) === tokensOf(column) ? earlier : { ...earlier, changed: origin }]
  })
  return { made: known?.made ?? origin, columns: new Map(columns) }
}
