import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip as gzipWithCallback } from 'node:zlib'

const gzip = promisify(gzipWithCallback)

/** Measured on rows of a chat (bench/archive.mjs): as small as level 6, in two thirds of its time. */
const level = 5
/** Compressed at once, in the threads of zlib. More would only take memory: the disk and the server are slower. */
const inFlight = 3

/** What a file came to. */
export interface WrittenFile {
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
}

/**
 * Writes a gzip file in pieces that are compressed side by side: each is a member of its own, and members in a row are one
 * valid file (RFC 1952, 2.2). `write` returns when there is room for another piece, so its caller's pace is the disk's.
 */
export class GzipFile {
  readonly #handle: FileHandle
  readonly #hash = createHash('sha256')
  readonly #pending: Promise<void>[] = []
  #last: Promise<void> = Promise.resolve()
  #bytes = 0

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Readable by its owner alone. Throws the file system's error, also when the file is there already. */
  static async create(path: string): Promise<GzipFile> {
    return new GzipFile(await open(path, 'wx', 0o600))
  }

  /** Takes the piece over: it must not be changed until `done` is called. */
  async write(piece: Uint8Array, done: () => void = () => undefined): Promise<void> {
    const compressed = gzip(piece, { level, chunkSize: 256 * 1024 })
    const before = this.#last
    const written = compressed.then(async (member) => {
      done()
      await before
      await this.#append(member)
    })
    // What goes wrong is told by the piece that is waited for, here or at the end.
    written.catch(() => undefined)
    this.#last = written
    this.#pending.push(written)
    if (this.#pending.length >= inFlight) await this.#pending.shift()
  }

  /** Returns when every byte is on the disk. */
  async finish(): Promise<WrittenFile> {
    await this.#last
    await this.#handle.sync()
    await this.#handle.close()
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }

  async abandon(): Promise<void> {
    await this.#last.catch(() => undefined)
    await this.#handle.close().catch(() => undefined)
  }

  async #append(member: Buffer): Promise<void> {
    this.#hash.update(member)
    this.#bytes += member.length
    for (let at = 0; at < member.length; ) at += (await this.#handle.write(member, at)).bytesWritten
  }
}
