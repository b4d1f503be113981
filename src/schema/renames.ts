import { replacePartitionNames } from '../ddl/partition-names.ts'
import type { ForeignKeySnapshot, PartSnapshot, SchemaSnapshot, TableSnapshot } from '../ddl/snapshot.ts'
import { isWord } from '../sql/clauses.ts'
import { quoteName } from '../sql/quote-name.ts'
import { applyEdits, type Edit, tokenize } from '../sql/tokens.ts'

/** A table, or with `column` one of its columns, that has another name on the other side. */
export interface Rename {
  readonly table: string
  readonly column: string | null
  readonly to: string
}

/** The renames of one database, all at once, by the names before. Names of columns are in lower case. */
export interface OwnRenames {
  readonly tables: ReadonlyMap<string, string>
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** By logical database: foreign keys of one reference tables of another. */
export type RenamesAround = ReadonlyMap<string, OwnRenames>

export const noRenames: RenamesAround = new Map()

/** Reads `old=new` for a table and `table.old=new` for a column; null for any other text. */
export function parseRename(text: string): Rename | null {
  const [, first = '', second, to = ''] = /^([^.=]+)(?:\.([^.=]+))?=([^.=]+)$/.exec(text) ?? []
  return to === '' ? null : { table: first, column: second ?? null, to }
}

/** The same as a person types it. */
export function printRename({ table, column, to }: Rename): string {
  return `${table}${column === null ? '' : `.${column}`}=${to}`
}

/** The reverse renames, by the new names. */
export function invertRenames({ tables, columns }: OwnRenames): OwnRenames {
  return {
    tables: new Map([...tables].map(([from, to]) => [to, from])),
    columns: new Map(
      [...columns].map(([table, names]) => [
        tables.get(table) ?? table,
        new Map([...names].map(([from, to]) => [to.toLowerCase(), from])),
      ]),
    ),
  }
}

export function invertAll(around: RenamesAround): RenamesAround {
  return new Map([...around].map(([database, own]) => [database, invertRenames(own)]))
}

/**
 * The schema after renames, as the server would have it: keys of other tables are adjusted, views and code are not.
 * Pure.
 */
export function applyRenames(snapshot: SchemaSnapshot, around: RenamesAround): SchemaSnapshot {
  const own = around.get(snapshot.database)
  const renamed = (table: string): string => own?.tables.get(table) ?? table
  return {
    ...snapshot,
    objects: snapshot.objects.map((object) => {
      if (object.type === 'table') return renameTable(object, snapshot.database, around)
      if (object.type !== 'trigger' || object.table === null || own?.tables.has(object.table) !== true) return object
      const on = (table: string): string => ` ON ${quoteName(table)} FOR EACH ROW `
      const table = renamed(object.table)
      return { ...object, table, text: object.text.replace(on(object.table), () => on(table)) }
    }),
  }
}

function renameTable(table: TableSnapshot, database: string, around: RenamesAround): TableSnapshot {
  const own = around.get(database)
  const columns = own?.columns.get(table.name)
  const foreignKeys = table.foreignKeys.map((key) => {
    const ofParent = around.get(key.parentDatabase ?? database)
    return renameKey(key, columns, ofParent?.tables.get(key.parent), ofParent?.columns.get(key.parent))
  })
  const changed = columns === undefined ? { ...table, foreignKeys } : renameColumns({ ...table, foreignKeys }, columns)
  const to = own?.tables.get(table.name)
  return to === undefined ? changed : nameTable(changed, to)
}

/** Names of keys and checks that the server generated contain the name of their table, and change with it. */
function nameTable(table: TableSnapshot, to: string): TableSnapshot {
  const follow = <T extends PartSnapshot>(part: T): T => {
    const [, kind, number] = /^(.+?)(\d+)$/s.exec(part.name.slice(table.name.length)) ?? []
    const isGenerated = part.name.startsWith(table.name) && (kind === '_ibfk_' || kind === '_chk_')
    if (!isGenerated) return part
    const name = `${to}${kind}${number}`
    return { ...part, name, text: part.text.replace(quoteName(part.name), () => quoteName(name)) }
  }
  const byName = (a: PartSnapshot, b: PartSnapshot): number => (a.name < b.name ? -1 : 1)
  const foreignKeys = table.foreignKeys.map(follow).toSorted(byName)
  return { ...table, name: to, foreignKeys, checks: table.checks.map(follow).toSorted(byName) }
}

const quoted = '`(?:[^`]|``)*`'
const list = `${quoted}(?:, ${quoted})*`
const keyText = new RegExp(
  `^(CONSTRAINT ${quoted} FOREIGN KEY )\\(${list}\\)( REFERENCES (?:(?:\\{\\{[^{}]*\\}\\}|${quoted})\\.)?)${quoted} \\(${list}\\)(.*)$`,
  's',
)

type ColumnNames = ReadonlyMap<string, string> | undefined

function renameKey(
  key: ForeignKeySnapshot,
  own: ColumnNames,
  parentName: string | undefined,
  ofParent: ColumnNames,
): ForeignKeySnapshot {
  const swap = (names: readonly string[], changed: ColumnNames): readonly string[] =>
    names.map((name) => changed?.get(name.toLowerCase()) ?? name)
  const columns = swap(key.columns, own)
  const parentColumns = swap(key.parentColumns, ofParent)
  const parent = parentName ?? key.parent
  const names = (list: readonly string[]): string => `(${list.map(quoteName).join(', ')})`
  const text = key.text.replace(
    keyText,
    (_, head: string, references: string, actions: string) =>
      `${head}${names(columns)}${references}${quoteName(parent)} ${names(parentColumns)}${actions}`,
  )
  return { ...key, columns, parent, parentColumns, text }
}

function renameColumns(table: TableSnapshot, names: ReadonlyMap<string, string>): TableSnapshot {
  const inText = <T extends PartSnapshot>(part: T): T => ({ ...part, text: replaceNames(part.text, names, part.name) })
  const renamed = (name: string): string => names.get(name.toLowerCase()) ?? name
  return {
    ...table,
    columns: table.columns.map((one) => ({
      ...one,
      name: renamed(one.name),
      text: replaceNames(one.text, names, null),
    })),
    indexes: table.indexes.map((index) => ({
      ...inText(index),
      columns: index.columns.map((name) => names.get(name.toLowerCase()) ?? replaceNames(name, names, null)),
    })),
    checks: table.checks.map(inText),
    partitioning: table.partitioning === null ? null : renamePartitioning(table.partitioning, names),
  }
}

/** @param own the name of the index or check itself, which does not change */
function replaceNames(text: string, names: ReadonlyMap<string, string>, own: string | null): string {
  const tokens = tokenize(text)
  const edits = tokens.flatMap((token, at): readonly Edit[] => {
    const isOwnName = own !== null && token.text === own && isWord(tokens[at - 1], 'KEY', 'CONSTRAINT')
    const to = token.type === 'name' && !isOwnName ? names.get(token.text.toLowerCase()) : undefined
    return to === undefined ? [] : [{ start: token.start, end: token.end, text: quoteName(to) }]
  })
  return applyEdits(text, edits)
}

/** Every changed name is quoted, as a statement may do, and the server does where the name is a keyword. */
export function renamePartitioning(text: string, names: ReadonlyMap<string, string>): string {
  return replacePartitionNames(text, ({ text: name }) => {
    const to = names.get(name.toLowerCase())
    return to === undefined ? null : quoteName(to)
  })
}
