import {
  type Clause,
  closingOf,
  findWords,
  hasWords,
  inParentheses,
  isMark,
  isPath,
  isWord,
  listNames,
  skipName,
  splitAtCommas,
} from '../sql/clauses.ts'
import { findUnfixed } from './fixed-values.ts'
import { type Assignment, differs, type Reason, type RepeatedTable, refuseComputed } from './repeated-table.ts'

/** The rows of an INSERT, by the columns that it names. */
interface Given {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Clause[])[]
}

/**
 * Why an INSERT may leave something else where it runs twice; null where it does not. Pure.
 * @param duplicates what it assigns to a row that is there
 */
export function refuseInsert(tokens: Clause, duplicates: readonly Assignment[], table: RepeatedTable): Reason | null {
  const into = findWords(tokens, 'INTO')
  const at = skipName(tokens, into < 0 ? tokens.findIndex((token, index) => index > 0 && !isModifier(token)) : into + 1)
  const isIgnored = tokens.slice(0, at).some((token) => isWord(token, 'IGNORE'))
  if (!isIgnored && duplicates.length === 0)
    return {
      why: 'Rows that a shard has committed would be inserted a second time, or stop the run.',
      next: 'Write INSERT IGNORE, or ON DUPLICATE KEY UPDATE.',
    }
  const close = closingOf(tokens, at)
  if (!isMark(tokens[at], '(') || !isWord(tokens[close + 1], 'VALUES', 'VALUE'))
    return {
      why: 'It does not name the columns of its values, by which its rows are found again.',
      next: 'Write INSERT ... (columns) VALUES (values).',
    }
  const names = splitAtCommas(inParentheses(tokens, at))
  const columns = names.map((name) => (isPath(name) ? (name.at(-1)?.text.toLowerCase() ?? '') : ''))
  const { rows, end } = readRows(tokens, close + 2)
  if (rows.length === 0 || rows.some((row) => row.length !== columns.length))
    return {
      why: 'Not each of its rows has a value for each column in this form.',
      next: 'Write INSERT ... (columns) VALUES (values), (values).',
    }
  const given: Given = { columns, rows }
  const alias = isWord(tokens[end], 'AS') ? (tokens[end + 1]?.text.toLowerCase() ?? null) : null
  return (
    refuseValues(given, table) ??
    refuseFunctions(given) ??
    (duplicates.length === 0 ? null : refuseDuplicates(given, duplicates, alias, table))
  )
}

const isModifier = (token: Clause[number]): boolean =>
  isWord(token, 'LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'IGNORE')

function readRows(tokens: Clause, from: number) {
  const rows: (readonly Clause[])[] = []
  let at = from
  while (isMark(tokens[at], '(')) {
    rows.push(splitAtCommas(inParentheses(tokens, at)))
    at = closingOf(tokens, at) + 1
    if (!isMark(tokens[at], ',')) break
    at += 1
  }
  return { rows, end: at }
}

const valuesOf = ({ columns, rows }: Given, column: string): readonly Clause[] => {
  const at = columns.indexOf(column)
  return at < 0 ? [] : rows.map((row) => row[at] ?? [])
}

function isGiven(given: Given, column: string): boolean {
  const values = valuesOf(given, column)
  return values.length > 0 && values.every(isConstant)
}

/** Each row is given what leads to its shard, and a whole unique key. */
function refuseValues(given: Given, { keys, vindex }: RepeatedTable): Reason | null {
  if (!vindex.every((column) => isGiven(given, column)))
    return {
      why: `The vindex leads from ${listNames(vindex)} to the shard of a row, and a second run would not come to the same one.`,
      next: 'Give each row a constant there.',
    }
  const whole = keys.filter(({ type }) => type === 'whole')
  if (whole.some(({ columns }) => columns.every((column) => isGiven(given, column)))) return null
  return {
    why: 'No unique key has all of its columns given as constants: a row that is there would be inserted a second time.',
    next: `Give each row all columns of a unique key${whole.length === 0 ? '' : ` (${whole.map(({ columns }) => listNames(columns)).join('; ')})`}.`,
  }
}

/** A row that is inserted once may have a value that is drawn for it, and none that depends on what ran before. */
function refuseFunctions({ columns, rows }: Given): Reason | null {
  for (const row of rows)
    for (const [at, value] of row.entries()) {
      const unfixed = findUnfixed(value, { columns: true, time: true, random: true })
      if (unfixed !== null) return differs(unfixed.text, columns[at] ?? '')
    }
  return null
}

/** A row that is there gets the values that it has from the first run, and is the same row then. */
function refuseDuplicates(
  given: Given,
  duplicates: readonly Assignment[],
  alias: string | null,
  table: RepeatedTable,
): Reason | null {
  const met = table.keys.filter(({ columns }) => mayMeet(given, columns, table))
  const [key, other] = met
  if (key !== undefined && other !== undefined)
    return {
      why: `A row of it may meet one row by \`${key.name}\` and another one by \`${other.name}\`, and changes another one when it runs again.`,
      next: 'Write INSERT IGNORE, and an UPDATE behind it.',
    }
  for (const { column, value } of duplicates) {
    if (!isOwnValue(column, value, alias))
      return {
        why: `\`${column}\` of a row that it has inserted would change when it runs again.`,
        next: `Write \`${column} = VALUES(${column})\`.`,
      }
    const isOfKey = table.keys.some(({ columns }) => columns.includes(column))
    if (isOfKey && !(key?.columns.includes(column) === true && isGiven(given, column)))
      return {
        why: `It changes \`${column}\`, which belongs to a unique key: another row may have the value when it runs again.`,
        next: `Leave out \`${column} = ...\`.`,
      }
    const values = valuesOf(given, column)
    if (values.length === 0)
      return {
        why: `\`${column}\` is assigned, and its rows have no value for it.`,
        next: `Name \`${column}\` among the columns.`,
      }
    for (const one of values) {
      const unfixed = findUnfixed(one, { columns: true, time: true })
      if (unfixed !== null) return differs(unfixed.text, column)
      if (isWord(one[0], 'DEFAULT') && table.computedDefaults.includes(column)) return differs('DEFAULT', column)
    }
  }
  return refuseComputed(table)
}

/** A key with a number of the sequence, or with NULL, meets no row. */
function mayMeet(given: Given, columns: readonly string[], { numbered }: RepeatedTable): boolean {
  return columns.every((column) => {
    const values = valuesOf(given, column)
    if (values.length === 0) return column !== numbered
    const areNull = values.every(([first, second]) => second === undefined && isWord(first, 'NULL'))
    // vtgate numbers a row that is given NULL there; any other column with NULL equals nothing.
    return !areNull
  })
}

/** `VALUES(a)`, or `new.a` of `VALUES (...) AS new`. */
function isOwnValue(column: string, value: Clause, alias: string | null): boolean {
  const names = value.map(({ text }) => text.toLowerCase())
  if (value.length === 4 && hasWords(value, 0, 'VALUES')) return names[2] === column
  return alias !== null && value.length === 3 && isPath(value) && names[0] === alias && names[2] === column
}

/** A literal that is not NULL. */
function isConstant(value: Clause): boolean {
  const [first, second, third] = value
  const isSigned = isMark(first, '-') || isMark(first, '+')
  if (isSigned) return second?.type === 'number' && third === undefined
  return (
    second === undefined && (first?.type === 'number' || first?.type === 'string' || isWord(first, 'TRUE', 'FALSE'))
  )
}
