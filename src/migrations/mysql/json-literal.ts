import { quoteString } from '../../sql/quote-name.ts'

/** Our own words in a session whose character set may be any: under `SET NAMES binary` a plain literal is no text, but bytes. */
export const ownWords = (text: string): string => `_utf8mb4'${text}'`

/** JSON as a literal in utf8mb4; without quotes and backslashes, which a sql_mode may read otherwise, it may stand as it is. */
export function quoteJson(json: string): string {
  return /^[ -&(-[\]-~]*$/.test(json) ? ownWords(json) : quoteString(json)
}
