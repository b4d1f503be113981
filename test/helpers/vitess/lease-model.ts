/** A lease without the database: what the statements of src/migrations/mysql/vitess/lease.ts do to its row. */
export interface ModelRow {
  readonly token: number
  readonly owner: string
  readonly expires: number
}

export const takenBy = (row: ModelRow, owner: string, now: number, milliseconds: number): ModelRow =>
  row.expires <= now ? { token: row.token + 1, owner, expires: now + milliseconds } : row

/** Null where it is somebody else's by now: nothing is written then. */
export const fencedBy = (row: ModelRow, token: number, now: number, milliseconds: number): ModelRow | null =>
  row.token === token ? { ...row, expires: Math.max(row.expires, now + milliseconds) } : null

/** What giving it back leaves; the same row where it is somebody else's. */
export const releasedBy = (row: ModelRow, token: number, now: number): ModelRow =>
  row.token === token ? { ...row, owner: '', expires: now } : row
