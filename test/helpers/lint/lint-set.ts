import type { HeldMigration } from '../../../src/lint/review/read-history.ts'
import { readHistory } from '../../../src/lint/review/read-history.ts'
import { review } from '../../../src/lint/review/review.ts'
import { isHazardRule, type LintSeverity, type Rule } from '../../../src/lint/rule.ts'
import { allRules, heldMigration } from './lint-fixture.ts'

/** What one rule says of one file; an error, or what stops a run, each time. */
interface SetGroup {
  readonly code: string
  readonly severity: LintSeverity
  readonly stops: boolean
  readonly examples: readonly string[]
}

const isOn = (rule: Rule): boolean => rule.onByDefault === undefined

/**
 * Rules that are on without a setting, and those of the strict set.
 * @public for scripts/lint-sets.mjs
 */
export const defaultCodes: readonly string[] = allRules.filter(isOn).map(({ code }) => code)
/** @public for scripts/lint-sets.mjs */
export const strictCodes: readonly string[] = allRules
  .filter((rule) => rule.onByDefault === 'strict')
  .map(({ code }) => code)

/**
 * Judges the migrations of one database in their order, all as pending, as `wwdb lint` does without a server.
 * @public for scripts/lint-sets.mjs
 */
export function lintSet(files: readonly { readonly name: string; readonly text: string }[]): {
  readonly statements: number
  readonly refused: number
  readonly groups: readonly SetGroup[]
} {
  const held = files.flatMap(({ name, text }) => read(name, text))
  const found = review({
    histories: new Map([['app', readHistory('app', held)]]),
    templates: [],
    judged: new Set(held.map(({ migration }) => migration.file)),
    rules: allRules.filter((rule) => isHazardRule(rule) || isOn(rule)),
    settingOf: (rule) => ({ severity: rule.severity, options: { ...rule.options } }),
    target: null,
    today: '2026-11-26',
  })
  const groups = new Map<string, SetGroup>()
  for (const [index, { code, severity, stops, file, region, message, suppressed }] of found.entries()) {
    if (suppressed !== null) continue
    const key = stops || severity === 'error' ? `${index}` : `${file} ${code}`
    if (!groups.has(key)) groups.set(key, { code, severity, stops, examples: [`${file}:${region.line} ${message.en}`] })
  }
  const statements = held.reduce((sum, { up, down }) => sum + up.length + (down?.length ?? 0), 0)
  return { statements, refused: files.length - held.length, groups: [...groups.values()] }
}

/** Nothing for a file that is not well-formed. */
function read(name: string, text: string): readonly HeldMigration[] {
  try {
    return [heldMigration(text, name)]
  } catch (error) {
    if (error instanceof Error && !(error instanceof TypeError)) return []
    throw error
  }
}
