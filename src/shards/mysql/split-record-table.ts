import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import { type SplitRecord, splitStates } from '../split/record.ts'

const tableOf = (schema: string): string => quoteQualified(schema, 'wwdb_split')

/** The table of splits, in the schema of its database. */
export const createSplitTable = (schema: string): string => `CREATE TABLE IF NOT EXISTS ${tableOf(schema)} (
  \`table_name\` VARCHAR(64) NOT NULL,
  \`family\` VARCHAR(255) NOT NULL,
  \`state\` VARCHAR(16) NOT NULL COMMENT '${splitStates.join(', ')}',
  \`details\` JSON NOT NULL,
  \`changed_at\` DATETIME(6) NOT NULL,
  PRIMARY KEY (\`table_name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='tables that wwdb splits into shards'`

export const existsSplitTable = (schema: string): string =>
  `SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME='wwdb_split'`

export const selectSplits = (schema: string): string =>
  `SELECT table_name,family,state,CAST(details AS CHAR) FROM ${tableOf(schema)} ORDER BY table_name`

export function replaceSplit(schema: string, { table, family, state, ...details }: SplitRecord): string {
  const values = [table, family, state, JSON.stringify(details)].map(quoteString)
  return `REPLACE INTO ${tableOf(schema)}(table_name,family,state,details,changed_at) VALUES (${values.join(',')},UTC_TIMESTAMP(6))`
}
