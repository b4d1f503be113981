import { type ServerError, toSentence } from '../../mysql/errors.ts'
import { hidePasswords } from '../../sql/mask-passwords.ts'

/** Errors whose messages name columns, tables, routines and constraints, and have no value. */
const naming: ReadonlySet<number> = new Set([
  1048, 1052, 1054, 1055, 1093, 1109, 1136, 1140, 1146, 1172, 1176, 1191, 1222, 1241, 1242, 1267, 1270, 1271, 1288,
  1305, 1318, 1348, 1356, 1364, 1365, 1369, 1442, 1449, 1471, 3105, 3819,
])

/** SIGNAL: its text may be put together from values. */
const signals: ReadonlySet<number> = new Set([1642, 1643, 1644])

const hidden = '***'

/** ` for column 'price' at row 1`: the end of messages about a value that a column does not take. */
const place = /^([\s\S]*?)(?: for column '([^']+)')?( at row \d+)$/

const plainName = /^[\p{L}_$][\p{L}\p{N}_$]*$/u

/**
 * The server's message, as a sentence without a value: a value may stand in it in another form than a sample has it, as a part of an expression, or cut off. Pure.
 * @param texts the texts of samples, with their quotes
 */
export function hideValues({ errno, sqlState, message }: ServerError, texts: readonly string[]): string {
  if (signals.has(errno) || sqlState === '45000') return 'A trigger or a routine refuses it.'
  if (naming.has(errno)) return toSentence(hidePasswords(message, texts))
  const [, before = message, column, row = ''] = place.exec(message) ?? []
  // The column of an expression has the expression as its name.
  const isShown = column !== undefined && plainName.test(column) && !texts.includes(`'${column}'`)
  const where = column === undefined ? '' : ` for column ${isShown ? `'${column}'` : hidden}`
  return toSentence(`${withoutValues(before)}${where}${row}`)
}

/** A value may have quotes in it, and its end may be cut off: all behind the first quote goes. Digits in a name stay. */
const withoutValues = (text: string): string =>
  text.replace(/['"`][\s\S]*$/, hidden).replace(/(?<![\p{L}\p{N}_])\d[\p{L}\p{N}.:]*/gu, hidden)
