import { isAtLeast } from '../../core/version.ts'

/** By version, the words that became reserved with it (manual, "Keywords and Reserved Words"; compared with what servers report by a test). */
const byVersion: readonly (readonly [version: string, words: string])[] = [
  [
    '8.0.11',
    'CUBE CUME_DIST DENSE_RANK EMPTY EXCEPT FIRST_VALUE FUNCTION GROUPING GROUPS JSON_TABLE LAG LAST_VALUE LEAD NTH_VALUE NTILE OF OVER PERCENT_RANK RANK RECURSIVE ROW ROWS ROW_NUMBER SYSTEM WINDOW',
  ],
  ['8.0.14', 'LATERAL'],
  ['8.0.31', 'INTERSECT'],
  ['8.4.0', 'QUALIFY TABLESAMPLE'],
  ['9.2.0', 'LIBRARY'],
  ['9.4.0', 'EXTERNAL'],
]

/** The version from which on a word, in capitals, is reserved. */
export const reservedSince: ReadonlyMap<string, string> = new Map(
  byVersion.flatMap(([version, words]) => words.split(' ').map((word) => [word, version] as const)),
)

/** True for a word that the target reserves, and this version does not yet. */
export function becomesReserved(word: string, version: string, target: string | null): boolean {
  const since = reservedSince.get(word.toUpperCase())
  return since !== undefined && target !== null && isAtLeast(target, since) && !isAtLeast(version, since)
}
