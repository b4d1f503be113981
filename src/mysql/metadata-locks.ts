import { isAtLeast } from '../core/version.ts'
import type { Asker } from './connection.ts'

/** How the metadata locks of a server are read. */
export interface MetadataLocks {
  /** A table of metadata_locks for FROM: the columns OBJECT_TYPE, OBJECT_SCHEMA, OBJECT_NAME, LOCK_TYPE, LOCK_STATUS and OWNER_THREAD_ID. */
  readonly table: string
  /** False where it has only locks of threads that run no definition: of what a definition waits for, only its state is known. */
  readonly isWhole: boolean
  /** A condition that is true where it has the locks of a row of performance_schema.threads, which has that alias. */
  readonly shows: (thread: string) => string
}

/**
 * A server that reads the lock of a foreign key for this table may crash (MySQL bug 103532: the length of a column's name is not initialized; reported for 8.0.25,
 * and 8.0.12 crashed within a second in each of 14 tries, whichever rows were asked for). Which later 8.0 has the fix is not known.
 */
const firstSafe = '8.4.0'

/** Statements that take no lock of a foreign key, and cannot contain one that does. */
const harmless = [
  ...['select', 'insert', 'insert_select', 'replace', 'replace_select', 'update', 'update_multi', 'delete'],
  ...['delete_multi', 'lock_tables', 'flush'],
]
  .map((name) => `'statement/sql/${name}'`)
  .join(',')

/** Only definitions take locks of foreign keys, and they release them when they end. A prepared statement is known by its first word. */
const isHarmless = (
  thread: string,
): string => `(${thread}.PROCESSLIST_COMMAND='Sleep' OR (${thread}.PROCESSLIST_COMMAND='Execute' AND ${thread}.PROCESSLIST_INFO REGEXP '^[[:space:]]*(select|insert|update|delete|replace|with)[^a-z_]')
 OR EXISTS (SELECT 1 FROM performance_schema.events_statements_current s
 WHERE s.THREAD_ID=${thread}.THREAD_ID AND s.NESTING_EVENT_LEVEL=0 AND s.END_EVENT_ID IS NULL AND s.EVENT_NAME IN (${harmless})))`

/** The index by owner skips the locks of other threads before the server looks at their names; DISTINCT keeps the query a table of its own. */
const ofHarmlessThreads = `(SELECT DISTINCT l.OBJECT_TYPE,l.OBJECT_SCHEMA,l.OBJECT_NAME,l.LOCK_TYPE,l.LOCK_STATUS,l.OWNER_THREAD_ID
FROM performance_schema.threads o
STRAIGHT_JOIN performance_schema.metadata_locks l FORCE INDEX (OWNER_THREAD_ID) ON l.OWNER_THREAD_ID=o.THREAD_ID
WHERE o.PROCESSLIST_ID IS NOT NULL AND ${isHarmless('o')})`

const wholeLocks: MetadataLocks = { table: 'performance_schema.metadata_locks', isWhole: true, shows: () => 'TRUE' }
const someLocks: MetadataLocks = { table: ofHarmlessThreads, isWhole: false, shows: isHarmless }

const known = new WeakMap<Asker, MetadataLocks>()

/** The same connection, of whose server the version is known: it need not be asked. */
export function ofVersion<One extends Asker>(version: string, connection: One): One {
  known.set(connection, isAtLeast(version, firstSafe) ? wholeLocks : someLocks)
  return connection
}

/** How they are read on the server of a connection, which is asked for its version where that is not known. */
export async function metadataLocksOf(connection: Asker): Promise<MetadataLocks> {
  const found = known.get(connection)
  if (found !== undefined) return found
  const { rows } = await connection.ask('SELECT VERSION()')
  return known.get(ofVersion(String(rows[0]?.[0] ?? '0'), connection)) ?? someLocks
}
