import type { RetiredRecord, RetiredState } from './record.ts'

/** How a thing is on the server: `hidden` is invisible, or a table under its hold name; `gone` is neither. */
export type Presence = 'visible' | 'hidden' | 'gone'

/** What retirement asks of a database, on the connection of a run. */
export interface RetireStore {
  /** Oldest first; none where nothing was ever retired. */
  readonly read: () => Promise<readonly RetiredRecord[]>
  /** Writes a record and commits it; creates the table of records where there is none. */
  readonly write: (record: RetiredRecord) => Promise<void>
  /** The same for a record that is there: only where its state is still `from`. */
  readonly update: (record: RetiredRecord, from: RetiredState) => Promise<void>
  readonly look: (thing: Pick<RetiredRecord, 'type' | 'table' | 'part' | 'hold'>) => Promise<Presence>
  /** Whether a column is the only one of its table that is visible. */
  readonly isOnlyVisible: (table: string, column: string) => Promise<boolean>
  /** Whether rows can be written without a column: not where it is NOT NULL without a default. */
  readonly isLeftOut: (table: string, column: string) => Promise<boolean>
  readonly isUnique: (table: string, index: string) => Promise<boolean>
  /** Foreign keys of other tables that reference a table. */
  readonly listReferences: (table: string) => Promise<readonly string[]>
}
