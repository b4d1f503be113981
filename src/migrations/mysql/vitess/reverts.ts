import type { Asker } from '../../../mysql/connection.ts'
import { hashStatement } from '../../../sql/classify.ts'
import type { JournalRow } from '../../journal/journal.ts'
import { revertText, type Sought } from '../../vitess/revert-statement.ts'
import { readRows, setStrategy } from './keyspace.ts'

/** How a REVERT is given. */
interface RevertToSend {
  /** It takes back what Vitess did by a copy, and does it by one as well. */
  readonly isOnline: boolean
  /** Each shard waits for its COMPLETE, as on the way forward. */
  readonly waits: boolean
  /** A table comes back. */
  readonly creates: boolean
  /** Earlier ones of the same migration. */
  readonly earlier: ReadonlySet<string>
}

export async function prepareRevert(
  connection: Asker,
  { name, shards }: { readonly name: string; readonly shards: readonly string[] },
  uuid: string,
): Promise<RevertToSend> {
  const rows = await readRows(connection, name)
  const action = rows.find((cell) => cell('migration_uuid') === uuid)?.('ddl_action')
  const earlier = rows.filter((cell) => cell('reverted_uuid') === uuid)
  // Where a shard has completed it, it fails there, and would cancel the others.
  const isBegun = earlier.some((cell) => cell('migration_status') === 'complete')
  const isOnline = action === 'alter'
  return {
    ...{ isOnline, waits: isOnline && shards.length > 1 && !isBegun, creates: action === 'drop' },
    earlier: new Set(earlier.map((cell) => cell('migration_uuid'))),
  }
}

/**
 * Gives Vitess a REVERT, for every shard. It takes none from a session without autocommit. Where it comes a second time, what it takes back is no longer the last migration of its table: it fails, and
 * changes nothing.
 */
export async function sendRevert(
  connection: Asker,
  uuid: string,
  { waits }: Pick<RevertToSend, 'waits'>,
): Promise<void> {
  await connection.ask(setStrategy(waits ? 'vitess --postpone-completion' : 'vitess'))
  try {
    await connection.ask(revertText(uuid))
  } finally {
    await connection.ask(setStrategy('direct')).catch(() => undefined)
  }
}

/** The migration that a row of the journal takes back: its text names it, and the row has the hash of that. Null where Vitess does not know it. */
export async function findReverted(
  connection: Asker,
  keyspace: string,
  { hash }: Pick<JournalRow, 'hash'>,
): Promise<Sought | null> {
  for (const cell of await readRows(connection, keyspace)) {
    const uuid = cell('migration_uuid')
    if (hashStatement(revertText(uuid)) === hash) return { type: 'revert', uuid }
  }
  return null
}
