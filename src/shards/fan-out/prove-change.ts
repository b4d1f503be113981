import { periodAt } from '../../calendar/period.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { describeDifference } from '../../ddl/definitions/compare-definitions.ts'
import { type DefinitionNames, readDefinition } from '../../ddl/definitions/shard-definition.ts'
import { writeAlterations } from '../../ddl/definitions/write-alterations.ts'
import { type DefinitionEdit, writeEdits } from '../../ddl/definitions/write-edits.ts'
import type { Migration } from '../../migrations/migration.ts'
import { resolveText } from '../../migrations/plan/placeholders.ts'
import { renderShardText } from '../../migrations/plan/shard-names.ts'
import type { TableToCreate } from '../ports.ts'
import { namesOf, type RenderContext, renderShard } from '../render-shard.ts'
import type { FamilyRecord } from '../shard.ts'
import type { ShapeQuestion, ShardLedger, TriedTable } from './ports.ts'

export interface ProofRequest extends RenderContext {
  readonly ledger: Pick<ShardLedger, 'tryChange'>
  readonly family: ShardFamily
  /** The template in the registry. */
  readonly before: Pick<FamilyRecord, 'template' | 'version'>
  /** The template's target state. */
  readonly after: Pick<FamilyRecord, 'template' | 'version'>
  /** The statements that turn the one into the other, in order. */
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

/** The siblings that a text or a statement may reference, parents before children. */
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
 * Proves that the earlier template and the migrations together give the later template: both are created in a scratch
 * schema, the statements run on the first, and the shapes are compared line by line. Throws ToolError
 * `TEMPLATE_DIFFERS` with every difference, and what to write so that there is none.
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

/** How the template's table differs from the table after a change. */
interface ProofDifference {
  /** The differences, each with the line to write in the template. */
  readonly edits: readonly DefinitionEdit[]
  /** The statements that turn the changed table into the template's, with `{{table}}` for its name. */
  readonly alterations: readonly string[]
  /** Differences that only information_schema shows; read only where the definitions are equal. */
  readonly wantedLines: readonly string[]
  readonly changedLines: readonly string[]
}

/** Reads the definitions of both tables, so that only differences are reported, in SQL that can be copied. */
function compareTables(wanted: TriedTable, changed: TriedTable, names: DefinitionNames): ProofDifference {
  const template = readDefinition(wanted.definition, names)
  const made = readDefinition(changed.definition, names)
  const edits = writeEdits(template, made)
  const only = (one: TriedTable, other: TriedTable): readonly string[] =>
    edits.length > 0 ? [] : one.lines.filter((line) => !other.lines.includes(line))
  return {
    edits,
    alterations: writeAlterations(template, made),
    wantedLines: only(wanted, changed),
    changedLines: only(changed, wanted),
  }
}

/** The error for the author of a migration, or of an edit to the template alone. */
function templateDiffers(request: ProofRequest, difference: ProofDifference): ToolError {
  const { family, before, after, steps } = request
  const [first] = steps
  const last = steps.at(-1)
  if (first === undefined || last === undefined) return editedAlone(request, difference)
  const where = { file: first.migration.file, database: family.database }
  // A rollback returns to a text in the registry, which cannot be edited.
  const isFile = after.template === family.template.text
  const own = isFile ? family.template.file : `version ${after.version} of the template`
  const labels = steps.map(({ migration }) => migrationLabel(migration)).join(' and ')
  const correct = isFile ? 'Correct the template as each difference describes' : 'Correct the migration'
  const part = `${last.direction === 'up' ? '' : 'the down part of '}${migrationLabel(last.migration)}`
  const summary: Fault = {
    what: `${labels} ${steps.length === 1 ? 'does' : 'do'} not produce ${own} of version ${before.version} of the family \`${family.name}\`.`,
    where,
    why: 'Changed shards and shards created from now on would differ.',
    next: withStatements(
      `${correct}; nothing was changed.`,
      `${isFile ? 'If the template is right, add' : 'Add'} to ${part}:`,
      difference,
    ),
  }
  const place = isFile ? { file: family.template.file, line: family.template.line } : where
  return new ToolError('TEMPLATE_DIFFERS', [
    summary,
    ...listDifferences(difference, 'The changed table', place, isFile),
  ])
}

/** The file differs from the registry, and no pending migration explains it. */
function editedAlone({ family, before }: ProofRequest, difference: ProofDifference): ToolError {
  const { file, line } = family.template
  const summary: Fault = {
    what: `\`${file}\` was changed, but no migration applies the change to the shards of \`${family.name}\`.`,
    where: { file, database: family.database },
    why: `New shards are still created from version ${before.version}.`,
    next: withStatements(
      'Revert the change as each difference describes.',
      `Or write a migration with \`-- wwdb:shards ${family.name}\` that makes the same change:`,
      difference,
    ),
  }
  return new ToolError('TEMPLATE_DIFFERS', [
    summary,
    ...listDifferences(difference, 'Each shard', { file, line }, true),
  ])
}

function withStatements(advice: string, lead: string, { alterations }: ProofDifference): string {
  return alterations.length === 0 ? advice : [advice, lead, ...alterations.map((text) => `${text};`)].join('\n')
}

function listDifferences(
  { edits, wantedLines, changedLines }: ProofDifference,
  subject: string,
  where: Fault['where'] & object,
  editable: boolean,
): readonly Fault[] {
  return [
    ...edits.map(
      ({ difference, edit }): Fault => ({
        what: `${subject} ${describeDifference(difference)}.`,
        where,
        ...(editable ? { next: edit } : {}),
      }),
    ),
    ...wantedLines.map((line): Fault => ({ what: `Only the template has \`${line}\`.`, where })),
    ...changedLines.map((line): Fault => ({ what: `${subject} alone has \`${line}\`.`, where })),
  ]
}
