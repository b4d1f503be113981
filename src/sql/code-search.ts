import { codes, endsDashes, findQuoteEnd } from './lexical.ts'

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

/** A doubled quote ends one quoted text and begins another, which makes no difference here. */
function skipQuoted(text: string, from: number, quote: number): number {
  let at = findQuoteEnd(text, from, quote)
  while (at < text.length && text.charCodeAt(at) !== quote) at = findQuoteEnd(text, at + 2, quote)
  return at + 1
}

function skipPast(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  return at < 0 ? text.length : at + mark.length
}
