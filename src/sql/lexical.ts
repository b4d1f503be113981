/**
 * The characters of a script as the `mysql` client sees them (client/mysql.cc, add_line). The scanner is a loop over
 * runs: blanks, ordinary characters, and special ones that may open a quote or comment or be the delimiter.
 */

/** What the scanner is inside of. `hint` is an optimizer hint, which counts as code but hides delimiters. */
export type Mode = 'code' | 'single' | 'double' | 'backtick' | 'line' | 'block' | 'hint'

export const ordinary = 0
export const blank = 1
export const special = 2

/** No special token needs more characters than this to be recognised; a delimiter has at most 15. */
export const longestToken = 16

export const codes = {
  newline: 10,
  space: 32,
  doubleQuote: 34,
  hash: 35,
  at: 64,
  dot: 46,
  zero: 48,
  nine: 57,
  singleQuote: 39,
  asterisk: 42,
  plus: 43,
  dash: 45,
  slash: 47,
  upperD: 68,
  bang: 33,
  backslash: 92,
  backtick: 96,
  lowerD: 100,
  delete: 127,
} as const

/** Index of the entry that stands for every character outside ASCII. */
const beyondAscii = 128

const baseTable = makeBaseTable()

function makeBaseTable(): Uint8Array {
  const table = new Uint8Array(beyondAscii + 1)
  for (const code of [9, 10, 11, 12, 13, codes.space]) table[code] = blank
  const opening = [codes.singleQuote, codes.doubleQuote, codes.backtick, codes.hash, codes.dash, codes.slash]
  for (const code of [...opening, codes.asterisk, codes.backslash]) table[code] = special
  return table
}

/** Character classes under a delimiter, whose first character is special. */
export function makeTable(delimiter: string): Uint8Array {
  const table = baseTable.slice()
  table[Math.min(delimiter.charCodeAt(0), beyondAscii)] = special
  return table
}

export function classOf(table: Uint8Array, code: number): number {
  return table[Math.min(code, beyondAscii)] ?? ordinary
}

/** Where the run of characters of one class that starts at `from` ends. */
export function skipClass(text: string, from: number, table: Uint8Array, wanted: number): number {
  let at = from
  while (at < text.length && classOf(table, text.charCodeAt(at)) === wanted) at += 1
  return at
}

export function isBlank(code: number): boolean {
  return code === codes.space || (code >= 9 && code <= 13)
}

/** `--` opens a comment only before a blank, a control character or the end (MySQL Reference Manual, "Comments"). */
export function endsDashes(code: number): boolean {
  return Number.isNaN(code) || code <= codes.space || code === codes.delete
}

/** Where a quoted text goes on or ends: the index of its next quote or backslash, or the text's length. */
export function findQuoteEnd(text: string, from: number, quote: number): number {
  if (quote === codes.backtick) {
    const at = text.indexOf('`', from)
    return at < 0 ? text.length : at
  }
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === quote || code === codes.backslash) return at
    at += 1
  }
  return at
}
