import { closingOf, hasWords, isMark, isWord } from '../../sql/clauses.ts'
import { type Token, type TokenizedText, tokenize } from '../../sql/tokens.ts'
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

/** What stands behind the parentheses of a definition: its options and partitions. */
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

/** `TABLESPACE `ts` ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 UNION=(`a`,`b`) COMMENT='x'`: words, `=` but behind TABLESPACE, a value. */
function readOptions(text: string, tokens: readonly Token[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  let words: string[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const value = tokens[at + 1]
    const isPlain = isWord(tokens[at], 'TABLESPACE') && !isMark(value, '=')
    if (isPlain) words.push('TABLESPACE')
    if ((isPlain || isMark(tokens[at], '=')) && value !== undefined) {
      const end = isMark(value, '(') ? closingOf(tokens, at + 1) : at + 1
      options.set(words.join(' '), text.slice(value.start, tokens[end]?.end))
      words = []
      at = end
    } else if (!isWord(tokens[at], 'DEFAULT')) {
      words.push(tokens[at]?.text.toUpperCase() ?? '')
    }
  }
  options.delete('AUTO_INCREMENT')
  return options
}
