import { join } from 'node:path'
import type { Shard } from '../shard.ts'
import { archiveMissing, nameRefused } from './archive-errors.ts'

/** Where one archive is. Its folder appears with both files in it, by one rename. */
export interface Place {
  /** Of its manifest, relative to the archive directory, with `/` on every system. */
  readonly address: string
  /** Absolute. */
  readonly family: string
  readonly folder: string
  /** Absolute; where it is written. One a table, so that the next write of the table finds what a killed one left. */
  readonly temporary: string
  readonly dataName: string
}

export const manifestName = 'manifest.json'

/** MySQL's unquoted names, and hyphens: nothing that a file system, a shell or a path could understand otherwise. */
const harmless = /^[0-9A-Za-z_$][0-9A-Za-z_$-]{0,127}$/
/** `messages_202601.20261124T201502123Z`: the table, and when it was archived. */
const folderName = /^([0-9A-Za-z_$][0-9A-Za-z_$-]{0,127})\.\d{8}T\d{9}Z$/

function checkName(name: string): string {
  if (harmless.test(name)) return name
  throw nameRefused(name, 'it is made into a path, where such characters could lead elsewhere')
}

/**
 * The place for an archive that is written at `instant` (milliseconds since the epoch).
 * Throws ToolError `ARCHIVE_NAME` for a schema, family or table whose name must not become part of a path.
 */
export function placeOf(directory: string, schema: string, shard: Shard, instant: number): Place {
  const parts = [schema, shard.family].map(checkName)
  const table = checkName(shard.table)
  const stamp = new Date(instant).toISOString().replaceAll(/[-:.]/g, '')
  const name = `${table}.${stamp}`
  const family = join(directory, ...parts)
  return {
    address: [...parts, name, manifestName].join('/'),
    family,
    folder: join(family, name),
    temporary: join(family, `.writing-${table}`),
    dataName: `${table}.sql.gz`,
  }
}

/** True for a name that `placeOf` gives an archive's folder. */
export function isArchiveFolder(name: string): boolean {
  return folderName.test(name)
}

/** The folder of an archive that is there. An address comes from a registry or a person: what `placeOf` does not make is refused. */
export function folderAt(directory: string, address: string): string {
  const [schema, family, folder, file, ...rest] = address.split('/')
  const parts = [schema ?? '', family ?? '']
  if (rest.length > 0 || file !== manifestName || !parts.every((part) => harmless.test(part)))
    throw archiveMissing(address)
  if (folder === undefined || !folderName.test(folder)) throw archiveMissing(address)
  return join(directory, ...parts, folder)
}
