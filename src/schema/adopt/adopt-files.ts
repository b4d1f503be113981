import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import type { DatabaseConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { checksumOf, normalizeText } from '../../files/checksum.ts'
import { type AdoptedList, listName, readList } from '../../migrations/files/adopted-list.ts'
import { isIgnoredName } from '../../migrations/files/migration-name.ts'
import { draftOf, writeWhole } from '../write/drafts.ts'
import type { OldFile } from './contract.ts'

/** The files that an adoption writes into the folder of migrations. */
export interface WrittenFile {
  readonly fileName: string
  readonly text: string
}

/** All files below a folder that match, or the one file, with `/` in their paths. Throws ToolError `ADOPT_REFUSED`. */
export async function readOldFiles(path: string, match: string | null): Promise<readonly OldFile[]> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return null
      throw error
    })
    if (entries === null) return [{ path: basename(path), text: await readFile(path, 'utf8') }]
    const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
    return await Promise.all(
      paths
        .toSorted()
        .filter((one) => !relative(path, one).split(sep).includes('node_modules'))
        .filter((one) => match === null || matchesPattern(relative(path, one).split(sep).join('/'), match))
        .map(async (one) => ({ path: relative(path, one).split(sep).join('/'), text: await readFile(one, 'utf8') })),
    )
  } catch (error) {
    throw new ToolError(
      'ADOPT_REFUSED',
      {
        what: 'The files of the other tool cannot be read.',
        where: { file: path },
        why: error instanceof Error ? error.message : String(error),
        next: 'Give their folder with `--files`.',
      },
      { cause: error },
    )
  }
}

/** One file that the caller names. Throws ToolError `ADOPT_REFUSED`. */
export async function readOldFile(path: string, flag: string): Promise<OldFile> {
  try {
    return { path: basename(path), text: await readFile(path, 'utf8') }
  } catch (error) {
    throw new ToolError(
      'ADOPT_REFUSED',
      {
        what: `The file of \`${flag}\` cannot be read.`,
        where: { file: path },
        why: error instanceof Error ? error.message : String(error),
        next: `Name the file with \`${flag}\`.`,
      },
      { cause: error },
    )
  }
}

/** `*` stands for any characters, including `/`. */
function matchesPattern(path: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[^\w]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(path)
}

/**
 * Throws ToolError `ADOPT_REFUSED` where the folder has foreign migrations. Files of an adoption, and files written after it, are not: other
 * environments are adopted later.
 */
export async function refuseOthers(database: DatabaseConfig, files: readonly WrittenFile[]): Promise<void> {
  const present = await readMigrationFiles(database)
  const own = new Map(files.map(({ fileName, text }) => [fileName, text]))
  const isAdopted = (await readList(database)) !== null
  const other = [...present].find(([name, text]) => (own.has(name) ? own.get(name) !== text : !isAdopted))
  if (other === undefined) return
  throw new ToolError('ADOPT_REFUSED', {
    what: `The migrations of \`${database.name}\` already have another file: \`${other[0]}\`.`,
    where: { database: database.name, file: join(database.migrations, other[0]) },
    why: 'Adopted migrations come first, and other files in the folder must not sort between them.',
    next: 'Move it out of the folder, adopt, and move it back with a version that sorts after the last one.',
  })
}

/** The migrations of a folder by their names, with LF as line ends. */
export async function readMigrationFiles({ migrations }: DatabaseConfig): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(migrations, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((one) => one.isFile() && !isIgnoredName(one.name)).map(({ name }) => name)
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, normalizeText(await readFile(join(migrations, name), 'utf8'))] as const),
    ),
  )
}

/** Writes the list, then the files, each completely or not at all. Returns whether any of them did not exist yet. */
export async function writeAdopted(
  { migrations }: DatabaseConfig,
  { tool, tables }: Pick<AdoptedList, 'tool' | 'tables'>,
  files: readonly WrittenFile[],
): Promise<boolean> {
  await mkdir(migrations, { recursive: true })
  const list: AdoptedList = {
    tool,
    tables,
    files: Object.fromEntries(files.map(({ fileName, text }) => [fileName, checksumOf(text)])),
  }
  const wanted = [{ fileName: listName, text: `${JSON.stringify(list, null, 2)}\n` }, ...files]
  let isNew = false
  for (const { fileName, text } of wanted) {
    const path = join(migrations, fileName)
    if ((await readFile(path, 'utf8').catch(() => null)) === text) continue
    isNew = true
    await writeWhole(path, text)
  }
  return isNew
}

/** The files of the list that are still unchanged. Throws ToolError `ADOPT_REFUSED` where one was edited since. */
export async function checkAdopted(database: DatabaseConfig, { files }: AdoptedList): Promise<readonly string[]> {
  const present = await readMigrationFiles(database)
  const edited = Object.keys(files).filter(
    (name) => present.has(name) && checksumOf(present.get(name) ?? '') !== files[name],
  )
  if (edited.length > 0) {
    throw new ToolError(
      'ADOPT_REFUSED',
      edited.map((name) => ({
        what: `\`${name}\` was edited after it was adopted.`,
        where: { database: database.name, file: join(database.migrations, name) },
        next: 'Restore it, or keep a copy elsewhere and remove it.',
      })),
    )
  }
  return Object.keys(files).filter((name) => present.has(name))
}

/** Removes the files, including drafts that a killed run left, then the list. */
export async function removeAdopted({ migrations }: DatabaseConfig, names: readonly string[]): Promise<void> {
  for (const name of [...names, listName]) {
    await rm(join(migrations, draftOf(name)), { force: true })
    await rm(join(migrations, name), { force: true })
  }
}
