import type { HazardRule } from './rule.ts'
import { dropUser, grantAll } from './rules/accounts.ts'
import { addNotNull, addUnique } from './rules/added-checks.ts'
import { call } from './rules/call.ts'
import { copy } from './rules/copy.ts'
import { createTableSelect } from './rules/create-table-select.ts'
import { narrowCharset, noPrimaryKey, noTransactions } from './rules/created-tables.ts'
import { deleteAllRows } from './rules/delete-all-rows.ts'
import { discardTablespace } from './rules/discard-tablespace.ts'
import { dropColumn } from './rules/drop-column.ts'
import { dropPartition } from './rules/drop-partition.ts'
import { dropSchema } from './rules/drop-schema.ts'
import { dropTable } from './rules/drop-table.ts'
import { dropConstraint, dropIndex } from './rules/dropped-keys.ts'
import { exchangePartition } from './rules/exchange-partition.ts'
import { largeChange } from './rules/large-change.ts'
import { lock } from './rules/lock.ts'
import { lossyEngine } from './rules/lossy-engine.ts'
import { lostAttribute } from './rules/lost-attribute.ts'
import { narrowColumn } from './rules/narrow-column.ts'
import { overwriteColumn } from './rules/overwrite-column.ts'
import { rebuild } from './rules/rebuild.ts'
import { renameSwap } from './rules/rename-swap.ts'
import { renameColumn, renameTable } from './rules/renames.ts'
import { replaceRows } from './rules/replace-rows.ts'
import { sessionReads } from './rules/session-reads.ts'
import { setGlobal, skipBinlog } from './rules/settings.ts'
import { truncatePartition } from './rules/truncate-partition.ts'
import { truncateTable } from './rules/truncate-table.ts'
import { updateAllRows } from './rules/update-all-rows.ts'
import { writeJournal } from './rules/write-journal.ts'

/** Every rule, in the order in which a statement's hazards are shown. docs/reference/hazards.md lists the same. */
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
  replaceRows,
  writeJournal,
  skipBinlog,
  copy,
  lock,
  rebuild,
  call,
  createTableSelect,
  renameSwap,
  sessionReads,
  largeChange,
  addUnique,
  addNotNull,
  lostAttribute,
  renameColumn,
  renameTable,
  dropIndex,
  dropConstraint,
  noPrimaryKey,
  noTransactions,
  narrowCharset,
  setGlobal,
  grantAll,
  dropUser,
]
