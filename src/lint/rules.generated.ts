// Made by `npm run generate` from src/lint/rules; do not edit.
import type { HazardRule } from './rule.ts'
import { dropUser, grantAll } from './rules/accounts.ts'
import { addNotNull, addUnique } from './rules/added-checks.ts'
import { bodyDeletes } from './rules/body-deletes.ts'
import { builtStatement } from './rules/built-statement.ts'
import { call } from './rules/call.ts'
import { copy } from './rules/copy.ts'
import { createTableSelect } from './rules/create-table-select.ts'
import { narrowCharset, noPrimaryKey, noTransactions } from './rules/created-tables.ts'
import { deleteAllRows } from './rules/delete-all-rows.ts'
import { deleteCascades } from './rules/delete-cascades.ts'
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
import { moveTable } from './rules/move-table.ts'
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
import { updateIgnore } from './rules/update-ignore.ts'
import { writeJournal } from './rules/write-journal.ts'

/** Every rule, in the order in which a statement's hazards are shown. docs/reference/hazards.md lists their codes. */
export const hazardRules: readonly HazardRule[] = [
  bodyDeletes,
  builtStatement,
  deleteAllRows,
  deleteCascades,
  discardTablespace,
  dropColumn,
  dropPartition,
  dropSchema,
  dropTable,
  exchangePartition,
  lossyEngine,
  moveTable,
  narrowColumn,
  overwriteColumn,
  replaceRows,
  skipBinlog,
  truncatePartition,
  truncateTable,
  updateAllRows,
  updateIgnore,
  writeJournal,
  copy,
  lock,
  rebuild,
  call,
  createTableSelect,
  sessionReads,
  renameSwap,
  addNotNull,
  addUnique,
  dropConstraint,
  dropIndex,
  dropUser,
  grantAll,
  largeChange,
  lostAttribute,
  narrowCharset,
  noPrimaryKey,
  noTransactions,
  renameColumn,
  renameTable,
  setGlobal,
]
