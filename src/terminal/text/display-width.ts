import { eastAsianWidth } from 'get-east-asian-width'

/** Marks that join the character before them, and format characters: they take no column. */
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u

/** Asks for the emoji form of the character before it, which is two columns wide. */
const emojiSelector = 0xfe0f

/** Columns that one code point takes in a terminal: 0, 1 or 2. Control characters count as none: they must not be printed. */
export function characterWidth(character: string): 0 | 1 | 2 {
  const codePoint = character.codePointAt(0) ?? 0
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return 0
  if (codePoint < 0x300) return codePoint === 0xad ? 0 : 1
  // One more column for the character before it, as terminals that draw it as an emoji do.
  if (codePoint === emojiSelector) return 1
  if (zeroWidth.test(character)) return 0
  return eastAsianWidth(codePoint)
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
