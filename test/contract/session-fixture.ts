import type { JournalChange, RowToOpen } from '../../src/migrations/journal/rows.ts'
import type { Session } from '../../src/migrations/ports.ts'
import type { ObjectName } from '../../src/sql/statement.ts'

/** A fresh schema on some server, and how things are said there. */
export interface SessionFixture {
  readonly open: () => Promise<Session>
  /** Tables have a row of one number for each `insert`. */
  readonly create: (table: string) => string
  readonly alter: (table: string, number: number) => string
  readonly drop: (table: string) => string
  readonly truncate: (table: string) => string
  readonly insert: (table: string, number: number) => string
  /** A procedure that inserts into `t`, and commits on its own. */
  /** The procedure that it calls: it commits, and does nothing else with transactions. */
  readonly committing: ObjectName
  readonly callCommitting: (number: number) => string
  readonly refused: string
  /** Takes a minute. */
  readonly slow: string
  /** The numbers in a table, committed, as another connection sees them. */
  readonly numbers: (table: string) => Promise<readonly number[]>
  readonly isRunning: (session: Session) => Promise<boolean>
  /** Takes the lock away from a session that lives on. */
  readonly stealLock: (session: Session) => Promise<void>
  readonly breakConnection: (session: Session) => Promise<void>
  readonly close: () => Promise<void>
}

export function rowOf(statement: number, changes: Partial<RowToOpen> = {}): RowToOpen {
  const migration = { version: '20260101000000', name: 'thing', kind: 'versioned', direction: 'up' } as const
  const text = { hash: 'h'.repeat(64), class: 'data', summary: 'INSERT t', objects: [] } as const
  const look = { fingerprint: null, identity: false }
  return { pass: 1, statement, ...migration, checksum: 'c'.repeat(64), total: 3, ...text, ...look, ...changes }
}

export const closing = (statement: number, changes: object = {}): JournalChange['close'][number] => ({
  pass: 1,
  statement,
  milliseconds: 5,
  rows: 1,
  memory: null,
  ...changes,
})
