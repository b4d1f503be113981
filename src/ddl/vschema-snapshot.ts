import type { Vindex, Vschema, VschemaTable } from '../sql/vschema.ts'

/** What the VSchema of a keyspace says of the keyspace itself. */
interface KeyspaceSnapshot extends Pick<Vschema, 'isSharded' | 'foreignKeyMode'> {
  readonly type: 'keyspace'
  readonly name: string
}

interface VindexSnapshot extends Pick<Vindex, 'name' | 'params' | 'owner'> {
  readonly type: 'vindex'
  /** `xxhash`, `consistent_lookup`, ... */
  readonly kind: string
}

/** What it says of one table, which may not exist. */
export interface VschemaTableSnapshot extends VschemaTable {
  readonly type: 'vschema'
}

/** A part of a VSchema, compared and recorded like an object of the schema. */
export type VschemaSnapshot = KeyspaceSnapshot | VindexSnapshot | VschemaTableSnapshot

/** The parts of a VSchema, of the keyspace first, then by name. Pure. */
export function partsOfVschema(vschema: Vschema): readonly VschemaSnapshot[] {
  const { keyspace, isSharded, foreignKeyMode, vindexes, tables } = vschema
  return [
    { type: 'keyspace', name: keyspace, isSharded, foreignKeyMode },
    ...vindexes.map(({ type, ...one }) => ({ type: 'vindex' as const, kind: type, ...one })),
    ...tables.filter(saysSomething).map((one) => ({ type: 'vschema' as const, ...one })),
  ]
}

/** vtgate shows a table that it found on the tablets like one that the VSchema has, a moment after it was created. */
const saysSomething = ({ vindexes, isSequence, takesRows, autoIncrement }: VschemaTable): boolean =>
  vindexes.length > 0 || isSequence || takesRows || autoIncrement !== null

/** What a part is compared by. */
export function contentOfVschema(part: VschemaSnapshot): readonly unknown[] {
  switch (part.type) {
    case 'keyspace':
      return [part.type, part.isSharded, part.foreignKeyMode]
    case 'vindex':
      return [part.type, part.name, part.kind, part.params, part.owner]
    case 'vschema': {
      const { type, name, vindexes, isSequence, takesRows, autoIncrement } = part
      const own = vindexes.map((one) => [one.name, one.columns])
      const { column, sequence } = autoIncrement ?? { column: null, sequence: null }
      return [type, name, own, isSequence, takesRows, column, sequence?.keyspace ?? null, sequence?.name ?? null]
    }
  }
}
