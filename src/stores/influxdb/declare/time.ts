const sizes: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
  ['w', 604_800],
])

/** One or several whole numbers with their units: `90s`, `1h30m`, `30d`, `52w`. Months and years have no one length. */
export const timePattern = /^\s*(?:\d+\s*[smhdw]\s*)+$/

/** Whole seconds; 0 for what the pattern refuses. */
export function parseTime(text: string): number {
  if (!timePattern.test(text)) return 0
  const parts = [...text.matchAll(/(\d+)\s*([smhdw])/g)]
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (sizes.get(unit ?? '') ?? 0), 0)
}
