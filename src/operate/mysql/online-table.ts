import type { Row } from '../../mysql/connection.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import { type OnlineRecord, onlineStates } from '../online/record.ts'

/** Where records are kept: those of plain migrations, and those of fan-outs, whose passes are counted in a ledger of their own. */
export type OnlineTable = 'wwdb_online' | 'wwdb_shard_online'

/** A table of online changes, in the schema of its database. */
export interface OnlinePlace {
  readonly schema: string
  readonly records: OnlineTable
}

const tableOf = ({ schema, records }: OnlinePlace): string => quoteQualified(schema, records)

export const createOnlineTable = (place: OnlinePlace): string => `CREATE TABLE IF NOT EXISTS ${tableOf(place)} (
  \`pass\` BIGINT UNSIGNED NOT NULL,
  \`statement\` INT UNSIGNED NOT NULL,
  \`version\` VARCHAR(255) NOT NULL,
  \`table_name\` VARCHAR(64) NOT NULL,
  \`state\` VARCHAR(16) NOT NULL COMMENT 'copying, copied, swapped, held, reverted or removed',
  \`token\` BIGINT UNSIGNED NOT NULL COMMENT 'wait_timeout of the sessions of the tool',
  \`details\` JSON NOT NULL,
  \`changed_at\` DATETIME(6) NOT NULL,
  PRIMARY KEY (\`pass\`,\`statement\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='online changes of wwdb'`

export const existsOnlineTable = ({ schema, records }: OnlinePlace): string =>
  `SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME='${records}'`

export const selectRecords = (place: OnlinePlace): string =>
  `SELECT pass,statement,version,table_name,state,token,CAST(details AS CHAR),TIMESTAMPDIFF(SECOND,'1970-01-01',changed_at) FROM ${tableOf(place)} ORDER BY pass,statement`

export function replaceRecord(place: OnlinePlace, record: OnlineRecord): string {
  const { pass, statement, version, table, state, token, since: _, ...details } = record
  const values = [
    pass,
    statement,
    quoteString(version),
    quoteString(table),
    quoteString(state),
    token,
    quoteString(JSON.stringify(details)),
    'UTC_TIMESTAMP(6)',
  ]
  return `REPLACE INTO ${tableOf(place)}(pass,statement,version,table_name,state,token,details,changed_at) VALUES (${values.join(',')})`
}

type Details = Pick<
  OnlineRecord,
  'copy' | 'hold' | 'triggers' | 'renamed' | 'textDigest' | 'fingerprint' | 'keptUntil'
> &
  // Records of earlier versions have none of them.
  Partial<Pick<OnlineRecord, 'made' | 'takesBack' | 'tool' | 'old' | 'logs'>>

export function toRecord([pass, statement, version, table, state, token, details, since]: Row): OnlineRecord {
  const known = onlineStates.find((one) => one === state)
  if (known === undefined) throw new Error(`wwdb_online has a row of the state ${state}`)
  return {
    pass: Number(pass),
    statement: Number(statement),
    version: String(version),
    table: String(table),
    state: known,
    token: Number(token),
    tool: 'pt-osc',
    old: null,
    logs: [],
    made: null,
    takesBack: null,
    // Written by `replaceRecord` alone.
    ...(JSON.parse(String(details)) as Details),
    since: Number(since) * 1000,
  }
}
