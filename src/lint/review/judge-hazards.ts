import type { ServerAnswer } from '../../sql/algorithm-question.ts'
import { askRules, findKeyedTables } from '../find-hazards.ts'
import { followStrictMode, followTables } from '../follow-tables.ts'
import { type HazardRule, stopsRun } from '../rule.ts'
import type { LintFile } from '../subjects.ts'
import { fingerprintOf, type ReviewFinding, regionOf } from './finding.ts'
import { knownTablesOf } from './known-tables.ts'
import type { RuleSetting } from './rule-use.ts'
import { nameKey, statementKey } from './subject.ts'

interface HazardRequest {
  /** Tables that the judged files up to this one make, by `nameKey`. */
  readonly made: ReadonlySet<string>
  readonly target: string | null
  /** How a server would carry out statements, by `statementKey`; absent without a server. */
  readonly answers: ReadonlyMap<string, ServerAnswer> | undefined
  readonly hazards: ReadonlyMap<string, { readonly rule: HazardRule; readonly setting: RuleSetting }>
}

/** The file's hazards, with what the files before it say of its tables. */
export function judgeHazards(
  file: LintFile,
  { made, target, answers, hazards: rules }: HazardRequest,
): readonly ReviewFinding[] {
  const madeHere = new Set(
    file.up.flatMap(({ statement }) =>
      statement.verb === 'CREATE TABLE' ? statement.objects.map(({ schema, name }) => nameKey(schema, name)) : [],
    ),
  )
  const isNew = (name: { readonly schema: string | null; readonly name: string }): boolean => {
    const key = nameKey(name.schema, name.name)
    return made.has(key) && !madeHere.has(key)
  }
  let tables = knownTablesOf(file, isNew)
  let strict = true
  const keyedLater = findKeyedTables(
    tables,
    file.up.map(({ statement }) => statement),
  )
  const version = target === null ? {} : { serverVersion: target }
  return file.up.flatMap(({ statement }) => {
    const answer = answers?.get(statementKey(file.file, statement.index))
    const asked = answer === undefined ? {} : { answer }
    const found = askRules(statement, { accepted: [], tables, strict, keyedLater, ...version, ...asked })
    tables = followTables(tables, statement)
    strict = followStrictMode(strict, statement)
    return found.flatMap(({ rule, finding }) => {
      const used = rules.get(rule.code)
      if (used === undefined || used.setting.severity === 'off') return []
      return [
        {
          code: rule.code,
          severity: used.setting.severity,
          stops: stopsRun(rule),
          database: file.database,
          file: file.file,
          region: regionOf(statement, undefined),
          message: { en: finding.why, zh: finding.zh },
          fix: { en: finding.instead, zh: rule.about.fix.zh },
          statement,
          edits: [],
          suppressed: null,
          fingerprint: fingerprintOf(rule.code, file.file, statement, finding.why),
        },
      ]
    })
  })
}
