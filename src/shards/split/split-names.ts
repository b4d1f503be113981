import type { RecordedDifference } from '../../ddl/recorded-schema.ts'
import type { Session } from '../../migrations/ports.ts'
import { readSplitRecord } from './read-record.ts'
import type { SplitRecord } from './record.ts'

/** Whether a trigger belongs to the split of a table, or to its reverse. */
export const isSplitTrigger = (name: string): boolean => /^wwdb_split_[0-9a-f]{8}_(?:ins|upd|del)$/.test(name)

/** A table that shards have taken the place of. */
export interface SplitTable extends Pick<SplitRecord, 'table' | 'family' | 'state' | 'hold' | 'keptUntil'> {}

const isAway: ReadonlySet<SplitRecord['state']> = new Set(['held', 'undoing', 'confirmed'])

/** The tables of a database that shards have taken the place of. @param leftOut what its schema has beside its objects */
export async function readSplitTables(
  session: Pick<Session, 'readRows'>,
  leftOut: readonly string[],
): Promise<readonly SplitTable[]> {
  if (!leftOut.includes('wwdb_split')) return []
  const rows = await session.readRows('SELECT table_name,family,state,CAST(details AS CHAR) FROM wwdb_split ORDER BY 1')
  return rows.map(readSplitRecord).filter(({ state }) => isAway.has(state))
}

/** A table that is missing because it was split, or the view that stands in its place, is no drift. */
export function isSplitAway(splits: readonly SplitTable[], { type, name, change }: RecordedDifference): boolean {
  const isOf = splits.some(({ table }) => table.toLowerCase() === name.toLowerCase())
  return isOf && ((type === 'table' && change === 'missing') || (type === 'view' && change === 'extra'))
}

/** One sentence for each. */
export const describeSplitAway = ({ table, family, state }: SplitTable): string =>
  `\`${table}\` was split into the shards of \`${family}\`, and is not compared${state === 'confirmed' ? '' : '; the split can be taken back'}.`
