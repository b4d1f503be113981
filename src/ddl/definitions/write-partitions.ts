import { closingOf, isMark, isWord, splitAtCommas } from '../../sql/clauses.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { tokenize } from '../../sql/tokens.ts'
import { comparablePartitioning } from '../partition-names.ts'

/**
 * The clauses that change a table's partitioning; each is a separate statement. RANGE and LIST partitions that were added at the end are dropped, and missing ones
 * are added there: PARTITION BY would copy the table.
 */
export function changePartitioning(
  wanted: string | null,
  found: string | null,
): readonly (readonly [clause: string])[] {
  if (comparablePartitioning(wanted) === comparablePartitioning(found)) return []
  const [want, have] = [readList(wanted), readList(found)]
  if (want !== null && have !== null && want.head === have.head) {
    const [fewer, more] = want.parts.length < have.parts.length ? [want, have] : [have, want]
    const isSame = fewer.parts.every((part, at) => part.text === more.parts[at]?.text)
    const rest = more.parts.slice(fewer.parts.length)
    const names = rest.map(({ name }) => quoteName(name)).join(', ')
    if (isSame && rest.length > 0)
      return [
        [more === have ? `DROP PARTITION ${names}` : `ADD PARTITION (${rest.map(({ text }) => text).join(', ')})`],
      ]
  }
  return [[wanted ?? 'REMOVE PARTITIONING']]
}

interface PartitionList {
  /** Up to the list of partitions. */
  readonly head: string
  readonly parts: readonly { readonly name: string; readonly text: string }[]
}

/** Null where the partitions are not listed, or are not of RANGE or LIST. */
function readList(text: string | null): PartitionList | null {
  if (text === null) return null
  const tokens = tokenize(text)
  const open = tokens.findIndex((token, at) => isMark(token, '(') && closingOf(tokens, at) === tokens.length - 1)
  const kind = tokens.findIndex((token) => isWord(token, 'RANGE', 'LIST'))
  if (kind !== 2 || !isWord(tokens[open + 1], 'PARTITION')) return null
  const parts = splitAtCommas(tokens.slice(open + 1, -1)).map((part) => ({
    name: part[1]?.text ?? '',
    text: text.slice(part[0]?.start, part.at(-1)?.end),
  }))
  return { head: comparablePartitioning(text.slice(0, tokens[open]?.start)) ?? '', parts }
}
