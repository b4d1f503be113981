import { type Clause, closingOf, isMark, isName, isWord, skipName, splitAtCommas } from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'
import { tokenize } from '../sql/tokens.ts'

/** A column that a CREATE TABLE defines. */
interface CreatedColumn {
  readonly name: string
  readonly definition: Clause
}

/** The parts of a CREATE TABLE that lists its columns. Offsets are those of the statement's text. */
export interface CreatedTable {
  readonly tokens: readonly Token[]
  /** Its name: one token, or three where it is qualified by a schema. */
  readonly name: Clause
  /** The end of the word TABLE, and whether IF NOT EXISTS follows. */
  readonly tableWordEnd: number
  readonly ifNotExists: boolean
  /** The definitions between the parentheses: columns, indexes and constraints. */
  readonly definitions: readonly Clause[]
  readonly columns: readonly CreatedColumn[]
  /** The end of the last token in the parentheses, and the end of the closing one. */
  readonly definitionsEnd: number
  readonly closingEnd: number
  /** The table options and everything else after the parentheses. */
  readonly options: Clause
}

const constraintWords = ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'KEY', 'INDEX', 'FULLTEXT', 'SPATIAL', 'FOREIGN', 'CHECK']

/** A CREATE TABLE, cut at the parentheses of its list and the commas in it. */
interface CutTable {
  /** The indexes of its word TABLE, of its name and of the parentheses. */
  readonly word: number
  readonly start: number
  readonly open: number
  readonly close: number
  readonly definitions: readonly Clause[]
}

/** The indexes of the word TABLE, of the name after it, and of the token after that. */
export function findCreatedName(tokens: Clause): Pick<CutTable, 'word' | 'start' | 'open'> {
  const word = tokens.findIndex((token) => isWord(token, 'TABLE'))
  const start = isWord(tokens[word + 1], 'IF') ? word + 4 : word + 1
  return { word, start, open: skipName(tokens, start) }
}

/** Null for a CREATE TABLE without a list of definitions, for example LIKE another table or from a query alone. */
export function cutCreatedTable(tokens: Clause): CutTable | null {
  const { word, start, open } = findCreatedName(tokens)
  const isList = isMark(tokens[open], '(') && !isWord(tokens[open + 1], 'LIKE', 'SELECT', 'WITH', 'VALUES', 'TABLE')
  const close = isList ? closingOf(tokens, open) : tokens.length
  if (word < 0 || close === tokens.length) return null
  return { word, start, open, close, definitions: splitAtCommas(tokens.slice(open + 1, close)) }
}

/** Reads a CREATE TABLE; null where it has no list of columns: LIKE another table, or only a query. */
export function readCreatedTable(text: string): CreatedTable | null {
  const tokens = tokenize(text)
  const cut = cutCreatedTable(tokens)
  const [last, closing] = cut === null ? [] : [tokens[cut.close - 1], tokens[cut.close]]
  if (cut === null || last === undefined || closing === undefined) return null
  const { word, start, open, close, definitions } = cut
  return {
    tokens,
    name: tokens.slice(start, open),
    tableWordEnd: tokens[word]?.end ?? 0,
    ifNotExists: start > word + 1,
    definitions,
    columns: definitions.flatMap(readColumn),
    definitionsEnd: last.end,
    closingEnd: closing.end,
    options: tokens.slice(close + 1),
  }
}

/** The column definitions of a tokenized CREATE TABLE, each from its name on; empty where it has no list of columns. */
export function readCreatedDefinitions(tokens: readonly Token[]): readonly Clause[] {
  const cut = cutCreatedTable(tokens)
  return cut === null || cut.word > 2 ? [] : cut.definitions.filter((definition) => readColumn(definition).length > 0)
}

function readColumn(definition: Clause): readonly CreatedColumn[] {
  const [first] = definition
  if (!isName(first) || isWord(first, ...constraintWords)) return []
  return [{ name: first.text, definition }]
}

/** The names that must be unique in the schema: those of named foreign keys and checks. */
export function readSchemaWideNames({ definitions }: Pick<CreatedTable, 'definitions'>): readonly Token[] {
  return definitions.flatMap((definition) => {
    const at = definition.findIndex((token, index) => {
      const what = definition[index + 2]
      return isWord(token, 'CONSTRAINT') && isName(definition[index + 1]) && isWord(what, 'FOREIGN', 'CHECK')
    })
    const name = at < 0 ? undefined : definition[at + 1]
    return isName(name) && !isWord(name, 'FOREIGN', 'CHECK') ? [name] : []
  })
}
