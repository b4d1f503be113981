/**
 * Code points that take two columns in a terminal: East Asian Wide and Fullwidth of Unicode 16, with the emoji blocks taken
 * as a whole. Where terminals differ the larger answer is given, so that a line that fits by our count fits everywhere.
 * Pairs of first and last, in order.
 */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x23e9, 0x23ec],
  [0x23f0, 0x23f0],
  [0x23f3, 0x23f3],
  [0x25fd, 0x25fe],
  [0x2614, 0x2615],
  [0x2630, 0x2637],
  [0x2648, 0x2653],
  [0x267f, 0x267f],
  [0x268a, 0x268f],
  [0x2693, 0x2693],
  [0x26a1, 0x26a1],
  [0x26aa, 0x26ab],
  [0x26bd, 0x26be],
  [0x26c4, 0x26c5],
  [0x26ce, 0x26ce],
  [0x26d4, 0x26d4],
  [0x26ea, 0x26ea],
  [0x26f2, 0x26f3],
  [0x26f5, 0x26f5],
  [0x26fa, 0x26fa],
  [0x26fd, 0x26fd],
  [0x2705, 0x2705],
  [0x270a, 0x270b],
  [0x2728, 0x2728],
  [0x274c, 0x274c],
  [0x274e, 0x274e],
  [0x2753, 0x2755],
  [0x2757, 0x2757],
  [0x2795, 0x2797],
  [0x27b0, 0x27b0],
  [0x27bf, 0x27bf],
  [0x2b1b, 0x2b1c],
  [0x2b50, 0x2b50],
  [0x2b55, 0x2b55],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1d300, 0x1d376],
  [0x1f004, 0x1f004],
  [0x1f0cf, 0x1f0cf],
  [0x1f18e, 0x1f18e],
  [0x1f191, 0x1f19a],
  [0x1f1e6, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f7e0, 0x1f7f0],
  [0x1f90c, 0x1faff],
  [0x20000, 0x3fffd],
]

/** Marks that join the character before them, and format characters: they take no column. */
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u

/** Asks for the emoji form of the character before it, which is two columns wide. */
const emojiSelector = 0xfe0f

function isWide(codePoint: number): boolean {
  let low = 0
  let high = wideRanges.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const range = wideRanges[middle]
    if (range === undefined || codePoint < range[0]) high = middle - 1
    else if (codePoint > range[1]) low = middle + 1
    else return true
  }
  return false
}

/** Columns that one code point takes in a terminal: 0, 1 or 2. Control characters count as none: they must not be printed. */
export function characterWidth(character: string): 0 | 1 | 2 {
  const codePoint = character.codePointAt(0) ?? 0
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return 0
  if (codePoint < 0x300) return codePoint === 0xad ? 0 : 1
  // One more column for the character before it, as terminals that draw it as an emoji do.
  if (codePoint === emojiSelector) return 1
  if (zeroWidth.test(character)) return 0
  return isWide(codePoint) ? 2 : 1
}

const onlyAscii = /^[\x20-\x7e]*$/

/** Columns that a text takes in a terminal. The text holds no control characters (see `printable`). */
export function displayWidth(text: string): number {
  if (onlyAscii.test(text)) return text.length
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** The longest beginning of a text that takes at most `columns`; marks that join its last character stay with it. */
export function takeColumns(text: string, columns: number): string {
  if (onlyAscii.test(text)) return text.slice(0, Math.max(0, columns))
  let width = 0
  let length = 0
  for (const character of text) {
    width += characterWidth(character)
    if (width > columns) break
    length += character.length
  }
  return text.slice(0, length)
}
