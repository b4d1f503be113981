import { type Fault, ToolError } from '../../core/tool-error.ts'
import { migrationLabel } from '../../migrations/plan.ts'
import { describeDifference } from '../../sql/definitions/difference.ts'
import { type DefinitionNames, readDefinition } from '../../sql/definitions/table-definition.ts'
import { writeAlterations } from '../../sql/definitions/write-alterations.ts'
import { type DefinitionEdit, writeEdits } from '../../sql/definitions/write-edits.ts'
import type { TriedTable } from './ports.ts'
import type { ProofRequest } from './prove-change.ts'

/** What tells the table of a template from the table that a change makes. */
export interface ProofDifference {
  /** Each with what to write in the template. */
  readonly edits: readonly DefinitionEdit[]
  /** What makes the template's table of the changed one: statements, with `{{table}}` for its name. */
  readonly alterations: readonly string[]
  /** What information_schema alone tells apart; read only where the definitions say the same. */
  readonly wantedLines: readonly string[]
  readonly changedLines: readonly string[]
}

/** Reads the definitions of both tables, so that only what differs is told, and as somebody would write it. */
export function compareTables(wanted: TriedTable, changed: TriedTable, names: DefinitionNames): ProofDifference {
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

/** The refusal, from the side of whoever wrote a migration, or edited a template alone. */
export function templateDiffers(request: ProofRequest, difference: ProofDifference): ToolError {
  const { family, before, after, steps } = request
  const [first] = steps
  const last = steps.at(-1)
  if (first === undefined || last === undefined) return editedAlone(request, difference)
  const where = { file: first.migration.file, database: family.database }
  // What a rollback returns to is a text of the registry, which nobody can edit.
  const isFile = after.template === family.template.text
  const own = isFile ? family.template.file : `version ${after.version} of the template`
  const labels = steps.map(({ migration }) => migrationLabel(migration)).join(' and ')
  const correct = isFile ? 'Correct the template as each difference says' : 'Correct the migration'
  const part = `${last.direction === 'up' ? '' : 'the down part of '}${migrationLabel(last.migration)}`
  const summary: Fault = {
    what: `${labels} ${steps.length === 1 ? 'does' : 'do'} not make ${own} of version ${before.version} of the family ${family.name}`,
    where,
    why: 'shards that are changed and shards that are made from now on would differ',
    next: withStatements(
      `${correct}; nothing was changed.`,
      `${isFile ? 'Where the template is right, add' : 'Add'} to ${part}:`,
      difference,
    ),
  }
  const place = isFile ? { file: family.template.file, line: family.template.line } : where
  return new ToolError('TEMPLATE_DIFFERS', [
    summary,
    ...listDifferences(difference, 'The changed table', place, isFile),
  ])
}

/** The file says something else than the registry, and nothing is pending that would make it so. */
function editedAlone({ family, before }: ProofRequest, difference: ProofDifference): ToolError {
  const { file, line } = family.template
  const summary: Fault = {
    what: `${file} was changed, and no migration carries the change to the shards of ${family.name}`,
    where: { file, database: family.database },
    why: `new shards are still made as version ${before.version} says`,
    next: withStatements(
      'Take the change back as each difference says.',
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
        what: `${subject} ${describeDifference(difference)}`,
        where,
        ...(editable ? { next: edit } : {}),
      }),
    ),
    ...wantedLines.map((line): Fault => ({ what: `Only the template has: ${line}`, where })),
    ...changedLines.map((line): Fault => ({ what: `${subject} alone has: ${line}`, where })),
  ]
}
