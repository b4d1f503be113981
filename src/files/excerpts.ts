import type { Fault } from '../core/tool-error.ts'

/** Adds the line that a fault points at, for those that the scanner has not given one already. */
export function withExcerpts(faults: readonly Fault[], text: string): readonly Fault[] {
  if (faults.length === 0) return faults
  const lines = text.split('\n')
  return faults.map((fault) => {
    const number = fault.where?.line
    const line = number === undefined ? undefined : lines[number - 1]
    if (fault.excerpt !== undefined || number === undefined || line === undefined) return fault
    return { ...fault, excerpt: { ...cutLine(line, fault.where?.column ?? 1), line: number } }
  })
}

const longestExcerpt = 160

/** The part of a line around a column, short enough to be shown. */
function cutLine(line: string, column: number): { readonly text: string; readonly column: number } {
  const from = Math.max(0, column - 1 - longestExcerpt / 2)
  return { text: line.slice(from, from + longestExcerpt), column: column - from }
}
