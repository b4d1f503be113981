// Made by `npm run generate` from src/lint/rules; do not edit.
import type { LintRule } from './rule.ts'
import { addForeignKey } from './rules/add-foreign-key.ts'
import { autoIncrementFloat } from './rules/auto-increment-float.ts'
import { autoIncrementType } from './rules/auto-increment-type.ts'
import { autoIncrementWithoutKey } from './rules/auto-increment-without-key.ts'
import { binaryAttribute } from './rules/binary-attribute.ts'
import { bitColumn } from './rules/bit-column.ts'
import { cascadeDelete } from './rules/cascade-delete.ts'
import { checkNotFixed } from './rules/check-not-fixed.ts'
import { collationMismatch } from './rules/collation-mismatch.ts'
import { dataDirectory } from './rules/data-directory.ts'
import { decimalWithoutScale } from './rules/decimal-without-scale.ts'
import { displayWidth } from './rules/display-width.ts'
import { dumpedAutoIncrement } from './rules/dumped-auto-increment.ts'
import { duplicateIndex } from './rules/duplicate-index.ts'
import { enumNumbers } from './rules/enum-numbers.ts'
import { enumReordered } from './rules/enum-reordered.ts'
import { enumRepeated } from './rules/enum-repeated.ts'
import { expiredSuppression } from './rules/expired-suppression.ts'
import { floatColumn } from './rules/float-column.ts'
import { floatDigits } from './rules/float-digits.ts'
import { floatKey } from './rules/float-key.ts'
import { foreignKeyCollation } from './rules/foreign-key-collation.ts'
import { foreignKeyEngine } from './rules/foreign-key-engine.ts'
import { foreignKeyParentIndex } from './rules/foreign-key-parent-index.ts'
import { foreignKeySetDefault } from './rules/foreign-key-set-default.ts'
import { foreignKeySetNull } from './rules/foreign-key-set-null.ts'
import { foreignKeyToNonUnique } from './rules/foreign-key-to-non-unique.ts'
import { foreignKeyTypes } from './rules/foreign-key-types.ts'
import { foreignKeyWithoutIndex } from './rules/foreign-key-without-index.ts'
import { generatedNotFixed } from './rules/generated-not-fixed.ts'
import { hashIndex } from './rules/hash-index.ts'
import { ignoredOption } from './rules/ignored-option.ts'
import { implicitCharset } from './rules/implicit-charset.ts'
import { indexEndsWithPrimary } from './rules/index-ends-with-primary.ts'
import { indexTooLong } from './rules/index-too-long.ts'
import { invalidDefault } from './rules/invalid-default.ts'
import { longChar } from './rules/long-char.ts'
import { lowSelectivity } from './rules/low-selectivity.ts'
import { manyIndexes } from './rules/many-indexes.ts'
import { memoryEngine } from './rules/memory-engine.ts'
import { nationalChar } from './rules/national-char.ts'
import { noDown } from './rules/no-down.ts'
import { nowPrecision } from './rules/now-precision.ts'
import { oldRowFormat } from './rules/old-row-format.ts'
import { partitionAfterMaxvalue } from './rules/partition-after-maxvalue.ts'
import { partitionForeignKey } from './rules/partition-foreign-key.ts'
import { partitionKeyMissing } from './rules/partition-key-missing.ts'
import { partitionOpenEnd } from './rules/partition-open-end.ts'
import { prefixUnique } from './rules/prefix-unique.ts'
import { primaryKeyDropped } from './rules/primary-key-dropped.ts'
import { primaryKeyNull } from './rules/primary-key-null.ts'
import { randomPrimaryKey } from './rules/random-primary-key.ts'
import { redundantIndex } from './rules/redundant-index.ts'
import { rowTooLarge } from './rules/row-too-large.ts'
import { setColumn } from './rules/set-column.ts'
import { severalPrimaryKeys } from './rules/several-primary-keys.ts'
import { signedAutoIncrement } from './rules/signed-auto-increment.ts'
import { smallAutoIncrement } from './rules/small-auto-increment.ts'
import { textDefault } from './rules/text-default.ts'
import { textKeyWithoutLength } from './rules/text-key-without-length.ts'
import { timestampRange } from './rules/timestamp-range.ts'
import { tooManyKeyParts } from './rules/too-many-key-parts.ts'
import { uniqueOverNulls } from './rules/unique-over-nulls.ts'
import { unknownEngine } from './rules/unknown-engine.ts'
import { unsignedDecimal } from './rules/unsigned-decimal.ts'
import { unusedSuppression } from './rules/unused-suppression.ts'
import { utf8mb3Charset } from './rules/utf8mb3-charset.ts'
import { varcharLengthByte } from './rules/varchar-length-byte.ts'
import { varcharTooLong } from './rules/varchar-too-long.ts'
import { widePrimaryKey } from './rules/wide-primary-key.ts'
import { yearWidth } from './rules/year-width.ts'
import { zeroDate } from './rules/zero-date.ts'
import { zerofillColumn } from './rules/zerofill-column.ts'

/** The rules of review, which stop no run, by code. Only `wwdb lint` loads them. */
export const reviewRules: readonly LintRule[] = [
  addForeignKey,
  autoIncrementFloat,
  autoIncrementType,
  autoIncrementWithoutKey,
  binaryAttribute,
  bitColumn,
  cascadeDelete,
  checkNotFixed,
  collationMismatch,
  dataDirectory,
  decimalWithoutScale,
  displayWidth,
  dumpedAutoIncrement,
  duplicateIndex,
  enumNumbers,
  enumReordered,
  enumRepeated,
  expiredSuppression,
  floatColumn,
  floatDigits,
  floatKey,
  foreignKeyCollation,
  foreignKeyEngine,
  foreignKeyParentIndex,
  foreignKeySetDefault,
  foreignKeySetNull,
  foreignKeyToNonUnique,
  foreignKeyTypes,
  foreignKeyWithoutIndex,
  generatedNotFixed,
  hashIndex,
  ignoredOption,
  implicitCharset,
  indexEndsWithPrimary,
  indexTooLong,
  invalidDefault,
  longChar,
  lowSelectivity,
  manyIndexes,
  memoryEngine,
  nationalChar,
  nowPrecision,
  noDown,
  oldRowFormat,
  partitionAfterMaxvalue,
  partitionForeignKey,
  partitionKeyMissing,
  partitionOpenEnd,
  prefixUnique,
  primaryKeyDropped,
  primaryKeyNull,
  randomPrimaryKey,
  redundantIndex,
  rowTooLarge,
  setColumn,
  severalPrimaryKeys,
  signedAutoIncrement,
  smallAutoIncrement,
  textDefault,
  textKeyWithoutLength,
  timestampRange,
  tooManyKeyParts,
  uniqueOverNulls,
  unknownEngine,
  unsignedDecimal,
  unusedSuppression,
  utf8mb3Charset,
  varcharLengthByte,
  varcharTooLong,
  widePrimaryKey,
  yearWidth,
  zerofillColumn,
  zeroDate,
]
