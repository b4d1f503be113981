import { type Findings, refuse } from './facts.ts'
import type { TokenCursor } from './token-cursor.ts'

/**
 * Character sets in which every byte below 0x80 is the ASCII character and no part of another one, as in UTF-8. In all the
 * others (big5, cp932, euckr, gb18030, gbk, sjis, swe7, ucs2, utf16, utf16le, utf32) the server may read a quote or a
 * backslash as part of a character, or a letter as a backslash: it would find other strings and statements than the scanner.
 */
const safeSets: ReadonlySet<string> = new Set(
  (
    'utf8mb4 utf8mb3 utf8 ascii binary latin1 latin2 latin5 latin7 cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 dec8 ' +
    'hp8 koi8r koi8u greek hebrew armscii8 geostd8 keybcs2 macce macroman tis620 ujis eucjpms gb2312'
  ).split(' '),
)

export function isSafeClientSet(name: string): boolean {
  return safeSets.has(name.toLowerCase())
}

export const clientSetVerb = 'SET character_set_client'

export function refuseClientSet(name: string): Findings {
  return refuse(clientSetVerb, whyUnsafe(name), useUtf8)
}

export function whyUnsafe(name: string): string {
  return `With the client character set ${name} the server may read a quote or a backslash as part of a character, and so find another statement than the one that was checked.`
}

export const useUtf8 =
  'Leave it out: statements are sent as UTF-8, and the server converts them to the character set of each column.'

/**
 * The character set that an assignment names, its value being next; null where the text does not tell: a variable, an
 * expression, DEFAULT.
 */
export function readNamedSet(cursor: TokenCursor): string | null {
  const value = cursor.peek()
  if (
    value === null ||
    value.type === 'punctuation' ||
    value.type === 'user-variable' ||
    value.type === 'system-variable'
  )
    return null
  const follows = cursor.peek(1)
  const isAlone = follows === null || [',', ';'].includes(cursor.mark(1)) || cursor.keyword(1) === 'COLLATE'
  if (!isAlone || cursor.keyword() === 'DEFAULT') return null
  return value.text
}
