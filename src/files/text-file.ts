import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import type { Fault } from '../core/tool-error.ts'
import { countLineEnds, type EncodingProblem, findEncodingProblem, incompleteTail, lineAt } from './encoding.ts'

/**
 * A whole file as text, byte order mark and line ends as they are; or null for its text when it is larger than `limit`
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

/** Small files are read into one place, one after another: a thousand of them take half the time so. */
const smallFile = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * The bytes are valid until the next call. A small file is read to its end without asking for its size first: the answer
 * costs more than the bytes.
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
 * A file's text in chunks of some 256 KB, never cut inside a character; ends with the fault where it finds one.
 * Reading is synchronous: the caller decides how often to let others run.
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

/** Counts bytes and lines of what has been read, to say where a problem of the next chunk lies in the file. */
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

  /** A CRLF that two chunks share was counted with its CR. */
  #joined(bytes: Uint8Array): number {
    return this.#afterReturn && bytes[0] === 0x0a ? 1 : 0
  }
}

/** Why a file could not be read, for every answer of the file system that a migration's file can give. */
export function unreadableFault(error: unknown, file: string): Fault {
  const where = { file }
  const code = error instanceof Error && 'code' in error ? error.code : null
  switch (code) {
    case 'ELOOP':
      return {
        what: 'The file is a symbolic link that leads back to itself.',
        where,
        next: 'Replace the link with the file it should lead to.',
      }
    case 'ENOENT':
      return {
        what: 'The file is a symbolic link to something that does not exist.',
        where,
        next: 'Replace the link with the file it should lead to, or remove it.',
      }
    case 'EACCES':
    case 'EPERM':
      return {
        what: 'The file may not be read: permission denied.',
        where,
        next: 'Give the user who runs wwdb the right to read it.',
      }
    case 'EISDIR':
      return folderFault(file)
    default:
      return {
        what: 'The file cannot be read.',
        where,
        why: error instanceof Error ? error.message : String(error),
        next: 'Put this right, then run the command again.',
      }
  }
}

/** A folder lies where only files may. */
export function folderFault(file: string): Fault {
  return {
    what: 'This is a folder, and migrations are files that lie directly in the folder of their database.',
    where: { file },
    next: 'Move its files up, or move it elsewhere.',
  }
}

function encodingFault(problem: EncodingProblem, file: string, line: number): Fault {
  const where = { file, line }
  switch (problem.type) {
    case 'utf-16':
      return {
        what: 'The file is UTF-16, and migrations are read as UTF-8.',
        where,
        next: 'Save it as UTF-8, e.g. with: iconv -f UTF-16 -t UTF-8.',
      }
    case 'nul':
      return {
        what: `There is a NUL byte at offset ${problem.offset}, and SQL text has none.`,
        where,
        why: 'The file is damaged, binary, or UTF-16.',
        next: 'Save it as UTF-8 text; a dump with binary values is made with mysqldump --hex-blob.',
      }
    case 'invalid':
      return {
        what: `Byte 0x${problem.byte.toString(16).toUpperCase().padStart(2, '0')} at offset ${problem.offset} is not UTF-8.`,
        where,
        why: 'The file seems to be in another character set, such as GBK or Latin-1, or to hold binary values.',
        next: 'Save it as UTF-8, e.g. with: iconv -f GB18030 -t UTF-8; a dump with binary values is made with mysqldump --hex-blob.',
      }
  }
}
