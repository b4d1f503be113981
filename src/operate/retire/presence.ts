import { quoteString } from '../../sql/quote-name.ts'
import type { Presence } from './ports.ts'
import { isWaiting, type RetiredRecord } from './record.ts'

const ofTable = (table: string): string => `TABLE_SCHEMA=DATABASE() AND TABLE_NAME=${quoteString(table)}`

/** The question how a thing is on the server; the first cell of its first row is the answer. */
export function selectPresence({
  type,
  table,
  part,
  hold,
}: Pick<RetiredRecord, 'type' | 'table' | 'part' | 'hold'>): string {
  const name = quoteString(part ?? '')
  if (type === 'table')
    return `SELECT TABLE_NAME=${quoteString(hold)} FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE() AND TABLE_TYPE='BASE TABLE' AND TABLE_NAME IN (${quoteString(table)},${quoteString(hold)}) ORDER BY 1 DESC`
  return type === 'index'
    ? `SELECT IS_VISIBLE='NO' FROM information_schema.STATISTICS WHERE ${ofTable(table)} AND INDEX_NAME=${name}`
    : `SELECT EXTRA LIKE '%INVISIBLE%' FROM information_schema.COLUMNS WHERE ${ofTable(table)} AND COLUMN_NAME=${name}`
}

/** The question which foreign keys of other tables reference a table: `children.of_parent`, and the child alone. */
export const selectReferences = (table: string): string =>
  `SELECT DISTINCT CONCAT(TABLE_NAME,'.',CONSTRAINT_NAME),TABLE_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA=DATABASE() AND REFERENCED_TABLE_NAME=${quoteString(table)} AND NOT (${ofTable(table)}) ORDER BY 1`

export function toPresence(rows: readonly (readonly unknown[])[]): Presence {
  const [first] = rows
  if (first === undefined) return 'gone'
  return Number(first[0]) === 1 ? 'hidden' : 'visible'
}

/** Whether a retirement is as its statement left it: not dropped, and not put back by anybody. */
export const isAsLeft = (record: RetiredRecord, presence: Presence): boolean =>
  isWaiting(record) && presence !== 'gone' && (!record.isHidden || presence === 'hidden')

/** When its grace ends at the earliest; milliseconds since the epoch. @param begun since when each server is watched */
export const endOfRetirement = (
  { since, grace, baselines }: Pick<RetiredRecord, 'since' | 'grace' | 'baselines'>,
  begun: RetiredRecord['baselines'] = baselines,
): number => Math.max(since, ...Object.values(begun).map(({ at }) => at)) + grace
