import { ToolError } from '../../core/tool-error.ts'
import { type Asker, type Cell, type Connection, onConnectionLost, type Row } from '../../mysql/connection.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { RowCount } from '../shard.ts'

/** What determines how a column's values are written. */
export interface RowColumn {
  readonly name: string
  /** `information_schema.COLUMNS.DATA_TYPE`, in lower case. */
  readonly type: string
  /** Null for types that are not text. */
  readonly charset: string | null
  readonly nullable: boolean
  /** Computed from other columns: not part of a row's text, because nothing may be inserted into it. */
  readonly generated: boolean
}

/** Every column of a table in order, invisible ones too. The table must exist: none means it does not. */
export async function readRowColumns(connection: Asker, schema: string, table: string): Promise<readonly RowColumn[]> {
  const { rows } = await connection.ask(
    `SELECT COLUMN_NAME,DATA_TYPE,CHARACTER_SET_NAME,IS_NULLABLE,IFNULL(GENERATION_EXPRESSION,'') FROM information_schema.COLUMNS ` +
      `WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(table)} ORDER BY ORDINAL_POSITION`,
  )
  return rows.map(toColumn)
}

function toColumn([name, type, charset, nullable, expression]: Row): RowColumn {
  return {
    name: String(name),
    type: String(type).toLowerCase(),
    charset: charset === null || charset === undefined ? null : String(charset),
    nullable: nullable === 'YES',
    generated: String(expression) !== '',
  }
}

/** The columns that an INSERT names: all but the generated ones. */
export function storedColumns(columns: readonly RowColumn[]): readonly RowColumn[] {
  return columns.filter((column) => !column.generated)
}

/**
 * An SQL expression for a row's canonical text: its values as literals, joined by commas, as one binary string without a line
 * break in it. `INSERT ... VALUES (<text>)` recreates the row, in a session whose character set is utf8mb4, whose time zone
 * is UTC and whose sql_mode has no NO_BACKSLASH_ESCAPES. It is NULL where the text would pass max_allowed_packet: its reader
 * must refuse that.
 * @param isInserted false for a text that is only compared with others of the same table: JSON is its SHA-256 there, as to parse and quote it takes most of the time of such a row
 */
export function rowText(columns: readonly RowColumn[], isInserted = true): string {
  const literals = storedColumns(columns).map((column) => literalOf(column, isInserted))
  if (literals.length === 0) return `_binary ''`
  // CONCAT, not CONCAT_WS: a value that cannot be rendered must make the whole row NULL, not be skipped.
  const joined = `CONCAT(${literals.join(`,',',`)})`
  return `REPLACE(CAST(${joined} AS BINARY),_binary 0x0A,_binary 0x5C6E)`
}

/** One value as a literal. Numbers as they are; text in quotes; in hexadecimal what quotes could not carry unchanged. */
function literalOf(column: RowColumn, isInserted: boolean): string {
  const literal = presentLiteral(column, isInserted)
  if (!column.nullable) return literal
  return `IF(${quoteName(column.name)} IS NULL,'NULL',${literal})`
}

const inQuotes = (text: string): string => `'''',${text},''''`

function presentLiteral({ name, type, charset }: RowColumn, isInserted: boolean): string {
  const column = quoteName(name)
  switch (type) {
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'year':
      return column
    // As JSON they keep every digit and read the same on 8.0 and 9.7; as text, 9.7 truncates computed values. In quotes,
    // because a literal without an exponent is a decimal, which has no -0 and only 30 digits of a fraction.
    case 'float':
    case 'double':
      return `CONCAT(${inQuotes(`CAST(CAST(${column} AS JSON) AS CHAR)`)})`
    case 'bit':
    case 'set':
    case 'enum':
      return `CAST(${column} AS UNSIGNED)`
    case 'date':
    case 'datetime':
    case 'timestamp':
    case 'time':
      return `CONCAT(${inQuotes(column)})`
    // Parsed again from its text: a DECIMAL that SQL computed into it (1.50) comes back from any text as a double (1.5).
    case 'json':
      return isInserted
        ? `QUOTE(CAST(CAST(CAST(${column} AS CHAR) AS JSON) AS CHAR))`
        : `SHA2(CAST(${column} AS CHAR),256)`
    default:
      return charset === 'utf8mb4' ? `QUOTE(${column})` : hexadecimal(column, charset)
  }
}

/** Bytes as they are stored, and their character set: converting them back and forth would lose some. */
function hexadecimal(column: string, charset: string | null): string {
  const introducer = charset === null ? '' : `_${charset} `
  return `CONCAT('${introducer}X''',HEX(${column}),'''')`
}

/** Over 64 bits the sum would wrap; that takes 2^32 rows. */
const sumDigits = 16
const digestDigits = 8

