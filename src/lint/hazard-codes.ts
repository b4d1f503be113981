import { closestName } from '../core/closest-name.ts'
import { hazardRules } from './rules.ts'

export const hazardCodes: readonly string[] = hazardRules.map((rule) => rule.code)

/** Codes may be written as `drop-table`, too. */
export function normalizeCode(code: string): string {
  return code.trim().toUpperCase().replaceAll('-', '_')
}

/** Null for a known code; else a sentence that says which one may have been meant. */
export function explainUnknownCode(code: string): string | null {
  const wanted = normalizeCode(code)
  if (hazardCodes.includes(wanted)) return null
  const close = closestName(wanted, hazardCodes)
  const known = `Known are ${hazardCodes.join(', ')}.`
  return close === null ? known : `Did you mean ${close}? ${known}`
}
