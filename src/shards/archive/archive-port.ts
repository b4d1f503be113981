import type { ArchivePort } from '../ports.ts'
import { describeArchive, isArchiveRemoved, listArchives } from './list-archives.ts'
import { findArchive, verifyArchive } from './read-archive.ts'
import { restoreArchive } from './restore-archive.ts'
import { type ArchiveSetup, writeArchive } from './write-archive.ts'

/** Archives of shards in a directory: `<schema>/<family>/<table>.<time>/` with a manifest and gzip'd SQL. */
export function createArchivePort(setup: ArchiveSetup): ArchivePort {
  return {
    write: (request, told) => writeArchive(setup, request, told),
    verify: async (address) => verifyArchive(await findArchive(setup.directory, address)),
    isRemoved: (address) => isArchiveRemoved(setup.directory, address),
    describe: (address) => describeArchive(setup.directory, address),
    list: (schema) => listArchives(setup.directory, schema),
    restore: async (address, into, told) => restoreArchive(await findArchive(setup.directory, address), into, told),
  }
}
