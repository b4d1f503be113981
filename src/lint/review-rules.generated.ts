// Made by `npm run generate` from src/lint/rules; do not edit.
import type { LintRule } from './rule.ts'
import { floatColumn } from './rules/float-column.ts'
import { noDown } from './rules/no-down.ts'

/** The rules of review, which stop no run, by code. Only `wwdb lint` loads them. */
export const reviewRules: readonly LintRule[] = [
  floatColumn,
  noDown,
]
