import type { Pass } from '../journal.ts'
import { noChange, type RowToOpen, type Session } from '../ports.ts'

/** A pass that runs nothing. */
export interface Record {
  readonly pass: number
  readonly version: string
  readonly name: string
  readonly kind: Pass['kind']
  readonly direction: Pass['direction']
  readonly checksum: string
}

/** Writes a pass of one row, opened and closed. Needs the lock. */
export async function recordPass(session: Session, record: Record): Promise<void> {
  const row: RowToOpen = {
    ...record,
    statement: 0,
    total: 1,
    hash: record.checksum,
    class: 'record',
    summary: record.kind === 'baseline' ? 'baseline' : `marked ${record.direction === 'up' ? 'applied' : 'pending'}`,
    objects: [],
    fingerprint: null,
    identity: false,
  }
  await session.writeJournal({ ...noChange, open: [row] })
  await session.writeJournal({
    ...noChange,
    close: [{ pass: record.pass, statement: 0, milliseconds: 0, rows: null, memory: null }],
  })
}
