import { periodAt } from '../../../calendar/period.ts'
import type { Migration } from '../../../domain/migration.ts'
import { migrationLabel } from '../../../domain/migration-label.ts'
import type { ShardFamily } from '../../../domain/shards/family.ts'
import type { FamilyRecord } from '../../../domain/shards/shard.ts'
import { type Fault, ToolError } from '../../../domain/tool-error.ts'
import { resolveText } from '../../placeholders.ts'
import type { TableToCreate } from '../ports.ts'
import { type RenderSurroundings, renderShard } from '../render-shard.ts'
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
 * Throws ToolError `TEMPLATE_DIFFERS` with every line that differs.
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
  const lacking = wanted.filter((line) => !changed.includes(line))
  const surplus = changed.filter((line) => !wanted.includes(line))
  if (lacking.length + surplus.length > 0) throw templateDiffers(request, lacking, surplus)
}

function templateDiffers(request: ProofRequest, lacking: readonly string[], surplus: readonly string[]): ToolError {
  const { family, before, after, steps } = request
  const names = steps.map(({ migration }) => migrationLabel(migration)).join(' and ')
  const [first] = steps
  if (first === undefined) return editedAlone(request, lacking, surplus)
  const where = { file: first.migration.file, database: family.database }
  const own =
    after.template === family.template.text ? family.template.file : `version ${after.version} of the template`
  const summary: Fault = {
    what: `${names} ${steps.length === 1 ? 'does' : 'do'} not make ${own} of version ${before.version} of the family ${family.name}`,
    where,
    why: 'shards that are changed and shards that are made from now on would differ',
    next: 'Correct the template or the migration so that both say the same; nothing was changed.',
  }
  return new ToolError('TEMPLATE_DIFFERS', [
    summary,
    ...lacking.map(
      (line): Fault => ({ what: `Only the template has: ${line}`, where: { file: family.template.file } }),
    ),
    ...surplus.map((line): Fault => ({ what: `Only the change makes: ${line}`, where })),
  ])
}

/** The file says something else than the registry, and nothing is pending that would make it so. */
function editedAlone(
  { family, before }: ProofRequest,
  lacking: readonly string[],
  surplus: readonly string[],
): ToolError {
  const where = { file: family.template.file, database: family.database }
  return new ToolError('TEMPLATE_DIFFERS', [
    {
      what: `${family.template.file} was changed, and no migration carries the change to the shards of ${family.name}`,
      where,
      why: `new shards are still made as version ${before.version} says`,
      next: `Write a migration with \`-- wwdb:shards ${family.name}\` that makes the same change, or take the change back.`,
    },
    ...lacking.map((line): Fault => ({ what: `Only the template has: ${line}`, where })),
    ...surplus.map((line): Fault => ({ what: `Only the shards have: ${line}`, where })),
  ])
}
