import { crc32 } from 'node:zlib'
import { formatChecksum } from '../mysql/row-text.ts'
import type { RowCount } from '../shard.ts'

const newline = 0x0a
const comma = 0x2c
const semicolon = 0x3b
const open = 0x28
const close = 0x29

/** Bytes at which an INSERT is complete: well below any server's max_allowed_packet unless a single row is larger. */
const batchBytes = 1024 * 1024
/** The usual size: a full batch and its last row. */
const spaceBytes = batchBytes + 64 * 1024

/** Collects rows into one INSERT after another: a line for its head, a line per row. */
export class RowBatch {
  readonly sum = new RowSum()
  readonly #head: Buffer
  readonly #spare: Buffer[] = []
  #bytes: Buffer = Buffer.alloc(0)
  #length = 0

  constructor(head: string) {
    this.#head = Buffer.from(`${head}\n`)
  }

  get full(): boolean {
    return this.#length >= batchBytes
  }

  /**
   * Returns the buffer that `take` gave, when it is no longer needed: a new buffer for every INSERT would grow faster than it
   * is collected.
   */
  recycle(taken: Uint8Array): void {
    if (taken.buffer.byteLength === spaceBytes) this.#spare.push(Buffer.from(taken.buffer))
  }

  /** @param text the row's canonical text */
  add(text: Buffer): void {
    this.sum.add(crc32(text))
    if (this.#length === 0) this.#begin()
    this.#reserve(text.length + 4)
    const bytes = this.#bytes
    bytes[this.#length] = open
    bytes.set(text, this.#length + 1)
    this.#length += text.length + 4
    bytes[this.#length - 3] = close
    bytes[this.#length - 2] = comma
    bytes[this.#length - 1] = newline
  }

  /** The INSERT so far, or null when there is none. The next row begins another one, in another buffer. */
  take(): Uint8Array | null {
    if (this.#length === 0) return null
    this.#bytes[this.#length - 2] = semicolon
    const taken = this.#bytes.subarray(0, this.#length)
    this.#length = 0
    return taken
  }

  #begin(): void {
    this.#bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(spaceBytes)
    this.#reserve(this.#head.length)
    this.#bytes.set(this.#head)
    this.#length = this.#head.length
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#length + more, this.#bytes.length * 2))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}

/** The number of 32-bit sums that fit into the 53 bits of a number. */
const exactAdditions = 2 ** 20

/** Counts and sums rows as the server's `measureRows` does. */
export class RowSum {
  #rows = 0
  #digest = 0
  #recent = 0
  #sum = 0n

  get rows(): number {
    return this.#rows
  }

  /** @param crc CRC-32 of a row's text */
  add(crc: number): void {
    this.#rows += 1
    this.#digest ^= crc
    this.#recent += crc
    if (this.#rows % exactAdditions === 0) this.#carry()
  }

  result(): RowCount {
    this.#carry()
    return { rows: this.#rows, checksum: formatChecksum(BigInt(this.#digest >>> 0), this.#sum) }
  }

  #carry(): void {
    this.#sum += BigInt(this.#recent)
    this.#recent = 0
  }
}
