import { type Dirent, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { checksumOf, normalizeText } from '../../files/checksum.ts'
import { readTextFile } from '../../files/text-file.ts'
import { displayPath, listFolder, type MigrationEntry } from '../../migrations/files/folder.ts'
import { canonicalVersion, isFault } from '../../migrations/files/migration-name.ts'
import { byVersion } from '../migrations/plan-migrations.ts'
import type { CodeFolder, CodeMigration } from '../migrations/ports.ts'

const ending = '.mongodb'

/** No code of a migration is larger; a larger file is there by mistake. */
const largest = 4 * 1024 * 1024

interface Place {
  /** Absolute path of the declarations of MongoDB: the folders lie beside it. */
  readonly declarations: string
  /** The project's folder, for showing paths. */
  readonly root: string
}

/** Reads the folders `<name>.mongodb` beside the declarations. @throws ToolError MIGRATIONS_INVALID with every fault. */
export function readCodeFolders({ declarations, root }: Place): readonly CodeFolder[] {
  const parent = dirname(declarations)
  const names = listFolders(parent)
  if (names.length === 0) throw nothingThere(displayPath(root, parent))
  const read = names.map((name) => readFolder(name, join(parent, `${name}${ending}`), root))
  const faults = read.flatMap((folder) => folder.faults)
  if (faults.length > 0) throw new ToolError('MIGRATIONS_INVALID', faults)
  return read.map(({ name, migrations }) => ({ name, migrations }))
}

function listFolders(parent: string): readonly string[] {
  let found: readonly Dirent[] = []
  try {
    found = readdirSync(parent, { withFileTypes: true })
  } catch {
    // Without the parent there is no folder in it.
  }
  return found
    .filter((entry) => !entry.isFile() && entry.name.endsWith(ending) && !entry.name.startsWith('.'))
    .map(({ name }) => name.slice(0, -ending.length))
    .toSorted()
}

function readFolder(
  name: string,
  directory: string,
  root: string,
): { readonly name: string; readonly migrations: readonly CodeMigration[]; readonly faults: readonly Fault[] } {
  const { entries, faults } = listFolder({ name, directory }, root)
  const read = entries.map(readMigration)
  const migrations = read.flatMap((one) => (isFault(one) ? [] : [one])).toSorted(byVersion)
  return { name, migrations, faults: [...faults, ...read.filter(isFault), ...findTwins(migrations)] }
}

function readMigration({ name, file, path }: MigrationEntry): CodeMigration | Fault {
  if (name.kind !== 'data') {
    return {
      what: 'A migration of MongoDB is code.',
      where: { file },
      next: 'Write it as a `.ts`, `.js` or `.mjs` file that exports `up`.',
    }
  }
  const read = readTextFile(path, file, largest)
  if (isFault(read)) return read
  if (read.text === null) return { what: 'The file is larger than 4 MB.', where: { file }, next: 'Make it smaller.' }
  return { version: name.version, name: name.name, file, path, checksum: checksumOf(normalizeText(read.text)) }
}

function findTwins(migrations: readonly CodeMigration[]): readonly Fault[] {
  return migrations.flatMap((migration, at) => {
    const before = migrations[at - 1]
    if (before === undefined || canonicalVersion(before.version) !== canonicalVersion(migration.version)) return []
    return {
      what: `The version ${migration.version} is also that of \`${before.file}\`.`,
      where: { file: migration.file },
      next: 'Give one of them another version.',
    }
  })
}

function nothingThere(parent: string): ToolError {
  return new ToolError('MIGRATIONS_INVALID', {
    what: `\`${parent}\` has no folder with migrations of MongoDB.`,
    next: `Create \`${parent}/NAME${ending}\`, named after the database, with a file such as \`0001_first.ts\` that exports \`up\`.`,
  })
}
