import type { Target } from '../../../core/target.ts'
import { ToolError } from '../../../core/tool-error.ts'
import type { Asker } from '../../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../../mysql/errors.ts'
import { plainMessage } from '../../../mysql/vtgate.ts'
import { quoteName, quoteString } from '../../../sql/quote-name.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import { type ShardMigration, throttledNow } from '../../vitess/shard-migrations.ts'

/** The keyspace of a journal, as vtgate shows it. */
interface JournalKeyspace {
  readonly name: string
  readonly shards: readonly string[]
  /** By its VSchema, which may say so of one shard, too. */
  readonly isSharded: boolean
}

/** Throws ToolError `CONFIG_INVALID` where the journal would be spread over shards, where vtgate would not find its tables, and where its keyspace does not exist. */
export function checkJournal({ name, shards, isSharded }: JournalKeyspace, { database, server }: Target): void {
  if (shards.length === 1 && !isSharded) return
  const named = `The keyspace \`${name}\`, which \`databases.${database}.vitess.journal\` names,`
  const what =
    shards.length === 0
      ? `${named} does not exist.`
      : shards.length === 1
        ? `${named} is sharded by its VSchema.`
        : `${named} has ${shards.length} shards.`
  throw new ToolError('CONFIG_INVALID', {
    what,
    where: { database, server },
    why:
      shards.length === 1
        ? 'vtgate finds no table without a vindex there, and the tables of the journal have none.'
        : 'The journal and its lease are written in one transaction, which only one shard has.',
    next: 'Name a keyspace with one shard there, whose VSchema does not say `"sharded": true`.',
  })
}

/** Numbers from 2000 to 2999 are of a client: its connection may be gone while the server goes on. */
const isFromServer = (message: string): boolean => /\(errno (?!2\d{3}\))\d+\)/.test(message)

/** The columns of `SHOW VITESS_MIGRATIONS` that are read, by name: their order differs between versions. */
function toMigration(row: ReadonlyMap<string, string>): ShardMigration {
  const cell = (name: string): string => row.get(name) ?? ''
  return {
    uuid: cell('migration_uuid'),
    table: cell('mysql_table'),
    shard: cell('shard'),
    status: cell('migration_status'),
    message: plainMessage(cell('message')),
    isRefused: isFromServer(cell('message')),
    progress: Number(cell('progress')),
    throttled: throttledNow(cell('reason_throttled'), cell('last_throttled_timestamp'), cell('liveness_timestamp')),
    throttleRatio: Number(cell('user_throttle_ratio')),
    isPostponed: cell('postpone_completion') === '1',
    isReady: cell('ready_to_complete') === '1',
  }
}

/** What runs in a keyspace for others than a context, of whichever session. */
export async function readOthers(
  connection: Asker,
  keyspace: string,
  context: string,
): Promise<readonly ShardMigration[]> {
  return askMigrations(connection, keyspace, 'running', (other) => other !== context)
}

/** What Vitess knows of the definitions of a context, one row a shard; oldest first. */
export async function readMigrations(
  connection: Asker,
  keyspace: string,
  context: string,
): Promise<readonly ShardMigration[]> {
  return askMigrations(connection, keyspace, context, (own) => own === context)
}

/** @param like a context or a status */
async function askMigrations(
  connection: Asker,
  keyspace: string,
  like: string,
  isAsked: (context: string | undefined) => boolean,
): Promise<readonly ShardMigration[]> {
  const { rows, columns = [] } = await connection.ask(
    `SHOW VITESS_MIGRATIONS FROM ${quoteName(keyspace)} LIKE ${quoteString(like)}`,
  )
  return rows
    .map((row) => new Map(columns.map((name, index) => [name, String(row[index] ?? '')])))
    .filter((row) => row.get('keyspace') === keyspace && isAsked(row.get('migration_context')))
    .map(toMigration)
}

/** The definitions of an object on each shard, in their order; null where it does not exist. */
export async function readOnShards(
  connection: Asker,
  keyspace: string,
  shards: readonly string[],
  { name }: ObjectName,
): Promise<readonly (string | null)[]> {
  const found: (string | null)[] = []
  for (const shard of shards) {
    await connection.ask(`USE ${quoteName(`${keyspace}:${shard}`)}`)
    try {
      const { rows } = await connection.ask(`SHOW CREATE TABLE ${quoteName(name)}`)
      found.push(String(rows[0]?.[1]).replace(/(\n\)[^\n']*?) AUTO_INCREMENT=\d+/, '$1'))
    } catch (error) {
      if (!hasNumber(error, serverErrors.unknownTable)) throw error
      found.push(null)
    } finally {
      await connection.ask(`USE ${quoteName(keyspace)}`)
    }
  }
  return found
}
