import type { OptionValue } from './subjects.ts'

/** True where one of the words between the underscores of a name is in an option's list: `unit_price` matches `price`. */
export function isNamedAfter(name: string, words: OptionValue | undefined): boolean {
  const listed: readonly string[] = Array.isArray(words) ? words : []
  return name
    .toLowerCase()
    .split('_')
    .some((part) => listed.includes(part))
}
