/**
 * The checksum of a table, the same in whatever order its rows are read: the CRC-32 of every row's canonical text
 * (row-text.ts), once combined by XOR (8 hexadecimal digits) and once added up (16).
 */
export function formatChecksum(xor: number, sum: bigint): string {
  return (xor >>> 0).toString(16).padStart(8, '0') + sum.toString(16).padStart(16, '0')
}

/** The same from the CRC-32 of each row. */
export function checksumOfRows(sums: Iterable<number>): string {
  let xor = 0
  let sum = 0n
  for (const one of sums) {
    xor ^= one
    sum += BigInt(one >>> 0)
  }
  return formatChecksum(xor, sum)
}
