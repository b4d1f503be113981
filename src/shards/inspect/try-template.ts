import type { ShardFamily } from '../../core/shard-family.ts'
import { readDefinition, type TableDefinition } from '../../sql/definitions/table-definition.ts'
import type { ShardStore, TableToCreate } from '../ports.ts'
import type { Shard } from '../shard.ts'
import type { InspectionRequest, ViewedFamily } from './view-target.ts'

/** What a family's template makes on its server. */
export interface TriedTemplate {
  readonly fingerprint: string
  readonly definition: TableDefinition
}

/** Makes a shard in a scratch schema and looks at it. Throws ToolError with what the server says. */
export async function tryTemplate(
  store: ShardStore,
  viewed: readonly ViewedFamily[],
  family: ViewedFamily,
  shard: Shard,
  render: InspectionRequest['render'],
): Promise<TriedTemplate> {
  const recorded = asRecorded(family)
  const table = render(recorded, shard)
  const siblings = siblingTables(viewed, recorded, shard.key, render)
  const { fingerprint } = await store.shapeOf(table, siblings)
  const text = await store.definitionOf(table, siblings)
  const names = { table: shard.table, siblings: siblingNames(viewed, recorded.template, shard.key) }
  return { fingerprint, definition: readDefinition(text, names) }
}

/** The family with the template that its shards are made from by now: a file that was edited counts once a fan-out has carried it. */
function asRecorded({ view: { family }, record }: ViewedFamily): ShardFamily {
  if (record === null || record.checksum === family.template.checksum) return family
  return { ...family, template: { ...family.template, text: record.template, checksum: record.checksum } }
}

/** The tables that a shard refers to, those that they refer to first: what a scratch schema needs before it. */
function siblingTables(
  viewed: readonly ViewedFamily[],
  family: ShardFamily,
  key: string,
  render: InspectionRequest['render'],
): readonly TableToCreate[] {
  return viewed
    .filter(({ view }) => family.template.siblings.includes(view.family.name))
    .flatMap((sibling) => {
      const parent = asRecorded(sibling)
      const shard: Shard = { family: parent.name, key, table: sibling.view.naming.name(key), from: null, to: null }
      return [...siblingTables(viewed, parent, key, render), render(parent, shard)]
    })
}

/** What the tables that a shard refers to are called in its template, for taking its definition apart. */
export function siblingNames(
  viewed: readonly ViewedFamily[],
  { siblings }: ShardFamily['template'],
  key: string,
): ReadonlyMap<string, string> {
  return new Map(
    viewed
      .filter(({ view }) => siblings.includes(view.family.name))
      .map(({ view }) => [view.naming.name(key), `{{sibling:${view.family.name}}}`]),
  )
}
