import { isWord } from './clauses.ts'
import { quoteName } from './quote-name.ts'
import { type Token, tokenize } from './tokens.ts'

/** A vindex of a keyspace: how the value of a column leads to a shard. */
export interface Vindex {
  readonly name: string
  readonly type: string
  /** `from=a; to=b`, sorted; empty without any. */
  readonly params: string
  /** The table that keeps a lookup vindex; empty without one. */
  readonly owner: string
}

/** What the VSchema says of one table. */
export interface VschemaTable {
  readonly name: string
  /** Its vindexes, the primary one first, each with its columns as `a, b`. */
  readonly vindexes: readonly { readonly name: string; readonly columns: string }[]
  readonly isSequence: boolean
  /** False where vtgate would not know the shard of a row: a table of a sharded keyspace without a vindex. */
  readonly takesRows: boolean
  /** True where routing rules lead statements on it to another table: what numbers it is not shown then. Absent otherwise. */
  readonly isRouted?: boolean
  /** Where the numbers of a column come from; null without a sequence. vtgate shows the keyspace of a sequence nowhere: it is there where one alone has a sequence of the name. */
  readonly autoIncrement: { readonly column: string; readonly sequence: SequenceName } | null
}

/** A sequence as a statement names it. */
export interface SequenceName {
  /** Null where none is named: vtgate looks in all keyspaces then, and finds it where one alone has it. */
  readonly keyspace: string | null
  readonly name: string
}

/** How a keyspace is spread over its shards, and what its tables need for that, as vtgate knows it. */
export interface Vschema {
  readonly keyspace: string
  readonly isSharded: boolean
  /** How vtgate treats foreign keys: `unmanaged`, `managed`, `disallow`. */
  readonly foreignKeyMode: string
  /** By name. */
  readonly vindexes: readonly Vindex[]
  /**
   * By name. Of a keyspace that is not sharded only those that are more than a name: vtgate shows a table that `ALTER VSCHEMA ADD TABLE` added like one that it found
   * on the tablets.
   */
  readonly tables: readonly VschemaTable[]
}

/** Who takes numbers from a sequence. */
export interface SequenceUser {
  readonly keyspace: string
  readonly table: string
  /** False where several keyspaces have a sequence of the name: vtgate does not show which of them it is. */
  readonly isSure: boolean
}

/** The tables of all keyspaces whose AUTO_INCREMENT takes numbers from a sequence. */
export const usersOfSequence = (
  vschemas: readonly Vschema[],
  keyspace: string,
  name: string,
): readonly SequenceUser[] =>
  vschemas.flatMap((vschema) =>
    vschema.tables.flatMap((table) => {
      const sequence = table.autoIncrement?.sequence
      if (sequence?.name !== name || (sequence.keyspace ?? keyspace) !== keyspace) return []
      return [{ keyspace: vschema.keyspace, table: table.name, isSure: sequence.keyspace !== null }]
    }),
  )

/** The table in which a lookup vindex keeps its rows; null for a vindex that computes. */
export function backingOf({ params }: Vindex): SequenceName | null {
  const value = /(?:^|; )table=([^;]+)/.exec(params)?.[1]?.replaceAll('`', '')
  if (value === undefined) return null
  const [, keyspace = null, name = value] = /^([^.]+)\.(.+)$/.exec(value) ?? []
  return { keyspace, name }
}

/** The statements that make it of an empty one, in an order in which they run. */
export function renderVschema({ vindexes, tables }: Vschema): readonly string[] {
  const owned = vindexes.map(renderCreateVindex)
  const sequences = tables.flatMap(({ name, isSequence }) =>
    isSequence ? [`ALTER VSCHEMA ADD SEQUENCE ${quoteName(name)}`] : [],
  )
  const added = tables.flatMap((table) =>
    table.vindexes.map((one) => `ALTER VSCHEMA ON ${quoteName(table.name)} ${renderColumnVindex(one)}`),
  )
  const numbered = tables.flatMap(({ name, autoIncrement }) =>
    autoIncrement === null ? [] : [`ALTER VSCHEMA ON ${quoteName(name)} ${renderAutoIncrement(autoIncrement)}`],
  )
  return [...owned, ...sequences, ...added, ...numbered]
}

export const renderCreateVindex = ({ name, type, params, owner }: Vindex): string =>
  `ALTER VSCHEMA CREATE VINDEX ${quoteName(name)} USING ${quoteName(type)}${renderParams(params, owner)}`

/** After `ALTER VSCHEMA ON` and the table. */
export const renderColumnVindex = ({ name, columns }: VschemaTable['vindexes'][number]): string =>
  `ADD VINDEX ${quoteName(name)} (${columns.split(', ').map(quoteName).join(', ')})`

/** The same for the column that a sequence fills. */
export const renderAutoIncrement = ({ column, sequence }: NonNullable<VschemaTable['autoIncrement']>): string =>
  `ADD AUTO_INCREMENT ${quoteName(column)} USING ${renderSequence(sequence)}`

