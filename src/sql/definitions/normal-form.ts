import { type Clause, findWords, hasWords, isMark, isWord, splitAtCommas } from '../clauses.ts'
import type { ColumnSnapshot, ForeignKeySnapshot, PartSnapshot, TableSnapshot } from '../snapshot.ts'
import { applyEdits, type Edit, type Token, tokenize } from '../tokens.ts'
import { type DefinitionPart, findEnd, readDefinition, type TableDefinition } from './table-definition.ts'

/** The facts of the server that the normal form of a schema depends on. */
export interface NormalFormContext {
  /** The default collation of each character set of the server. */
  readonly collations: ReadonlyMap<string, string>
  /** Logical databases by the schemas that hold them here, other than the one that is read. */
  readonly databases: ReadonlyMap<string, string>
}

/** Columns that were read already, by what decides their normal form: most tables of a schema have some that others have, too. */
const knownColumns = new WeakMap<NormalFormContext, Map<string, ColumnSnapshot>>()

function readColumn(
  part: DefinitionPart,
  options: Readonly<Record<string, string>>,
  context: NormalFormContext,
): ColumnSnapshot {
  const known = knownColumns.get(context) ?? new Map<string, ColumnSnapshot>()
  if (known.size === 0) knownColumns.set(context, known)
  const key = `${options['COLLATE'] ?? ''} ${part.text}`
  const column = known.get(key) ?? normalizeColumn(part, options, context)
  known.set(key, column)
  return column
}

/** Reads the text of SHOW CREATE TABLE into the normal form. Throws an Error for text that is not the definition of a table. */
export function normalizeTable(name: string, text: string, context: NormalFormContext): TableSnapshot {
  const definition = readDefinition(text, { table: name, siblings: new Map() })
  const options = normalizeOptions(definition.options, context)
  const concrete = (part: DefinitionPart): DefinitionPart => ({
    name: part.name.replaceAll('{{table}}', name),
    text: part.text.replaceAll('{{table}}', name.replaceAll('`', '``')),
  })
  const sorted = (parts: readonly DefinitionPart[]): readonly PartSnapshot[] =>
    parts
      .map(concrete)
      .map((part) => ({ name: part.name, text: normalizeWords(part.text) }))
      .sort((a, b) => (a.name === 'PRIMARY' ? -1 : b.name === 'PRIMARY' ? 1 : a.name < b.name ? -1 : 1))
  return {
    type: 'table',
    name,
    columns: definition.columns.map((column) => readColumn(column, options, context)),
    indexes: sorted(definition.indexes).map((part) => ({ ...part, ...readIndex(part) })),
    foreignKeys: sorted(definition.foreignKeys).map((part) => readForeignKey(part, context)),
    checks: sorted(definition.checks),
    options,
    partitioning: definition.partitioning === null ? null : normalizePartitioning(definition.partitioning),
  }
}

/** `utf8` is `utf8mb3`, in the names of character sets, of collations and of introducers (MySQL 8.0.28 renamed them). */
export function modernCharset(name: string): string {
  return name.replace(/^(_?)utf8(?=$|_)/, '$1utf8mb3')
}

const firstOptions = ['ENGINE', 'CHARSET', 'COLLATE']

function normalizeOptions(
  options: TableDefinition['options'],
  { collations }: NormalFormContext,
): Readonly<Record<string, string>> {
  const written = options.get('CHARSET')
  const charset = modernCharset(written ?? options.get('COLLATE')?.split('_')[0] ?? '')
  const collate = options.get('COLLATE') ?? collations.get(charset)
  const others = [...options].filter(([name]) => name !== 'CHARSET' && name !== 'COLLATE')
  const all: readonly (readonly [string, string])[] = [
    ...others,
    ...(charset === '' ? [] : [['CHARSET', charset] as const]),
    ...(collate === undefined ? [] : [['COLLATE', modernCharset(collate)] as const]),
  ]
  const rank = (name: string): number => firstOptions.indexOf(name) + 1 || firstOptions.length + 1
  return Object.fromEntries(all.toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)))
}

