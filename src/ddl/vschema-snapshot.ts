import type { Vindex, Vschema, VschemaTable } from '../sql/vschema.ts'
import type { ShapeDifference } from './definitions/compare-definitions.ts'

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
interface VschemaTableSnapshot extends VschemaTable {
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

/** In what two parts of one name differ; empty where they say the same, or where vtgate does not show whether they do. Pure. */
export function compareVschemaParts(wanted: VschemaSnapshot, found: VschemaSnapshot): readonly ShapeDifference[] {
  if (wanted.type === 'keyspace' && found.type === 'keyspace')
    return [
      ...compareOption('sharded', String(wanted.isSharded), String(found.isSharded)),
      ...compareOption('foreignKeyMode', wanted.foreignKeyMode, found.foreignKeyMode),
    ]
  if (wanted.type === 'vindex' && found.type === 'vindex')
    return [
      ...compareOption('type', wanted.kind, found.kind),
      ...compareOption('params', wanted.params, found.params),
      ...compareOption('owner', wanted.owner, found.owner),
    ]
  if (wanted.type === 'vschema' && found.type === 'vschema')
    return [...compareVindexes(wanted, found), ...compareKinds(wanted, found), ...compareNumbers(wanted, found)]
  throw new Error(`${wanted.type} is compared with ${found.type}`)
}

/** An empty text stands for what is not there. */
function compareOption(
  name: string,
  wanted: string,
  found: string,
  part: 'option' | 'vindex' = 'option',
): readonly ShapeDifference[] {
  if (wanted === found) return []
  const change = found === '' ? 'missing' : wanted === '' ? 'extra' : 'differs'
  return [{ part, name, change, wanted: wanted || null, found: found || null }]
}

function compareVindexes(
  { vindexes: wanted }: VschemaTableSnapshot,
  { vindexes: found }: VschemaTableSnapshot,
): readonly ShapeDifference[] {
  const names = [...new Set([...wanted, ...found].map(({ name }) => name))]
  const columnsOf = (list: typeof wanted, name: string): string => {
    const own = list.find((one) => one.name === name)
    return own === undefined ? '' : `(${own.columns})`
  }
  const parts = names.flatMap((name) => compareOption(name, columnsOf(wanted, name), columnsOf(found, name), 'vindex'))
  // The first one leads to the shard of a row.
  const orderOf = (list: typeof wanted): string => list.map(({ name }) => name).join(', ')
  return parts.length > 0 ? parts : compareOption('order of the vindexes', orderOf(wanted), orderOf(found))
}

function compareKinds(wanted: VschemaTableSnapshot, found: VschemaTableSnapshot): readonly ShapeDifference[] {
  const kindOf = ({ isSequence, vindexes }: VschemaTableSnapshot): string =>
    isSequence ? 'sequence' : vindexes.length === 0 ? 'without a vindex' : 'table'
  return compareOption('kind', kindOf(wanted), kindOf(found))
}

/** Where several keyspaces have a sequence of the name, vtgate does not show which of them it is. */
export function compareNumbers(
  { autoIncrement: wanted }: Pick<VschemaTable, 'autoIncrement'>,
  { autoIncrement: found }: Pick<VschemaTable, 'autoIncrement'>,
): readonly ShapeDifference[] {
  const keyspaces = [wanted, found].flatMap((one) => one?.sequence.keyspace ?? [])
  const print = (given: typeof wanted): string =>
    given === null
      ? ''
      : `${given.column} from ${keyspaces.length === 2 ? `${given.sequence.keyspace}.` : ''}${given.sequence.name}`
  return compareOption('AUTO_INCREMENT', print(wanted), print(found))
}
