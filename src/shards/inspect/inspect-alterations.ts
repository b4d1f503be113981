import type { DatabaseConfig } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { compareDefinitions, describeDifference } from '../../ddl/definitions/compare-definitions.ts'
import { writeAlterations } from '../../ddl/definitions/write-alterations.ts'
import type { Schema } from '../../ddl/schema.ts'
import type { TableSnapshot } from '../../ddl/snapshot.ts'
import { findHazards } from '../../lint/find-hazards.ts'
import type { Hazard } from '../../lint/rule.ts'
import { renderShardText } from '../../migrations/plan/shard-names.ts'
import { toStatement } from '../../sql/classify.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { Statement } from '../../sql/statement.ts'
import type { FamilyAlterations, ShapeAlteration } from '../answers.ts'
import { keepExchangeable } from '../partitions/whole-tables.ts'
import type { ShardStore } from '../ports.ts'
import { namesOf } from '../render-shard.ts'
import {
  type DefinedShapes,
  defineShapes,
  type GroupedShapes,
  groupShapes,
  type ShapedShard,
  tryTemplate,
} from './group-shapes.ts'
import type { InspectionRequest, ViewedFamily } from './view-target.ts'
import { listShaped, selectViewed, type ViewedTarget, viewTarget } from './view-target.ts'

/** A family's shards with the statements that bring them back to the template. */
export interface AlteredFamily {
  readonly viewed: ViewedFamily
  readonly shards: readonly ShapedShard[]
  readonly alterations: FamilyAlterations
  /** The shape of a shard that matches the template; null for a family without shards. */
  readonly fingerprint: string | null
}

export interface AlteredTarget {
  readonly target: ViewedTarget
  readonly families: readonly AlteredFamily[]
}

/**
 * Compares the shards of one target with their templates' tables in a scratch schema, and computes the statements that
 * bring them back. Changes no table.
 */
export async function inspectAlterations(
  request: Omit<InspectionRequest, 'scratch'>,
  database: DatabaseConfig,
  store: ShardStore,
): Promise<AlteredTarget> {
  const target = await viewTarget(request, database, store)
  const families: AlteredFamily[] = []
  for (const viewed of selectViewed(request, target)) {
    const shards = listShaped(viewed, target)
    const [first] = shards
    const template =
      first === undefined ? null : await tryTemplate(store, target.families, viewed, first.shard, request.render)
    const fingerprint = template?.fingerprint ?? null
    const grouped = groupShapes(shards, viewed.record, fingerprint)
    const defined = await defineShapes(store, target.families, viewed, grouped, template?.definition ?? null)
    families.push({ viewed, shards, alterations: alterFamily(viewed, grouped, defined), fingerprint })
  }
  return { target, families }
}

/**
 * The statements that bring the shards of a family back to its template; groups whose shards have disappeared meanwhile
 * are left out. Pure.
 */
function alterFamily(
  { view: { family, target } }: ViewedFamily,
  shapes: GroupedShapes,
  { wanted, groups }: DefinedShapes,
): FamilyAlterations {
  const altered = groups.flatMap(({ shards, definition }): readonly ShapeAlteration[] => {
    if (wanted === null || definition === null) return []
    const statements = writeAlterations(wanted, definition).map((text) => keepExchangeable(family, text))
    const tables = shards.map(({ table }) => table)
    const hazards = statements.flatMap((text) => findAlterationHazards(family, text, definition))
    return [{ tables, differences: compareDefinitions(wanted, definition), statements, hazards }]
  })
  // A difference that information_schema shows and SHOW CREATE TABLE does not cannot be fixed.
  const alike = altered.filter(({ statements }) => statements.length === 0)
  return {
    family: family.name,
    target,
    like: alike.reduce((sum, { tables }) => sum + tables.length, shapes.like.length),
    groups: altered.filter((group) => !alike.includes(group)),
    behind: shapes.behind.flatMap(({ tables }) => tables),
  }
}

/** One of wwdb's ALTER TABLEs as a statement: it comes from no file, so it is named after its template. */
export function toAlterationStatement(family: ShardFamily, text: string, index: number): Statement {
  const { file, line } = family.template
  return toStatement({ type: 'statement', text, source: text, file, line, column: 1 }, index)
}

/**
 * What may be lost by it. The sizes of tables are not read here: the probe of the fan-out reports blocking changes, and
 * the definitions alone show what is narrowed or dropped.
 */
function findAlterationHazards(family: ShardFamily, text: string, definition: TableSnapshot): readonly Hazard[] {
  const statement = toAlterationStatement(family, text, 0)
  return findHazards(statement, { accepted: [], tables: knownTable(definition) }).filter(
    ({ kind }) => kind === 'destructive',
  )
}

/** The current table, for rules that compare types: `{{table}}` is its name in wwdb's statements. */
function knownTable(definition: TableSnapshot): Schema {
  const table = { ...definition, rows: 0, bytes: 0 }
  return { schema: null, states: new Map([['\u0000{{table}}', { type: 'table', table }]]) }
}

/**
 * The ALTER TABLEs of a family as a script for the mysql client: every table separately and with its schema, preceded
 * by a comment with its hazards.
 */
export function printAlterations({ viewed, alterations }: AlteredFamily, families: readonly ShardFamily[]): string {
  const { family, target } = viewed.view
  return alterations.groups
    .map((group) => {
      const heading = `-- ${family.name} in ${target.schema} at ${target.server}: ${group.differences.map((one) => describeDifference(one, group.tables.length > 1)).join('; ')}`
      // Shards that are partitions of one table are altered with it, once.
      const tables = new Set(group.tables.flatMap((table) => printTable(viewed, families, table, group).join('')))
      return `${toComment([heading, ...group.hazards.map(({ code, why }) => `-- HAZARD ${code}: ${why}`)])}${[...tables].join('')}`
    })
    .join('\n')
}

function printTable(
  { view }: AlteredFamily['viewed'],
  families: readonly ShardFamily[],
  table: string,
  { statements }: ShapeAlteration,
): readonly string[] {
  const key = view.naming.parse(table)
  if (key === null) return []
  const whole = view.wholes?.get(table)
  const names = whole === undefined ? namesOf(view.family, families, key) : { table: whole, siblings: new Map() }
  return statements.map((text) => {
    const filled = renderShardText(text, names)
    // Without it the statement would mean a table of the selected schema.
    const place = `ALTER TABLE ${quoteName(view.target.schema)}.${quoteName(names.table)}`
    return `${filled.replace(`ALTER TABLE ${quoteName(names.table)}`, () => place)};\n`
  })
}

/** Definitions may contain line ends (in comments, for instance), which must not end wwdb's own comment. */
function toComment(lines: readonly string[]): string {
  return lines.map((line) => `${line.replaceAll(/[\r\n]+/g, ' ')}\n`).join('')
}
