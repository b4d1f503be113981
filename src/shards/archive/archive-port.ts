import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ToolError } from '../../core/tool-error.ts'
import type { ArchivePort, FoundArchive, UnreadArchive } from '../ports.ts'
import { isFileMissing, translateFileError } from './archive-errors.ts'
import { folderAt, isArchiveFolder, type Manifest, manifestName, readManifest } from './archive-format.ts'
import { findArchive, verifyArchive } from './read-archive.ts'
import { restoreArchive } from './restore-archive.ts'
import { type ArchiveSetup, writeArchive } from './write-archive.ts'

/** Archives of shards in a directory: `<schema>/<family>/<table>.<time>/` with a manifest and gzip'd SQL. */
export function createArchivePort(setup: ArchiveSetup): ArchivePort {
  return {
    write: (request, report) => writeArchive(setup, request, report),
    verify: async (address) => verifyArchive(await findArchive(setup.directory, address)),
    isRemoved: (address) => isArchiveRemoved(setup.directory, address),
    describe: (address) => describeArchive(setup.directory, address),
    list: (schema) => listArchives(setup.directory, schema),
    restore: async (address, into, report) =>
      restoreArchive(setup.door, await findArchive(setup.directory, address), into, report),
  }
}

/** Reads an archive's manifest. Throws ToolError `ARCHIVE_MISSING`, `ARCHIVE_BROKEN`, `ARCHIVE_DENIED`. */
async function describeArchive(directory: string, address: string): Promise<FoundArchive> {
  return toFound(address, await readManifest(folderAt(directory, address), address))
}

/**
 * The archives of a schema, by family and in the order of their names, so that for one table the newest comes last. No file
 * with rows is read. Throws ToolError `ARCHIVE_DENIED` for a folder that may not be read.
 */
async function listArchives(directory: string, schema: string): Promise<readonly (FoundArchive | UnreadArchive)[]> {
  const found: (FoundArchive | UnreadArchive)[] = []
  for (const family of await listFolders(join(directory, schema))) {
    const folders = await listFolders(join(directory, schema, family))
    for (const folder of folders.filter(isArchiveFolder)) {
      found.push(await tryArchive(directory, [schema, family, folder, manifestName].join('/'), folder))
    }
  }
  return found
}

async function tryArchive(directory: string, address: string, folder: string): Promise<FoundArchive | UnreadArchive> {
  try {
    return await describeArchive(directory, address)
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const [fault] = error.faults
    return { type: 'unread', address, table: folder.split('.')[0] ?? folder, why: fault?.why ?? error.message }
  }
}

async function listFolders(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true })
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted()
  } catch (error) {
    if (isFileMissing(error)) return []
    throw translateFileError(error, path)
  }
}

function toFound(address: string, manifest: Manifest): FoundArchive {
  const { family, key, table, from, to, database, templateVersion, rows, checksum, file } = manifest
  const instant = (text: string | null): number | null => (text === null ? null : Date.parse(text))
  return {
    type: 'found',
    database,
    shard: { family, key, table, from: instant(from), to: instant(to) },
    templateVersion,
    archive: { address, rows, checksum, sha256: file.sha256, bytes: file.bytes, at: Date.parse(manifest.writtenAt) },
  }
}

/**
 * True where an archive's folder is missing but its family's folder exists: the archive was removed. Where both are missing, a
 * disk may not be mounted, and nothing is known.
 */
async function isArchiveRemoved(directory: string, address: string): Promise<boolean> {
  const folder = folderAt(directory, address)
  return !(await isThere(folder)) && (await isThere(dirname(folder)))
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isFileMissing(error)) return false
    throw translateFileError(error, path)
  }
}
