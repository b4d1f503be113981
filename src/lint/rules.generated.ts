// Made by `npm run generate` from src/lint/rules; do not edit.
import type { HazardRule } from './rule.ts'
import { addNotNull } from './rules/add-not-null.ts'
import { addUnique } from './rules/add-unique.ts'
import { copy } from './rules/blocking-copy.ts'
import { lock } from './rules/blocking-lock.ts'
import { bodyDeletes } from './rules/body-deletes.ts'
import { builtStatement } from './rules/built-statement.ts'
import { deleteAllRows } from './rules/delete-all-rows.ts'
import { deleteCascades } from './rules/delete-cascades.ts'
import { discardTablespace } from './rules/discard-tablespace.ts'
import { dropColumn } from './rules/drop-column.ts'
import { dropConstraint } from './rules/drop-constraint.ts'
import { dropIndex } from './rules/drop-index.ts'
import { dropPartition } from './rules/drop-partition.ts'
import { dropSchema } from './rules/drop-schema.ts'
import { dropTable } from './rules/drop-table.ts'
import { dropUser } from './rules/drop-user.ts'
import { dropVschema } from './rules/drop-vschema.ts'
import { exchangePartition } from './rules/exchange-partition.ts'
import { grantAll } from './rules/grant-all.ts'
import { largeChange } from './rules/large-change.ts'
import { liveStatements } from './rules/live-statements.ts'
import { lossyEngine } from './rules/lossy-engine.ts'
import { lostAttribute } from './rules/lost-attribute.ts'
import { moveTable } from './rules/move-table.ts'
import { narrowCharset } from './rules/narrow-charset.ts'
import { narrowColumn } from './rules/narrow-column.ts'
import { noPrimaryKey } from './rules/no-primary-key.ts'
import { noTransactions } from './rules/no-transactions.ts'
import { overwriteColumn } from './rules/overwrite-column.ts'
import { ownAccount } from './rules/own-account.ts'
import { rebuild } from './rules/rebuilding-table.ts'
import { renameColumn } from './rules/rename-column.ts'
import { renameTable } from './rules/rename-table.ts'
import { replaceRows } from './rules/replace-rows.ts'
import { setGlobal } from './rules/set-global.ts'
import { skipBinlog } from './rules/skip-binlog.ts'
import { truncatePartition } from './rules/truncate-partition.ts'
import { truncateTable } from './rules/truncate-table.ts'
import { call } from './rules/unresumable-call.ts'
import { createTableSelect } from './rules/unresumable-create-select.ts'
import { sessionReads } from './rules/unresumable-session.ts'
import { renameSwap } from './rules/unresumable-swap.ts'
import { updateAllRows } from './rules/update-all-rows.ts'
import { updateCascades } from './rules/update-cascades.ts'
import { updateIgnore } from './rules/update-ignore.ts'
import { updateSetsNull } from './rules/update-sets-null.ts'
import { writeJournal } from './rules/write-journal.ts'
import { writeSystemTables } from './rules/write-system-tables.ts'

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
  dropVschema,
  exchangePartition,
  lossyEngine,
  moveTable,
  narrowColumn,
  overwriteColumn,
  ownAccount,
  replaceRows,
  skipBinlog,
  truncatePartition,
  truncateTable,
  updateAllRows,
  updateIgnore,
  updateSetsNull,
  writeJournal,
  writeSystemTables,
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
  liveStatements,
  lostAttribute,
  narrowCharset,
  noPrimaryKey,
  noTransactions,
  renameColumn,
  renameTable,
  setGlobal,
  updateCascades,
]