function renderParams(params: string, owner: string): string {
  const given = params === '' ? [] : params.split('; ')
  const all = [...(owner === '' ? [] : [`owner=${owner}`]), ...given]
  if (all.length === 0) return ''
  return ` WITH ${all.map((one) => one.replace(/^([^=]*)=([\s\S]*)$/, (_, name: string, value: string) => `${quoteName(name)}=${renderValue(value)}`)).join(', ')}`
}

/** A value in quotes of a string would keep them: one that is more than a word, a number or the name of a table is quoted like a name. */
function renderValue(value: string): string {
  const [, place, name] = /^(\{\{schema:[^{}]+\}\})\.(.+)$/.exec(value) ?? []
  if (place !== undefined && name !== undefined) return renderSequence({ keyspace: place, name })
  return /^(?:\d+|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)$/.test(value) ? value : quoteName(value)
}

/** A keyspace may be named as in migrations, `{{schema:user_db}}`: its name takes that place with its quotes. */
function renderSequence({ keyspace, name }: SequenceName): string {
  if (keyspace === null) return quoteName(name)
  return `${/^\{\{schema:[^{}]+\}\}$/.test(keyspace) ? keyspace : quoteName(keyspace)}.${quoteName(name)}`
}

/** The table that keeps the rows of a lookup vindex, by `WITH owner=...`; null where none is named. */
export function ownerOf(text: string): string | null {
  const tokens = tokenize(text)
  const given = tokens.findIndex((token) => isWord(token, 'WITH'))
  const owner = tokens.findIndex(
    (token, at) => given >= 0 && at > given && token.text.toLowerCase() === 'owner' && tokens[at + 1]?.text === '=',
  )
  return owner < 0 ? null : (tokens[owner + 2]?.text ?? null)
}

/** The vindex that `ALTER VSCHEMA` names: not each form lists it among its objects, as `ON ... DROP VINDEX` leaves it as it is. */
export function vindexOf(text: string): string | null {
  const tokens = tokenize(text)
  const at = tokens.findIndex((token) => isWord(token, 'VINDEX'))
  return at < 0 ? null : (tokens[at + 1]?.text ?? null)
}

/** The sequence that `ALTER VSCHEMA ... ADD AUTO_INCREMENT` takes numbers from; null for other statements. */
export function sequenceOf(text: string): SequenceName | null {
  const tokens = tokenize(text)
  const added = tokens.findIndex((token, at) => isWord(token, 'ADD') && isWord(tokens[at + 1], 'AUTO_INCREMENT'))
  const using = tokens.findIndex((token, at) => added >= 0 && at > added + 1 && isWord(token, 'USING'))
  const [first, dot, second] = using < 0 ? [] : tokens.slice(using + 1, using + 4)
  if (first === undefined) return null
  const isQualified = dot?.type === 'punctuation' && dot.text === '.' && second !== undefined
  return isQualified ? { keyspace: first.text, name: second.text } : { keyspace: null, name: first.text }
}

/** What `ALTER VSCHEMA ... ADD AUTO_INCREMENT` says: the column, and the sequence that numbers it; null for other statements. */
export function numbersOf(text: string): VschemaTable['autoIncrement'] {
  const sequence = sequenceOf(text)
  if (sequence === null) return null
  const tokens = tokenize(text)
  return { column: tokens[after(tokens, 'AUTO_INCREMENT')]?.text ?? '', sequence }
}

/** Where the first one of a word ends; behind all where there is none. */
function after(tokens: readonly Token[], word: string): number {
  const found = tokens.findIndex((token) => isWord(token, word))
  return found < 0 ? tokens.length : found + 1
}

/** The columns of a statement in parentheses, as `a, b`: as vtgate shows them. */
export function columnsOfVindex(text: string): string {
  const tokens = tokenize(text)
  const from = tokens.findIndex(({ type, text: one }) => type === 'punctuation' && one === '(')
  const to = tokens.findIndex(({ type, text: one }) => type === 'punctuation' && one === ')')
  const names = from < 0 ? [] : tokens.slice(from + 1, to).filter(({ type }) => type !== 'punctuation')
  return names.map((one) => one.text).join(', ')
}

/** The vindex that a statement makes, as vtgate shows it; its type is empty where the statement has no USING. */
export function readVindex(text: string): Vindex {
  const tokens = tokenize(text)
  const given = new Map<string, string>()
  let name = ''
  for (const token of tokens.slice(after(tokens, 'WITH'))) {
    if (token.type === 'punctuation' && token.text === ',') name = ''
    else if (name === '') name = token.text
    else if (!given.has(name)) given.set(name, '')
    else given.set(name, `${given.get(name)}${token.text}`)
  }
  const isOwner = (key: string): boolean => key.toLowerCase() === 'owner'
  const params = [...given].filter(([key]) => !isOwner(key)).map(([key, value]) => `${key}=${value}`)
  return {
    name: vindexOf(text) ?? '',
    type: tokens[after(tokens, 'USING')]?.text ?? '',
    params: params.toSorted().join('; '),
    owner: [...given].find(([key]) => isOwner(key))?.[1] ?? '',
  }
}
