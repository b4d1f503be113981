import { quoteString } from '../../sql/quote-name.ts'

/**
 * How far a retirement is:
 * - `hiding`   its statement was about to hide it: the server shows whether it did
 * - `retired`  it is hidden, or watched where it could not be
 * - `dropping` its drop was proven, and may have run
 * - `dropped`  nothing is left of it
 * - `undone`   it is there again as it was
 */
const states = ['hiding', 'retired', 'dropping', 'dropped', 'undone'] as const
export type RetiredState = (typeof states)[number]

/** Since when a server is watched, by its own clock, and how often its index or table had been read and written by then. */
export interface Baseline {
  /** `primary`, the name of a replica, or the address of a group member. */
  readonly name: string
  readonly at: number
  readonly count: number
  /** When the server had made its table, in milliseconds since the epoch: one that is made again counts anew. Null where it is not there. */
  readonly created: number | null
}

/** A use that was seen after it was hidden. */
export interface SeenUse {
  /** `primary`, the name of a replica, or the address of a group member. */
  readonly server: string
  /** Milliseconds since the epoch; null where only a counter shows it. */
  readonly at: number | null
  /** `user@host` of open connections. */
  readonly users: readonly string[]
  /** The statement, or the code that names it, or the counter. */
  readonly what: string
}

/** A row of `wwdb_retired`: one thing that a statement with `-- wwdb:retire` retires. */
export interface RetiredRecord {
  /** Those of the journal's row. */
  readonly pass: number
  readonly statement: number
  readonly version: string
  readonly state: RetiredState
  readonly type: 'table' | 'column' | 'index'
  readonly table: string
  readonly part: string | null
  /** The name under which a table is kept; empty for others. */
  readonly hold: string
  /** False for a column that stays visible, because live statements depend on it: it is only watched. */
  readonly isHidden: boolean
  /** Why it stays visible; empty where it is hidden. */
  readonly why: string
  /** False for an index that was invisible before. */
  readonly wasVisible: boolean
  /** Milliseconds. */
  readonly grace: number
  /** By the clock of the primary; milliseconds since the epoch. */
  readonly since: number
  /** By the UUID of the server: another one of the same name has counted something else. */
  readonly baselines: Readonly<Record<string, Baseline>>
  /** The last uses that were seen; empty where there was none. */
  readonly uses: readonly SeenUse[]
  /** What was looked at before it was dropped; null before that. */
  readonly proof: string | null
  /** The version of the pass that drops it; null before that. */
  readonly dropVersion: string | null
}

const retiredRegistry = 'wwdb_retired'

export const existsRegistry = `SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME='${retiredRegistry}'`

export const createRegistry = `CREATE TABLE IF NOT EXISTS \`${retiredRegistry}\` (
  \`pass\` BIGINT UNSIGNED NOT NULL,
  \`statement\` INT UNSIGNED NOT NULL,
  \`version\` VARCHAR(255) NOT NULL,
  \`state\` VARCHAR(16) NOT NULL COMMENT 'hiding, retired, dropping, dropped or undone',
  \`details\` JSON NOT NULL,
  \`changed_at\` DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (\`pass\`,\`statement\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: what was retired and waits for its drop'`

export const selectRecords = `SELECT CAST(pass AS CHAR),CAST(statement AS CHAR),version,state,CAST(details AS CHAR) FROM \`${retiredRegistry}\` ORDER BY pass,statement`

export function toRecord(cells: readonly (string | null)[]): RetiredRecord {
  const [pass, statement, version, written, details] = cells
  const state = states.find((one) => one === written)
  if (state === undefined) throw new Error(`wwdb_retired has a row of the state ${written}`)
  return {
    // Written by `replaceRecord` alone.
    ...(JSON.parse(details ?? '{}') as Omit<RetiredRecord, 'pass' | 'statement' | 'version' | 'state'>),
    ...{ pass: Number(pass), statement: Number(statement), version: version ?? '', state },
  }
}

const detailsOf = ({ pass: _, statement: __, version: ___, state: ____, ...details }: RetiredRecord): string =>
  `CONVERT(${quoteString(JSON.stringify(details))} USING utf8mb4)`

export function replaceRecord(record: RetiredRecord): string {
  const { pass, statement, version, state } = record
  const values = [pass, statement, quoteString(version), quoteString(state), detailsOf(record), 'UTC_TIMESTAMP(6)']
  return `REPLACE INTO \`${retiredRegistry}\`(pass,statement,version,state,details,changed_at) VALUES (${values.join(',')})`
}

/** Writes it only where nobody has changed its state meanwhile. */
export function updateRecord(record: RetiredRecord, from: RetiredState): string {
  const { pass, statement, state } = record
  return (
    `UPDATE \`${retiredRegistry}\` SET state=${quoteString(state)},details=${detailsOf(record)},changed_at=UTC_TIMESTAMP(6) ` +
    `WHERE pass=${pass} AND statement=${statement} AND state=${quoteString(from)}`
  )
}

/** Whether something is there that waits for its drop. */
export const isWaiting = ({ state }: Pick<RetiredRecord, 'state'>): boolean =>
  state === 'hiding' || state === 'retired' || state === 'dropping'
