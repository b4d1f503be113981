import type { LintFinding, LintRule, LintSeverity, StatementRule } from '../rule.ts'
import type { OptionValue } from '../subjects.ts'
import { fingerprintOf, type Region, type ReviewFinding, regionOf } from './finding.ts'

/** How a rule is used: its own defaults, with the changes of the configuration. */
export interface RuleSetting {
  readonly severity: LintSeverity | 'off'
  readonly options: Readonly<Record<string, OptionValue>>
}

/** A rule that is on. */
export interface UsedRule<Rule extends LintRule = LintRule> {
  readonly rule: Rule
  readonly severity: LintSeverity
  readonly options: RuleSetting['options']
}

/** `CREATE *` stands for every verb that begins with CREATE. */
export function isAskedAbout({ verbs }: StatementRule, verb: string): boolean {
  if (verbs === undefined) return true
  return verbs.some((each) => (each.endsWith('*') ? verb.startsWith(each.slice(0, -1)) : each === verb))
}

/** A finding with its place, severity and fix. @param line where it is about no statement */
export function toFinding(
  { rule, severity }: UsedRule,
  finding: LintFinding,
  database: string | null,
  statement: ReviewFinding['statement'],
  file: string,
  line = 1,
): ReviewFinding {
  const whole: Region = { line, column: 1, endLine: line, endColumn: 1 }
  return {
    code: rule.code,
    severity,
    stops: false,
    database,
    file,
    region: statement === null ? whole : regionOf(statement, finding.at),
    message: finding.message,
    fix: finding.fix ?? rule.fix,
    statement,
    edits: finding.edits ?? [],
    suppressed: null,
    fingerprint: fingerprintOf(rule.code, file, statement, finding.message.en),
  }
}