const integers = new Set(['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT', 'YEAR'])
const texts = new Set(['CHAR', 'VARCHAR', 'TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT', 'ENUM', 'SET'])

function normalizeColumn(
  part: DefinitionPart,
  options: Readonly<Record<string, string>>,
  { collations }: NormalFormContext,
): ColumnSnapshot {
  const tokens = tokenize(part.text)
  const base = tokens[1]?.text.toUpperCase() ?? ''
  const end = endOfType(tokens)
  const set = findWords(tokens, 'CHARACTER', 'SET')
  const collate = findWords(tokens, 'COLLATE')
  const written = set < 0 ? undefined : modernCharset(tokens[set + 2]?.text ?? '')
  const chosen = collate < 0 ? undefined : modernCharset(tokens[collate + 1]?.text ?? '')
  const inherited = options['COLLATE'] ?? ''
  const collation = texts.has(base)
    ? (chosen ?? (written === undefined ? inherited : (collations.get(written) ?? written)))
    : null
  const edits: Edit[] = [
    ...dropWidth(base, tokens),
    ...renameIntroducers(tokens),
    ...cut(part.text, tokens, set, 3),
    ...cut(part.text, tokens, collate, 2),
  ]
  const at = tokens[end - 1]?.end ?? 0
  const clause =
    collation === null || collation === inherited
      ? ''
      : ` CHARACTER SET ${collation.split('_')[0]} COLLATE ${collation}`
  const text = applyEdits(part.text, [...edits, { start: at, end: at, text: clause }])
  return { name: part.name, text, collation, ...readAttributes(text, text === part.text ? tokens : tokenize(text)) }
}

/** The index after the type, its arguments, UNSIGNED and ZEROFILL. */
function endOfType(tokens: Clause): number {
  let at = 2
  if (isMark(tokens[at], '(')) at = tokens.findIndex((token, index) => index > at && isMark(token, ')')) + 1
  while (isWord(tokens[at], 'UNSIGNED', 'ZEROFILL', 'PRECISION')) at += 1
  return at
}

/**
 * Servers before 8.0.19 print a display width for every integer. It has a meaning only with ZEROFILL, and drivers read `tinyint(1)`
 * as a flag (manual, "Numeric Type Attributes").
 */
function dropWidth(base: string, tokens: Clause): readonly Edit[] {
  if (!integers.has(base) || !isMark(tokens[2], '(')) return []
  const isFlag = base === 'TINYINT' && tokens[3]?.text === '1' && !isWord(tokens[5], 'UNSIGNED')
  if (isFlag || tokens.slice(4, 8).some((token) => isWord(token, 'ZEROFILL'))) return []
  return [{ start: tokens[2]?.start ?? 0, end: tokens[4]?.end ?? 0, text: '' }]
}

function renameIntroducers(tokens: Clause): readonly Edit[] {
  return tokens.flatMap(({ type, text, start, end }) =>
    type === 'word' && text === '_utf8' ? [{ start, end, text: '_utf8mb3' }] : [],
  )
}

/** Removes a number of tokens, with the space before them. */
function cut(text: string, tokens: Clause, at: number, count: number): readonly Edit[] {
  if (at < 0) return []
  const start = tokens[at]?.start ?? 0
  const from = text.charAt(start - 1) === ' ' ? start - 1 : start
  return [{ start: from, end: tokens[at + count - 1]?.end ?? start, text: '' }]
}

function normalizeWords(text: string): string {
  return applyEdits(text, renameIntroducers(tokenize(text)))
}

type Attributes = Omit<ColumnSnapshot, 'name' | 'text' | 'collation'>

