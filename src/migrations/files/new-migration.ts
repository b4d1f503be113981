import { exitCodes } from '../../core/exit-code.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { MigrationEntry } from './folder.ts'
import {
  canonicalVersion,
  isPlainName,
  momentOf,
  plainName,
  timestampOf,
  type VersionScheme,
} from './migration-name.ts'

/** The options of a new migration. */
export interface NewMigration {
  readonly name: string
  readonly kind: 'versioned' | 'repeatable' | 'data'
  /** Numbered like 0001; otherwise in the folder's style, and by time in an empty folder. */
  readonly sequence: boolean
  readonly now: Date
}

/** A new file's name and first text. */
export interface NewFile {
  readonly fileName: string
  readonly content: string
}

const sequenceDigits = 4
/** How far ahead of the clock the newest file may be before a new one is refused: two files in the same second are normal. */
const toleratedMilliseconds = 60_000

/** Chooses a name for a new migration so that it runs after all of its folder, and writes its first text. */
export function planNewFile(options: NewMigration, entries: readonly MigrationEntry[]): NewFile {
  if (!isPlainName(options.name)) throw new ToolError('NAME_INVALID', nameFault(options.name))
  const name = options.name.normalize('NFC')
  if (options.kind === 'repeatable') return repeatableFile(name, entries)
  const versioned = entries.filter((entry) => entry.name.kind !== 'repeatable')
  const newest = versioned.reduce<MigrationEntry | null>(newerOf, null)
  const scheme: VersionScheme = newest?.name.scheme ?? (options.sequence ? 'sequence' : 'timestamp')
  if (options.sequence && scheme === 'timestamp' && newest !== null) {
    throw new ToolError('VERSION_TAKEN', mixedFault(newest), { exitCode: exitCodes.usage })
  }
  const version = scheme === 'sequence' ? nextNumber(newest) : nextTimestamp(newest, options.now)
  return options.kind === 'data'
    ? { fileName: `${version}_${name}.ts`, content: moduleTemplate }
    : { fileName: `${version}_${name}.sql`, content: sqlTemplate }
}

function repeatableFile(name: string, entries: readonly MigrationEntry[]): NewFile {
  const fileName = `R__${name}.sql`
  const taken = entries.find((entry) => entry.name.fileName.toLowerCase() === fileName.toLowerCase())
  if (taken === undefined) return { fileName, content: repeatableTemplate }
  throw new ToolError('VERSION_TAKEN', {
    what: `There is a repeatable migration \`${taken.name.fileName}\` already.`,
    where: { file: taken.file },
    next: 'Edit it: it runs again when its text changes.',
  })
}

function newerOf(newest: MigrationEntry | null, entry: MigrationEntry): MigrationEntry {
  return newest !== null && compareVersions(newest.name.version, entry.name.version) >= 0 ? newest : entry
}

function nextNumber(newest: MigrationEntry | null): string {
  if (newest === null) return '1'.padStart(sequenceDigits, '0')
  const { version } = newest.name
  return String(Number(canonicalVersion(version)) + 1).padStart(version.length, '0')
}

function nextTimestamp(newest: MigrationEntry | null, now: Date): string {
  const version = timestampOf(now)
  if (newest === null || compareVersions(newest.name.version, version) < 0) return version
  const after = new Date(momentOf(newest.name.version).getTime() + 1000)
  if (after.getTime() - now.getTime() <= toleratedMilliseconds) return timestampOf(after)
  throw new ToolError('VERSION_TAKEN', {
    what: `A file named ${version} would run before \`${newest.name.fileName}\`, which has a later timestamp.`,
    where: { file: newest.file },
    next: 'Check the clock of this machine, or rename that file if it has not been applied anywhere.',
  })
}

function nameFault(name: string): Fault {
  const suggestion = plainName(name)
  return {
    what: `\`${name}\` is not a valid migration name: use letters, digits, _ and -, at most 150 characters.`,
    next:
      suggestion === null ? 'Describe what the migration does, for example `add_phone`.' : `Write \`${suggestion}\`.`,
  }
}

function mixedFault(newest: MigrationEntry): Fault {
  return {
    what: `The folder's migrations have timestamps, such as \`${newest.name.fileName}\`.`,
    where: { file: newest.file },
    next: 'Leave out `--sequence`.',
  }
}

const sqlTemplate = `-- migrate:up
-- What the change does: one statement or several.


-- migrate:down
-- What reverts it. Remove this part if nothing can.

`

const repeatableTemplate = `-- migrate:up
-- Runs again whenever this text changes, e.g.: CREATE OR REPLACE VIEW ...

`

const moduleTemplate = `import type { Knex } from 'knex'

/** Runs once, in one transaction. Write changes of the schema as SQL migrations: MySQL would commit this one half way. */
export async function up(knex: Knex): Promise<void> {
  throw new Error('Write what this migration does.')
}

export async function down(knex: Knex): Promise<void> {
  throw new Error('Write what reverts it.')
}
`
