import type { BatchTable } from '../batches/batch-table.ts'
import type { WalkKey } from '../batches/choose-key.ts'
import type { Walk } from '../batches/read-walk.ts'
import { chooseChanged, type KeptChoice, refuse } from './kept.ts'
import { chooseInserted } from './kept-inserts.ts'

/** The tables of a batch: that which is walked, and of an INSERT that which it fills, null where that does not exist. */
interface BatchTables {
  readonly table: BatchTable
  readonly into: BatchTable | null
}

/** What is kept of the rows that a batch changes or adds, or why that cannot be undone. @param key the one that is walked */
export function chooseKept({ table, into }: BatchTables, walk: Walk, key: WalkKey): KeptChoice {
  const { verb } = walk
  if (verb === 'UPDATE' || verb === 'DELETE') return chooseChanged(table, walk, key, verb)
  return into === null ? refuse(`\`${walk.into?.name}\` does not exist.`) : chooseInserted(into, walk)
}
