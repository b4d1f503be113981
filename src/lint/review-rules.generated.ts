// Made by `npm run generate` from src/lint/rules; do not edit.
import type { LintRule } from './rule.ts'
import { expiredSuppression } from './rules/expired-suppression.ts'
import { floatColumn } from './rules/float-column.ts'
import { noDown } from './rules/no-down.ts'
import { unusedSuppression } from './rules/unused-suppression.ts'

/** The rules of review, which stop no run, by code. Only `wwdb lint` loads them. */
export const reviewRules: readonly LintRule[] = [
  expiredSuppression,
  floatColumn,
  noDown,
  unusedSuppression,
]
