import type { Statement } from './statement.ts'
import {
  columnsOfVindex,
  numbersOf,
  readVindex,
  type Vindex,
  type Vschema,
  type VschemaTable,
  vindexOf,
} from './vschema.ts'

/** What the statements of files make of a VSchema. */
export type FollowedVschema = Pick<Vschema, 'vindexes' | 'tables'>

export const emptyVschema: FollowedVschema = { vindexes: [], tables: [] }

function withOne<T extends { readonly name: string }>(list: readonly T[], one: T): readonly T[] {
  const others = list.filter(({ name }) => name !== one.name)
  return [...others, one].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** The VSchema after a statement that Vitess has carried out; the same after any other than `ALTER VSCHEMA`. Pure. */
export function followVschema(
  before: FollowedVschema,
  { verb, text, objects }: Pick<Statement, 'verb' | 'text' | 'objects'>,
): FollowedVschema {
  const { vindexes, tables } = before
  const named = objects.find(({ type }) => type === 'vschema')
  const [table, vindex] = [named?.name ?? '', vindexOf(text) ?? '']
  const own: VschemaTable = tables.find(({ name }) => name === table) ?? {
    ...{ name: table, vindexes: [], isSequence: false, takesRows: true, autoIncrement: null },
  }
  const without = { ...before, tables: tables.filter(({ name }) => name !== table) }
  const change = (changed: VschemaTable): FollowedVschema => ({ ...before, tables: withOne(tables, changed) })
  switch (verb) {
    case 'ALTER VSCHEMA CREATE VINDEX':
      return { ...before, vindexes: withOne(vindexes, readVindex(text)) }
    case 'ALTER VSCHEMA ADD VINDEX': {
      const made: Vindex = readVindex(text)
      const added = change({ ...own, vindexes: [...own.vindexes, { name: vindex, columns: columnsOfVindex(text) }] })
      // Without USING it is one that is there.
      return made.type === '' ? added : { ...added, vindexes: withOne(vindexes, made) }
    }
    case 'ALTER VSCHEMA DROP VINDEX': {
      if (named === undefined) return { ...before, vindexes: vindexes.filter(({ name }) => name !== vindex) }
      const left = own.vindexes.filter(({ name }) => name !== vindex)
      // Vitess forgets a table with its last vindex.
      return left.length === 0 ? without : change({ ...own, vindexes: left })
    }
    case 'ALTER VSCHEMA ADD SEQUENCE':
      return change({ ...own, isSequence: true })
    case 'ALTER VSCHEMA DROP SEQUENCE':
    case 'ALTER VSCHEMA DROP TABLE':
      return without
    case 'ALTER VSCHEMA ADD AUTO_INCREMENT': {
      const autoIncrement = numbersOf(text)
      return autoIncrement === null ? before : change({ ...own, autoIncrement })
    }
    case 'ALTER VSCHEMA DROP AUTO_INCREMENT':
      return own.vindexes.length === 0 ? without : change({ ...own, autoIncrement: null })
    // A plain table of a keyspace that is not sharded, which vtgate does not show, and everything else.
    default:
      return before
  }
}
