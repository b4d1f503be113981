import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Connection } from '../../mysql/connection.ts'
import type { Door } from '../../mysql/door.ts'
import { placeOf } from '../../mysql/place.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import { type RowColumn, readRowColumns, streamTexts } from '../mysql/row-text.ts'

/** A table as it was at one moment, while the snapshot is open. */
export interface Snapshot {
  readonly server: { readonly version: string; readonly uuid: string }
  readonly columns: readonly RowColumn[]
  /** SHOW CREATE TABLE. */
  readonly createTable: string
  /** Calls `take` with every row's canonical text. If it returns a promise, the server has to wait until it is settled. */
  readonly readRows: (take: (text: Buffer) => Promise<void> | null) => Promise<void>
  /** Ends the connection at once: rows still being sent are not needed. */
  readonly close: () => void
}

/**
 * Opens a consistent read of a table, on its own connection. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69),
 * `TABLE_MISSING`, `ARCHIVE_UNFIT`, `SERVER_REFUSED`.
 */
export async function openSnapshot(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  table: string,
): Promise<Snapshot> {
  const place = placeOf(database, timeouts)
  const { target } = place
  const connection = await door.open(place, { writable: false, purpose: 'work', transaction: true })
  const { version, uuid } = connection.facts
  try {
    await begin(connection, database.schema, table, target)
    const columns = await readRowColumns(connection, database.schema, table)
    const { rows } = await connection.ask(`SHOW CREATE TABLE ${quoteQualified(database.schema, table)}`)
    return {
      server: { version, uuid },
      columns,
      createTable: String(rows[0]?.[1]),
      readRows: (take) => streamTexts(connection, { schema: database.schema, table, columns }, take),
      close: () => connection.destroy(),
    }
  } catch (error) {
    connection.destroy()
    throw translateRunError(error, target)
  }
}

/** From the first read of the table its definition cannot change until the end: the transaction holds its metadata lock. */
async function begin(connection: Connection, schema: string, table: string, target: Target): Promise<void> {
  // While the disk is slower than the server, and no row is read, the server must not close the connection.
  await connection.ask('SET SESSION net_write_timeout=86400, max_execution_time=0, sql_quote_show_create=1')
  await connection.ask('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
  const named = `TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(table)}`
  const { rows } = await connection.ask(`SELECT TABLE_TYPE,ENGINE FROM information_schema.TABLES WHERE ${named}`)
  const [type, engine] = rows[0] ?? []
  if (type === undefined) throw tableMissing(table, target)
  if (type !== 'BASE TABLE' || engine !== 'InnoDB')
    throw unfit(
      table,
      target,
      `it is ${type === 'BASE TABLE' ? `a table of ${engine}` : `a ${type}`}, which has no consistent read`,
    )
  await connection.ask(`SELECT 1 FROM ${quoteQualified(schema, table)} LIMIT 0`)
  const triggers = await connection.ask(
    `SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA=${quoteString(schema)} AND EVENT_OBJECT_TABLE=${quoteString(table)}`,
  )
  const trigger = triggers.rows[0]?.[0]
  if (trigger !== undefined)
    throw unfit(table, target, `its trigger '${trigger}' would be lost: an archive holds a table and its rows`)
}

function tableMissing(table: string, { database, schema, server }: Target): ToolError {
  return new ToolError('TABLE_MISSING', {
    what: `There is no table \`${table}\` in \`${schema}\`.`,
    where: { database, server },
    why: 'It was renamed or dropped after the registry was read.',
    next: 'Run `wwdb rotate plan` to see where its shard is now.',
  })
}

function unfit(table: string, { database, server }: Target, why: string): ToolError {
  return new ToolError('ARCHIVE_UNFIT', {
    what: `\`${table}\` cannot be archived.`,
    where: { database, server },
    why,
    next: "Drop the trigger or change the engine, or set the family's `archive` to none and back up the table separately.",
  })
}
