import { quoteName } from './quote-name.ts'

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
  /** Where the numbers of a column come from; null without a sequence. */
  readonly autoIncrement: { readonly column: string; readonly sequence: string } | null
}

/** How a keyspace is spread over its shards, and what its tables need for that, as vtgate knows it. */
export interface Vschema {
  readonly keyspace: string
  readonly isSharded: boolean
  /** By name. */
  readonly vindexes: readonly Vindex[]
  /**
   * By name. Of a keyspace that is not sharded only those that are more than a name: vtgate shows a table that `ALTER VSCHEMA ADD TABLE` added like one that it found
   * on the tablets.
   */
  readonly tables: readonly VschemaTable[]
}

/** The statements that make it of an empty one, in an order in which they run. */
export function renderVschema({ vindexes, tables }: Vschema): readonly string[] {
  const owned = vindexes.map(
    ({ name, type, params, owner }) =>
      `ALTER VSCHEMA CREATE VINDEX ${quoteName(name)} USING ${quoteName(type)}${renderParams(params, owner)}`,
  )
  const sequences = tables.flatMap(({ name, isSequence }) =>
    isSequence ? [`ALTER VSCHEMA ADD SEQUENCE ${quoteName(name)}`] : [],
  )
  const added = tables.flatMap((table) =>
    table.vindexes.map(
      ({ name, columns }) =>
        `ALTER VSCHEMA ON ${quoteName(table.name)} ADD VINDEX ${quoteName(name)} (${columns.split(', ').map(quoteName).join(', ')})`,
    ),
  )
  const numbered = tables.flatMap(({ name, autoIncrement }) =>
    autoIncrement === null
      ? []
      : [
          `ALTER VSCHEMA ON ${quoteName(name)} ADD AUTO_INCREMENT ${quoteName(autoIncrement.column)} USING ${autoIncrement.sequence}`,
        ],
  )
  return [...owned, ...sequences, ...added, ...numbered]
}

function renderParams(params: string, owner: string): string {
  const given = params === '' ? [] : params.split('; ')
  const all = [...(owner === '' ? [] : [`owner=${owner}`]), ...given]
  if (all.length === 0) return ''
  // A value in quotes would keep them.
  return ` WITH ${all.map((one) => one.replace(/^[^=]*/, quoteName)).join(', ')}`
}
