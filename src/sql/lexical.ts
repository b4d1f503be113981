/**
 * The characters of a script as the `mysql` client sees them (client/mysql.cc, add_line). The scanner is a loop over
 * runs: blanks, ordinary characters, and special ones that may open a quote or comment or be the delimiter.
 */

/** The kind of text that the scanner is inside of. `hint` is an optimizer hint, which counts as code but hides delimiters. */
export type Mode = 'code' | 'single' | 'double' | 'backtick' | 'line' | 'block' | 'hint'

/** No special token needs more characters than this to be recognized; a delimiter has at most 15. */
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
  open: 40,
  close: 41,
  asterisk: 42,
  plus: 43,
  comma: 44,
  dash: 45,
  slash: 47,
  upperD: 68,
  bang: 33,
  backslash: 92,
  backtick: 96,
  lowerD: 100,
  delete: 127,
} as const

/**
 * Finds where runs of characters end. Searching for the first other character instead of matching the run needs no
 * backtracking stack: a run may be a hexadecimal literal of many megabytes.
 */
export interface Runs {
  /** Finds the next character that may open a quote or comment or be the delimiter. */
  readonly special: RegExp
  /** Finds the next character that is not blank, or with which the delimiter begins. */
  readonly notBlank: RegExp
}

const made = new Map<number, Runs>()

/** The searches for a delimiter, whose first character is special, too. */
export function runsUnder(delimiter: string): Runs {
  const code = delimiter.charCodeAt(0)
  const runs = made.get(code) ?? makeRuns(code)
  made.set(code, runs)
  return runs
}

function makeRuns(code: number): Runs {
  const first = `\\u${code.toString(16).padStart(4, '0')}`
  return {
    special: new RegExp(`['"\`#/*\\\\${first}-]`, 'g'),
    notBlank: isBlank(code) ? new RegExp(`[^\\t-\\r ]|${first}`, 'g') : /[^\t-\r ]/g,
  }
}

/** The index of the first character from `from` on that a global search finds, or the text's length. */
export function findNext(search: RegExp, text: string, from: number): number {
  search.lastIndex = from
  return search.test(text) ? search.lastIndex - 1 : text.length
}

export function isBlank(code: number): boolean {
  return code === codes.space || (code >= 9 && code <= 13)
}

/** `--` opens a comment only before a blank, a control character or the end (MySQL Reference Manual, "Comments"). */
export function endsDashes(code: number): boolean {
  return Number.isNaN(code) || code <= codes.space || code === codes.delete
}

/** Where the blanks that begin at `from` end, at most at `end`. */
export function skipBlanks(text: string, from: number, end: number): number {
  let at = from
  while (at < end && isBlank(text.charCodeAt(at))) at += 1
  return at
}

/** Where the blanks before `end` begin, at the earliest at `from`. */
export function skipBlanksBack(text: string, from: number, end: number): number {
  let at = end
  while (at > from && isBlank(text.charCodeAt(at - 1))) at -= 1
  return at
}

const singleQuoteEnd = /['\\]/g
const doubleQuoteEnd = /["\\]/g

/** The next decision in a quoted text: the index of its next quote or backslash, or the text's length. */
export function findQuoteEnd(text: string, from: number, quote: number): number {
  if (quote !== codes.backtick)
    return findNext(quote === codes.singleQuote ? singleQuoteEnd : doubleQuoteEnd, text, from)
  const at = text.indexOf('`', from)
  return at < 0 ? text.length : at
}

/** The rest of the line at `at`; null where more of it may come. */
export function readLine(window: string, at: number, final: boolean): string | null {
  const newline = window.indexOf('\n', at)
  if (newline < 0 && !final) return null
  return window.slice(at, newline < 0 ? window.length : newline)
}

/**
 * Makes a search for a pattern (case-insensitive) outside quotes and comments; executable comments
 * are searched. The search returns the index of every match. Faster than reading tokens where only a word or mark is wanted.
 */
export function searchCode(pattern: string): (text: string) => number[] {
  const search = new RegExp(`['"\`#]|--|/\\*|${pattern}`, 'gi')
  return (text) => {
    const found: number[] = []
    search.lastIndex = 0
    for (let match = search.exec(text); match !== null; match = search.exec(text)) {
      const end = skipUncode(text, match.index)
      if (end === null) found.push(match.index)
      else search.lastIndex = end
    }
    return found
  }
}

/** Where the quote or comment at `at` ends; null when neither begins there. */
function skipUncode(text: string, at: number): number | null {
  const code = text.charCodeAt(at)
  if (code === codes.singleQuote || code === codes.doubleQuote || code === codes.backtick) {
    return skipQuoted(text, at + 1, code)
  }
  if (code === codes.hash) return skipPast(text, '\n', at)
  if (code === codes.dash) return endsDashes(text.charCodeAt(at + 2)) ? skipPast(text, '\n', at) : at + 1
  if (code !== codes.slash) return null
  const isCode = text.charCodeAt(at + 2) === codes.bang && !/^\/\*!9{5,6}(?!\d)/.test(text.slice(at, at + 10))
  return isCode ? at + 3 : skipPast(text, '*/', at + 2)
}

/** The index behind the quoted text whose content begins at `from`. A doubled quote ends one quoted text and begins another. */
export function skipQuoted(text: string, from: number, quote: number): number {
  let at = findQuoteEnd(text, from, quote)
  while (at < text.length && text.charCodeAt(at) !== quote) at = findQuoteEnd(text, at + 2, quote)
  return at + 1
}

function skipPast(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  return at < 0 ? text.length : at + mark.length
}
