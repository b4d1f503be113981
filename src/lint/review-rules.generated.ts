// Made by `npm run generate` from src/lint/rules; do not edit.
import type { LintRule } from './rule.ts'
import { addCheck } from './rules/add-check.ts'
import { addForeignKey } from './rules/add-foreign-key.ts'
import { algorithmRefused } from './rules/algorithm-refused.ts'
import { alreadyExists } from './rules/already-exists.ts'
import { andSymbol } from './rules/and-symbol.ts'
import { archiveLosesType } from './rules/archive-loses-type.ts'
import { autoIncrementFloat } from './rules/auto-increment-float.ts'
import { autoIncrementType } from './rules/auto-increment-type.ts'
import { autoIncrementWithoutKey } from './rules/auto-increment-without-key.ts'
import { backfillInOne } from './rules/backfill-in-one.ts'
import { binaryAttribute } from './rules/binary-attribute.ts'
import { bitColumn } from './rules/bit-column.ts'
import { cascadeDelete } from './rules/cascade-delete.ts'
import { changedDefault } from './rules/changed-default.ts'
import { changedType } from './rules/changed-type.ts'
import { checkIgnored } from './rules/check-ignored.ts'
import { checkNotFixed } from './rules/check-not-fixed.ts'
import { collationMergesKeys } from './rules/collation-merges-keys.ts'
import { collationMismatch } from './rules/collation-mismatch.ts'
import { columnNamePattern } from './rules/column-name-pattern.ts'
import { commitInTrigger } from './rules/commit-in-trigger.ts'
import { copiedWithoutKeys } from './rules/copied-without-keys.ts'
import { crossDatabaseKey } from './rules/cross-database-key.ts'
import { dataDirectory } from './rules/data-directory.ts'
import { ddlWithData } from './rules/ddl-with-data.ts'
import { decimalWithoutScale } from './rules/decimal-without-scale.ts'
import { definerNamed } from './rules/definer-named.ts'
import { definerRights } from './rules/definer-rights.ts'
import { displayWidth } from './rules/display-width.ts'
import { downDeletes } from './rules/down-deletes.ts'
import { downNarrows } from './rules/down-narrows.ts'
import { downNotInverse } from './rules/down-not-inverse.ts'
import { downWithoutData } from './rules/down-without-data.ts'
import { dropDefault } from './rules/drop-default.ts'
import { dropRoutine } from './rules/drop-routine.ts'
import { dropView } from './rules/drop-view.ts'
import { dumpedAutoIncrement } from './rules/dumped-auto-increment.ts'
import { duplicateIndex } from './rules/duplicate-index.ts'
import { duplicateSeveralKeys } from './rules/duplicate-several-keys.ts'
import { dynamicSql } from './rules/dynamic-sql.ts'
import { enumNumbers } from './rules/enum-numbers.ts'
import { enumReordered } from './rules/enum-reordered.ts'
import { enumRepeated } from './rules/enum-repeated.ts'
import { eventDropsItself } from './rules/event-drops-itself.ts'
import { expiredSuppression } from './rules/expired-suppression.ts'
import { fanOutWithoutTemplate } from './rules/fan-out-without-template.ts'
import { fileOnServer } from './rules/file-on-server.ts'
import { fixedSchema } from './rules/fixed-schema.ts'
import { floatColumn } from './rules/float-column.ts'
import { floatDigits } from './rules/float-digits.ts'
import { floatKey } from './rules/float-key.ts'
import { foreignKeyChecksOff } from './rules/foreign-key-checks-off.ts'
import { foreignKeyCollation } from './rules/foreign-key-collation.ts'
import { foreignKeyEngine } from './rules/foreign-key-engine.ts'
import { foreignKeyParentIndex } from './rules/foreign-key-parent-index.ts'
import { foreignKeySetDefault } from './rules/foreign-key-set-default.ts'
import { foreignKeySetNull } from './rules/foreign-key-set-null.ts'
import { foreignKeyToNonUnique } from './rules/foreign-key-to-non-unique.ts'
import { foreignKeyTypes } from './rules/foreign-key-types.ts'
import { foreignKeyWithoutIndex } from './rules/foreign-key-without-index.ts'
import { functionNotDeclared } from './rules/function-not-declared.ts'
import { generatedNotFixed } from './rules/generated-not-fixed.ts'
import { grantOption } from './rules/grant-option.ts'
import { handlerSwallows } from './rules/handler-swallows.ts'
import { hashIndex } from './rules/hash-index.ts'
import { hiddenDrift } from './rules/hidden-drift.ts'
import { ifExistsRefused } from './rules/if-exists-refused.ts'
import { ignoredOption } from './rules/ignored-option.ts'
import { implicitCharset } from './rules/implicit-charset.ts'
import { implicitConversion } from './rules/implicit-conversion.ts'
import { indexEndsWithPrimary } from './rules/index-ends-with-primary.ts'
import { indexNamePattern } from './rules/index-name-pattern.ts'
import { indexOfForeignKey } from './rules/index-of-foreign-key.ts'
import { indexTooLong } from './rules/index-too-long.ts'
import { insertIgnore } from './rules/insert-ignore.ts'
import { insertWithoutColumns } from './rules/insert-without-columns.ts'
import { instantLost } from './rules/instant-lost.ts'
import { invalidDefault } from './rules/invalid-default.ts'
import { invisibleColumn } from './rules/invisible-column.ts'
import { joinCollations } from './rules/join-collations.ts'
import { joinWithoutIndex } from './rules/join-without-index.ts'
import { leadingWildcard } from './rules/leading-wildcard.ts'
import { likeWithoutKeys } from './rules/like-without-keys.ts'
import { limitWithoutOrder } from './rules/limit-without-order.ts'
import { lockRequested } from './rules/lock-requested.ts'
import { lockingIndex } from './rules/locking-index.ts'
import { logicalReferenceAction } from './rules/logical-reference-action.ts'
import { longChar } from './rules/long-char.ts'
import { longLockWait } from './rules/long-lock-wait.ts'
import { lowSelectivity } from './rules/low-selectivity.ts'
import { madeAndDropped } from './rules/made-and-dropped.ts'
import { manyIndexes } from './rules/many-indexes.ts'
import { memoryEngine } from './rules/memory-engine.ts'
import { missingAlgorithm } from './rules/missing-algorithm.ts'
import { missingComment } from './rules/missing-comment.ts'
import { movedColumn } from './rules/moved-column.ts'
import { nameTooLong } from './rules/name-too-long.ts'
import { nationalChar } from './rules/national-char.ts'
import { noDown } from './rules/no-down.ts'
import { nonStrictMode } from './rules/non-strict-mode.ts'
import { notInSubquery } from './rules/not-in-subquery.ts'
import { nowPrecision } from './rules/now-precision.ts'
import { nullComparison } from './rules/null-comparison.ts'
import { nullableColumn } from './rules/nullable-column.ts'
import { oldRowFormat } from './rules/old-row-format.ts'
import { onlineLeftover } from './rules/online-leftover.ts'
import { orderByRand } from './rules/order-by-rand.ts'
import { parentDroppedFirst } from './rules/parent-dropped-first.ts'
import { partitionAfterMaxvalue } from './rules/partition-after-maxvalue.ts'
import { partitionForeignKey } from './rules/partition-foreign-key.ts'
import { partitionInstant } from './rules/partition-instant.ts'
import { partitionKeyMissing } from './rules/partition-key-missing.ts'
import { partitionOpenEnd } from './rules/partition-open-end.ts'
import { pipesAsOr } from './rules/pipes-as-or.ts'
import { pointlessSelect } from './rules/pointless-select.ts'
import { prefixUnique } from './rules/prefix-unique.ts'
import { primaryKeyDropped } from './rules/primary-key-dropped.ts'
import { primaryKeyNull } from './rules/primary-key-null.ts'
import { randomPrimaryKey } from './rules/random-primary-key.ts'
import { rebuildRequested } from './rules/rebuild-requested.ts'
import { redundantIndex } from './rules/redundant-index.ts'
import { removedSqlMode } from './rules/removed-sql-mode.ts'
import { renameIndex } from './rules/rename-index.ts'
import { replaceStoredRows } from './rules/replace-stored-rows.ts'
import { rowTooLarge } from './rules/row-too-large.ts'
import { secretInFile } from './rules/secret-in-file.ts'
import { serverRefuses } from './rules/server-refuses.ts'
import { sessionNotReset } from './rules/session-not-reset.ts'
import { setColumn } from './rules/set-column.ts'
import { setWithAnd } from './rules/set-with-and.ts'
import { severalAlters } from './rules/several-alters.ts'
import { severalPrimaryKeys } from './rules/several-primary-keys.ts'
import { shardChangedByHand } from './rules/shard-changed-by-hand.ts'
import { signedAutoIncrement } from './rules/signed-auto-increment.ts'
import { smallAutoIncrement } from './rules/small-auto-increment.ts'
import { tableNamePattern } from './rules/table-name-pattern.ts'
import { templateRoutingColumn } from './rules/template-routing-column.ts'
import { templateUniqueKey } from './rules/template-unique-key.ts'
import { textDefault } from './rules/text-default.ts'
import { textKeyWithoutLength } from './rules/text-key-without-length.ts'
import { timestampRange } from './rules/timestamp-range.ts'
import { tooManyKeyParts } from './rules/too-many-key-parts.ts'
import { unboundedInsertSelect } from './rules/unbounded-insert-select.ts'
import { uniqueAsPrimary } from './rules/unique-as-primary.ts'
import { uniqueChecksOff } from './rules/unique-checks-off.ts'
import { uniqueOverNulls } from './rules/unique-over-nulls.ts'
import { unkeyedChange } from './rules/unkeyed-change.ts'
import { unknownColumn } from './rules/unknown-column.ts'
import { unknownEngine } from './rules/unknown-engine.ts'
import { unknownIndex } from './rules/unknown-index.ts'
import { unknownTable } from './rules/unknown-table.ts'
import { unsafeFunction } from './rules/unsafe-function.ts'
import { unsignedDecimal } from './rules/unsigned-decimal.ts'
import { unusedSuppression } from './rules/unused-suppression.ts'
import { updatePrimaryKey } from './rules/update-primary-key.ts'
import { upgradeAccountPlugin } from './rules/upgrade-account-plugin.ts'
import { upgradeAccountPrivilege } from './rules/upgrade-account-privilege.ts'
import { upgradeAuthentication } from './rules/upgrade-authentication.ts'
import { upgradeBodyWord } from './rules/upgrade-body-word.ts'
import { upgradeChangedCast } from './rules/upgrade-changed-cast.ts'
import { upgradeDataPath } from './rules/upgrade-data-path.ts'
import { upgradeDeprecatedAccount } from './rules/upgrade-deprecated-account.ts'
import { upgradeDollarName } from './rules/upgrade-dollar-name.ts'
import { upgradeEmptyQualifier } from './rules/upgrade-empty-qualifier.ts'
import { upgradeEnumLength } from './rules/upgrade-enum-length.ts'
import { upgradeFloatAutoIncrement } from './rules/upgrade-float-auto-increment.ts'
import { upgradeForeignKey } from './rules/upgrade-foreign-key.ts'
import { upgradeGroupByOrder } from './rules/upgrade-group-by-order.ts'
import { upgradeNewDefault } from './rules/upgrade-new-default.ts'
import { upgradeNullSymbol } from './rules/upgrade-null-symbol.ts'
import { upgradePlugin } from './rules/upgrade-plugin.ts'
import { upgradePrefixPartition } from './rules/upgrade-prefix-partition.ts'
import { upgradePrivilege } from './rules/upgrade-privilege.ts'
import { upgradeRemovedFunction } from './rules/upgrade-removed-function.ts'
import { upgradeRemovedStatement } from './rules/upgrade-removed-statement.ts'
import { upgradeRemovedVariable } from './rules/upgrade-removed-variable.ts'
import { upgradeReplicationWords } from './rules/upgrade-replication-words.ts'
import { upgradeReservedName } from './rules/upgrade-reserved-name.ts'
import { upgradeReservedWord } from './rules/upgrade-reserved-word.ts'
import { upgradeServerVariable } from './rules/upgrade-server-variable.ts'
import { upgradeSharedPartition } from './rules/upgrade-shared-partition.ts'
import { upgradeTemporalDelimiter } from './rules/upgrade-temporal-delimiter.ts'
import { upgradeVariableValue } from './rules/upgrade-variable-value.ts'
import { usedLater } from './rules/used-later.ts'
import { utf8mb3Charset } from './rules/utf8mb3-charset.ts'
import { valuesFunction } from './rules/values-function.ts'
import { varcharLengthByte } from './rules/varchar-length-byte.ts'
import { varcharTooLong } from './rules/varchar-too-long.ts'
import { viewStar } from './rules/view-star.ts'
import { vtgateRefuses } from './rules/vtgate-refuses.ts'
import { widePrimaryKey } from './rules/wide-primary-key.ts'
import { yearWidth } from './rules/year-width.ts'
import { zeroDate } from './rules/zero-date.ts'
import { zerofillColumn } from './rules/zerofill-column.ts'

