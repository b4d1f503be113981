import { quoteString } from '../../sql/quote-name.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { MadeColumn } from './made-row.ts'

/** Texts that collations order and compare in different ways: by case, by accent, and by the space behind them. */
const words = ['anna', 'Bert', 'änne', 'ANNA', 'zoe ', 'Carl'] as const

/** Values of one column differ with the number of their row, as far as its type allows. Null where none can be made. Pure. */
export function makeValue(column: MadeColumn, number: number, isPlain: boolean): string | null {
  const { type, written, fraction } = column
  switch (type) {
    case 'tinyint':
      return String(written.startsWith('tinyint(1)') ? number % 2 : number % 100)
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
      return String(number)
    case 'bit':
      return `b'${number % 2}'`
    case 'year':
      return String(2000 + (number % 100))
    case 'decimal':
      return makeDecimal(column, number)
    case 'float':
    case 'double':
      return isPlain ? String(number) : `${number}.5`
    case 'enum':
    case 'set':
      return makeMember(written, number)
    case 'date':
      return `CURRENT_DATE - INTERVAL ${number} DAY`
    case 'datetime':
    case 'timestamp':
      return `CURRENT_TIMESTAMP - INTERVAL ${number * 7} MINUTE${!isPlain && fraction > 0 ? ' + INTERVAL 654321 MICROSECOND' : ''}`
    case 'time':
      return quoteString(`0${number % 10}:30:15`)
    case 'json':
      return quoteString(`{"n": ${number}}`)
    case 'char':
    case 'varchar':
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
      return makeText(column, number, isPlain)
    case 'binary':
    case 'varbinary':
    case 'tinyblob':
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return `X'${number.toString(16).padStart(2, '0').slice(-2)}'`
    case 'point':
    case 'geometry':
      return `ST_GeomFromText('POINT(${number % 80} ${number % 80})',${column.spatialReference ?? 0})`
    default:
      return null
  }
}

/** With as many digits behind the point as it may have, so that a shorter scale shows. */
function makeDecimal(
  { precision, scale }: MadeColumn,
  number: number,
  digits = '34567890123456789012345678901',
): string {
  const before = (precision ?? 10) - (scale ?? 0)
  const whole = before <= 0 ? '0' : String(number % 10 ** Math.min(before, 9))
  return (scale ?? 0) === 0 ? whole : `${whole}.${digits.slice(0, scale ?? 0)}`
}

function makeMember(written: string, number: number): string | null {
  const members = tokenize(written).flatMap((token) => (token.type === 'string' ? [token.text] : []))
  const member = members[number % Math.max(1, members.length)]
  return member === undefined ? null : quoteString(member)
}

function makeText({ length }: MadeColumn, number: number, isPlain: boolean): string {
  const most = length ?? 1
  if (isPlain) return quoteString(String(number).slice(-most))
  const word = words[number % words.length] ?? ''
  const text = `${word}${number}`
  // A short one keeps its number, by which it differs from others.
  return quoteString(
    text.length <= most
      ? text
      : most <= 2
        ? String(number).slice(-most)
        : `${word.slice(0, most - 2)}${String(number).slice(-2)}`,
  )
}

/** The same letters in the other case; null where it has none. Pure. */
export function otherCase(text: string): string | null {
  const turned = text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase()
  return turned === text ? null : turned
}
