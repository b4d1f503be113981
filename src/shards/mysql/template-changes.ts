import type { HeldLock } from '../../migrations/mysql/journal-tables.ts'
import { createJournalTable, fence } from '../../migrations/mysql/journal-tables.ts'
import type { Connection, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { TemplateChange } from '../fan-out/ports.ts'

const columns = 'family,version,migration,direction,earlier_template,earlier_checksum'

export async function readChanges(connection: Connection): Promise<readonly TemplateChange[]> {
  const rows = await ask(connection, `SELECT ${columns} FROM wwdb_shard_changes ORDER BY family,version`)
  return rows.map(toChange)
}

export async function readCarriedVersions(connection: Connection): Promise<ReadonlyMap<string, number>> {
  const rows = await ask(connection, 'SELECT family,MAX(version) FROM wwdb_shard_changes GROUP BY family')
  return new Map(rows.map(([family, version]) => [String(family), Number(version)]))
}

/** Empty before a first fan-out created the table. */
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

/** One packet: the fence, the record, COMMIT. */
export async function recordChanges(
  connection: Connection,
  leader: HeldLock,
  changes: readonly TemplateChange[],
): Promise<void> {
  if (changes.length === 0) return
  const write = `REPLACE INTO wwdb_shard_changes(${columns}) VALUES ${changes.map(render).join(',')}`
  try {
    await connection.askAll(['START TRANSACTION', `SELECT ${fence(leader)}`, write, 'COMMIT'].join(';'))
  } catch (error) {
    await connection.ask('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** The DELETE for these changes, of which there must be at least one. */
export function renderForgetting(changes: readonly TemplateChange[]): string {
  const keys = changes.map(({ family, version }) => `(${quoteString(family)},${version})`)
  return `DELETE FROM wwdb_shard_changes WHERE (family,version) IN (${keys.join(',')})`
}

/**
 * The changes that gave templates their versions: a shard that was away is upgraded through them, a rollback finds the
 * earlier text.
 */
const changes = `CREATE TABLE IF NOT EXISTS \`wwdb_shard_changes\` (
  \`family\` VARCHAR(64) NOT NULL,
  \`version\` INT UNSIGNED NOT NULL COMMENT 'that the template has because of it',
  \`migration\` VARCHAR(255) NOT NULL COMMENT 'its version',
  \`direction\` VARCHAR(4) NOT NULL,
  \`earlier_template\` MEDIUMTEXT NULL COMMENT 'text before it; NULL where several were recorded together',
  \`earlier_checksum\` VARCHAR(64) NULL,
  PRIMARY KEY (\`family\`, \`version\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: what gave shard templates their versions'`

export const ledgerTables: readonly string[] = [createJournalTable('wwdb_shard_journal'), changes]
