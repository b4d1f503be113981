import { periodAt, shiftPeriod } from '../../calendar/period.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { TemplateCheck } from '../answers.ts'
import { renderFirst } from '../partitions/render-partitioned.ts'
import type { ShardStore, TableShape, TableToCreate } from '../ports.ts'
import { type RenderContext, renderShard, withSiblings } from '../render-shard.ts'
import { compareDefinition } from './compare-definition.ts'

/** A shard to be created, after those that it references. */
interface Trial {
  readonly table: TableToCreate
  readonly siblings: readonly TableToCreate[]
}

/**
 * Creates two shards of a family in a scratch schema and compares the server's tables with the text, and the two with each other. A refusal of the server is a fault of the template; connection errors are thrown.
 * @param now milliseconds since the epoch: the current period is one of the two.
 */
export async function checkTemplate(
  family: ShardFamily,
  store: Pick<ShardStore, 'shapeOf' | 'definitionOf' | 'target'>,
  rendering: RenderContext,
  now: number,
): Promise<TemplateCheck> {
  const [key, otherKey] = trialKeys(family, now)
  const first = makeTrial(family, key, rendering)
  const second = makeTrial(family, otherKey, rendering)
  const { file, line } = family.template
  const about = { family: family.name, database: family.database, server: store.target.server, file }
  const where = { file, line }
  const tables = [first.table.table, second.table.table]
  try {
    const difference = compareDefinition(first.table.text, await store.definitionOf(first.table, first.siblings))
    const faults = difference.faults.map((what): Fault => ({ what, where }))
    const others = await compareTrials(first, second, store)
    // Whether the server takes it with partitions is known when it has made one.
    if (family.keeper === 'partition') await store.definitionOf(renderFirst(family, key, rendering), [])
    const drift = others.length === 0 ? [] : [driftFault(tables, others, where)]
    return { ...about, tables, faults: [...faults, ...drift], changes: difference.changes }
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'TEMPLATE_REFUSED') throw error
    return {
      ...about,
      tables,
      faults: error.faults.map((fault) => ({ ...fault, where: { ...fault.where, ...where } })),
      changes: [],
    }
  }
}

/** A current key and one that differs as much as possible: the longest, or of another year. */
function trialKeys({ division }: ShardFamily, now: number): readonly [string, string] {
  if (division.type === 'key') return ['1', '18446744073709551615']
  const present = periodAt(now, division.kind, division.zone)
  return [present.key, shiftPeriod(present, 13).key]
}

function makeTrial(family: ShardFamily, key: string, rendering: RenderContext): Trial {
  const siblings = withSiblings(family, rendering.families).filter((each) => each !== family)
  return {
    table: renderShard(family, { key }, rendering),
    siblings: siblings.map((sibling) => renderShard(sibling, { key }, rendering)),
  }
}

async function compareTrials(
  first: Trial,
  second: Trial,
  store: Pick<ShardStore, 'shapeOf'>,
): Promise<readonly string[]> {
  const one = await store.shapeOf(first.table, first.siblings)
  const other = await store.shapeOf(second.table, second.siblings)
  if (one.fingerprint === other.fingerprint) return []
  const [ownLines, otherLines] = [linesOnlyIn(one, other), linesOnlyIn(other, one)]
  const [table, otherTable] = [first.table.table, second.table.table]
  return [
    ...ownLines.map((line) => `only ${table} has: ${line}`),
    ...otherLines.map((line) => `only ${otherTable} has: ${line}`),
  ]
}

/** The lines that the other does not have. Where a column's name differs, so does the column order, which then says nothing. */
function linesOnlyIn({ lines }: TableShape, other: TableShape): readonly string[] {
  const own = (lines ?? []).filter((line) => !(other.lines ?? []).includes(line))
  const parts = own.filter((line) => !line.startsWith('order '))
  return parts.length > 0 ? parts : own
}

function driftFault(
  [one = '', other = '']: readonly string[],
  lines: readonly string[],
  where: Fault['where'] & object,
): Fault {
  return {
    what: `${one} and ${other} are created from one template but differ.`,
    where,
    why: lines.join('; '),
    next: 'Remove everything in the template that depends on the name of the shard.',
  }
}