/** Hexadecimal: BIT_XOR of the CRC-32 of every row's text, then their sum. The order of the rows does not matter. */
export function formatChecksum(digest: bigint, sum: bigint): string {
  const low = BigInt.asUintN(64, sum)
  return digest.toString(16).padStart(digestDigits, '0') + low.toString(16).padStart(sumDigits, '0')
}

/**
 * Counts and sums every row of a table, or of one partition of it, on the server, in one statement: a consistent read while others write.
 * Throws the server's error where the table does not exist, ToolError `ROW_TOO_LARGE` where a row has no text.
 */
export async function measureRows(
  connection: Asker,
  schema: string,
  table: string,
  partition?: string,
): Promise<RowCount> {
  const columns = await readRowColumns(connection, schema, table)
  const zone = (await connection.ask('SELECT @@SESSION.time_zone')).rows[0]?.[0]
  await connection.ask(`SET SESSION time_zone='+00:00'`)
  try {
    return await measureColumns(connection, partitionOf(schema, table, partition), table, columns)
  } finally {
    await connection.ask(`SET SESSION time_zone=${quoteString(String(zone))}`).catch(() => undefined)
  }
}

/** A table, or one partition of it, as a query names it. */
export function partitionOf(schema: string, table: string, partition?: string): string {
  const whole = quoteQualified(schema, table)
  return partition === undefined ? whole : `${whole} PARTITION (${quoteName(partition)})`
}

/** The same by some columns, in their order. @param from the rows, as a query names them, with a condition */
export async function measureColumns(
  connection: Asker,
  from: string,
  table: string,
  columns: readonly RowColumn[],
): Promise<RowCount> {
  // LIMIT keeps the inner query separate; merged into the outer one, each text would be computed twice.
  const { rows } = await connection.ask(
    `SELECT ${ownHint} COUNT(*),COUNT(digest),BIT_XOR(digest),IFNULL(SUM(digest),0) FROM ` +
      `(SELECT CRC32(${rowText(columns)}) AS digest FROM ${from} LIMIT 18446744073709551615) AS digests`,
  )
  const [all, rendered, digest, sum] = rows[0] ?? []
  if (Number(all) !== Number(rendered)) throw rowTooLarge(table)
  return { rows: Number(all), checksum: formatChecksum(toBigInt(digest), toBigInt(sum)) }
}

function toBigInt(cell: Cell | undefined): bigint {
  return BigInt(String(cell ?? 0))
}

/** A value cannot be rendered when its text is longer than any string that the server can create. */
export function rowTooLarge(table: string): ToolError {
  return new ToolError('ROW_TOO_LARGE', {
    what: `A row of \`${table}\` is too large to be written as text.`,
    why: "As an INSERT it exceeds the server's max_allowed_packet (each byte takes two characters).",
    next: 'Increase max_allowed_packet on the server to at least three times the largest row (the maximum is 1 GB), then run the command again.',
  })
}

/**
 * Runs one query and processes its rows as they arrive, so that at most a packet's worth of them is in memory. A promise
 * that `take` returns is awaited before the next row: mysql2 stops reading meanwhile, and TCP makes the server wait.
 */
export function streamRows(connection: Connection, text: string, take: (row: Row) => unknown): Promise<void> {
  const { raw } = connection
  return new Promise<void>((resolve, reject) => {
    let failed = false
    const fail = (error: unknown): void => {
      failed = true
      unsubscribe()
      reject(error)
    }
    const unsubscribe = onConnectionLost(raw, fail)
    const reading = raw.query({ sql: text, rowsAsArray: true })
    reading.on('result', (row: unknown) => {
      if (failed || !Array.isArray(row)) return
      try {
        const taken = take(row)
        if (!(taken instanceof Promise)) return
        raw.pause()
        taken.then(() => raw.resume(), fail)
      } catch (error) {
        fail(error)
      }
    })
    reading.on('error', fail)
    reading.on('end', () => {
      unsubscribe()
      resolve()
    })
  })
}

/** Streams the canonical text of every row of a table. Throws ToolError `ARCHIVE_UNFIT` for a row that is too large. */
export function streamTexts(
  connection: Connection,
  {
    schema,
    table,
    columns,
  }: { readonly schema: string; readonly table: string; readonly columns: readonly RowColumn[] },
  take: (text: Buffer) => Promise<void> | null,
): Promise<void> {
  const text = `SELECT ${ownHint} ${rowText(columns)} FROM ${quoteQualified(schema, table)}`
  return streamRows(connection, text, ([row]) => {
    if (!Buffer.isBuffer(row)) throw rowTooLarge(table)
    return take(row)
  })
}
