import { isUtf8 } from 'node:buffer'
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import type { Fault } from '../core/tool-error.ts'

/**
 * A whole file as text, with byte order mark and line ends; null as the text where the file is larger than `limit`
 * bytes; or what is wrong with it.
 */
export function readTextFile(path: string, file: string, limit: number): { readonly text: string | null } | Fault {
  let bytes: Buffer | null
  try {
    bytes = readAtMost(path, limit)
  } catch (error) {
    return unreadableFault(error, file)
  }
  if (bytes === null) return { text: null }
  const problem = findEncodingProblem(bytes)
  if (problem === null) return { text: bytes.toString('utf8') }
  const line = problem.type === 'utf-16' ? 1 : lineAt(bytes, problem.offset)
  return encodingFault(problem, file, line)
}

/** Small files are read into one buffer, one after another: a thousand of them take half the time this way. */
const smallFile = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * The bytes are valid until the next call. A small file is read to its end without asking for its size first, because
 * that question costs more than the read.
 */
function readAtMost(path: string, limit: number): Buffer | null {
  const descriptor = openSync(path, 'r')
  try {
    let filled = 0
    for (let read = -1; read !== 0 && filled < smallFile.length; filled += read) {
      read = readSync(descriptor, smallFile, filled, smallFile.length - filled, null)
    }
    if (filled < smallFile.length) return smallFile.subarray(0, filled)
    if (fstatSync(descriptor).size > limit) return null
    return Buffer.concat([smallFile, readFileSync(descriptor)])
  } finally {
    closeSync(descriptor)
  }
}

const chunkBytes = 256 * 1024

/**
 * A file's text in chunks of some 256 KB, never cut inside a character; ends with the fault where it finds one. Reading
 * is synchronous: the caller decides how often to yield.
 */
export function* readTextChunks(path: string, file: string): Generator<string, Fault | null> {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    return unreadableFault(error, file)
  }
  try {
    return yield* decodeChunks(descriptor, file)
  } catch (error) {
    return unreadableFault(error, file)
  } finally {
    closeSync(descriptor)
  }
}

function* decodeChunks(descriptor: number, file: string): Generator<string, Fault | null> {
  const buffer = Buffer.allocUnsafe(chunkBytes + 4)
  const place = new BytePlace()
  let held = 0
  for (;;) {
    const read = readSync(descriptor, buffer, held, chunkBytes, null)
    const bytes = buffer.subarray(0, held + read)
    held = read === 0 ? 0 : incompleteTail(bytes)
    const whole = bytes.subarray(0, bytes.length - held)
    const problem = findEncodingProblem(whole, place.offset === 0)
    if (problem !== null) return place.fault(problem, whole, file)
    if (read === 0) return null
    yield whole.toString('utf8')
    place.advance(whole)
    buffer.copyWithin(0, whole.length, bytes.length)
  }
}

/** Counts the bytes and lines read so far, to locate a problem of the next chunk in the file. */
class BytePlace {
  offset = 0
  #line = 1
  #afterReturn = false

  advance(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#line += countLineEnds(bytes) - this.#joined(bytes)
    this.#afterReturn = bytes[bytes.length - 1] === 0x0d
    this.offset += bytes.length
  }

  fault(problem: EncodingProblem, bytes: Uint8Array, file: string): Fault {
    if (problem.type === 'utf-16') return encodingFault(problem, file, 1)
    const line = this.#line + lineAt(bytes, problem.offset) - 1 - this.#joined(bytes)
    return encodingFault({ ...problem, offset: this.offset + problem.offset }, file, line)
  }

  /** A CRLF that is split between two chunks was counted with its CR. */
  #joined(bytes: Uint8Array): number {
    return this.#afterReturn && bytes[0] === 0x0a ? 1 : 0
  }
}

/** Why a file could not be read, for every file system error that can occur with a migration file. */
export function unreadableFault(error: unknown, file: string): Fault {
  const where = { file }
  const code = error instanceof Error && 'code' in error ? error.code : null
  switch (code) {
    case 'ELOOP':
      return {
        what: 'The file is a symbolic link to itself.',
        where,
        next: 'Replace the link with the file that it should point to.',
      }
    case 'ENOENT':
      return {
        what: 'The file is a symbolic link to something that does not exist.',
        where,
        next: 'Replace the link with the file that it should point to, or remove it.',
      }
    case 'EACCES':
    case 'EPERM':
      return {
        what: 'The file cannot be read: permission denied.',
        where,
        next: 'Give the user who runs wwdb permission to read it.',
      }
    case 'EISDIR':
      return folderFault(file)
    default:
      return {
        what: 'The file cannot be read.',
        where,
        why: error instanceof Error ? error.message : String(error),
        next: 'Fix this, then run the command again.',
      }
  }
}

