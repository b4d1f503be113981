import type { ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { FamilyView } from '../family-view.ts'
import type { FamilyRecord, FamilyTemplate, Registry } from '../shard.ts'
import { checksumOfVersion } from '../vitess/template-version.ts'
import type { FamilyRun, FamilyWork } from './target-run.ts'

interface RecordedTemplates {
  readonly registry: Registry
  readonly carried: ReadonlyMap<string, number>
  /** The texts of all versions, where edits count at once. */
  readonly templates: readonly FamilyTemplate[]
  /** Whether a migration can carry an edit to all shards. */
  readonly fansOut: boolean
}

/** Shards are created as the registry says: an edited file counts once a fan-out has carried the edit, or at once where none can. */
export function withRecordedTemplate(
  family: ShardFamily,
  recorded: RecordedTemplates,
  view: FamilyView,
  run: FamilyRun,
): Pick<FamilyWork, 'family' | 'record' | 'earlier'> {
  const { registry, carried, fansOut } = recorded
  const { text, checksum } = family.template
  const known = registry.families.find((record) => record.family === family.name)
  if (known !== undefined && !fansOut) return followEdit(family, known, recorded.templates, view, run)
  const fresh = {
    family: family.name,
    version: known?.version ?? carried.get(family.name) ?? 1,
    template: text,
    checksum,
  }
  const edited = known !== undefined && known.checksum !== checksum
  if (known === undefined || view.records.size === 0)
    return { family, record: { ...fresh, lastSuccessAt: known?.lastSuccessAt ?? null }, earlier: [] }
  if (!edited) return { family, record: known, earlier: [] }
  run.note(
    `\`${family.template.file}\` differs from version ${known.version} of the family's template. New shards are created from that ` +
      'version until a migration with `-- wwdb:shards` applies the change to all of them.',
  )
  return { family: asRecorded(family, known), record: known, earlier: [] }
}

function asRecorded(family: ShardFamily, { template: text, checksum }: FamilyRecord): ShardFamily {
  return { ...family, template: { ...family.template, text, checksum } }
}

/** Where no migration can carry an edit, it counts at once, as the next version. A text that an earlier version had is no edit: it comes from an older checkout, or the edit was taken back. */
function followEdit(
  family: ShardFamily,
  known: FamilyRecord,
  templates: readonly FamilyTemplate[],
  view: FamilyView,
  run: FamilyRun,
): Pick<FamilyWork, 'family' | 'record' | 'earlier'> {
  const { text, checksum, file } = family.template
  const own = templates
    .filter((one) => one.family === family.name && one.version !== known.version)
    .toSorted((one, other) => other.version - one.version)
  if (known.checksum === checksum) return { family, record: known, earlier: own }
  const older = own.find((one) => one.checksum === checksum)
  if (older !== undefined) {
    const hasOtherHeaders = checksumOfVersion(known.template, family) !== known.checksum
    if (hasOtherHeaders) run.fail(headersOfOther(family, older, known, view))
    else
      run.note(
        `\`${file}\` is version ${older.version} of the family's template, and the registry has version ${known.version}: this is an older checkout, or an edit was taken back. New shards are created from version ${known.version}. ` +
          'Where the edit was taken back, add a comment inside the statement: that makes it a new version.',
      )
    return { family: asRecorded(family, known), record: known, earlier: own }
  }
  const version = known.version + 1
  if (view.records.size > 0)
    run.note(
      `\`${file}\` has changed. New shards are created from it, as version ${version} of the family's template; those that exist stay as they are: change each of them in a migration.`,
    )
  return { family, record: { ...known, version, template: text, checksum }, earlier: [known, ...own] }
}

/** The newest text with the vindex of an older file would have rows looked for on other shards than those that have them. */
function headersOfOther(
  { name, template: { file } }: ShardFamily,
  older: FamilyTemplate,
  known: FamilyRecord,
  { target: { database, server } }: FamilyView,
): ToolError {
  return new ToolError('FAMILY_HEADER_CHANGED', {
    what: `\`${name}\` has another \`-- wwdb:vindex\` or \`-- wwdb:sequence\` in version ${known.version} of its template than in this file, which is version ${older.version}.`,
    where: { database, server, file },
    why: 'The registry has the statement of the newest version, and its vindex and sequence are in its file alone.',
    next: `Rotate from a checkout that has version ${known.version}. Where the edit was taken back, add a comment inside the statement: that makes it a new version.`,
  })
}
