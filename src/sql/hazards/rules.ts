import type { HazardRule } from './rule.ts'
import { call } from './rules/call.ts'
import { copy } from './rules/copy.ts'
import { createTableSelect } from './rules/create-table-select.ts'
import { deleteAllRows } from './rules/delete-all-rows.ts'
import { discardTablespace } from './rules/discard-tablespace.ts'
import { dropColumn } from './rules/drop-column.ts'
import { dropPartition } from './rules/drop-partition.ts'
import { dropSchema } from './rules/drop-schema.ts'
import { dropTable } from './rules/drop-table.ts'
import { exchangePartition } from './rules/exchange-partition.ts'
import { lock } from './rules/lock.ts'
import { lossyEngine } from './rules/lossy-engine.ts'
import { narrowColumn } from './rules/narrow-column.ts'
import { overwriteColumn } from './rules/overwrite-column.ts'
import { rebuild } from './rules/rebuild.ts'
import { renameSwap } from './rules/rename-swap.ts'
import { sessionReads } from './rules/session-reads.ts'
import { truncatePartition } from './rules/truncate-partition.ts'
import { truncateTable } from './rules/truncate-table.ts'
import { updateAllRows } from './rules/update-all-rows.ts'

/** Every rule, in the order in which a statement's hazards are shown. docs/hazards.md lists the same. */
export const hazardRules: readonly HazardRule[] = [
  dropSchema,
  dropTable,
  truncateTable,
  dropColumn,
  narrowColumn,
  overwriteColumn,
  dropPartition,
  truncatePartition,
  exchangePartition,
  discardTablespace,
  lossyEngine,
  deleteAllRows,
  updateAllRows,
  copy,
  lock,
  rebuild,
  call,
  createTableSelect,
  renameSwap,
  sessionReads,
]
