import { readDefinition, type TableDefinition } from '../../sql/definitions/table-definition.ts'
import type { ShardStore } from '../ports.ts'
import type { Shard } from '../shard.ts'
import type { InspectionRequest } from './request.ts'
import { asRecorded, siblingNames, siblingTables, type ViewedFamily } from './view-families.ts'

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
