import { bytesPerCharacter } from '../../ddl/charset-width.ts'
import type { BatchCascade, BatchColumn, BatchTable, BatchTrigger } from '../batches/batch-table.ts'
import type { WalkKey } from '../batches/choose-key.ts'
import type { Walk } from '../batches/read-walk.ts'

/** A column whose value is kept as it was before the batch. */
interface KeptColumn {
  readonly name: string
  /** As it stands in CREATE TABLE of the undo table. */
  readonly definition: string
  /** True where the statement sets it: a row that has another value by now was changed by others. False for what the server sets beside it. */
  readonly isCompared: boolean
}

export type KeptVerb = 'UPDATE' | 'DELETE' | 'INSERT'

/** What a batch keeps of the rows that it changes: of an UPDATE the columns that change, of a DELETE the whole row, of an INSERT the row that it added. */
export interface Kept {
  readonly verb: KeptVerb
  readonly schema: string
  readonly table: string
  /** The key by which rows are known again. */
  readonly key: WalkKey
  readonly keyDefinitions: readonly string[]
  readonly columns: readonly KeptColumn[]
  /** Of an INSERT, whether AUTO_INCREMENT counts the key; else the statement gives its values. */
  readonly isCounted?: boolean
  /** Of an INSERT, the columns that it gives, in the order of its SELECT and in lower case. */
  readonly given?: readonly string[]
}

export type KeptChoice =
  | { readonly type: 'kept'; readonly kept: Kept }
  /** A sentence that says why the batch could not be undone. */
  | { readonly type: 'refused'; readonly why: string }

export const refuse = (why: string): KeptChoice => ({ type: 'refused', why })

/** What is kept of the rows of a table that an UPDATE or DELETE walks, or why what the statement does cannot be undone. */
export function chooseChanged(table: BatchTable, walk: Walk, key: WalkKey, verb: 'UPDATE' | 'DELETE'): KeptChoice {
  const why = whyNotUndone(table, walk, verb)
  if (why !== null) return refuse(why)
  const kept = keepColumns(table, walk, key, verb)
  return typeof kept === 'string'
    ? refuse(kept)
    : { type: 'kept', kept: { verb, schema: table.schema, table: table.name, ...kept } }
}

/** The columns of the undo table, or why it could not be made. */
export function keepColumns(
  table: BatchTable,
  walk: Walk,
  key: WalkKey,
  verb: KeptVerb,
): Pick<Kept, 'key' | 'keyDefinitions' | 'columns'> | string {
  const own = new Set(key.columns.map(({ name }) => name.toLowerCase()))
  const columns = table.columns.filter((column) => !own.has(column.name.toLowerCase()) && isKept(column, walk, verb))
  const keyDefinitions = key.columns.map(({ name }) => defineKey(table.columns.find((one) => one.name === name)))
  const tooLarge = whyNotStored(columns, key.columns.length, verb)
  if (tooLarge !== null) return tooLarge
  return {
    key,
    keyDefinitions,
    columns: columns.map((column) => ({
      name: column.name,
      definition: defineColumn(column),
      isCompared: verb !== 'UPDATE' || walk.changes.has(column.name.toLowerCase()),
    })),
  }
}

/** The server computes generated columns again. */
function isKept(column: BatchColumn, { changes }: Walk, verb: KeptVerb): boolean {
  if (column.generated) return false
  return verb !== 'UPDATE' || column.setAtUpdate || changes.has(column.name.toLowerCase())
}

/** What would be done beside the rows that are kept, or done again when they are put back. */
export function whyNotUndone(table: BatchTable, { changes }: Walk, verb: KeptVerb): string | null {
  const { name, triggers, cascades } = table
  const fired: readonly BatchTrigger['event'][] = verb === 'UPDATE' ? ['UPDATE'] : ['DELETE', 'INSERT']
  const undone = verb === 'INSERT' ? 'removed' : 'put back'
  const trigger = triggers.find(({ event }) => fired.includes(event))
  if (trigger !== undefined)
    return `\`${name}\` has the trigger \`${trigger.name}\` (${trigger.timing} ${trigger.event}): what it writes is not kept, and it would run again when rows are ${undone}.`
  const cascade = cascades.find(({ column, onDelete, onUpdate }) =>
    verb !== 'UPDATE' ? onDelete : onUpdate && changes.has(column.toLowerCase()),
  )
  if (cascade === undefined) return null
  if (verb === 'INSERT') return refuseCascade(cascade, name)
  return `The foreign key \`${cascade.name}\` of \`${cascade.table}\` changes or deletes rows of \`${cascade.table}\` together with rows of \`${name}\`, and those are not kept.`
}

const refuseCascade = ({ name, table }: BatchCascade, of: string): string =>
  `The foreign key \`${name}\` of \`${table}\` would change or delete rows of \`${table}\` together with rows of \`${of}\` that are removed.`

/** A long text takes no room in the row of an InnoDB table: the value before and the one after need not fit beside each other. */
const mostInRow = 255

const lengthOf = ({ definition }: BatchColumn): number => Number(/\((\d+)\)/.exec(definition)?.[1] ?? 0)

function storedType(column: BatchColumn): string {
  const { type, definition } = column
  if (lengthOf(column) <= mostInRow) return definition
  return type === 'varchar' ? 'mediumtext' : type === 'varbinary' ? 'mediumblob' : definition
}

