import type { Vschema, VschemaTable } from '../sql/vschema.ts'
import type { VschemaSnapshot } from './vschema-parts.ts'

/**
 * The parts of a VSchema, of the keyspace first, then by name. Keyspaces that hold a database of the configuration are named as migrations name them, `{{schema:user_db}}`: that is the same in every environment. Pure.
 * @param databases by their keyspaces
 */
export function partsOfVschema(
  vschema: Vschema,
  databases: ReadonlyMap<string, string> = new Map(),
): readonly VschemaSnapshot[] {
  const { keyspace, isSharded, foreignKeyMode } = vschema
  const place = (name: string): string => {
    const database = databases.get(name)
    return database === undefined ? name : `{{schema:${database}}}`
  }
  const vindexes = vschema.vindexes.map((one) => ({
    ...one,
    params: one.params.replace(
      /((?:^|; )table=)`?([^.;`]+)`?\./,
      (_, key: string, own: string) => `${key}${place(own)}.`,
    ),
  }))
  const tables = vschema.tables.map((one) => ({ ...one, autoIncrement: placeNumbers(one.autoIncrement, place) }))
  return [
    { type: 'keyspace', name: keyspace, isSharded, foreignKeyMode },
    ...vindexes.map(({ type, ...one }) => ({ type: 'vindex' as const, kind: type, ...one })),
    ...tables.filter(saysSomething).map((one) => ({ type: 'vschema' as const, ...one })),
  ]
}

function placeNumbers(
  autoIncrement: VschemaTable['autoIncrement'],
  place: (keyspace: string) => string,
): VschemaTable['autoIncrement'] {
  const keyspace = autoIncrement?.sequence.keyspace ?? null
  if (autoIncrement === null || keyspace === null) return autoIncrement
  return { ...autoIncrement, sequence: { ...autoIncrement.sequence, keyspace: place(keyspace) } }
}

/** vtgate shows a table that it found on the tablets like one that the VSchema has, a moment after it was created. */
const saysSomething = ({ vindexes, isSequence, takesRows, isRouted, autoIncrement }: VschemaTable): boolean =>
  vindexes.length > 0 || isSequence || takesRows || isRouted === true || autoIncrement !== null

/** Of a table that routing rules lead elsewhere, vtgate does not show all: it is neither compared nor recorded. */
export const isRoutedPart = (part: { readonly type: string; readonly isRouted?: boolean } | null): boolean =>
  part?.type === 'vschema' && part.isRouted === true

/** What a part is compared by. */
export function contentOfVschema(part: VschemaSnapshot): readonly unknown[] {
  switch (part.type) {
    case 'keyspace':
      return [part.type, part.isSharded, part.foreignKeyMode]
    case 'vindex':
      return [part.type, part.name, part.kind, part.params, part.owner]
    case 'vschema': {
      const { type, name, vindexes, isSequence, takesRows, autoIncrement } = part
      // The order of all but the first one says nothing.
      const named = vindexes.map((one) => [one.name, one.columns])
      const own = [...named.slice(0, 1), ...named.slice(1).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))]
      const { column, sequence } = autoIncrement ?? { column: null, sequence: null }
      return [type, name, own, isSequence, takesRows, column, sequence?.keyspace ?? null, sequence?.name ?? null]
    }
  }
}
