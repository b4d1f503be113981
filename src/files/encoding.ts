import { isUtf8 } from 'node:buffer'

/** What is wrong with the bytes of a file that should be UTF-8 text. `offset` counts bytes from 0. */
export type EncodingProblem =
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

/** Line ends among some bytes. A CR at the very end counts. */
export function countLineEnds(bytes: Uint8Array): number {
  let ends = 0
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]
    if (byte === feedByte || (byte === returnByte && bytes[index + 1] !== feedByte)) ends += 1
  }
  return ends
}

/** Where `isUtf8` turns false: found by halving, since a valid prefix stays valid. */
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

/** The start of the sequence that the byte at `offset` spoils: the byte itself, or the lead that it should have followed. */
function startOfSequence(bytes: Uint8Array, offset: number): number {
  const tail = incompleteTail(bytes.subarray(0, offset))
  return offset - tail
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4
  return lead >= 0xe0 ? 3 : 2
}
