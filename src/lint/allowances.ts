import { closestName } from '../core/closest-name.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { hazardCodes, protectedCodes } from './hazard-codes.generated.ts'
import { type Hazard, stopsRun } from './rule.ts'

export interface Allowances {
  /** The values of `--allow`, each with one code or several separated by commas. */
  readonly allow: readonly string[]
  /** A protected environment requires both the flag and the accepting header of the file. */
  readonly protected: boolean
}

/**
 * Which hazards stop the run: destructive and blocking ones that neither `--allow CODE` nor the file's header covers;
 * in a protected environment those that do not have both.
 * Throws ToolError `UNKNOWN_HAZARD` (64) for a code that does not exist, naming the closest.
 */
export function applyAllowances(
  hazards: readonly Hazard[],
  allowances: Allowances,
): { readonly stopped: readonly Hazard[] } {
  const codes = allowances.allow.flatMap((text) => text.split(',')).filter((code) => code.trim() !== '')
  const faults = codes.flatMap(checkCode)
  if (faults.length > 0) throw new ToolError('UNKNOWN_HAZARD', faults)
  const allowed = new Set(codes.map(normalizeCode))
  const passes = (hazard: Hazard): boolean => {
    const flag = allowed.has(hazard.code)
    const header = hazard.accepted !== null
    return allowances.protected ? flag && header : flag || header
  }
  const stops = (hazard: Hazard): boolean =>
    stopsRun(hazard) || (allowances.protected && protectedCodes.has(hazard.code))
  return { stopped: hazards.filter((hazard) => stops(hazard) && !passes(hazard)) }
}

function checkCode(code: string): readonly Fault[] {
  const next = explainUnknownCode(code)
  return next === null ? [] : [{ what: `\`--allow ${code.trim()}\` does not name a hazard.`, next }]
}

/** A sentence with the flag and the header that allow a hazard. */
export function describeAllowance(hazard: Hazard, isProtected: boolean): string {
  const flag = `\`--allow ${hazard.code}\``
  const header = `\`-- wwdb:accept ${hazard.code} REASON\` before the up part`
  if (!isProtected) return `If it is intended, pass ${flag} or write ${header} of \`${hazard.file}\`.`
  if (hazard.accepted === null)
    return `This environment is protected: if the change is intended, write ${header} of \`${hazard.file}\`, and pass ${flag}.`
  return `This environment is protected: besides the accepting header it requires ${flag}.`
}

/** Codes may also be written as `drop-table`. */
export function normalizeCode(code: string): string {
  return code.trim().toUpperCase().replaceAll('-', '_')
}

/** Null for a known code; otherwise a sentence with the closest known code. */
export function explainUnknownCode(code: string): string | null {
  const wanted = normalizeCode(code)
  if (hazardCodes.includes(wanted)) return null
  const close = closestName(wanted, hazardCodes)
  const known = `Known hazards: ${hazardCodes.join(', ')}.`
  return close === null ? known : `Did you mean \`${close}\`? ${known}`
}
