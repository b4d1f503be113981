import { periodAt } from '../../calendar/period.ts'
import type { Migration } from '../../core/migration.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { resolveText } from '../../migrations/plan/placeholders.ts'
import type { TableToCreate } from '../ports.ts'
import { type RenderSurroundings, renderShard } from '../render-shard.ts'
import type { FamilyRecord } from '../shard.ts'
import { compareTables, templateDiffers } from './describe-proof.ts'
import type { ShapeQuestion, ShardLedger } from './ports.ts'
import { renderShardText } from './render-statement.ts'
import { namesOf } from './select-shards.ts'

export interface ProofRequest extends RenderSurroundings {
  readonly ledger: Pick<ShardLedger, 'tryChange'>
  readonly family: ShardFamily
  /** The template as the registry has it. */
  readonly before: Pick<FamilyRecord, 'template' | 'version'>
  /** The template as it is to be. */
  readonly after: Pick<FamilyRecord, 'template' | 'version'>
  /** What makes the one of the other, in order. */
  readonly steps: readonly { readonly migration: Migration; readonly direction: 'up' | 'down' }[]
}

/** Any key: a shape does not depend on it. */
function anyKey({ division }: ShardFamily): string {
  return division.type === 'key' ? '1' : periodAt(Date.UTC(2001, 0, 1), division.kind, division.zone).key
}

const mentioned = /\{\{sibling:(\w+)\}\}/g

function withText(family: ShardFamily, text: string): ShardFamily {
  const siblings = [...new Set([...text.matchAll(mentioned)].map((match) => match[1] ?? ''))]
  return { ...family, template: { ...family.template, text, siblings } }
}

/** The siblings that a text or a statement may refer to, parents before children. */
function siblingsOf(request: ProofRequest, key: string): readonly TableToCreate[] {
  const { family, families } = request
  const { siblings } = namesOf(family, families, key)
  return families.filter((one) => siblings.has(one.name)).map((one) => renderShard(one, { key }, request))
}

function statementsOf(request: ProofRequest, key: string): readonly string[] {
  const names = namesOf(request.family, request.families, key)
  return request.steps.flatMap(({ migration, direction }) => {
    const script = direction === 'up' ? migration.up : migration.down
    if (script?.type !== 'statements') return []
    return script.statements
      .filter((statement) => statement.class === 'definition')
      .map((statement) => renderShardText(resolveText(statement.text, request.schemas), names))
  })
}

/**
 * Proves that the earlier template and the migrations together are the later template: both are made in a scratch
 * schema, the statements run on the first, and the shapes compared line by line.
 * Throws ToolError `TEMPLATE_DIFFERS` with every difference, and what to write so that there is none.
 */
export async function proveChange(request: ProofRequest): Promise<void> {
  const { ledger, family, before, after } = request
  const key = anyKey(family)
  const siblings = siblingsOf(request, key)
  const question = (text: string, statements: readonly string[]): ShapeQuestion => ({
    table: renderShard(withText(family, text), { key }, request),
    siblings,
    statements,
  })
  const changed = await ledger.tryChange(question(before.template, statementsOf(request, key)))
  const wanted = await ledger.tryChange(question(after.template, []))
  if (wanted.lines.join('\n') === changed.lines.join('\n')) return
  const { table, siblings: named } = namesOf(family, request.families, key)
  const names = { table, siblings: new Map([...named].map(([name, shard]) => [shard, `{{sibling:${name}}}`])) }
  throw templateDiffers(request, compareTables(wanted, changed, names))
}
