/** A lease without the database: what the statements of src/migrations/mysql/vitess/lease.ts do to its row. */
export interface ModelRow {
  readonly token: number
  readonly owner: string
  readonly expires: number
}

export const takenBy = (row: ModelRow, owner: string, now: number, milliseconds: number): ModelRow =>
  row.expires <= now ? { token: row.token + 1, owner, expires: now + milliseconds } : row

/** What a run knows of its lease. */
export type Held = Pick<ModelRow, 'token' | 'owner'>

/** The token alone would not do: a failover that loses the last writes gives one a second time. */
const isOf = (row: ModelRow, { token, owner }: Held): boolean => row.token === token && row.owner === owner

/** Null where it is somebody else's by now: nothing is written then. */
export const fencedBy = (row: ModelRow, held: Held, now: number, milliseconds: number): ModelRow | null =>
  isOf(row, held) ? { ...row, expires: Math.max(row.expires, now + milliseconds) } : null

/** What giving it back leaves; the same row where it is somebody else's. */
export const releasedBy = (row: ModelRow, held: Held, now: number): ModelRow =>
  isOf(row, held) ? { ...row, owner: '', expires: now } : row
