import { formatChecksum } from '../mysql/row-text.ts'
import type { RowCount } from '../shard.ts'

/** So many sums of 32 bits fit into the 53 of a number. */
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
