import type { CopyColumn } from '../../operate/online/checksum/columns.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import { isOfPiece, type Piece } from './piece.ts'

/** The table and its pieces, and how a row is found in each. */
export interface SplitShape {
  readonly schema: string
  readonly table: string
  readonly column: string
  readonly pieces: readonly Piece[]
  readonly columns: readonly Pick<CopyColumn, 'name' | 'generated'>[]
  /** Of the primary key. */
  readonly key: readonly string[]
}

type Row = 'OLD' | 'NEW'

/** The columns that a row is written with: the server computes the others. */
export const writtenColumns = (columns: SplitShape['columns']): readonly string[] =>
  columns.flatMap(({ name, generated }) => (generated ? [] : [quoteName(name)]))

const rowOf = (verb: 'REPLACE' | 'INSERT IGNORE', row: Row, { columns }: SplitShape, into: string): string =>
  `${verb} INTO ${into}(${writtenColumns(columns).join(',')}) VALUES (${writtenColumns(columns)
    .map((name) => `${row}.${name}`)
    .join(',')});`

const isRow = (row: Row, key: readonly string[]): string =>
  key.map((name) => `${quoteName(name)}=${row}.${quoteName(name)}`).join(' AND ')

const isMoved = (columns: readonly string[]): string =>
  columns.map((name) => `NOT (OLD.${quoteName(name)}<=>NEW.${quoteName(name)})`).join(' OR ')

/** Two values of a TIMESTAMP are compared as the clocks of the session show them, and these show one hour a year twice: a row that moved by it between two pieces would stay in both. */
function isElsewhere({ column, pieces, key }: SplitShape): string {
  if (pieces[0]?.compares !== 'seconds') return isMoved([...key, column])
  const [old, now] = ['OLD', 'NEW'].map((row) => `UNIX_TIMESTAMP(${row}.${quoteName(column)})`)
  return `${isMoved(key)} OR NOT (${old}<=>${now})`
}

/** One branch a piece. A row of no piece is written nowhere: the comparison before the cut-over names it, and no write of the application fails. */
function branches(shape: SplitShape, row: Row, work: (piece: string) => string): string {
  const { pieces, schema } = shape
  const column = `${row}.${quoteName(shape.column)}`
  const each = pieces.map(
    (piece, at) =>
      `${at === 0 ? 'IF' : 'ELSEIF'} ${isOfPiece(piece, column)} THEN ${work(quoteQualified(schema, piece.table))}`,
  )
  return `${each.join(' ')} END IF;`
}

/** The triggers by which each write of the table reaches its piece, in the same transaction. A row that moves leaves its old piece. */
export function toPieces(shape: SplitShape, names: readonly string[]): readonly string[] {
  const write = branches(shape, 'NEW', (piece) => rowOf('REPLACE', 'NEW', shape, piece))
  const remove = branches(shape, 'OLD', (piece) => `DELETE FROM ${piece} WHERE ${isRow('OLD', shape.key)};`)
  const bodies = [write, `IF ${isElsewhere(shape)} THEN ${remove} END IF; ${write}`, remove]
  return create(shape.schema, shape.table, names, bodies)
}

/**
 * The triggers by which each write of a piece reaches the held table. They take only a row from it that is of this piece: a row that another piece has by now, or none, is not removed with this one's.
 * Where such a row has the key, or the value of another unique key, the write fails, as it would in the table: a REPLACE would lose the row, and behind the comparison nobody would know.
 */
export function fromPiece(shape: SplitShape, piece: Piece, hold: string, names: readonly string[]): readonly string[] {
  const into = quoteQualified(shape.schema, hold)
  const own = isOfPiece(piece, quoteName(shape.column))
  const remove = (row: Row): string => `DELETE FROM ${into} WHERE ${isRow(row, shape.key)} AND ${own};`
  // First without a DELETE: of a row that is not there it would lock a gap, and two inserts would wait for each other. A write with IGNORE would take an error for a warning, but not this one.
  const insert = rowOf('INSERT IGNORE', 'NEW', shape, into)
  const fail = `SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='${refused}';`
  const again = `${remove('NEW')} ${insert} IF ROW_COUNT()<1 THEN ${fail} END IF;`
  const write = `${insert} IF ROW_COUNT()<1 THEN ${again} END IF;`
  return create(shape.schema, piece.table, names, [write, `${remove('OLD')} ${write}`, remove('OLD')])
}

/** What an application is told, in the 128 characters that the server takes. */
const refused = 'wwdb takes a split back, and another row of the table has this key or a unique value of this row'

const events = ['INSERT', 'UPDATE', 'DELETE']

function create(schema: string, table: string, names: readonly string[], bodies: readonly string[]): readonly string[] {
  return names.map(
    (name, at) =>
      `CREATE TRIGGER ${quoteQualified(schema, name)} AFTER ${events[at]} ON ${quoteQualified(schema, table)} FOR EACH ROW BEGIN ${bodies[at]} END`,
  )
}
