import { statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { copyBeginning } from '../../core/copy-text.ts'
import { releaseMemory } from '../../core/release-memory.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { TextNormalizer } from '../../files/checksum.ts'
import { readTextChunks, withExcerpts } from '../../files/text-file.ts'
import { Scanner, scan } from '../../sql/scanner.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Script } from '../migration.ts'
import { type Direction, type ForeignTable, type Headers, PartReader, type PartRequest } from './part-reader.ts'
import { refuseShards } from './placeholders.ts'

/** Files larger than this, in bytes, are processed in chunks instead of being held. */
export const largestHeldFile = 8 * 1024 * 1024

const sampleSize = 20
/**
 * Characters of a statement of rows that are kept for a sample: it is shown to people, and 100 MB of it would stay in memory for the whole
 * run.
 */
const longestSample = 20_000
/** Chunks between two turns of the event loop, so that Ctrl-C and timers are noticed while a file of gigabytes is read. */
const chunksPerTurn = 16

/** A large file to be read. */
export interface LargeFile {
  readonly path: string
  readonly request: PartRequest
}

/**
 * Splits and checks a file of any size in little memory. Its scripts read it again when they run. From then on V8 frees
 * unused memory as soon as the heap has grown by 30 %: otherwise a file's text would pile up to 200 MB.
 */
export async function readLargeFile(large: LargeFile): Promise<ContentReading & { readonly checksum: string }> {
  setFlagsFromString('--heap-growing-percent=30')
  const reader = new PartReader(large.request)
  const samples = { up: [] as Statement[], down: [] as Statement[] }
  const seen = stateOf(large.path)
  let checksum = ''
  try {
    checksum = await passThrough(large, reader, (part, statement) => {
      if (samples[part].length < sampleSize) samples[part].push(sampleOf(statement))
    })
    reader.finish()
  } catch (error) {
    reader.refuse(error)
  }
  const scriptOf = (part: Direction): Script => ({
    type: 'stream',
    total: reader.count(part),
    sample: samples[part],
    open: () => openPart(large, part, checksum, seen),
  })
  const { headers, creates, foreign, faults } = reader
  if (headers.shards !== null) faults.push(refuseShards('large', { file: large.request.file }))
  const down = reader.count('down') === 0 ? null : scriptOf('down')
  return { headers, content: { up: scriptOf('up'), down, creates, foreign }, faults, checksum }
}

/** Definitions are kept completely: their effects are judged by their text. */
function sampleOf(statement: Statement): Statement {
  const { text, verb } = statement
  if (text.length <= longestSample || (verb !== 'INSERT' && verb !== 'REPLACE')) return statement
  return { ...statement, text: copyBeginning(text, longestSample), whole: text.length }
}

/** Reads all of a file; returns its checksum. Throws ToolError where it cannot be read or split. */
async function passThrough(
  large: LargeFile,
  reader: PartReader,
  visit: (part: Direction, statement: Statement) => void,
): Promise<string> {
  const passage = new Passage(large)
  try {
    for (let chunk = passage.next(); chunk !== null; chunk = passage.next()) {
      for (const piece of chunk) {
        const taken = reader.take(piece)
        if (taken === null) continue
        releaseAfter(taken.statement)
        visit(taken.part, taken.statement)
      }
      if (passage.chunks % chunksPerTurn === 0) await setImmediate()
    }
  } finally {
    passage.close()
  }
  return passage.checksum
}

/**
 * The statements of one part, read from the file. Throws ToolError `FILE_CHANGED` when the file is no longer the one that
 * was checked: before the first statement where its size or time shows it, else at the end; and the scanner's errors.
 */
async function* openPart(
  large: LargeFile,
  part: Direction,
  checksum: string,
  seen: FileState | null,
): AsyncGenerator<Statement, void> {
  const { path, request } = large
  if (!sameState(stateOf(path), seen) && (await hashLargeFile(large)) !== checksum) {
    throw new ToolError('FILE_CHANGED', changedFault(request.file, 'None of its statements ran.'))
  }
  const reader = new PartReader(request)
  const passage = new Passage(large)
  try {
    for (let chunk = passage.next(); chunk !== null; chunk = passage.next()) {
      for (const piece of chunk) {
        const taken = reader.take(piece)
        if (taken?.part !== part) continue
        releaseAfter(taken.statement)
        yield taken.statement
      }
      if (passage.chunks % chunksPerTurn === 0) await setImmediate()
    }
  } finally {
    passage.close()
  }
  if (passage.checksum !== checksum) {
    throw new ToolError(
      'FILE_CHANGED',
      changedFault(request.file, 'Some of its statements ran, possibly in the new version.'),
    )
  }
}

/** The checksum of a file, without splitting it. */
async function hashLargeFile({ path, request }: LargeFile): Promise<string | null> {
  const normalizer = new TextNormalizer()
  const chunks = readTextChunks(path, request.file)
  let read = 0
  for (let step = chunks.next(); ; step = chunks.next()) {
    if (step.done === true) return step.value === null ? normalizer.end().checksum : null
    normalizer.push(step.value)
    read += 1
    if (read % chunksPerTurn === 0) await setImmediate()
  }
}

/** File metadata that usually changes when a file is written to. */
interface FileState {
  readonly size: number
  readonly milliseconds: number
}

/** Null when the file is gone. */
function stateOf(path: string): FileState | null {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? null : { size: stats.size, milliseconds: stats.mtimeMs }
}

function sameState(left: FileState | null, right: FileState | null): boolean {
  return left !== null && left.size === right?.size && left.milliseconds === right.milliseconds
}

/** Characters: for a longer statement only its text is kept. */
const longestLeft = 8 * 1024 * 1024
/** Whether the text of such a statement may still be in memory, though nothing needs it. */
let leftLong = false

/** The pieces in which a long statement was read are no longer needed. */
function releaseAfter({ text }: Statement): void {
  if (text.length < longestLeft) return
  releaseMemory()
  leftLong = true
}

/** One reading of a file from start to end: text, normalized, hashed and split, one chunk at a time. */
class Passage {
  readonly #chunks: Generator<string, Fault | null>
  readonly #normalizer = new TextNormalizer()
  readonly #scanner: Scanner
  #checksum: string | null = null
  chunks = 0

  constructor(large: LargeFile) {
    if (leftLong) releaseMemory()
    leftLong = false
    this.#chunks = readTextChunks(large.path, large.request.file)
    this.#scanner = new Scanner({ file: large.request.file })
  }

  /** Of the whole file; known at its end. */
  get checksum(): string {
    return this.#checksum ?? ''
  }

  /** The pieces that the next chunk completes, or null at the end. */
  next(): ReturnType<Scanner['feed']> | null {
    if (this.#checksum !== null) return null
    this.chunks += 1
    const step = this.#chunks.next()
    if (step.done !== true) return this.#scanner.feed(this.#normalizer.push(step.value))
    if (step.value !== null) throw new ToolError('MIGRATIONS_INVALID', step.value)
    const { rest, checksum } = this.#normalizer.end()
    this.#checksum = checksum
    return [...this.#scanner.feed(rest), ...this.#scanner.finish()]
  }

  /** Closes the file before its end. */
  close(): void {
    this.#chunks.return(null)
  }
}

function changedFault(file: string, why: string): Fault {
  return {
    what: 'The file changed after it was checked.',
    where: { file },
    why,
    next: 'Compare it with its history in version control, then run the command again.',
  }
}

/** The content of a migration's file, split and checked. */
export interface Content {
  readonly up: Script
  readonly down: Script | null
  /** Tables that the up part creates, in lower case. */
  readonly creates: ReadonlySet<string>
  readonly foreign: readonly ForeignTable[]
}

export interface ContentReading {
  readonly headers: Headers
  readonly content: Content
  readonly faults: readonly Fault[]
}

/** Splits a normalized text and checks all of it. */
export function readContent(text: string, request: PartRequest): ContentReading {
  const reader = new PartReader(request)
  const statements = { up: [] as Statement[], down: [] as Statement[] }
  try {
    for (const piece of scan(text, { file: request.file })) {
      const taken = reader.take(piece)
      if (taken !== null) statements[taken.part].push(taken.statement)
    }
    reader.finish()
  } catch (error) {
    reader.refuse(error)
  }
  const { headers, creates, foreign, faults } = reader
  const up: Script = { type: 'statements', statements: statements.up }
  const down: Script | null = statements.down.length === 0 ? null : { type: 'statements', statements: statements.down }
  return { headers, content: { up, down, creates, foreign }, faults: withExcerpts(faults, text) }
}

const upLine = /^--[ \t]+migrate:up[ \t]*$/m
const downLine = /^--[ \t]+migrate:down/m
/** A line that is neither blank nor a line comment. */
const writtenLine = /^[ \t]*(?!--|#)\S/m

/**
 * Reads only the headers, which costs next to nothing: for files whose statements were checked before and may never be
 * needed. Null where they cannot be distinguished from the rest; then the whole file has to be read.
 */
export function readHeaders(text: string, request: PartRequest): Headers | null {
  const begin = upLine.exec(text)
  if (begin === null || !isWritten(text.slice(begin.index + begin[0].length))) return null
  if (begin.index === 0)
    return { requires: [], conditions: [], accepted: [], suppressed: [], shards: null, squashes: [] }
  const reader = new PartReader(request)
  try {
    for (const piece of scan(text.slice(0, begin.index), { file: request.file })) {
      if (piece.type === 'statement') return null
      reader.take(piece)
    }
  } catch (error) {
    reader.refuse(error)
  }
  return reader.faults.length === 0 && reader.part === null ? reader.headers : null
}

/** False for an up part that `wwdb new` made and that has no statement yet. */
function isWritten(afterUp: string): boolean {
  const down = afterUp.search(downLine)
  return writtenLine.test(down < 0 ? afterUp : afterUp.slice(0, down))
}
