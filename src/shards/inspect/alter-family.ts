import type { ShardFamily } from '../../core/shard-family.ts'
import { findHazards } from '../../lint/find-hazards.ts'
import type { Hazard } from '../../lint/hazard.ts'
import { toStatement } from '../../sql/classify.ts'
import { readColumn } from '../../sql/definitions/column-text.ts'
import { compareDefinitions } from '../../sql/definitions/compare-definitions.ts'
import type { TableDefinition } from '../../sql/definitions/table-definition.ts'
import { writeAlterations } from '../../sql/definitions/write-alterations.ts'
import type { Statement } from '../../sql/statement.ts'
import type { KnownTables } from '../../sql/table-state.ts'
import type { FamilyAlterations, ShapeAlteration } from '../alteration.ts'
import type { DefinedShapes } from './describe-groups.ts'
import type { GroupedShapes } from './group-shapes.ts'
import type { ViewedFamily } from './view-families.ts'

/** What brings the shards of a family back to its template; groups whose shards are gone meanwhile are left out. Pure. */
export function alterFamily(
  { view: { family, target } }: ViewedFamily,
  shapes: GroupedShapes,
  { wanted, groups }: DefinedShapes,
): FamilyAlterations {
  const altered = groups.flatMap(({ shards, definition }): readonly ShapeAlteration[] => {
    if (wanted === null || definition === null) return []
    const statements = writeAlterations(wanted, definition)
    const tables = shards.map(({ table }) => table)
    const hazards = statements.flatMap((text) => findAlterationHazards(family, text, definition))
    return [{ tables, differences: compareDefinitions(wanted, definition), statements, hazards }]
  })
  // What information_schema tells apart and SHOW CREATE TABLE does not is no difference that anybody could mend.
  const alike = altered.filter(({ statements }) => statements.length === 0)
  return {
    family: family.name,
    target,
    like: alike.reduce((sum, { tables }) => sum + tables.length, shapes.like.length),
    groups: altered.filter((group) => !alike.includes(group)),
    behind: shapes.behind.flatMap(({ tables }) => tables),
  }
}

/** An ALTER TABLE of ours as a statement: it comes from no file, so it is named after the template that it serves. */
export function toAlterationStatement(family: ShardFamily, text: string, index: number): Statement {
  const { file, line } = family.template
  return toStatement({ type: 'statement', text, source: text, file, line, column: 1 }, index)
}

/**
 * What may be lost on the way. How large the tables are is not asked here: rows that block are told by the probe of the
 * fan-out, what is narrowed or dropped by the definitions alone.
 */
function findAlterationHazards(family: ShardFamily, text: string, definition: TableDefinition): readonly Hazard[] {
  const statement = toAlterationStatement(family, text, 0)
  return findHazards(statement, { accepted: [], tables: knownTable(definition) }).filter(
    ({ kind }) => kind === 'destructive',
  )
}

/** The table as it is, for rules that compare types: `{{table}}` is its name in our statements. */
function knownTable(definition: TableDefinition): KnownTables {
  const columns = definition.columns.map((part) => {
    const { name, type, rest } = readColumn(part, definition)
    return { name, type: rest, nullable: type?.nullable ?? true, charset: type?.charset ?? null }
  })
  return { schema: null, states: new Map([['\u0000{{table}}', { type: 'present', rows: 0, bytes: 0, columns }]]) }
}