const inCharset = (stored: string, { charset, collation }: BatchColumn): string =>
  charset === null || collation === null ? stored : `${stored} CHARACTER SET ${charset} COLLATE ${collation}`

const defineColumn = (column: BatchColumn): string => inCharset(storedType(column), column)

/** A key stays as it is: a TEXT cannot be one. */
function defineKey(column: BatchColumn | undefined): string {
  if (column === undefined) throw new Error('a key is of columns of its table')
  return inCharset(column.definition, column)
}

/** What MySQL holds in one row, and what InnoDB holds in one table. */
const mostBytes = 65_535
const mostColumns = 1017

/** Why the undo table could not be made: its rows would be too large. Null where nothing is known against it. */
function whyNotStored(columns: readonly BatchColumn[], keys: number, verb: KeptVerb): string | null {
  const times = verb === 'UPDATE' ? 2 : 1
  if (keys + columns.length * times + 1 > mostColumns)
    return `It would keep ${columns.length} columns${times === 2 ? ', before and after' : ''}, and a table has ${mostColumns.toLocaleString('en-US')} at most.`
  const bytes = columns.reduce((sum, column) => sum + bytesInRow(column), 0) * times
  if (bytes <= mostBytes) return null
  return `The columns that it keeps${times === 2 ? ', before and after,' : ''} take up to ${bytes.toLocaleString('en-US')} bytes in a row, and a row has ${mostBytes.toLocaleString('en-US')} bytes at most.`
}

/** What text of a column takes in its row at most; other types are small, and long texts lie outside of it. */
function bytesInRow(column: BatchColumn): number {
  const { type, charset } = column
  if (!/^(?:var)?(?:char|binary)$/.test(type) || storedType(column) !== column.definition) return 0
  return lengthOf(column) * (charset === null ? 1 : bytesPerCharacter(charset))
}

/** Why rows cannot be put back into the table as it is now; null where they can. */
export function whyNotPutBack(table: BatchTable | null, kept: Kept): string | null {
  if (table === null) return `\`${kept.table}\` does not exist.`
  const has = new Set(table.columns.map(({ name }) => name.toLowerCase()))
  const lacking = [...kept.key.columns, ...kept.columns].find(({ name }) => !has.has(name.toLowerCase()))
  if (lacking !== undefined) return `\`${kept.table}\` has no column \`${lacking.name}\` any more.`
  const other = whyOtherColumns(table, kept)
  if (other !== null) return other
  const key = namesOf(kept.key.columns.map(({ name }) => name))
  const isKnown = table.indexes.some(({ unique, parts }) => unique && namesOf(parts.map((part) => part.column)) === key)
  if (!isKnown)
    return `\`${kept.table}\` has no unique key of ${describeNames(kept)} any more, by which its rows are known.`
  const event = ({ UPDATE: 'UPDATE', DELETE: 'INSERT', INSERT: 'DELETE' } as const)[kept.verb]
  const cascade = kept.verb === 'INSERT' ? table.cascades.find(({ onDelete }) => onDelete) : undefined
  if (cascade !== undefined) return refuseCascade(cascade, kept.table)
  const trigger = table.triggers.find((one) => one.event === event)
  return trigger === undefined
    ? null
    : `\`${kept.table}\` has the trigger \`${trigger.name}\` (${trigger.timing} ${trigger.event}), which would run for each row.`
}

/** Versions of MySQL write the same type in different ways: with a width that says nothing, and the old name of a character set. */
const inOneForm = (definition: string): string =>
  definition.replace(/^((?:tiny|small|medium|big)?int)\(\d+\)/, '$1').replaceAll(/\butf8(?=[ _])/g, 'utf8mb3')

/** A value of another type or character set would be compared, and put back, as something else. */
function whyOtherColumns(table: BatchTable, kept: Kept): string | null {
  const find = (name: string): BatchColumn | undefined =>
    table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  const expected = [
    ...kept.key.columns.map(({ name }, at) => ({ name, was: kept.keyDefinitions[at] ?? '', define: defineKey })),
    ...kept.columns.map(({ name, definition }) => ({ name, was: definition, define: defineColumn })),
  ]
  for (const { name, was, define } of expected) {
    const column = find(name)
    if (column === undefined) continue
    if (column.generated) return `\`${name}\` of \`${kept.table}\` is a generated column now.`
    const [now, before] = [define(column), was].map(inOneForm)
    if (now !== before) return `\`${name}\` of \`${kept.table}\` is \`${now}\` now, and was \`${before}\`.`
  }
  return null
}

const namesOf = (names: readonly (string | null)[]): string =>
  names
    .map((name) => name?.toLowerCase() ?? '')
    .toSorted()
    .join()

const describeNames = ({ key }: Kept): string => key.columns.map(({ name }) => `\`${name}\``).join(', ')

/** Whether two are of the same columns; JSON that the server has kept has another order. */
export function isSameKept(left: Kept, right: Kept): boolean {
  const [one, other] = [left, right].map(({ verb, schema, table, key, keyDefinitions, columns }) =>
    JSON.stringify([
      [verb, schema, table, keyDefinitions, key.columns.map(({ name }) => name)],
      columns.map(({ name, definition, isCompared }) => [name, definition, isCompared]),
    ]),
  )
  return one === other
}
