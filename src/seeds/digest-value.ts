import { createHash } from 'node:crypto'

/** What is remembered of a value: enough to see that it has changed, and no copy of it. */
export function digestValue(text: string | null): string {
  return text === null ? 'NULL' : createHash('sha256').update(text).digest('hex').slice(0, 16)
}

export function digestValues(values: ReadonlyMap<string, string | null>): Readonly<Record<string, string>> {
  return Object.fromEntries([...values].map(([column, text]) => [column, digestValue(text)]))
}
