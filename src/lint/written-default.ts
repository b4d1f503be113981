import type { ColumnType } from '../ddl/column-type.ts'
import { type Clause, findWords, isMark, isWord } from '../sql/clauses.ts'

/** The tokens of a column's default, to the end of the definition; null where it has none. */
export function defaultOf(definition: Clause): Clause | null {
  const at = findWords(definition, 'DEFAULT')
  if (at < 0 || isWord(definition[at - 1], 'SERIAL')) return null
  return definition.slice(at + 1)
}

const limits: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, mediumint: 24, int: 32 }

/** True unless the default is a literal that the type certainly cannot store (manual, "Data Type Default Values"). */
export function fitsDefault(type: ColumnType, value: Clause): boolean {
  const negative = isMark(value[0], '-')
  const literal = value[negative ? 1 : 0]
  if (literal === undefined || (literal.type !== 'string' && literal.type !== 'number')) return true
  if (type.base === 'enum') return literal.type === 'number' || hasMember(type, literal.text)
  if (type.base === 'char' || type.base === 'varchar') return [...literal.text].length <= Number(type.arguments[0])
  if (type.base === 'date' || type.base === 'datetime' || type.base === 'timestamp') return isDay(literal.text)
  if (!/int$|^decimal$|^float$|^double$/.test(type.base)) return true
  if (!/^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i.test(literal.text)) return literal.type === 'number'
  return fitsInteger(type, (negative ? -1 : 1) * Number(literal.text))
}

/** False for a date that does not exist, such as 30 February. Zero dates depend on the sql_mode. */
function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)/.exec(text) ?? []
  if (Number(month ?? 0) === 0 || Number(day ?? 0) === 0) return true
  const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(day)
}

function hasMember({ arguments: members }: ColumnType, text: string): boolean {
  return members.some((member) => member.toLowerCase() === text.trimEnd().toLowerCase())
}

function fitsInteger({ base, unsigned }: ColumnType, number: number): boolean {
  const bits = limits[base]
  if (bits === undefined) return true
  return unsigned ? number >= 0 && number < 2 ** bits : number >= -(2 ** (bits - 1)) && number < 2 ** (bits - 1)
}
