import type { TemplateChange } from '../../../engine/shards/fan-out/ports.ts'
import type { Connection, Row } from '../connection.ts'
import type { HeldLock } from '../journal-place.ts'
import { quoteString } from '../literals.ts'
import { hasNumber, serverErrors } from '../server-errors.ts'
import { fence } from './fence.ts'

const columns = 'family,version,migration,direction,earlier_template,earlier_checksum'

export async function readChanges(connection: Connection): Promise<readonly TemplateChange[]> {
  const rows = await ask(connection, `SELECT ${columns} FROM wwdb_shard_changes ORDER BY family,version`)
  return rows.map(toChange)
}

export async function readCarriedVersions(connection: Connection): Promise<ReadonlyMap<string, number>> {
  const rows = await ask(connection, 'SELECT family,MAX(version) FROM wwdb_shard_changes GROUP BY family')
  return new Map(rows.map(([family, version]) => [String(family), Number(version)]))
}

/** Nothing before a first fan-out made the table. */
async function ask(connection: Connection, text: string): Promise<readonly Row[]> {
  try {
    return (await connection.ask(text)).rows
  } catch (error) {
    if (hasNumber(error, serverErrors.unknownTable)) return []
    throw error
  }
}

function toChange([family, version, migration, direction, template, checksum]: Row): TemplateChange {
  return {
    family: String(family),
    version: Number(version),
    migration: String(migration),
    direction: direction === 'down' ? 'down' : 'up',
    earlier:
      template === null || template === undefined ? null : { template: String(template), checksum: String(checksum) },
  }
}

function render({ family, version, migration, direction, earlier }: TemplateChange): string {
  const text = earlier === null ? 'NULL,NULL' : `${quoteString(earlier.template)},${quoteString(earlier.checksum)}`
  return `(${quoteString(family)},${version},${quoteString(migration)},'${direction}',${text})`
}

/** One packet: the fence, what is recorded, what is forgotten, COMMIT. */
export async function writeChanges(
  connection: Connection,
  leader: HeldLock,
  record: readonly TemplateChange[],
  forget: readonly TemplateChange[],
): Promise<void> {
  if (record.length + forget.length === 0) return
  const keys = forget.map(({ family, version }) => `(${quoteString(family)},${version})`)
  const writes = [
    ...(record.length === 0
      ? []
      : [`REPLACE INTO wwdb_shard_changes(${columns}) VALUES ${record.map(render).join(',')}`]),
    ...(keys.length === 0 ? [] : [`DELETE FROM wwdb_shard_changes WHERE (family,version) IN (${keys.join(',')})`]),
  ]
  try {
    await connection.askAll(['START TRANSACTION', `SELECT ${fence(leader)}`, ...writes, 'COMMIT'].join(';'))
  } catch (error) {
    await connection.ask('ROLLBACK').catch(() => undefined)
    throw error
  }
}