function readAttributes(text: string, tokens: Clause): Attributes {
  const end = endOfType(tokens)
  const slice = (from: Token | undefined, to: Token | undefined): string => text.slice(from?.start, to?.end)
  const preset = findWords(tokens, 'DEFAULT')
  const generated = findWords(tokens, 'GENERATED', 'ALWAYS', 'AS')
  const comment = findWords(tokens, 'COMMENT')
  return {
    type: slice(tokens[1], tokens[end - 1]),
    nullable: findWords(tokens, 'NOT', 'NULL') < 0,
    default: preset < 0 ? null : readDefault(text, tokens, preset + 1),
    generated:
      generated < 0
        ? null
        : {
            expression: slice(tokens[generated + 3], tokens[findEnd(tokens, generated + 3)]).slice(1, -1),
            stored: findWords(tokens, 'STORED') >= 0,
          },
    autoIncrement: findWords(tokens, 'AUTO_INCREMENT') >= 0,
    comment: comment < 0 ? '' : (tokens[comment + 1]?.text ?? ''),
  }
}

/** A literal, a function with its parentheses, or an expression in parentheses; `NULL` counts as no default. */
function readDefault(text: string, tokens: Clause, at: number): string | null {
  const first = tokens[at]
  if (first === undefined || isWord(first, 'NULL')) return null
  const open = isMark(first, '(') ? at : isMark(tokens[at + 1], '(') ? at + 1 : -1
  if (open >= 0) return text.slice(first.start, tokens[findEnd(tokens, open)]?.end)
  // `b'1'`, `x'ff'` and `-1` are two tokens.
  const next = tokens[at + 1]
  const isTwo =
    next !== undefined &&
    (isMark(first, '-') || (first.type === 'word' && next.type === 'string' && next.start === first.end))
  return text.slice(first.start, isTwo ? next.end : first.end)
}

function readIndex({ name, text }: PartSnapshot): { readonly columns: readonly string[]; readonly unique: boolean } {
  const tokens = tokenize(text)
  const open = tokens.findIndex((token) => isMark(token, '('))
  const parts = splitAtCommas(tokens.slice(open + 1, findEnd(tokens, open)))
  const columns = parts.map((part) =>
    part[0]?.type === 'name' ? part[0].text : text.slice(part[0]?.start, part.at(-1)?.end),
  )
  return { columns, unique: name === 'PRIMARY' || isWord(tokens[0], 'UNIQUE') }
}

function readForeignKey(part: PartSnapshot, { databases }: NormalFormContext): ForeignKeySnapshot {
  const tokens = tokenize(part.text)
  const list = (at: number): readonly string[] =>
    tokens.slice(at + 1, findEnd(tokens, at)).flatMap((token) => (token.type === 'name' ? [token.text] : []))
  const open = tokens.findIndex((token) => isMark(token, '('))
  const references = findWords(tokens, 'REFERENCES') + 1
  const isQualified = isMark(tokens[references + 1], '.')
  const schema = isQualified ? (tokens[references]?.text ?? '') : null
  const place = schema === null ? null : (databases.get(schema) ?? schema)
  const known = schema !== null && databases.has(schema) ? tokens[references] : undefined
  return {
    name: part.name,
    text:
      known === undefined
        ? part.text
        : applyEdits(part.text, [{ start: known.start, end: known.end, text: `{{schema:${place}}}` }]),
    columns: list(open),
    parentDatabase: place,
    parent: tokens[isQualified ? references + 2 : references]?.text ?? '',
    parentColumns: list(references + (isQualified ? 3 : 1)),
  }
}

/** One space between tokens, and without the engine that every partition repeats. */
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

/** A view's text without its definer, and with other databases by their logical names. */
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

/** A procedure's or function's text without definer; in the type of a function the display width is dropped, and utf8 becomes utf8mb3. */
export function normalizeRoutine(text: string): string {
  const bare = withoutDefiner(text)
  const tokens = tokenize(bare)
  const end = findEnd(
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
