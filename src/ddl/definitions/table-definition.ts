import { hasWords, isMark, isName, isWord } from '../../sql/clauses.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { type Edit, editTokens, replaceToken, type Token, type TokenizedText, tokenize } from '../../sql/tokens.ts'
import { splitDefinition } from './split-definition.ts'

/** A column, index, key or check as SHOW CREATE TABLE prints it. */
export interface DefinitionPart {
  readonly name: string
  /** The whole element, name included. */
  readonly text: string
}

/** A table's definition in parts. In names that contain the table's name, that is written as `{{table}}`. */
export interface TableDefinition {
  /** In the order of the table. */
  readonly columns: readonly DefinitionPart[]
  /** `PRIMARY` is the primary key's name. */
  readonly indexes: readonly DefinitionPart[]
  readonly foreignKeys: readonly DefinitionPart[]
  readonly checks: readonly DefinitionPart[]
  /** By name in capitals (`ENGINE`, `CHARSET`, `COMMENT`), as written; AUTO_INCREMENT is left out. */
  readonly options: ReadonlyMap<string, string>
  /** `PARTITION BY ...`; null for a table without partitions. */
  readonly partitioning: string | null
}

/** The names that a template uses for the tables in a definition. */
export interface DefinitionNames {
  readonly table: string
  /** Placeholders such as `{{sibling:groups}}`, by the table that replaces them here. */
  readonly siblings: ReadonlyMap<string, string>
}

/**
 * Parses the text of SHOW CREATE TABLE. Two shards of one template give equal results, independent of their names.
 * Throws an Error for other text, for example the definition of a view.
 */
export function readDefinition(text: string, names: DefinitionNames): TableDefinition {
  const { elements, tail } = splitDefinition(text)
  const parts = elements.map((element) => readElement(replaceNames(element, names)))
  const ofKind = (kind: Element['kind']): readonly DefinitionPart[] =>
    parts.filter((part) => part.kind === kind).map(({ name, text: written }) => ({ name, text: written }))
  return {
    columns: ofKind('column'),
    indexes: ofKind('index'),
    foreignKeys: ofKind('foreign key'),
    checks: ofKind('check'),
    ...readTail(tail),
  }
}

export interface Element extends DefinitionPart, TokenizedText {
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
export function readTail(text: string): Pick<TableDefinition, 'options' | 'partitioning'> {
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

/** The parenthesis that closes the one at `from`. */
export function findEnd(tokens: readonly Token[], from: number): number {
  let depth = 0
  for (let at = from; at < tokens.length; at += 1) {
    if (isMark(tokens[at], '(')) depth += 1
    if (isMark(tokens[at], ')')) depth -= 1
    if (depth === 0) return at
  }
  return tokens.length
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
      const end = isMark(value, '(') ? findEnd(tokens, at + 1) : at + 1
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

/**
 * Names of constraints are unique in a schema, so those of a shard contain the name of its table, also the generated ones
 * (`contacts_42_ibfk_1`); names of indexes may contain it. A reference to a sibling shard is written with its placeholder.
 */
function replaceNames(text: string, { table, siblings }: DefinitionNames): TokenizedText {
  const tokens = tokenize(text)
  const edits = tokens.flatMap((token, at): readonly Edit[] => {
    const name = token.type === 'name' ? generalName(tokens, at, table, siblings) : null
    return name === null ? [] : [replaceToken(token, quoteName(name))]
  })
  return editTokens({ text, tokens }, edits)
}

function generalName(
  tokens: readonly Token[],
  at: number,
  table: string,
  siblings: ReadonlyMap<string, string>,
): string | null {
  const name = tokens[at]?.text ?? ''
  const before = tokens[at - 1]
  if (isWord(before, 'CONSTRAINT', 'KEY')) return generalPart(name, table)
  if (!isWord(before, 'REFERENCES') || (isMark(tokens[at + 1], '.') && isName(tokens[at + 2]))) return null
  return name === table ? '{{table}}' : (siblings.get(name) ?? null)
}

/** Replaces the table's name where it is a whole word of another name; null where it does not occur. */
function generalPart(name: string, table: string): string | null {
  const at = name.indexOf(table)
  if (at < 0) return null
  const [before, after] = [name.charAt(at - 1), name.charAt(at + table.length)]
  const isWhole = (at === 0 || before === '_') && (after === '' || after === '_')
  return isWhole ? `${name.slice(0, at)}{{table}}${name.slice(at + table.length)}` : null
}
