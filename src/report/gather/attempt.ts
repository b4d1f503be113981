import type { UnreachedTarget } from '../../core/target.ts'
import { type Fault, inOneSentence, ToolError } from '../../core/tool-error.ts'
import type { ReportGap } from '../report.ts'

/** What could be read of a part, and what could not. */
export interface PartReading<Value> {
  readonly value: Value
  readonly gaps: readonly ReportGap[]
}

type Part = ReportGap['part']

/** Reads one part of the report. A failure is recorded in the part with its reason; a defect is thrown. */
export async function attemptPart<Value>(
  part: Part,
  otherwise: Value,
  work: () => Promise<PartReading<Value>>,
): Promise<PartReading<Value>> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { value: otherwise, gaps: error.faults.map((fault) => toGap(part, placeOf(fault), fault)) }
  }
}

export function toGap(part: Part, place: string | null, fault: Fault): ReportGap {
  return { part, place, why: inOneSentence(fault), next: fault.next ?? null }
}

/** The databases that a command left out. */
export function toGaps(part: Part, unreached: readonly Omit<UnreachedTarget, 'code'>[]): readonly ReportGap[] {
  return unreached.map(({ target, fault }) => toGap(part, target.database, fault))
}

/** The place of a fault as a person reads it; null where it names no place. */
export function placeOf({ where }: Pick<Fault, 'where'>): string | null {
  if (where === undefined) return null
  if (where.file !== undefined) return where.line === undefined ? where.file : `${where.file}:${where.line}`
  return where.database ?? where.server ?? null
}
