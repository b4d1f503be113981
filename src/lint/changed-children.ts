import { nothingKnown, type Schema, stateOfTable, type TableState } from '../ddl/schema.ts'
import type { Cascade } from '../ddl/table.ts'
import { isMark, splitAtCommas } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import { type Token, tokenize } from '../sql/tokens.ts'
import { upsertClause } from './plain-rows.ts'
import { listCascades } from './removed-rows.ts'
import type { HazardContext } from './rule.ts'
import { type NamedTable, readUpdatedColumns } from './written-tables.ts'

/** A foreign key through which rows of another table change with values that a statement gives to its parent. */
interface ChangedChild {
  readonly cascade: Cascade
  /** The name of the parent in the statement. */
  readonly alias: string
}

type Assigned = { readonly named: NamedTable; readonly column: string }

/**
 * The foreign keys through which an UPDATE, or an INSERT ... ON DUPLICATE KEY UPDATE, may change rows of other tables.
 */
export function listChangedChildren(
  tokens: readonly Token[],
  statement: Statement,
  { tables: known = nothingKnown, removed }: HazardContext,
): readonly ChangedChild[] {
  const assigned = statement.verb === 'UPDATE' ? (readUpdatedColumns(tokens, known) ?? []) : readUpserted(statement)
  const parents = [...new Map(assigned.map(({ named }) => [named.alias.toLowerCase(), named])).values()]
  return parents.flatMap(({ table, alias }) => {
    const columns = assigned.flatMap(({ named, column }) => (named.alias === alias ? column.toLowerCase() : []))
    const state = stateOfTable(known, table)
    return listCascades(table, known, removed ?? null, 'updates')
      .filter((cascade) => isTouched(cascade, columns, state))
      .map((cascade) => ({ cascade, alias }))
  })
}

function readUpserted(statement: Statement): readonly Assigned[] {
  const clause = upsertClause(statement)
  const [table] = statement.objects
  if (clause === null || table === undefined) return []
  return splitAtCommas(tokenize(clause).slice(4)).flatMap((assignment) => {
    const equals = assignment.findIndex((token) => isMark(token, '='))
    const column = assignment[equals - 1]?.text
    return column === undefined ? [] : [{ named: { table, alias: table.name }, column }]
  })
}

/**
 * Whether one of the columns that the key references is set, is computed from one that may be set, or may have another name in a
 * view.
 */
function isTouched(cascade: Cascade, columns: readonly string[], state: TableState): boolean {
  if (cascade.behind !== undefined) return isTouched(cascade.behind, columns, state)
  const known = state.type === 'table' ? state.table.columns : state.type === 'view' ? state.columns : []
  return cascade.referenced.some((name) => {
    const own = known.find((column) => column.name.toLowerCase() === name.toLowerCase())
    if (own === undefined && state.type === 'view') return true
    return columns.includes(name.toLowerCase()) || (own?.generated ?? null) !== null
  })
}

/** The names of the tables that a rule is about: where the server was asked, those in which it found rows. */
export function nameChangedChildren(
  tokens: readonly Token[],
  statement: Statement,
  context: HazardContext,
  rule: Cascade['rule'],
): readonly string[] {
  if (statement.verb !== 'UPDATE' && statement.verb !== 'INSERT') return []
  if (!mayChange(context.tables)) return []
  const { taken } = context
  const names = listChangedChildren(tokens, statement, context).flatMap(({ cascade }) =>
    cascade.rule === rule ? cascade.table.name : [],
  )
  return [...new Set(names)].filter((name) => taken?.cascades?.includes(name) !== false)
}

const mayChange = (tables: Schema | undefined): boolean => tables !== undefined && tables.states.size > 0
