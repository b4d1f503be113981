import { isMark, isWord } from '../sql/clauses.ts'
import { compareSnapshots } from '../sql/compare-snapshots.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { PartSnapshot, SchemaSnapshot, TableSnapshot } from '../sql/snapshot.ts'
import { applyEdits, type Edit, tokenize } from '../sql/tokens.ts'

/** A table, or with `column` a column of one, that has another name on the other side. */
export interface Rename {
  readonly table: string
  readonly column: string | null
  readonly to: string
}

/** Reads `old=new` for a table and `table.old=new` for a column; null for any other text. */
export function parseRename(text: string): Rename | null {
  const [, first = '', second, to = ''] = /^([^.=]+)(?:\.([^.=]+))?=([^.=]+)$/.exec(text) ?? []
  return to === '' ? null : { table: first, column: second ?? null, to }
}

/** The statement that renames, in the schema that has the old name. */
export function writeRename({ table, column, to }: Rename): string {
  return column === null
    ? `RENAME TABLE ${quoteName(table)} TO ${quoteName(to)}`
    : `ALTER TABLE ${quoteName(table)} RENAME COLUMN ${quoteName(column)} TO ${quoteName(to)}`
}

/** The schema after a rename, as the server would have it: keys of other tables follow, views and code do not. Pure. */
export function applyRename(snapshot: SchemaSnapshot, rename: Rename): SchemaSnapshot {
  return {
    ...snapshot,
    objects: snapshot.objects.map((object) => {
      if (object.type === 'table') return renameInTable(object, rename)
      const follows = object.type === 'trigger' && rename.column === null && object.table === rename.table
      if (!follows) return object
      const on = ` ON ${quoteName(rename.table)} FOR EACH ROW `
      return { ...object, table: rename.to, text: object.text.replace(on, ` ON ${quoteName(rename.to)} FOR EACH ROW `) }
    }),
  }
}

function renameInTable(table: TableSnapshot, rename: Rename): TableSnapshot {
  const isOwn = table.name === rename.table
  const foreignKeys = table.foreignKeys.map((key) => {
    const isParent = key.parentDatabase === null && key.parent === rename.table
    if (rename.column === null) {
      if (!isParent) return key
      return { ...key, parent: rename.to, text: replaceAfterReferences(key.text, rename.table, rename.to) }
    }
    const { column, to } = rename
    const swap = (names: readonly string[]): readonly string[] =>
      names.map((name) => (isSame(name, column) ? to : name))
    return {
      ...key,
      columns: isOwn ? swap(key.columns) : key.columns,
      parentColumns: isParent ? swap(key.parentColumns) : key.parentColumns,
      text: replaceInLists(key.text, column, to, isOwn, isParent),
    }
  })
  if (!isOwn) return { ...table, foreignKeys }
  if (rename.column === null) return { ...table, name: rename.to, foreignKeys }
  return renameColumn({ ...table, foreignKeys }, rename.column, rename.to)
}

function renameColumn(table: TableSnapshot, column: string, to: string): TableSnapshot {
  const inText = <T extends PartSnapshot>(part: T): T => ({
    ...part,
    text: replaceNames(part.text, column, to, part.name),
  })
  return {
    ...table,
    columns: table.columns.map((one) => {
      const text = replaceNames(one.text, column, to, null)
      return isSame(one.name, column) ? { ...one, name: to, text } : { ...one, text }
    }),
    indexes: table.indexes.map((index) => ({
      ...inText(index),
      columns: index.columns.map((name) => (isSame(name, column) ? to : replaceNames(name, column, to, null))),
    })),
    checks: table.checks.map(inText),
    partitioning: table.partitioning === null ? null : replaceNames(table.partitioning, column, to, null),
  }
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** @param own the name of the index or check itself, which keeps its name */
function replaceNames(text: string, from: string, to: string, own: string | null): string {
  const tokens = tokenize(text)
  const edits = tokens.flatMap((token, at): readonly Edit[] => {
    const isOwnName = own !== null && token.text === own && isWord(tokens[at - 1], 'KEY', 'CONSTRAINT')
    const isColumn = token.type === 'name' && isSame(token.text, from) && !isOwnName
    return isColumn ? [{ start: token.start, end: token.end, text: quoteName(to) }] : []
  })
  return applyEdits(text, edits)
}

function replaceAfterReferences(text: string, from: string, to: string): string {
  const tokens = tokenize(text)
  const at = tokens.findIndex((token) => isWord(token, 'REFERENCES')) + 1
  const parent = tokens[at]
  if (parent === undefined || parent.text !== from || isMark(tokens[at + 1], '.')) return text
  return applyEdits(text, [{ start: parent.start, end: parent.end, text: quoteName(to) }])
}

/** In the list of the key's own columns, in that of its parent's, or both. */
function replaceInLists(text: string, from: string, to: string, inOwn: boolean, inParent: boolean): string {
  const tokens = tokenize(text)
  const references = tokens.findIndex((token) => isWord(token, 'REFERENCES'))
  const first = tokens.findIndex((token) => isMark(token, '('))
  const edits = tokens.flatMap((token, at): readonly Edit[] => {
    const isIn = at > first && (at < references ? inOwn : inParent && at > references + 1)
    return isIn && token.type === 'name' && isSame(token.text, from)
      ? [{ start: token.start, end: token.end, text: quoteName(to) }]
      : []
  })
  return applyEdits(text, edits)
}

/**
 * Names that look renamed: a table that only one side has and one that only the other has, alike but for their names; or such a column in a table of
 * both. For a question to a person: never applied unasked.
 */
export function guessRenames(wanted: SchemaSnapshot, found: SchemaSnapshot): readonly Rename[] {
  const differences = compareSnapshots(wanted, found)
  const only = (change: 'missing' | 'extra'): readonly TableSnapshot[] =>
    differences.flatMap((one) => {
      const object = change === 'missing' ? one.wanted : one.found
      return one.change === change && object?.type === 'table' ? [object] : []
    })
  const columnsOf = (table: TableSnapshot): string => table.columns.map(({ text }) => text).join('\n')
  const tables = only('extra').flatMap((old): readonly Rename[] => {
    const same = only('missing').filter((table) => columnsOf(table) === columnsOf(old))
    return same.length === 1 ? [{ table: old.name, column: null, to: same[0]?.name ?? '' }] : []
  })
  const columns = differences.flatMap(({ change, wanted: one, found: other }): readonly Rename[] =>
    change === 'differs' && one?.type === 'table' && other?.type === 'table' ? guessColumns(one, other) : [],
  )
  return [...tables, ...columns]
}

function guessColumns(wanted: TableSnapshot, found: TableSnapshot): readonly Rename[] {
  const bare = ({ name, text }: TableSnapshot['columns'][number]): string => text.slice(quoteName(name).length)
  const lacks = (table: TableSnapshot, name: string): boolean =>
    !table.columns.some((column) => isSame(column.name, name))
  const missing = wanted.columns.filter(({ name }) => lacks(found, name))
  return found.columns
    .filter(({ name }) => lacks(wanted, name))
    .flatMap((old) => {
      const same = missing.filter((column) => bare(column) === bare(old))
      return same.length === 1 ? [{ table: wanted.name, column: old.name, to: same[0]?.name ?? '' }] : []
    })
}
