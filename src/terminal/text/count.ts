/** A number with its noun, which is given in the singular: `1 migration`, `3 migrations`, `2 passes`. */
export function countOf(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`
  return `${count} ${noun}${noun.endsWith('s') ? 'es' : 's'}`
}
