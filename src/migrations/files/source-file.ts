import type { Condition } from '../../core/condition.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { type HashedText, hashText } from '../../files/checksum.ts'
import { readTextFile } from '../../files/text-file.ts'
import type { AcceptedHazard, Suppression } from '../../lint/accepted.ts'
import type { Script } from '../migration.ts'
import type { DataFunction, DataModule, FunctionName } from '../user-code.ts'
import type { FilesAhead } from './files-ahead.ts'
import type { MigrationEntry } from './folder.ts'
import { readHeader, type WrittenReference } from './header.ts'
import {
  type Content,
  type ContentReading,
  largestHeldFile,
  readContent,
  readHeaders,
  readLargeFile,
} from './large-file.ts'
import { isFault } from './migration-name.ts'
import type { Headers, PartRequest } from './part-reader.ts'
import { refuseShards } from './placeholders.ts'

/** A migration's file that has been read: its headers are known, its statements are split now or on demand. */
export interface SourceFile {
  readonly entry: MigrationEntry
  readonly checksum: string
  readonly headers: Headers
  /** Splits on first use. Throws ToolError `MIGRATIONS_INVALID` where a file that was assumed valid is not. */
  readonly content: () => Content
  /** The tables that connect it to other databases, whether or not the rest of it is valid. */
  readonly tables: () => Pick<Content, 'creates' | 'foreign'>
  /** True unless the text certainly does not mention the word. */
  readonly mentions: (word: string) => boolean
  readonly faults: readonly Fault[]
}

/** Whether a file's statements were checked before, by its checksum. */
export type IsKnownFile = (entry: MigrationEntry, checksum: string) => boolean

/** How the files of a folder are read. */
export interface FileReading {
  /** The names of all databases. */
  readonly databases: readonly string[]
  readonly isKnown: IsKnownFile
  readonly ahead: FilesAhead | undefined
}

/** Reads one file. Never throws because of its content: faults are in `faults`. */
export async function readSourceFile(
  entry: MigrationEntry,
  { databases, isKnown, ahead }: FileReading,
): Promise<SourceFile | Fault> {
  const { path, file } = entry
  const hashed = ahead?.takeText(path) ?? readHashed(path, file)
  if (hashed !== null && isFault(hashed)) return hashed
  const request = { file, repeatable: entry.name.kind === 'repeatable', database: entry.database, databases }
  if (hashed === null) return readLarge(entry, request)
  const { text, checksum } = hashed
  if (entry.name.kind === 'data') return moduleFile(entry, text, checksum)
  const headers = isKnown(entry, checksum) ? readHeaders(text, request) : null
  return headers === null
    ? checkedFile(entry, text, checksum, request)
    : knownFile(entry, text, checksum, headers, request)
}

/** Null where the file is too large to be held. */
function readHashed(path: string, file: string): HashedText | Fault | null {
  const read = readTextFile(path, file, largestHeldFile)
  if (isFault(read)) return read
  return read.text === null ? null : hashText(read.text)
}

async function readLarge(entry: MigrationEntry, request: PartRequest): Promise<SourceFile | Fault> {
  const { headers, content, faults, checksum } = await readLargeFile({ path: entry.path, request })
  return { entry, checksum, headers, content: () => content, tables: () => content, mentions: () => true, faults }
}

function moduleFile(entry: MigrationEntry, text: string, checksum: string): SourceFile {
  const { path, file } = entry
  const { headers, faults } = readModuleHeaders(text, file)
  const module = { path, file, checksum }
  const content: Content = {
    up: moduleScript(module, 'up'),
    down: moduleScript(module, 'down'),
    creates: new Set(),
    foreign: [],
  }
  return { entry, checksum, headers, content: () => content, tables: () => content, mentions: () => false, faults }
}

function checkedFile(entry: MigrationEntry, text: string, checksum: string, request: PartRequest): SourceFile {
  const { headers, content, faults } = readContent(text, request)
  return { entry, checksum, headers, content: () => content, tables: () => content, mentions: () => true, faults }
}

function knownFile(
  entry: MigrationEntry,
  text: string,
  checksum: string,
  headers: Headers,
  request: PartRequest,
): SourceFile {
  let reading: ContentReading | null = null
  const read = (): ContentReading => {
    reading ??= readContent(text, request)
    return reading
  }
  return {
    entry,
    checksum,
    headers,
    content: () => {
      if (read().faults.length > 0) throw new ToolError('MIGRATIONS_INVALID', read().faults)
      return read().content
    },
    tables: () => read().content,
    mentions: (word) => text.toLowerCase().includes(word),
    faults: [],
  }
}

const headerLine = /^[ \t]*\/\/[ \t]*wwdb:([A-Za-z][\w-]*)(.*)$/
const leadingLine = /^[ \t]*(?:\/\/.*)?$/

/** The headers of a data migration: `// wwdb:NAME ...` lines in the comments above its code. The code is not read. */
export function readModuleHeaders(text: string, file: string): { readonly headers: Headers; readonly faults: Fault[] } {
  const requires: WrittenReference[] = []
  const conditions: Condition[] = []
  const accepted: AcceptedHazard[] = []
  const suppressed: Suppression[] = []
  const faults: Fault[] = []
  let inside = false
  for (const [index, line] of text.split('\n').entries()) {
    const match = headerLine.exec(line)
    inside ||= !leadingLine.test(line)
    if (match === null) continue
    const place = { file, line: index + 1 }
    const header = inside ? misplacedFault(match[1] ?? '', place) : readHeader(match[1] ?? '', match[2] ?? '', place)
    if (isFault(header)) faults.push(header)
    else if (header.type === 'requires') requires.push(...header.references)
    else if (header.type === 'when') conditions.push(header.condition)
    else if (header.type === 'accept') accepted.push(header.accepted)
    else if (header.type === 'nolint') suppressed.push({ ...header.suppression, scope: 'file' })
    else if (header.type === 'shards') faults.push(refuseShards('module', place))
    else faults.push(squashedModule(place))
  }
  return { headers: { requires, conditions, accepted, suppressed, shards: null, squashes: [] }, faults }
}

function squashedModule(place: { readonly file: string; readonly line: number }): Fault {
  return {
    what: 'A data migration cannot replace other files.',
    where: place,
    next: 'Remove the header `wwdb:squashes`.',
  }
}

function misplacedFault(name: string, place: { readonly file: string; readonly line: number }): Fault {
  return {
    what: `The header \`wwdb:${name}\` is below the first line of code.`,
    where: place,
    next: 'Move it to the top of the file.',
  }
}

/** One direction of a data migration. */
function moduleScript(module: DataModule, direction: 'up' | 'down'): Script {
  return { type: 'module', path: module.path, run: moduleFunction(module, direction) }
}

/** The file is imported when the function is called, never before, and in a separate process: it could do anything there. */
export function moduleFunction(module: DataModule, name: FunctionName): DataFunction {
  return async (connection) => {
    const { runUserCode } = await import('./user-code/run-user-code.ts')
    return runUserCode(module, name, connection)
  }
}
