import { type Clause, closingOf, findWords, hasWords, isMark, isWord } from '../../sql/clauses.ts'
import { applyEdits, type Edit, editTokens, replaceToken, type Token, tokenize } from '../../sql/tokens.ts'
import { readForeignKey, readIndex } from '../read-definition.ts'
import type { ColumnSnapshot, ForeignKeySnapshot, PartSnapshot, TableSnapshot } from '../snapshot.ts'
import { dropWidth, modernCharset, normalizeColumn, renameIntroducers } from './normal-column.ts'
import { type SplitDefinition, splitDefinition } from './split-definition.ts'
import { type Element, readElement, readTail } from './table-definition.ts'

/** The facts of the server that the normal form of a schema depends on. */
export interface NormalFormContext {
  /**
   * The default collation of each character set of the server; a character set without a collation means its default.
   */
  readonly collations: ReadonlyMap<string, string>
  /** Logical databases by the schemas that hold them here, except for the one that is read. */
  readonly databases: ReadonlyMap<string, string>
}

type IndexSnapshot = TableSnapshot['indexes'][number]

/** One element of a table in normal form. */
type NormalElement =
  | { readonly kind: 'column'; readonly part: ColumnSnapshot }
  | { readonly kind: 'index'; readonly part: IndexSnapshot }
  | { readonly kind: 'foreign key'; readonly part: ForeignKeySnapshot }
  | { readonly kind: 'check'; readonly part: PartSnapshot }
  | { readonly kind: 'unknown' }

type NormalTail = Pick<TableSnapshot, 'options' | 'partitioning'>

/** What was already read of a schema, by its text: most elements of its tables occur in several tables. */
interface KnownTexts {
  readonly tails: Map<string, NormalTail>
  /** Normal elements by the collation of the table, which its columns inherit. */
  readonly elements: Map<string, Map<string, NormalElement>>
}

const knownTexts = new WeakMap<NormalFormContext, KnownTexts>()

/** Reads the text of SHOW CREATE TABLE into the normal form. Throws an Error for text that is not the definition of a table. */
export function normalizeTable(name: string, text: string, context: NormalFormContext): TableSnapshot {
  return normalizeParts(name, splitDefinition(text), context)
}

/** The same of its parts. */
export function normalizeParts(
  name: string,
  { elements, tail }: SplitDefinition,
  context: NormalFormContext,
): TableSnapshot {
  const known = findOrMake(knownTexts, context, () => ({ tails: new Map(), elements: new Map() }))
  const { options, partitioning } = findOrMake(known.tails, tail, () => normalizeTail(tail, context))
  const inherited = options['COLLATE'] ?? options['CHARSET'] ?? ''
  const ofTable = findOrMake(known.elements, inherited, () => new Map<string, NormalElement>())
  const columns: ColumnSnapshot[] = []
  const indexes: IndexSnapshot[] = []
  const foreignKeys: ForeignKeySnapshot[] = []
  const checks: PartSnapshot[] = []
  for (const element of elements) {
    const one = findOrMake(ofTable, element, () => normalizeElement(element, inherited, context))
    if (one.kind === 'column') columns.push(one.part)
    else if (one.kind === 'index') indexes.push(one.part)
    else if (one.kind === 'foreign key') foreignKeys.push(one.part)
    else if (one.kind === 'check') checks.push(one.part)
  }
  return {
    type: 'table',
    name,
    columns,
    indexes: indexes.sort(byName),
    foreignKeys: foreignKeys.sort(byName),
    checks: checks.sort(byName),
    options,
    partitioning,
  }
}

function findOrMake<Key, Value>(
  known: { get: (key: Key) => Value | undefined; set: (key: Key, value: Value) => unknown },
  key: Key,
  make: () => Value,
): Value {
  const found = known.get(key)
  if (found !== undefined) return found
  const made = make()
  known.set(key, made)
  return made
}

/** The primary key is the first. */
function byName(a: PartSnapshot, b: PartSnapshot): number {
  return a.name === 'PRIMARY' ? -1 : b.name === 'PRIMARY' ? 1 : a.name < b.name ? -1 : 1
}

function normalizeElement(text: string, inherited: string, context: NormalFormContext): NormalElement {
  const element = readElement({ text, tokens: tokenize(text) })
  const { kind, name } = element
  if (kind === 'unknown') return { kind }
  if (kind === 'column') return { kind, part: normalizeColumn(element, inherited, context.collations) }
  const words = { ...element, ...editTokens(element, renameIntroducers(element.tokens)) }
  if (kind === 'index') return { kind, part: normalizeIndex(words) }
  if (kind === 'foreign key') return { kind, part: normalizeForeignKey(words, context) }
  return { kind, part: { name, text: words.text } }
}

function normalizeTail(text: string, context: NormalFormContext): NormalTail {
  const { options, partitioning } = readTail(text)
  return {
    options: normalizeOptions(options, context),
    partitioning: partitioning === null ? null : normalizePartitioning(partitioning),
  }
}

/**
 * What a table without a setting gets, and keeps in its definition where it was moved there: `ALTER TABLE` cannot leave it out.
 */
const ownTablespace = '`innodb_file_per_table`'

const firstOptions = ['ENGINE', 'CHARSET', 'COLLATE']

