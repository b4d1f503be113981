import { findUnknown } from './find-adopted.ts'
import { type CodeMigrationState, compareWithJournal, type KnownMigration } from './plan-migrations.ts'
import type { CodeDirection, CodeFolder, CodeHistoryEntry, MigrationDriver } from './ports.ts'

/** One version of a database. */
export interface CodeMigrationStatus {
  readonly version: string
  readonly name: string
  readonly file: string
  readonly state: CodeMigrationState
  /** ISO 8601, of what the journal has; null where it is pending. */
  readonly at: string | null
  readonly by: string | null
  /** Of one that is begun: in which direction, and how many documents its walk has passed. */
  readonly begun: { readonly direction: CodeDirection; readonly documents: number } | null
}

/** The migrations of one database. */
export interface CodeDatabaseStatus {
  /** With the prefix. */
  readonly database: string
  /** In the order of their versions. */
  readonly migrations: readonly CodeMigrationStatus[]
  /** Files that migrate-mongo has applied and the journal does not have. */
  readonly unknown: readonly string[]
  /** What ran, in the order of time; null where it was not asked for. */
  readonly history: readonly CodeHistoryEntry[] | null
}

interface StatusRequest {
  readonly folders: readonly CodeFolder[]
  readonly prefix: string
  readonly history: boolean
}

/** Reads the journal of every database. Writes nothing. */
export async function readStatus(
  driver: MigrationDriver,
  { folders, prefix, history }: StatusRequest,
): Promise<readonly CodeDatabaseStatus[]> {
  const databases: CodeDatabaseStatus[] = []
  for (const folder of folders) {
    const database = `${prefix}${folder.name}`
    const journal = await driver.journal(database)
    databases.push({
      database,
      migrations: compareWithJournal(folder, journal).map(toStatus),
      unknown: findUnknown(journal).map(({ fileName }) => fileName),
      history: history ? await driver.history(database) : null,
    })
  }
  return databases
}

function toStatus({ version, state, migration, entry }: KnownMigration): CodeMigrationStatus {
  return {
    version,
    name: migration?.name ?? entry?.name ?? '',
    file: migration?.file ?? entry?.file ?? '',
    state,
    at: entry?.at ?? null,
    by: entry?.by ?? null,
    begun: entry?.state === 'open' ? { direction: entry.direction, documents: entry.documents } : null,
  }
}
