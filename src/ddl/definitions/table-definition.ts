import { hasWords, isWord } from '../../sql/clauses.ts'
import { type Token, type TokenizedText, tokenize } from '../../sql/tokens.ts'
import { findOptions } from '../read-options.ts'
import type { PartSnapshot } from '../snapshot.ts'

/** A column, index, key or check as SHOW CREATE TABLE prints it. */
export interface Element extends PartSnapshot, TokenizedText {
  readonly kind: 'column' | 'index' | 'foreign key' | 'check' | 'unknown'
}

/** What one element of a definition is. */
export function readElement({ text, tokens }: TokenizedText): Element {
  const [first, second, third] = tokens
  const element = (kind: Element['kind'], name: Token | undefined): Element => ({
    kind,
    name: name?.text ?? '',
    text,
    tokens,
  })
  if (first?.type === 'name') return element('column', first)
  if (isWord(first, 'PRIMARY')) return { kind: 'index', name: 'PRIMARY', text, tokens }
  if (isWord(first, 'KEY')) return element('index', second)
  if (isWord(first, 'UNIQUE', 'FULLTEXT', 'SPATIAL')) return element('index', third)
  if (!isWord(first, 'CONSTRAINT')) return element('unknown', first)
  return element(isWord(third, 'FOREIGN') ? 'foreign key' : isWord(third, 'CHECK') ? 'check' : 'unknown', second)
}

/** What follows the parentheses of a definition: its options and partitions. */
export function readTail(text: string): {
  readonly options: ReadonlyMap<string, string>
  readonly partitioning: string | null
} {
  const tokens = tokenize(text)
  const partition = tokens.findIndex((_, at) => hasWords(tokens, at, 'PARTITION', 'BY'))
  return {
    options: readOptions(text, partition < 0 ? tokens : tokens.slice(0, partition)),
    partitioning: partition < 0 ? null : readPartitioning(text, tokens.slice(partition)),
  }
}

/** Without the marks of comments that MySQL runs: `PARTITION BY KEY */ /*!50611 ALGORITHM = 1 */ /*!50100 (id)`. */
function readPartitioning(text: string, tokens: readonly Token[]): string {
  return tokens
    .map((token, at) => {
      const gap = text.slice(tokens[at - 1]?.end ?? token.start, token.start)
      return (gap.includes('*/') ? ' ' : gap) + text.slice(token.start, token.end)
    })
    .join('')
}

/** Every option with its value as the server writes it; the next AUTO_INCREMENT value is not part of a definition. */
function readOptions(text: string, tokens: readonly Token[]): ReadonlyMap<string, string> {
  return new Map(
    findOptions(tokens)
      .filter(({ name }) => name !== 'AUTO_INCREMENT')
      .map(({ name, value }) => [name, text.slice(value[0]?.start, value.at(-1)?.end)]),
  )
}
