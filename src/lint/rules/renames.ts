import { hasWords, readAlterations } from '../../sql/clauses.ts'
import { noTablesKnown, stateOfTable, tableKey } from '../../sql/table-state.ts'
import { readColumnDefinition } from '../column-changes.ts'
import { columnMayHaveData, isFirstTableOccupied, isOccupied, printName } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const renameColumn: HazardRule = {
  code: 'RENAME_COLUMN',
  kind: 'advisory',
  title: '`RENAME COLUMN`, or `CHANGE` to another name',
  find: (tokens, statement, context) => {
    const renames = readAlterations(tokens)
      .flatMap((clause) => {
        if (hasWords(clause, 0, 'RENAME', 'COLUMN')) return [[clause[2]?.text ?? '', clause[4]?.text ?? ''] as const]
        const changed = readColumnDefinition(clause)
        return changed === null ? [] : [[changed.column, changed.renamed] as const]
      })
      .filter(([from, to]) => from.toLowerCase() !== to.toLowerCase() && columnMayHaveData(from, statement, context))
    if (renames.length === 0 || !isFirstTableOccupied(statement, context)) return []
    return renames.map(([from, to]) => ({
      why: `Running code that uses ${from} fails as soon as the column is ${to}, and so do views and routines that name it.`,
      instead: 'Add the new column, write both for one release, and drop the old one later.',
    }))
  },
}

export const renameTable: HazardRule = {
  code: 'RENAME_TABLE',
  kind: 'advisory',
  title: '`RENAME TABLE` or `ALTER TABLE ... RENAME` that leaves no table under the old name',
  find: (_tokens, statement, context) => {
    if (statement.verb !== 'RENAME TABLE' && statement.verb !== 'ALTER TABLE') return []
    if (statement.verb === 'ALTER TABLE' && !/\brename\b/i.test(statement.text)) return []
    const tables = context.tables ?? noTablesKnown
    const names = statement.objects
    const taken = new Set(names.flatMap((name, index) => (index % 2 === 1 ? [tableKey(tables, name)] : [])))
    const left = new Set(names.flatMap((name, index) => (index % 2 === 0 ? [tableKey(tables, name)] : [])))
    return names.flatMap((from, index) => {
      const to = names[index + 1]
      const isMissed =
        index % 2 === 0 && to !== undefined && from.type === 'table' && !taken.has(tableKey(tables, from))
      // A table that takes over the old name of another had a name of its own before.
      if (!isMissed || left.has(tableKey(tables, to)) || !isOccupied(stateOfTable(tables, from))) return []
      return [
        {
          why: `Running code that uses ${printName(from)} fails as soon as the table is ${printName(to)}, and so do views, triggers and routines that name it.`,
          instead: 'Create a view under the old name until no code uses it.',
        },
      ]
    })
  },
}
