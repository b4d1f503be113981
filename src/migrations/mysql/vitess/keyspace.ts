import type { VitessConfig } from '../../../config/vitess-config.ts'
import type { Target } from '../../../core/target.ts'
import { ToolError } from '../../../core/tool-error.ts'
import type { Asker } from '../../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../../mysql/errors.ts'
import { readShards, readShardsOfTablets } from '../../../mysql/keyspace-schema.ts'
import { readIsSharded } from '../../../mysql/vschema.ts'
import { plainMessage } from '../../../mysql/vtgate.ts'
import { quoteName, quoteString } from '../../../sql/quote-name.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import { describeChanging } from '../../vitess/changing-shards.ts'
import type { Sought } from '../../vitess/revert-statement.ts'
import { type ShardMigration, throttledNow } from '../../vitess/shard-migrations.ts'

/** The keyspace of a journal, as vtgate shows it. */
interface JournalKeyspace {
  readonly name: string
  readonly shards: readonly string[]
  /** By its VSchema, which may say so of one shard, too. */
  readonly isSharded: boolean
}

/** A keyspace as vtgate shows it at the login. */
export interface KeyspaceFacts {
  readonly shards: readonly string[]
  /** By its VSchema, as above. */
  readonly isSharded: boolean
}

/** Throws ToolError `CONFIG_INVALID`, as `checkJournal` does. */
export async function readKeyspaceFacts(
  connection: Asker,
  { journal }: VitessConfig,
  target: Target,
): Promise<KeyspaceFacts> {
  const read = async (name: string): Promise<JournalKeyspace> => ({
    name,
    shards: await readShards(connection, name),
    isSharded: (await readIsSharded(connection, name)) === true,
  })
  const own = await read(target.schema)
  checkJournal(journal === own.name ? own : await read(journal), target)
  return own
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

/** Why nothing may be done to tables of the keyspace now; null where it may. @param known its shards when the session began */
export async function findChanging(
  connection: Asker,
  keyspace: string,
  known: readonly string[],
): Promise<string | null> {
  const serving = await readShards(connection, keyspace)
  return describeChanging({ known, serving, present: await readShardsOfTablets(connection, keyspace) })
}

export const setStrategy = (strategy: string): string => `SET @@ddl_strategy='${strategy}'`

/** Numbers from 2000 to 2999 are of a client: its connection may be gone while the server goes on. */
const isFromServer = (message: string): boolean => /\(errno (?!2\d{3}\))\d+\)/.test(message)

/** One row of `SHOW VITESS_MIGRATIONS`, by the names of its columns: their order differs between versions. */
type Cells = (name: string) => string

/** @param sought a REVERT has no table at first: its rows are those of one in any case */
function toMigration(cell: Cells, sought: Sought): ShardMigration {
  return {
    uuid: cell('migration_uuid'),
    table: sought.type === 'revert' ? sought.uuid : cell('mysql_table'),
    shard: cell('shard'),
    status: cell('migration_status'),
    message: plainMessage(cell('message')),
    isRefused: isFromServer(cell('message')),
    progress: Number(cell('progress')),
    throttled: throttledNow(cell('reason_throttled'), cell('last_throttled_timestamp'), cell('liveness_timestamp')),
    throttleRatio: Number(cell('user_throttle_ratio')),
    isPostponed: cell('postpone_completion') === '1',
    isReady: cell('ready_to_complete') === '1',
    hasStarted: cell('started_timestamp') !== '',
    tablet: cell('tablet'),
    reverts: cell('ddl_action') === 'revert',
    seen: cell('liveness_timestamp') || cell('started_timestamp'),
    ...(cell('migration_status') === 'running' && { life: signsOfLife.map(cell).join(' ') }),
    isPlain: !isCopying(cell),
  }
}

const isCopying = (cell: Cells): boolean =>
  cell('strategy') === 'vitess' && ['alter', 'revert'].includes(cell('ddl_action')) && cell('special_plan') === ''

const signsOfLife = ['liveness_timestamp', 'rows_copied', 'progress', 'ready_to_complete', 'stage', 'message'] as const

const isOf = (cell: Cells, sought: Sought): boolean =>
  sought.type === 'revert' ? cell('reverted_uuid') === sought.uuid : cell('migration_context') === sought.context

/** What runs in a keyspace for others than what is sought, of whichever session. */
export async function readOthers(
  connection: Asker,
  keyspace: string,
  sought: Sought,
): Promise<readonly ShardMigration[]> {
  const others = (await readRows(connection, keyspace, " LIKE 'running'")).filter((cell) => !isOf(cell, sought))
  return others.map((cell) => toMigration(cell, { type: 'context', context: cell('migration_context') }))
}

/** What Vitess knows of one statement, one row for each shard and each time that it was given; oldest first. */
export async function readMigrations(
  connection: Asker,
  keyspace: string,
  sought: Sought,
): Promise<readonly ShardMigration[]> {
  const filter =
    sought.type === 'revert'
      ? ` WHERE reverted_uuid=${quoteString(sought.uuid)}`
      : ` LIKE ${quoteString(sought.context)}`
  const found = await readRows(connection, keyspace, filter)
  return found.filter((cell) => isOf(cell, sought)).map((cell) => toMigration(cell, sought))
}

/** The rows of a keyspace. @param filter LIKE also compares identifiers and states */
export async function readRows(connection: Asker, keyspace: string, filter = ''): Promise<readonly Cells[]> {
  const { rows, columns = [] } = await connection.ask(`SHOW VITESS_MIGRATIONS FROM ${quoteName(keyspace)}${filter}`)
  return rows
    .map((row) => {
      const cells = new Map(columns.map((name, index) => [name, String(row[index] ?? '')]))
      return (name: string): string => cells.get(name) ?? ''
    })
    .filter((cell) => cell('keyspace') === keyspace)
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
