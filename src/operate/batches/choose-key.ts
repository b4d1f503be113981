import type { BatchOptions } from '../../core/batch-options.ts'
import { isMark, isWord } from '../../sql/clauses.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { BatchColumn, BatchIndex, BatchTable } from './batch-table.ts'
import type { Walk } from './read-walk.ts'
import { refuseWritten } from './written-tables.ts'

/** How values of a key column are read and written in a condition. */
type KeyKind = 'number' | 'time' | 'text' | 'bytes'

export interface KeyColumn {
  readonly name: string
  readonly kind: KeyKind
  /** Of text, else null. */
  readonly charset: string | null
  readonly collation: string | null
  /** True where the distance of two values says how far a walk is. */
  readonly isInteger: boolean
}

/** The unique key that a batch walks. */
export interface WalkKey {
  readonly index: string
  readonly columns: readonly KeyColumn[]
}

export type KeyChoice =
  | { readonly type: 'key'; readonly key: WalkKey }
  /** A sentence. */
  | { readonly type: 'refused'; readonly why: string }

const integers: ReadonlySet<string> = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'year'])
const times: ReadonlySet<string> = new Set(['date', 'datetime', 'time'])
const texts: ReadonlySet<string> = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'])
const bytes: ReadonlySet<string> = new Set(['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'])

/** What an earlier run walked. */
interface Begun {
  readonly index: string
  readonly order?: readonly string[] | undefined
}

/** The key by which a statement is walked, or why there is none. A walk that was begun goes on by its own key. @param into the table that an INSERT fills */
export function chooseKey(
  table: BatchTable,
  walk: Walk,
  { key }: Pick<BatchOptions, 'key'>,
  begun: Begun | null,
  into: BatchTable | null = null,
): KeyChoice {
  const written = refuseWritten(table, walk, into)
  if (written !== null) return refuse(written)
  const choice = chooseAmong(table, walk, begun?.index ?? key)
  if (choice.type === 'refused' || begun?.order === undefined) return choice
  const isSame = begun.order.join() === orderOf(choice.key).join()
  return isSame
    ? choice
    : refuse(`The key \`${begun.index}\` of \`${table.name}\` has other columns than when the batch began.`)
}

function chooseAmong(table: BatchTable, walk: Walk, key: string | null): KeyChoice {
  const { name } = table
  if (table.isView) return refuse(`\`${name}\` is a view.`)
  if (table.engine?.toLowerCase() !== 'innodb')
    return refuse(
      `\`${name}\` has the engine ${table.engine ?? 'of no table'}: only InnoDB commits a chunk together with its checkpoint.`,
    )
  if (table.ownCascade !== null && (walk.verb === 'UPDATE' || walk.verb === 'DELETE'))
    return refuse(
      `The foreign key \`${table.ownCascade}\` of \`${name}\` refers to the table itself, so that a chunk changes rows of other chunks.`,
    )
  const unique = table.indexes.filter((index) => index.unique)
  const asked = unique.filter((index) => key === null || index.name.toLowerCase() === key.toLowerCase())
  if (key !== null && asked.length === 0) return refuse(`\`${name}\` has no unique key \`${key}\`.`)
  const judged = asked.map((index) => judgeIndex(index, table, walk))
  const fit = judged.find((one) => one.type === 'key')
  return fit ?? judged[0] ?? refuse(`\`${name}\` has neither a primary key nor a unique key.`)
}

/** Every key of a table that could be walked by a statement which changes no column of it. */
export function listKeys(table: BatchTable): readonly WalkKey[] {
  const judged = table.indexes.filter(({ unique }) => unique).map((index) => judgeIndex(index, table, reading))
  return judged.flatMap((one) => (one.type === 'key' ? [one.key] : []))
}

const reading: Pick<Walk, 'verb' | 'changes'> = { verb: 'INSERT', changes: new Set() }

