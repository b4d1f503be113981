import { createHash } from 'node:crypto'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Connection } from '../../mysql/connection.ts'
import type { Door } from '../../mysql/door.ts'
import { placeOf } from '../../mysql/place.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import { measureRows, rowTooLarge } from '../mysql/row-text.ts'
import type { RestoreRequest } from '../ports.ts'
import type { RowCount } from '../shard.ts'
import type { Manifest } from './archive-format.ts'
import { insertLine, loadingSession, renameDefinition } from './archive-format.ts'
import { type FoundArchive, readBatches, verifyArchive } from './read-archive.ts'

/** INSERTs (usually 1 MB each) that share a transaction. */
const batchesPerCommit = 16

/**
 * Checks the whole archive, loads it into a table with a temporary name, counts and sums that on the server, and renames
 * it when it equals the archive. A killed run leaves only the temporary table, which the next run drops. Throws ToolError
 * as `verifyArchive`, `TABLE_EXISTS`, `ROW_TOO_LARGE`, `RESTORE_DIFFERS`.
 */
export async function restoreArchive(
  door: Door,
  found: FoundArchive,
  { database, timeouts, table }: RestoreRequest,
  report: (rows: number) => void,
): Promise<RowCount> {
  await verifyArchive(found)
  const place = placeOf(database, timeouts)
  const { target } = place
  const connection = await door.open(place, { writable: true, purpose: 'work', transaction: true })
  try {
    await connection.ask(loadingSession)
    await refuseExisting(connection, target, table)
    const temporary = temporaryName(found)
    await makeTable(connection, found.manifest, temporary)
    await load(connection, found, temporary, report)
    const measured = await measureRows(connection, database.schema, temporary)
    await connection.ask('COMMIT')
    if (!isEqual(measured, found.manifest)) throw await discard(connection, found, temporary, measured)
    await connection.ask(`RENAME TABLE ${quoteName(temporary)} TO ${quoteName(table)}`)
    await connection.close()
    return measured
  } catch (error) {
    connection.destroy()
    throw translateRunError(error, target)
  }
}

/**
 * The same name at every attempt, on any day and for any target name: that is how a killed run's table is found. Its
 * form shows that it is being loaded, and it leaves room for the constraint names that MySQL derives from it.
 */
export function temporaryName({ address, manifest }: Pick<FoundArchive, 'address' | 'manifest'>): string {
  const day = manifest.writtenAt.slice(0, 10).replaceAll('-', '')
  const digest = createHash('sha256').update(address).digest('hex').slice(0, 8)
  return `_load_${day}_${digest}_${manifest.table}`.slice(0, 48)
}

async function refuseExisting(connection: Connection, target: Target, table: string): Promise<void> {
  const { rows } = await connection.ask(
    `SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(target.schema)} AND TABLE_NAME=${quoteString(table)}`,
  )
  if (rows.length === 0) return
  throw new ToolError('TABLE_EXISTS', {
    what: `\`${table}\` already exists in \`${target.schema}\`.`,
    where: { database: target.database, server: target.server },
    why: 'An archive is loaded into a table of its own, never into one that may hold other rows.',
    next: 'Rename or drop that table, or restore under another name.',
  })
}

async function makeTable(connection: Connection, manifest: Manifest, temporary: string): Promise<void> {
  await connection.ask(`DROP TABLE IF EXISTS ${quoteName(temporary)}`)
  await connection.ask(renameDefinition(manifest.createTable, manifest.table, temporary))
}

async function load(
  connection: Connection,
  found: FoundArchive,
  temporary: string,
  report: (rows: number) => void,
): Promise<void> {
  const { rows: limits } = await connection.ask('SELECT @@max_allowed_packet')
  const head = insertLine(temporary, found.manifest.columns)
  let batches = 0
  let rows = 0
  for await (const batch of readBatches(found)) {
    const text = `${head}(${batch.map((row) => row.toString('utf8')).join('),(')})`
    if (Buffer.byteLength(text) >= Number(limits[0]?.[0])) throw rowTooLarge(found.manifest.table)
    await connection.ask(text)
    rows += batch.length
    batches += 1
    if (batches % batchesPerCommit === 0) await connection.ask('COMMIT')
    report(rows)
  }
  await connection.ask('COMMIT')
}

function isEqual(measured: RowCount, manifest: Manifest): boolean {
  return measured.rows === manifest.rows && measured.checksum === manifest.checksum
}

/** The table is a faulty copy; its archive, which was read completely, stays. */
async function discard(
  connection: Connection,
  { address, manifest }: FoundArchive,
  temporary: string,
  measured: RowCount,
): Promise<ToolError> {
  await connection.ask(`DROP TABLE IF EXISTS ${quoteName(temporary)}`)
  return new ToolError('RESTORE_DIFFERS', {
    what: `The rows loaded from ${address} are not the rows that were archived.`,
    where: { file: address },
    why: `The archive holds ${manifest.rows} rows with the checksum ${manifest.checksum}, the loaded table ${measured.rows} with ${measured.checksum}.`,
    next: `Load it into a server of the version it was written on (${manifest.server.version}) and compare; the archive itself is whole.`,
  })
}
