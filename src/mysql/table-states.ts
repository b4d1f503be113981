import { groupBy } from '../core/group-by.ts'
import { charsetOf, readColumnType } from '../ddl/column-type.ts'
import { type Schema, type SchemaObject, tableKey, type Written } from '../ddl/schema.ts'
import type { Check, Column, Index, IndexReading, TableForeignKey } from '../ddl/table.ts'
import type { ObjectName } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { type Cascades, readCascades } from './cascades.ts'
import { chooseTables } from './choose-tables.ts'
import type { Asker, Row } from './connection.ts'
import { pinMonitor } from './pinned-session.ts'

/** How long a query about definitions waits for a lock. Milliseconds. */
const lockWait = 5000

/**
 * The state of these tables on the server: InnoDB's live estimates of rows and bytes, columns, keys. Missing tables are returned as
 * `absent`. Reads information_schema only, five round trips, none for an empty list. The connection is pinned here for it.
 * @param written tables whose rows are written: the foreign keys by which that changes other tables are read, in a few more round trips
 */
export async function readTableStates(
  connection: Asker,
  { schema, foldsNames }: { readonly schema: string; readonly foldsNames: boolean },
  names: readonly ObjectName[],
  written: Written = { parents: [], views: new Map() },
): Promise<Schema> {
  const none: Schema = { schema, foldsNames, states: new Map() }
  if (names.length === 0) return none
  // Otherwise statistics may be a day old; this reads the current estimates of InnoDB.
  await connection.ask(pinMonitor(lockWait, undefined, ['information_schema_stats_expiry=0']))
  const where = chooseTables(none, schema, names)
  const tables = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME,TABLE_TYPE,TABLE_ROWS,DATA_LENGTH+INDEX_LENGTH,TABLE_COLLATION,${schemaCharset} FROM information_schema.TABLES WHERE ${where}`,
  )
  const columns = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME,COLUMN_TYPE,IS_NULLABLE,CHARACTER_SET_NAME,EXTRA,COLUMN_DEFAULT,COLUMN_COMMENT FROM information_schema.COLUMNS WHERE ${where} ORDER BY ORDINAL_POSITION`,
  )
  const indexes = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME,INDEX_NAME,NON_UNIQUE,COLUMN_NAME,INDEX_TYPE,SUB_PART,COLLATION,IS_VISIBLE FROM information_schema.STATISTICS WHERE ${where} ORDER BY INDEX_NAME,SEQ_IN_INDEX`,
  )
  const constraints = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME,CONSTRAINT_NAME,CONSTRAINT_TYPE FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_TYPE IN ('FOREIGN KEY','CHECK') AND (${where})`,
  )
  const details: Details = {
    cascades: await readCascades(connection, none, written),
    columns: groupByTable(none, columns.rows),
    indexes: groupByTable(none, indexes.rows),
    constraints: groupByTable(none, constraints.rows),
  }
  const states = new Map<string, SchemaObject>(names.map((name) => [tableKey(none, name), { type: 'absent' }]))
  for (const row of tables.rows) states.set(keyOf(none, row), toState(none, row, details))
  return { ...none, states }
}

const schemaCharset =
  '(SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME=TABLE_SCHEMA)'

function keyOf(tables: Schema, row: Row): string {
  return tableKey(tables, { schema: String(row[0]), name: String(row[1]) })
}

/** Rows of each table, by `tableKey`. */
type RowsByTable = ReadonlyMap<string, readonly Row[]>

interface Details {
  readonly cascades: Cascades
  readonly columns: RowsByTable
  readonly indexes: RowsByTable
  readonly constraints: RowsByTable
}

/** Rows that begin with the schema and the name of their table. */
function groupByTable(tables: Schema, rows: readonly Row[]): RowsByTable {
  return groupBy(rows, (row) => keyOf(tables, row))
}

function toState(tables: Schema, row: Row, details: Details): SchemaObject {
  const own = (rows: RowsByTable): readonly Row[] => rows.get(keyOf(tables, row)) ?? []
  const key = keyOf(tables, row)
  const cascades = details.cascades.deletes.get(key) ?? []
  const updates = details.cascades.updates.get(key) ?? []
  if (row[2] === 'VIEW')
    return { type: 'view', reads: null, columns: own(details.columns).map(toColumn), cascades, updates }
  if (row[2] !== 'BASE TABLE') return { type: 'unknown' }
  const constraints = own(details.constraints)
  const collation = textOf(row[5])
  return {
    type: 'table',
    table: {
      name: String(row[1]),
      columns: own(details.columns).map(toColumn),
      indexes: toIndexes(own(details.indexes)),
      foreignKeys: constraints.filter((each) => each[3] !== 'CHECK').map(toForeignKey),
      checks: constraints.filter((each) => each[3] === 'CHECK').map(toCheck),
      // A collation's name begins with that of its character set.
      options: collation === null ? {} : { CHARSET: charsetOf(collation) ?? '' },
      partitioning: null,
      rows: Number(row[3] ?? 0),
      bytes: Number(row[4] ?? 0),
      schemaCharset: textOf(row[6]),
      cascades,
      updates,
    },
  }
}

/** One row for each column, in the order of the index; an expression has no column. */
function toIndexes(rows: readonly Row[]): readonly Index[] {
  return [...groupBy(rows, (row) => String(row[2]))].map(([name, parts]) => ({
    name,
    text: null,
    columns: parts.map((row) => textOf(row[4]) ?? ''),
    unique: Number(parts[0]?.[3]) === 0,
    read: {
      kind: kindOf(name, parts[0]),
      parts: parts.map((row) => ({
        column: textOf(row[4]),
        length: row[6] === null || row[6] === undefined ? null : Number(row[6]),
        descending: row[7] === 'D',
      })),
      visible: parts[0]?.[8] !== 'NO',
    },
  }))
}

function kindOf(name: string, row: Row | undefined): IndexReading['kind'] {
  if (name === 'PRIMARY') return 'PRIMARY'
  if (Number(row?.[3]) === 0) return 'UNIQUE'
  return row?.[5] === 'FULLTEXT' || row?.[5] === 'SPATIAL' ? row[5] : 'INDEX'
}

/** The table that it references is not read. */
function toForeignKey(row: Row): TableForeignKey {
  const read = { parent: { schema: null, name: '' }, onDelete: null, onUpdate: null }
  return { name: String(row[2]), text: null, columns: [], parentDatabase: null, parent: '', parentColumns: [], read }
}

function toCheck(row: Row): Check {
  return { name: String(row[2]), text: null, read: { names: null } }
}

function toColumn(row: Row): Column {
  const extra = String(row[6] ?? '').toUpperCase()
  const generated = /\b(STORED|VIRTUAL) GENERATED\b/.exec(extra)?.[1]
  const tokens = tokenize(String(row[3]))
  const type = readColumnType(tokens)
  const [charset, nullable] = [charsetOf(textOf(row[5])), row[4] === 'YES']
  return {
    name: String(row[2]),
    text: null,
    type: String(row[3]),
    nullable,
    // The name of a character set stands for its default collation, which the rules for a plan do not need.
    collation: charset,
    default: textOf(row[7]),
    generated: generated === undefined ? null : { expression: '', stored: generated === 'STORED' },
    autoIncrement: extra.includes('AUTO_INCREMENT'),
    comment: textOf(row[8]) ?? '',
    read: {
      type: type === null ? null : { ...type, charset, nullable },
      onUpdate: extra.includes('ON UPDATE'),
      tokens,
    },
  }
}

function textOf(value: Row[number] | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}
