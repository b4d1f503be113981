import type { Connection, Row } from '../../mysql/connection.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { PresentRow, SeedMatch, SeedTableShape, StagedTable } from '../ports.ts'
import { stagedReference, stageName, toText } from './stage.ts'
import { areRows, columnOf, textExpression } from './values.ts'

/** One question: what each staged row's references come to, and the row that its natural key finds. */
function matchQuery(number: number, table: StagedTable, rows: readonly number[] | null, lock: boolean): string {
  const { shape, references, keyColumns, keyReferences } = table
  const values = shape.columns.filter(({ generated }) => !generated)
  const found = references.map(
    ({ value }, index) => `CAST(p${index}.${quoteName(value)} AS CHAR CHARACTER SET utf8mb4)`,
  )
  const own = [...shape.identity.map((name) => columnOf(shape, name)), ...values]
  const selected = ['s.`wwdb_row`', ...found, ...own.map((column) => textExpression('t', column))]
  const parents = references.map(({ table: parent, key }, index) => {
    const on = key.map((name, part) => `p${index}.${quoteName(name)}=s.${quoteName(stagedReference(index, part))}`)
    return ` LEFT JOIN ${quoteName(parent)} p${index} ON ${on.join(' AND ')}`
  })
  const on = [
    ...keyColumns.map((name) => `t.${quoteName(name)}=s.${quoteName(name)}`),
    ...keyReferences.map((index) => {
      const reference = references[index]
      return `t.${quoteName(reference?.column ?? '')}=p${index}.${quoteName(reference?.value ?? '')}`
    }),
  ]
  const chosen = rows === null ? '' : ` WHERE s.\`wwdb_row\` IN (${rows.join(',')})`
  const locks = lock ? ` FOR UPDATE OF t${references.map((_, index) => ` FOR SHARE OF p${index}`).join('')}` : ''
  return `SELECT ${selected.join(',')} FROM ${stageName(number)} s${parents.join('')} LEFT JOIN ${quoteName(table.table)} t ON ${on.join(' AND ')}${chosen} ORDER BY s.\`wwdb_row\`${locks}`
}

function toMatch(row: Row, { shape, references }: StagedTable): SeedMatch {
  const [own, ...rest] = row
  const ids = rest.slice(references.length, references.length + shape.identity.length)
  const values = rest.slice(references.length + shape.identity.length)
  const present: PresentRow = {
    identity: ids.map((cell) => String(cell)),
    values: new Map(
      shape.columns.filter(({ generated }) => !generated).map(({ name }, index) => [name, toText(values[index])]),
    ),
  }
  return {
    row: Number(own),
    references: rest.slice(0, references.length).map(toText),
    present: ids.some((cell) => cell === null) ? null : present,
  }
}

/** The rows of some identities that are there. */
export async function findRows(
  connection: Connection,
  table: string,
  shape: SeedTableShape,
  identities: readonly (readonly string[])[],
  lock: boolean,
): Promise<readonly PresentRow[]> {
  const values = shape.columns.filter(({ generated }) => !generated)
  const own = [...shape.identity.map((name) => columnOf(shape, name)), ...values]
  const { rows } = await connection.ask(
    `SELECT ${own.map((column) => textExpression('t', column)).join(',')} FROM ${quoteName(table)} t ` +
      `WHERE ${areRows('t.', shape, identities)}${lock ? ' FOR UPDATE' : ''}`,
  )
  return rows.map((row) => ({
    identity: row.slice(0, shape.identity.length).map((cell) => String(cell)),
    values: new Map(values.map(({ name }, index) => [name, toText(row[shape.identity.length + index])])),
  }))
}

/** @param rows positions; null for all */
export async function matchRows(
  connection: Connection,
  number: number,
  table: StagedTable,
  rows: readonly number[] | null,
  lock: boolean,
): Promise<readonly SeedMatch[]> {
  if (rows?.length === 0) return []
  const answer = await connection.ask(matchQuery(number, table, rows, lock))
  return answer.rows.map((row) => toMatch(row, table))
}
