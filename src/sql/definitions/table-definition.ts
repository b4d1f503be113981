import { type Clause, hasWords, isMark, isName, isWord, splitAtCommas } from '../clauses.ts'
import { quoteName } from '../quote-name.ts'
import type { Token } from '../tokens.ts'
import { tokenize } from '../tokens.ts'

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
  const { text: general, tokens } = replaceNames(text, names)
  if (!hasWords(tokens, 0, 'CREATE', 'TABLE') || !isMark(tokens[3], '(')) {
    throw new Error(`this is not the definition of a table: ${text.slice(0, 100)}`)
  }
  const end = findEnd(tokens, 3)
  const elements = splitAtCommas(tokens.slice(4, end)).map((clause) => ({
    clause,
    text: printElement(general, clause),
  }))
  const partition = tokens.findIndex(
    (token, at) => at > end && hasWords([token, ...tokens.slice(at + 1, at + 2)], 0, 'PARTITION', 'BY'),
  )
  const last = partition < 0 ? tokens.length : partition
  return {
    columns: elements
      .filter(({ clause }) => clause[0]?.type === 'name')
      .map(({ clause, text: part }) => ({ name: nameAt(clause, 0), text: part })),
    indexes: elements
      .filter(({ clause }) => isIndex(clause))
      .map(({ clause, text: part }) => ({ name: indexName(clause), text: part })),
    foreignKeys: pickConstraints(elements, 'FOREIGN'),
    checks: pickConstraints(elements, 'CHECK'),
    options: readOptions(general, tokens.slice(end + 1, last)),
    partitioning: partition < 0 ? null : general.slice(tokens[partition]?.start).replace(/\s*\*\/\s*$/, ''),
  }
}

interface Element {
  readonly clause: Clause
  readonly text: string
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

/** An element's text; what ends in an executable comment (an invisible index) is closed again. */
function printElement(text: string, clause: Clause): string {
  const part = text.slice(clause[0]?.start, clause.at(-1)?.end)
  return part.lastIndexOf('/*!') > part.lastIndexOf('*/') ? `${part} */` : part
}

function nameAt(clause: Clause, at: number): string {
  return clause[at]?.text ?? ''
}

function isIndex(clause: Clause): boolean {
  return isWord(clause[0], 'PRIMARY', 'UNIQUE', 'KEY', 'FULLTEXT', 'SPATIAL')
}

function indexName(clause: Clause): string {
  return isWord(clause[0], 'PRIMARY') ? 'PRIMARY' : nameAt(clause, isWord(clause[0], 'KEY') ? 1 : 2)
}

function pickConstraints(elements: readonly Element[], kind: 'FOREIGN' | 'CHECK'): readonly DefinitionPart[] {
  return elements
    .filter(({ clause }) => isWord(clause[0], 'CONSTRAINT') && isWord(clause[2], kind))
    .map(({ clause, text }) => ({ name: nameAt(clause, 1), text }))
}

/** `ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='x'`: words, `=`, a value. */
function readOptions(text: string, tokens: readonly Token[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  let words: string[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const value = tokens[at + 1]
    if (isMark(tokens[at], '=') && value !== undefined) {
      options.set(words.join(' '), text.slice(value.start, value.end))
      words = []
      at += 1
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
function replaceNames(
  text: string,
  { table, siblings }: DefinitionNames,
): { readonly text: string; readonly tokens: readonly Token[] } {
  const tokens = tokenize(text)
  const parts: string[] = []
  let from = 0
  let shift = 0
  // The tokens move with the text: reading it again would take as long once more.
  const moved = tokens.map((token, at): Token => {
    const name = token.type === 'name' ? generalName(tokens, at, table, siblings) : null
    const start = token.start + shift
    if (name === null) return { ...token, start, end: token.end + shift }
    const written = quoteName(name)
    parts.push(text.slice(from, token.start), written)
    from = token.end
    shift += written.length - (token.end - token.start)
    return { ...token, text: name, start, end: start + written.length }
  })
  return { text: parts.join('') + text.slice(from), tokens: moved }
}

function generalName(
  tokens: readonly Token[],
  at: number,
  table: string,
  siblings: ReadonlyMap<string, string>,
): string | null {
  const name = tokens[at]?.text ?? ''
  const before = tokens[at - 1]
  if (at === 2) return '{{table}}'
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
