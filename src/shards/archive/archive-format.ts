import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { quoteName } from '../../sql/quote-name.ts'
import type { Shard } from '../shard.ts'
import { archiveBroken, archiveMissing, isFileMissing, nameRefused, translateFileError } from './archive-errors.ts'

const instant = z.iso.datetime()
const digest = z.string().check(z.regex(/^[0-9a-f]{64}$/))
const whole = z.int().check(z.nonnegative())

const manifest = z.strictObject({
  format: z.literal(1),
  database: z.string(),
  schema: z.string(),
  family: z.string(),
  key: z.string(),
  from: z.nullable(instant),
  to: z.nullable(instant),
  table: z.string(),
  templateVersion: whole,
  /** The columns that the INSERTs name: without generated ones. */
  columns: z.array(z.string()),
  createTable: z.string(),
  rows: whole,
  checksum: z.string().check(z.regex(/^[0-9a-f]{24}$/)),
  file: z.strictObject({
    name: z.string().check(z.regex(/^[0-9A-Za-z_$][0-9A-Za-z_$-]{0,127}\.sql\.gz$/)),
    sha256: digest,
    bytes: whole,
  }),
  server: z.strictObject({ version: z.string(), uuid: z.string() }),
  toolVersion: z.string(),
  writtenAt: instant,
})

/** The manifest of an archive's file: everything that is needed to check and to load it. */
export type Manifest = z.infer<typeof manifest>

export function manifestText(content: Manifest): string {
  return `${JSON.stringify(content, null, 2)}\n`
}

/** Reads the manifest in an archive's folder. Throws ToolError `ARCHIVE_MISSING`, `ARCHIVE_BROKEN`, `ARCHIVE_DENIED`. */
export async function readManifest(folder: string, address: string): Promise<Manifest> {
  const path = join(folder, manifestName)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw isFileMissing(error) ? archiveMissing(address) : translateFileError(error, path)
  })
  const parsed = manifest.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw archiveBroken(address, `its manifest was not written by wwdb: ${issue?.path.join('.')}: ${issue?.message}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The places of one archive. Its folder appears with both files in it, by one rename. */
export interface Place {
  /** Of its manifest, relative to the archive directory, with `/` on every system. */
  readonly address: string
  /** Absolute. */
  readonly family: string
  readonly folder: string
  /** Absolute; it is written here. One per table, so that the next write of the table finds what a killed one left. */
  readonly temporary: string
  readonly dataName: string
}

export const manifestName = 'manifest.json'

/** MySQL's unquoted names, and hyphens: nothing that a file system, a shell or a path could interpret. */
const harmless = /^[0-9A-Za-z_$][0-9A-Za-z_$-]{0,127}$/
/** `messages_202601.20261124T201502123Z`: the table, and when it was archived. */
const folderName = /^([0-9A-Za-z_$][0-9A-Za-z_$-]{0,127})\.\d{8}T\d{9}Z$/

function checkName(name: string): string {
  if (harmless.test(name)) return name
  throw nameRefused(name, 'it becomes part of a path, and such characters could change the path')
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

/** True for the name of an archive's folder that `placeOf` returns. */
export function isArchiveFolder(name: string): boolean {
  return folderName.test(name)
}

/** The folder of an existing archive. An address comes from a registry or a person: what `placeOf` cannot return is refused. */
export function folderAt(directory: string, address: string): string {
  const [schema, family, folder, file, ...rest] = address.split('/')
  const parts = [schema ?? '', family ?? '']
  if (rest.length > 0 || file !== manifestName || !parts.every((part) => harmless.test(part)))
    throw archiveMissing(address)
  if (folder === undefined || !folderName.test(folder)) throw archiveMissing(address)
  return join(directory, ...parts, folder)
}

/**
 * The settings with which every value is loaded from an archive. No strict mode: an ENUM's invalid value and a zero date
 * are valid rows here; the checksum proves that everything arrived.
 */
export const loadingSession =
  `SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone='+00:00', ` +
  `foreign_key_checks=0, unique_checks=0, NAMES utf8mb4`

type Described = Pick<Manifest, 'family' | 'key' | 'table' | 'createTable'>

/** The beginning of an archive, up to its rows. It follows from the manifest, so that the file's SHA-256 covers both. */
export function headerText(content: Described): string {
  return `-- wwdb archive: ${content.family} ${content.key}\n${loadingSession};\n${content.createTable};\n`
}

/** The line before rows. `table` and columns as in the manifest, or the name under which it is loaded. */
export function insertLine(table: string, columns: readonly string[]): string {
  return `INSERT INTO ${quoteName(table)} (${columns.map(quoteName).join(',')}) VALUES`
}

/** The last line of a complete archive. */
export function footerLine(rows: number): string {
  return `-- ${rows} rows`
}

/** SHOW CREATE TABLE prints one line per column, key and constraint; names are in backticks, doubled inside. */
const firstLine = /^CREATE TABLE `(?:[^`]|``)+`/
const constraint = /^( {2}CONSTRAINT )`((?:[^`]|``)+)`/
const reference = /( REFERENCES (?:`(?:[^`]|``)+`\.)?)`((?:[^`]|``)+)`/
/** What MySQL appends to a table's name for an unnamed constraint; RENAME TABLE renames these constraints with the table. */
const generatedSuffix = /^_(?:ibfk|chk)_\d+$/

/**
 * A table's definition under another name, as RENAME TABLE would leave it: names of constraints that were derived from
 * the table's change with it. `ownNames` gives the original names of held tables, for foreign keys that point at them.
 */
export function renameDefinition(
  text: string,
  from: string,
  to: string,
  ownNames: ReadonlyMap<string, string> = new Map(),
): string {
  return text
    .replace(firstLine, () => `CREATE TABLE ${quote(to)}`)
    .split('\n')
    .map((line) => (line.startsWith('  CONSTRAINT `') ? renameConstraint(line, from, to, ownNames) : line))
    .join('\n')
}

function renameConstraint(line: string, from: string, to: string, ownNames: ReadonlyMap<string, string>): string {
  return line
    .replace(constraint, (whole: string, start: string, quoted: string) => {
      const name = quoted.replaceAll('``', '`')
      if (!name.startsWith(from) || !generatedSuffix.test(name.slice(from.length))) return whole
      return start + quote(to + name.slice(from.length))
    })
    .replace(reference, (_, start: string, quoted: string) => {
      const name = quoted.replaceAll('``', '`')
      return start + quote(name === from ? to : (ownNames.get(name) ?? name))
    })
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