function normalizeOptions(
  options: ReadonlyMap<string, string>,
  { collations }: NormalFormContext,
): Readonly<Record<string, string>> {
  const written = options.get('CHARSET')
  const charset = modernCharset(written ?? options.get('COLLATE')?.split('_')[0] ?? '')
  const collate = options.get('COLLATE') ?? collations.get(charset)
  const others = [...options].filter(
    ([name, value]) => name !== 'CHARSET' && name !== 'COLLATE' && !(name === 'TABLESPACE' && value === ownTablespace),
  )
  const all: readonly (readonly [string, string])[] = [
    ...others,
    ...(charset === '' ? [] : [['CHARSET', charset] as const]),
    ...(collate === undefined ? [] : [['COLLATE', modernCharset(collate)] as const]),
  ]
  const rank = (name: string): number => firstOptions.indexOf(name) + 1 || firstOptions.length + 1
  return Object.fromEntries(all.toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)))
}

function normalizeIndex({ name, text, tokens }: Element): IndexSnapshot {
  const { columns, unique } = readIndex(tokens, null, text)
  return { name, text, columns, unique }
}

function normalizeForeignKey({ name, text, tokens }: Element, { databases }: NormalFormContext): ForeignKeySnapshot {
  const { columns, parentDatabase: schema, parent, parentColumns } = readForeignKey(tokens.slice(2), name)
  const database = schema === null ? undefined : databases.get(schema)
  const written = tokens[findWords(tokens, 'REFERENCES') + 1]
  const edits = database === undefined || written === undefined ? [] : [replaceToken(written, `{{schema:${database}}}`)]
  return { name, text: applyEdits(text, edits), columns, parentDatabase: database ?? schema, parent, parentColumns }
}

/** The rules of a foreign key that MySQL before 8.0.20 omits from SHOW CREATE TABLE. */
export interface RestrictedKey {
  readonly onDelete: boolean
  readonly onUpdate: boolean
}

/** The table with `ON DELETE RESTRICT` and `ON UPDATE RESTRICT`, where its text lacks them. @param rules by the names of keys */
export function withRestrictions(table: TableSnapshot, rules: ReadonlyMap<string, RestrictedKey>): TableSnapshot {
  const foreignKeys = table.foreignKeys.map((key) => {
    const { onDelete = false, onUpdate = false } = rules.get(key.name) ?? {}
    const [, head = '', action = '', rest = ''] =
      /^(.*?)( ON DELETE [A-Z ]+?)?( ON UPDATE [A-Z ]+)?$/s.exec(key.text) ?? []
    const deletes = action === '' && onDelete ? ' ON DELETE RESTRICT' : action
    const updates = rest === '' && onUpdate ? ' ON UPDATE RESTRICT' : rest
    return { ...key, text: `${head}${deletes}${updates}` }
  })
  return { ...table, foreignKeys }
}

/** With one space between tokens, and without the engine that every partition repeats. */
function normalizePartitioning(text: string): string {
  const tokens = tokenize(text)
  const kept = tokens.filter((_, at) => !isEngine(tokens, at) && !isEngine(tokens, at - 1) && !isEngine(tokens, at - 2))
  return kept.map((token, at) => spaceBefore(kept[at - 1], token) + text.slice(token.start, token.end)).join('')
}

function isEngine(tokens: Clause, at: number): boolean {
  return hasWords(tokens, at, 'ENGINE') && isMark(tokens[at + 1], '=')
}

function spaceBefore(before: Token | undefined, token: Token): string {
  const isTight =
    before === undefined ||
    isMark(before, '(') ||
    isMark(token, ')') ||
    isMark(token, ',') ||
    (isMark(token, '(') &&
      before.type === 'word' &&
      !isWord(before, 'RANGE', 'LIST', 'HASH', 'KEY', 'COLUMNS', 'THAN', 'IN', 'PARTITIONS'))
  return isTight ? '' : ' '
}

/** A view's text without its definer, and with other databases under their logical names. */
export function normalizeView(text: string, { databases }: NormalFormContext): string {
  const bare = withoutDefiner(text)
    .replace(/^CREATE ALGORITHM=UNDEFINED /, 'CREATE ')
    .replace(/^(CREATE (?:ALGORITHM=\w+ )?)SQL SECURITY DEFINER /, '$1')
  const tokens = tokenize(bare)
  const edits = tokens.flatMap((token, at): readonly Edit[] => {
    const database =
      token.type === 'name' && isMark(tokens[at + 1], '.') && !isMark(tokens[at - 1], '.')
        ? databases.get(token.text)
        : undefined
    return database === undefined ? [] : [{ start: token.start, end: token.end, text: `{{schema:${database}}}` }]
  })
  return applyEdits(bare, [...edits, ...renameIntroducers(tokens)])
}

/** `CREATE DEFINER=x@y PROCEDURE ...` without the definer. */
export function withoutDefiner(text: string): string {
  const name = '(?:`(?:[^`]|``)*`)'
  return text.replace(new RegExp(`^(CREATE (?:ALGORITHM=\\w+ )?)DEFINER=${name}@${name} `), '$1')
}

/**
 * A procedure's or function's text without definer; in a function's return type the display width is dropped, and utf8 becomes utf8mb3.
 */
export function normalizeRoutine(text: string): string {
  const bare = withoutDefiner(text)
  const tokens = tokenize(bare)
  const end = closingOf(
    tokens,
    tokens.findIndex((token) => isMark(token, '(')),
  )
  if (!isWord(tokens[end + 1], 'RETURNS')) return bare
  const base = tokens[end + 2]?.text.toUpperCase() ?? ''
  const charset = tokens.find(
    (token, at) =>
      at > end + 2 && at < end + 8 && isWord(tokens[at - 1], 'CHARSET', 'COLLATE') && token.text.startsWith('utf8'),
  )
  return applyEdits(bare, [
    ...dropWidth(base, tokens.slice(end + 1)),
    ...(charset === undefined ? [] : [{ start: charset.start, end: charset.end, text: modernCharset(charset.text) }]),
  ])
}
