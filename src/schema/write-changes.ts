import { isCode, type ObjectDifference } from '../ddl/compare-snapshots.ts'
import { writeAlterations } from '../ddl/definitions/write-alterations.ts'
import { type CodeSnapshot, isVschemaType, type SchemaSnapshot, type TableSnapshot } from '../ddl/snapshot.ts'
import { quoteName } from '../sql/quote-name.ts'
import { implicitOf, withoutMade, writeKeys } from './foreign-key-indexes.ts'
import { changeKeys, type DifferencesAround } from './held-keys.ts'
import { createTable, makeCode, plain, type RenderedStatement, type SqlOptions } from './render-sql.ts'
import { writeVschema } from './write-vschema.ts'

/** The statements of one database by their place among those of several: no statement needs one at a later place, of whichever database. */
export interface PlacedStatements {
  /** What is dropped because it depends on something that changes: triggers, views and other code, foreign keys. */
  readonly first: readonly RenderedStatement[]
  readonly tables: readonly RenderedStatement[]
  readonly keys: readonly RenderedStatement[]
  /** Stored code. */
  readonly last: readonly RenderedStatement[]
}

/** The same for one database, as one list. */
export function writeChanges(
  wanted: SchemaSnapshot,
  found: SchemaSnapshot,
  differences: readonly ObjectDifference[],
  options: SqlOptions,
): readonly RenderedStatement[] {
  const { first, tables, keys, last } = placeChanges(wanted, found, new Map([[wanted.database, differences]]), options)
  return [...first, ...tables, ...keys, ...last]
}

/**
 * The statements, in an order that runs, that turn `found` into `wanted`. Foreign keys are dropped before the tables that they reference change, and added again last; triggers of one table, time and event are recreated together, because their order matters. Pure. @param around the result of `compareSnapshots` for the two, and for other databases that change with them
 */
export function placeChanges(
  wanted: SchemaSnapshot,
  found: SchemaSnapshot,
  around: DifferencesAround,
  options: SqlOptions,
): PlacedStatements {
  const differences = around.get(wanted.database) ?? []
  const tables = differences.filter(({ type }) => type === 'table')
  const keys = changeKeys(wanted, found, around)
  const triggers = affectedTriggers(wanted, found, differences)
  const code = pickCode(differences)
  const missing = tables.flatMap(({ wanted: table, change }) =>
    change === 'missing' && table?.type === 'table' ? [table] : [],
  )
  const own = missing.filter(({ implicit = [] }) => implicit.length > 0)
  const made = writeKeys(own, implicitOf(own))
  const bare = new Map(made.tables.map((table) => [table.name, table]))
  const first = [
    ...triggers.dropped.map(({ name }) => plain(`DROP TRIGGER ${quoteName(name)}`)),
    ...code.dropped.map(({ type, name }) => plain(`DROP ${type.toUpperCase()} ${quoteName(name)}`)),
    ...keys.dropped.map(({ table, key }) =>
      plain(`ALTER TABLE ${quoteName(table)} DROP FOREIGN KEY ${quoteName(key.name)}`),
    ),
  ]
  const vschema = writeVschema(wanted, found)
  const between = [
    ...vschema.tables.map(plain),
    ...differences.filter(({ type }) => type === 'schema').map(() => plain(alterSchema(wanted))),
    ...tables.filter(({ change }) => change === 'extra').map(({ name }) => plain(`DROP TABLE ${quoteName(name)}`)),
    ...missing.map((table) => plain(createTable(bare.get(table.name) ?? table))),
    ...made.before,
    ...tables.flatMap(alterTable).map(plain),
  ]
  return {
    first: [...vschema.first.map(plain), ...first],
    tables: between,
    keys: [
      ...keys.added
        .filter(({ table }) => !bare.has(table))
        .map(({ table, key }) => plain(`ALTER TABLE ${quoteName(table)} ADD ${key.text}`)),
      ...made.after,
      ...vschema.keys.map(plain),
    ],
    last: [...makeCode([...code.made, ...triggers.made], options, code.replaced), ...vschema.last.map(plain)],
  }
}

function alterSchema({ charset, collation }: SchemaSnapshot): string {
  return `ALTER DATABASE CHARACTER SET = ${charset} COLLATE = ${collation}`
}

/** Without foreign keys, which have their own places in the order. */
function alterTable({ wanted, found }: ObjectDifference): readonly string[] {
  if (wanted?.type !== 'table' || found?.type !== 'table') return []
  const bare = (table: TableSnapshot): TableSnapshot => ({ ...table, foreignKeys: [] })
  return writeAlterations(bare(withoutMade(wanted, found)), bare(found))
}

/**
 * All triggers of a table, time and event of which one differs; triggers that are dropped with their table need no
 * DROP.
 */
function affectedTriggers(
  wanted: SchemaSnapshot,
  found: SchemaSnapshot,
  differences: readonly ObjectDifference[],
): { readonly dropped: readonly CodeSnapshot[]; readonly made: readonly CodeSnapshot[] } {
  const changed = differences
    .flatMap((one) => [one.wanted, one.found])
    .filter((object): object is CodeSnapshot => object?.type === 'trigger')
  const slots = new Set(changed.map(slotOf))
  const names = new Set(changed.map(({ name }) => name))
  const pick = ({ objects }: SchemaSnapshot): readonly CodeSnapshot[] =>
    objects
      .filter(isCode)
      .filter((object) => object.type === 'trigger' && (slots.has(slotOf(object)) || names.has(object.name)))
  return { dropped: pick(found), made: pick(wanted) }
}

/** `orders BEFORE INSERT` */
function slotOf({ text, table }: CodeSnapshot): string {
  const [, slot = ''] = /^CREATE TRIGGER (?:`(?:[^`]|``)*`) (\w+ \w+) ON/.exec(text) ?? []
  return `${table ?? ''} ${slot}`
}

function pickCode(differences: readonly ObjectDifference[]): {
  readonly dropped: readonly CodeSnapshot[]
  readonly made: readonly CodeSnapshot[]
  /** Names of views that replace a view with another text, and keep its privileges. */
  readonly replaced: ReadonlySet<string>
} {
  const code = differences.filter(
    ({ type }) => type !== 'table' && type !== 'schema' && type !== 'trigger' && !isVschemaType(type),
  )
  const isReplaced = ({ type, change }: ObjectDifference): boolean => type === 'view' && change === 'differs'
  const objects = (list: readonly ObjectDifference['wanted'][]): readonly CodeSnapshot[] =>
    list.filter((object): object is CodeSnapshot => object !== null && isCode(object))
  return {
    dropped: objects(code.filter((one) => !isReplaced(one)).map(({ found }) => found)),
    made: objects(code.map(({ wanted }) => wanted)),
    replaced: new Set(code.filter(isReplaced).map(({ name }) => name)),
  }
}