/** A folder where only a file may be. */
export function folderFault(file: string): Fault {
  return {
    what: 'This is a folder, but migrations must be files directly in the folder of their database.',
    where: { file },
    next: 'Move its files up, or move the folder elsewhere.',
  }
}

function encodingFault(problem: EncodingProblem, file: string, line: number): Fault {
  const where = { file, line }
  switch (problem.type) {
    case 'utf-16':
      return {
        what: 'The file is UTF-16, but migrations must be UTF-8.',
        where,
        next: 'Save it as UTF-8, e.g. with: iconv -f UTF-16 -t UTF-8.',
      }
    case 'nul':
      return {
        what: `There is a NUL byte at offset ${problem.offset}, which SQL text cannot contain.`,
        where,
        why: 'The file is damaged, binary, or UTF-16.',
        next: 'Save it as UTF-8 text; create a dump with binary values with `mysqldump --hex-blob`.',
      }
    case 'invalid':
      return {
        what: `Byte 0x${problem.byte.toString(16).toUpperCase().padStart(2, '0')} at offset ${problem.offset} is not UTF-8.`,
        where,
        why: 'The file seems to be in another character set, such as GBK or Latin-1, or to contain binary values.',
        next: 'Save it as UTF-8, e.g. with: iconv -f GB18030 -t UTF-8; create a dump with binary values with `mysqldump --hex-blob`.',
      }
  }
}

/** Adds the line that a fault points at, where the scanner has not added one already. */
export function withExcerpts(faults: readonly Fault[], text: string): readonly Fault[] {
  if (faults.length === 0) return faults
  const lines = text.split('\n')
  return faults.map((fault) => {
    const number = fault.where?.line
    const line = number === undefined ? undefined : lines[number - 1]
    if (fault.excerpt !== undefined || number === undefined || line === undefined) return fault
    return { ...fault, excerpt: { ...cutLine(line, fault.where?.column ?? 1), line: number } }
  })
}

const longestExcerpt = 160

/** The part of a line around a column, short enough to be shown. */
function cutLine(line: string, column: number): { readonly text: string; readonly column: number } {
  const from = Math.max(0, column - 1 - longestExcerpt / 2)
  return { text: line.slice(from, from + longestExcerpt), column: column - from }
}

/** What is wrong with the bytes of a file that should be UTF-8 text. `offset` counts bytes from 0. */
type EncodingProblem =
  | { readonly type: 'utf-16' }
  | { readonly type: 'nul'; readonly offset: number }
  | { readonly type: 'invalid'; readonly offset: number; readonly byte: number }

const returnByte = 0x0d
const feedByte = 0x0a

/** The first problem of some bytes, or null when they are plain UTF-8. `atStart`: they begin a file. */
export function findEncodingProblem(bytes: Uint8Array, atStart = true): EncodingProblem | null {
  if (atStart && startsLikeUtf16(bytes)) return { type: 'utf-16' }
  const nul = bytes.indexOf(0)
  if (isUtf8(bytes)) return nul < 0 ? null : { type: 'nul', offset: nul }
  const invalid = firstInvalidByte(bytes)
  if (nul >= 0 && nul < invalid) return { type: 'nul', offset: nul }
  return { type: 'invalid', offset: invalid, byte: bytes[invalid] ?? 0 }
}

function startsLikeUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
}

/** How many bytes at the end belong to a character that is not complete yet (0 to 3). */
export function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0
  }
  return 0
}

/** The line of a byte, from 1; LF, CRLF and CR each end one. */
export function lineAt(bytes: Uint8Array, offset: number): number {
  return 1 + countLineEnds(bytes.subarray(0, offset))
}

/** Counts line ends in some bytes. A CR at the very end counts. */
export function countLineEnds(bytes: Uint8Array): number {
  let ends = 0
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]
    if (byte === feedByte || (byte === returnByte && bytes[index + 1] !== feedByte)) ends += 1
  }
  return ends
}

/** The position from which `isUtf8` is false, found by bisection: a valid prefix stays valid. */
function firstInvalidByte(bytes: Uint8Array): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    const prefix = bytes.subarray(0, middle)
    if (isUtf8(prefix.subarray(0, middle - incompleteTail(prefix)))) good = middle
    else bad = middle
  }
  return Math.max(0, startOfSequence(bytes, bad - 1))
}

/**
 * The start of the sequence that the byte at `offset` makes invalid: the byte itself, or the lead byte that it should have
 * followed.
 */
function startOfSequence(bytes: Uint8Array, offset: number): number {
  const tail = incompleteTail(bytes.subarray(0, offset))
  return offset - tail
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4
  return lead >= 0xe0 ? 3 : 2
}
