import { migrationLabel } from '../../core/migration-label.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { FamilyRecord } from '../shard.ts'
import type { TemplateChange } from './ports.ts'

/** A template's text with its checksum. */
interface TemplateText {
  readonly template: string
  readonly checksum: string
}

export interface VersionQuestion {
  readonly migration: Migration
  readonly direction: 'up' | 'down'
  /** What the registry records about the family. */
  readonly record: FamilyRecord
  /** The changes that gave the template its versions, as far as they were recorded. */
  readonly changes: readonly TemplateChange[]
  /** The family's file. */
  readonly file: TemplateText
  /** Migrations of the family that are not complete, in the order in which they run. */
  readonly pending: readonly Migration[]
}

/** The effect of a fan-out on its family's template. */
export interface VersionDecision {
  /** The version of completed shards. */
  readonly to: number
  /** True where shards are upgraded to `to`, by a migration or by reverting one of their initial version; false where they go back. */
  readonly forward: boolean
  /** What must be recorded before any shard is touched; null where an earlier run did so. */
  readonly begin: {
    readonly record: readonly TemplateChange[]
    readonly family: FamilyRecord
    /** Together they must turn the registry's template into that of `family`. */
    readonly proof: readonly { readonly migration: Migration; readonly direction: 'up' | 'down' }[]
  } | null
  /** Changes to be deleted when every shard is complete. */
  readonly forget: readonly TemplateChange[]
}

/** The last change that a migration made to the template. */
function lastChange(changes: readonly TemplateChange[], migration: Migration): TemplateChange | null {
  const own = changes.filter((change) => change.migration === migration.version)
  return own.sort((a, b) => b.version - a.version)[0] ?? null
}

/**
 * Decides which version a fan-out gives its family's template. Several pending migrations are recorded together when the
 * first of them begins, because the file contains the result of all of them: new shards are created with all of them.
 * Pure. Throws ToolError `TEMPLATE_ORDER` where a later change would have to be undone first.
 */
export function decideVersion(question: VersionQuestion): VersionDecision {
  return question.direction === 'up' ? decideUp(question) : decideDown(question)
}

function isRecorded({ record, changes }: VersionQuestion, migration: Migration): TemplateChange | null {
  const change = lastChange(changes, migration)
  return change?.direction === 'up' && change.version <= record.version ? change : null
}

function decideUp(question: VersionQuestion): VersionDecision {
  const { migration, record, file, pending } = question
  const recorded = isRecorded(question, migration)
  if (recorded !== null) return { to: recorded.version, forward: true, begin: null, forget: [] }
  const chain = pending.filter((one) => isRecorded(question, one) === null)
  const { template, checksum } = record
  const changes = chain.map(
    (one, index): TemplateChange => ({
      family: record.family,
      version: record.version + 1 + index,
      migration: one.version,
      direction: 'up',
      earlier: index === 0 ? { template, checksum } : null,
    }),
  )
  const own = changes.find((change) => change.migration === migration.version)
  if (own === undefined) throw new Error(`\`${migration.file}\` is not among the pending ones`)
  return {
    to: own.version,
    forward: true,
    begin: {
      record: changes,
      family: { ...record, ...file, version: record.version + chain.length },
      proof: chain.map((one) => ({ migration: one, direction: 'up' })),
    },
    forget: [],
  }
}

function decideDown(question: VersionQuestion): VersionDecision {
  const { migration, record, changes, file } = question
  const change = lastChange(changes, migration)
  if (change === null || change.direction === 'down') return revertInitialVersion(question, change)
  const back = change.version - 1
  if (record.version !== change.version && record.version !== back) throw laterChange(question, change)
  const proof = [{ migration, direction: 'down' as const }]
  const family = { ...record, ...(change.earlier ?? file), version: back }
  const begin = record.version === back ? null : { record: [], family, proof }
  return { to: back, forward: false, begin, forget: [change] }
}

/** The template had the change when its first shard was created: removing it is a change like any other. */
function revertInitialVersion(
  { migration, record, file }: VersionQuestion,
  change: TemplateChange | null,
): VersionDecision {
  if (change !== null && change.version <= record.version)
    return { to: change.version, forward: true, begin: null, forget: [] }
  const { template, checksum } = record
  const to = record.version + 1
  const undo: TemplateChange = {
    family: record.family,
    version: to,
    migration: migration.version,
    direction: 'down',
    earlier: { template, checksum },
  }
  const family = { ...record, ...file, version: to }
  return { to, forward: true, begin: { record: [undo], family, proof: [{ migration, direction: 'down' }] }, forget: [] }
}

function laterChange({ migration, record, changes }: VersionQuestion, own: TemplateChange): ToolError {
  const later = changes.find((change) => change.version > own.version)
  return new ToolError('TEMPLATE_ORDER', {
    what: `\`${migrationLabel(migration)}\` cannot be rolled back: the template of \`${record.family}\` was changed later.`,
    where: { file: migration.file, database: migration.database },
    why: `It gave the template version ${own.version}, and ${later?.migration ?? 'another migration'} version ${record.version}: new shards are created with both.`,
    next: `Finish ${later?.migration ?? 'that one'} with \`wwdb migrate\` if it is not complete, then roll back both, the later one first.`,
  })
}