const refuse = (why: string): KeyChoice => ({ type: 'refused', why })

function judgeIndex(index: BatchIndex, table: BatchTable, walk: Pick<Walk, 'verb' | 'changes'>): KeyChoice {
  const columns: KeyColumn[] = []
  for (const { column: name, prefix, descending } of index.parts) {
    const column = table.columns.find((one) => one.name === name)
    const moved = column === undefined || walk.verb !== 'UPDATE' ? null : whyMoved(column, table)
    const fault = column === undefined ? 'contains an expression' : (moved ?? whyNot(column, prefix, descending, walk))
    if (column === undefined || typeof fault === 'string')
      return refuse(`The key \`${index.name}\` of \`${table.name}\` cannot be walked: it ${fault}.`)
    columns.push(fault)
  }
  if (!index.visible) return refuse(`The key \`${index.name}\` of \`${table.name}\` is invisible.`)
  return { type: 'key', key: { index: index.name, columns } }
}

/** What the server changes of a row beside the statement: the row would move ahead of the walk, and be changed again. */
function whyMoved({ name, setAtUpdate }: BatchColumn, { triggers }: BatchTable): string | null {
  if (setAtUpdate) return `contains \`${name}\`, which the server sets at each change (\`ON UPDATE\`)`
  const trigger = triggers.find(
    (one) => one.event === 'UPDATE' && one.timing === 'BEFORE' && setsColumn(one.body, name),
  )
  return trigger === undefined ? null : `contains \`${name}\`, which the trigger \`${trigger.name}\` sets`
}

/** True where the body of a trigger assigns a column of the new row: `SET NEW.a = 1, NEW.b = 2`, `SELECT ... INTO NEW.a`. A comparison does not count. */
function setsColumn(body: string, column: string): boolean {
  const tokens = tokenize(body)
  let depth = 0
  return tokens.some((token, at) => {
    if (isMark(token, '(')) depth += 1
    else if (isMark(token, ')')) depth -= 1
    const isNew = isWord(token, 'NEW') && isMark(tokens[at + 1], '.')
    if (depth > 0 || !isNew || tokens[at + 2]?.text.toLowerCase() !== column.toLowerCase()) return false
    const before = tokens[at - 1]
    return isMark(before, ',') || isWord(before, 'SET', 'INTO')
  })
}

/** The columns of a key, and what their order depends on: a walk is continued only in the order in which it began. */
export function orderOf({ columns }: WalkKey): readonly string[] {
  return columns.map(({ name, kind, collation }) => [name.toLowerCase(), kind, collation ?? ''].join(' ').trim())
}

function whyNot(
  column: BatchColumn,
  prefix: boolean,
  descending: boolean,
  walk: Pick<Walk, 'changes'>,
): KeyColumn | string {
  const { name, type, charset, collation } = column
  if (walk.changes.has(name.toLowerCase())) return `contains \`${name}\`, which the statement changes`
  if (column.nullable) return `contains \`${name}\`, which may be NULL`
  if (prefix) return `contains only the first characters of \`${name}\``
  if (descending) return `contains \`${name}\` in descending order`
  if (column.generated) return `contains the generated column \`${name}\``
  const kind = kindOf(type)
  if (kind === null)
    return `contains \`${name}\`, and values of the type ${type.toUpperCase()} are not compared in the order of the index, or not exactly`
  const text = kind === 'text' ? { charset, collation } : { charset: null, collation: null }
  return { name, kind, ...text, isInteger: integers.has(type) }
}

/** Null for types that have no order of their own or no exact text: ENUM, SET, BIT, FLOAT, DOUBLE, and TIMESTAMP, whose text names two instants where clocks are set back. */
function kindOf(type: string): KeyKind | null {
  if (integers.has(type) || type === 'decimal') return 'number'
  if (times.has(type)) return 'time'
  if (texts.has(type)) return 'text'
  return bytes.has(type) ? 'bytes' : null
}
