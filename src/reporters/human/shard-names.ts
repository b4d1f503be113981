import type { Page } from './page.ts'

/** The first names of many, all with --verbose: `a, b, c and 9 more`. */
export function listSome(names: readonly string[], { verbose }: Page): string {
  const shown = verbose ? names : names.slice(0, 3)
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
