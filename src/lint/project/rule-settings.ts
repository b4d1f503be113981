import type { LintConfig } from '../../config/config.ts'
import { closestName } from '../../core/closest-name.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { RuleSetting } from '../review/rule-use.ts'
import type { Rule } from '../rule.ts'
import type { OptionValue } from '../subjects.ts'

/** How each rule is used. `config.strict` turns on strict rules. Throws ToolError `CONFIG_INVALID` for unknown rules and options. */
export function readRuleSettings(config: LintConfig, rules: readonly Rule[]): (rule: Rule) => RuleSetting {
  const byCode = new Map(rules.map((rule) => [rule.code, rule]))
  const faults = [...config.rules].flatMap(([code, options]) => checkRule(code, options, byCode))
  if (faults.length > 0) throw new ToolError('CONFIG_INVALID', faults)
  return (rule) => {
    const set = config.rules.get(rule.code)
    const isOn = rule.onByDefault === undefined || (rule.onByDefault === 'strict' && config.strict)
    const written = set?.get('severity')
    const severity = isSeverity(written) ? written : isOn || set !== undefined ? rule.severity : 'off'
    const options = Object.entries(rule.options ?? {}).map(
      ([name, value]) => [name, readOption(set?.get(name), value)] as const,
    )
    return { severity, options: Object.fromEntries(options) }
  }
}

function isSeverity(value: unknown): value is RuleSetting['severity'] {
  return value === 'off' || value === 'hint' || value === 'warning' || value === 'error'
}

/** A list is written as comma-separated text. */
function readOption(written: string | number | boolean | undefined, standard: OptionValue): OptionValue {
  if (written === undefined) return standard
  if (!Array.isArray(standard)) return written
  return String(written)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function checkRule(
  code: string,
  options: ReadonlyMap<string, unknown>,
  byCode: ReadonlyMap<string, Rule>,
): readonly Fault[] {
  const rule = byCode.get(code)
  if (rule === undefined) {
    const close = closestName(code, byCode.keys())
    const next = close === null ? '`docs/reference/rules.md` lists the rules.' : `Did you mean \`${close}\`?`
    return [{ what: `\`lint.rules.${code}\` does not name a rule.`, next }]
  }
  const known = rule.options ?? {}
  return [...options].flatMap(([name, value]) => {
    if (name === 'severity') return []
    const standard = known[name]
    if (standard === undefined) {
      const names = Object.keys(known)
      const next = names.length === 0 ? 'The rule has no options.' : `Its options are \`${names.join('`, `')}\`.`
      return [{ what: `\`lint.rules.${code}.${name}\` is not an option of the rule.`, next }]
    }
    const wanted = Array.isArray(standard) ? 'string' : typeof standard
    if (typeof value === wanted) return []
    const what = Array.isArray(standard) ? 'a text with commas' : `a ${wanted}`
    return [
      { what: `\`lint.rules.${code}.${name}\` must be ${what}.`, next: `Its default is ${JSON.stringify(standard)}.` },
    ]
  })
}