/** The rules of review, which stop no run, by code. Only `wwdb lint` loads them. */
export const reviewRules: readonly LintRule[] = [
  addCheck,
  addForeignKey,
  algorithmRefused,
  alreadyExists,
  andSymbol,
  archiveLosesType,
  autoIncrementFloat,
  autoIncrementType,
  autoIncrementWithoutKey,
  backfillInOne,
  binaryAttribute,
  bitColumn,
  cascadeDelete,
  changedDefault,
  changedType,
  checkIgnored,
  checkNotFixed,
  collationMergesKeys,
  collationMismatch,
  columnNamePattern,
  commitInTrigger,
  copiedWithoutKeys,
  crossDatabaseKey,
  dataDirectory,
  ddlWithData,
  decimalWithoutScale,
  definerNamed,
  definerRights,
  displayWidth,
  downDeletes,
  downNarrows,
  downNotInverse,
  downWithoutData,
  dropDefault,
  dropRoutine,
  dropView,
  dumpedAutoIncrement,
  duplicateIndex,
  duplicateSeveralKeys,
  dynamicSql,
  enumNumbers,
  enumReordered,
  enumRepeated,
  eventDropsItself,
  expiredSuppression,
  fanOutWithoutTemplate,
  fileOnServer,
  fixedSchema,
  floatColumn,
  floatDigits,
  floatKey,
  foreignKeyChecksOff,
  foreignKeyCollation,
  foreignKeyEngine,
  foreignKeyParentIndex,
  foreignKeySetDefault,
  foreignKeySetNull,
  foreignKeyToNonUnique,
  foreignKeyTypes,
  foreignKeyWithoutIndex,
  functionNotDeclared,
  generatedNotFixed,
  grantOption,
  handlerSwallows,
  hashIndex,
  hiddenDrift,
  ifExistsRefused,
  ignoredOption,
  implicitCharset,
  implicitConversion,
  indexEndsWithPrimary,
  indexNamePattern,
  indexOfForeignKey,
  indexTooLong,
  insertIgnore,
  insertWithoutColumns,
  instantLost,
  invalidDefault,
  invisibleColumn,
  joinCollations,
  joinWithoutIndex,
  leadingWildcard,
  likeWithoutKeys,
  limitWithoutOrder,
  lockingIndex,
  lockRequested,
  logicalReferenceAction,
  longChar,
  longLockWait,
  lowSelectivity,
  madeAndDropped,
  manyIndexes,
  memoryEngine,
  missingAlgorithm,
  missingComment,
  movedColumn,
  nameTooLong,
  nationalChar,
  nonStrictMode,
  notInSubquery,
  nowPrecision,
  noDown,
  nullableColumn,
  nullComparison,
  oldRowFormat,
  onlineLeftover,
  orderByRand,
  parentDroppedFirst,
  partitionAfterMaxvalue,
  partitionForeignKey,
  partitionInstant,
  partitionKeyMissing,
  partitionOpenEnd,
  pipesAsOr,
  pointlessSelect,
  prefixUnique,
  primaryKeyDropped,
  primaryKeyNull,
  randomPrimaryKey,
  rebuildRequested,
  redundantIndex,
  removedSqlMode,
  renameIndex,
  replaceStoredRows,
  rowTooLarge,
  secretInFile,
  serverRefuses,
  sessionNotReset,
  setColumn,
  setWithAnd,
  severalAlters,
  severalPrimaryKeys,
  shardChangedByHand,
  signedAutoIncrement,
  smallAutoIncrement,
  tableNamePattern,
  templateRoutingColumn,
  templateUniqueKey,
  textDefault,
  textKeyWithoutLength,
  timestampRange,
  tooManyKeyParts,
  unboundedInsertSelect,
  uniqueAsPrimary,
  uniqueChecksOff,
  uniqueOverNulls,
  unkeyedChange,
  unknownColumn,
  unknownEngine,
  unknownIndex,
  unknownTable,
  unsafeFunction,
  unsignedDecimal,
  unusedSuppression,
  updatePrimaryKey,
  upgradeAccountPlugin,
  upgradeAccountPrivilege,
  upgradeAuthentication,
  upgradeBodyWord,
  upgradeChangedCast,
  upgradeDataPath,
  upgradeDeprecatedAccount,
  upgradeDollarName,
  upgradeEmptyQualifier,
  upgradeEnumLength,
  upgradeFloatAutoIncrement,
  upgradeForeignKey,
  upgradeGroupByOrder,
  upgradeNewDefault,
  upgradeNullSymbol,
  upgradePlugin,
  upgradePrefixPartition,
  upgradePrivilege,
  upgradeRemovedFunction,
  upgradeRemovedStatement,
  upgradeRemovedVariable,
  upgradeReplicationWords,
  upgradeReservedName,
  upgradeReservedWord,
  upgradeServerVariable,
  upgradeSharedPartition,
  upgradeTemporalDelimiter,
  upgradeVariableValue,
  usedLater,
  utf8mb3Charset,
  valuesFunction,
  varcharLengthByte,
  varcharTooLong,
  viewStar,
  vtgateRefuses,
  widePrimaryKey,
  yearWidth,
  zerofillColumn,
  zeroDate,
]
