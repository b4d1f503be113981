/** Where the next page begins: in which shard, and behind which row of it; null at the shard's beginning. */
export interface Cursor {
  readonly shard: string
  readonly values: readonly string[] | null
}

/** As text that a URL may hold. */
export function writeCursor({ shard, values }: Cursor): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify([1, shard, values]))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/**
 * @param columns how many columns the pages are ordered by
 * @throws RangeError for a text that `writeCursor` did not make for that many
 */
export function readCursor(cursor: string, columns: number): Cursor {
  const [version, shard, values] = decode(cursor)
  const fits = values === null || (Array.isArray(values) && values.length === columns)
  if (version === 1 && typeof shard === 'string' && fits) {
    const texts = values === null ? null : values.filter((value): value is string => typeof value === 'string')
    if (texts === null || texts.length === columns) return { shard, values: texts }
  }
  throw new RangeError('The cursor is not one of this request: start with the first page.')
}

function decode(cursor: string): readonly unknown[] {
  try {
    const bytes = Uint8Array.from(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')), (letter) =>
      letter.charCodeAt(0),
    )
    const read: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return Array.isArray(read) ? read : []
  } catch {
    return []
  }
}
