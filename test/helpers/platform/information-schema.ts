import type { Connection, RowDataPacket } from 'mysql2/promise'
import {
  byName,
  type ColumnShape,
  type ForeignKeyShape,
  type IndexShape,
  type TableShape,
  withoutDisplayWidth,
} from './table-shape.ts'

/** What a server knows of a schema's base tables, by name, the journal left out. `databaseOf` gives the logical database of a schema. */
export async function readTables(
  connection: Connection,
  schema: string,
  databaseOf: (schema: string) => string,
): Promise<ReadonlyMap<string, TableShape>> {
  const tables = await readTableRows(connection, schema)
  const columns = await readColumns(connection, schema)
  const indexes = await readIndexes(connection, schema)
  const foreignKeys = await readForeignKeys(connection, schema, databaseOf)
  return new Map(
    tables.map(({ name, engine, collation, comment }) => [
      name,
      {
        name,
        engine,
        collation,
        comment,
        columns: columns.get(name) ?? [],
        indexes: [...(indexes.get(name) ?? [])].sort(byName),
        foreignKeys: [...(foreignKeys.get(name) ?? [])].sort(byName),
      },
    ]),
  )
}

interface TableRow extends RowDataPacket {
  readonly name: string
  readonly engine: string
  readonly collation: string
  readonly comment: string
}

async function readTableRows(connection: Connection, schema: string): Promise<readonly TableRow[]> {
  const [rows] = await connection.query<TableRow[]>(
    `SELECT TABLE_NAME AS name, ENGINE AS engine, TABLE_COLLATION AS collation, TABLE_COMMENT AS comment
     FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' AND TABLE_NAME NOT IN ('wwdb_journal', 'wwdb_schema', 'wwdb_runs')
     ORDER BY TABLE_NAME`,
    [schema],
  )
  return rows
}

interface ColumnRow extends RowDataPacket {
  readonly tableName: string
  readonly name: string
  readonly type: string
  readonly nullable: string
  readonly defaultValue: string | null
  readonly extra: string
  readonly collation: string | null
  readonly comment: string
}

async function readColumns(connection: Connection, schema: string): Promise<Map<string, ColumnShape[]>> {
  const [rows] = await connection.query<ColumnRow[]>(
    `SELECT TABLE_NAME AS tableName, COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable,
            COLUMN_DEFAULT AS defaultValue, EXTRA AS extra, COLLATION_NAME AS collation, COLUMN_COMMENT AS comment
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    [schema],
  )
  return groupByTable(rows, (row) => ({
    name: row.name,
    type: withoutDisplayWidth(row.type),
    nullable: row.nullable === 'YES',
    default: row.defaultValue,
    // Since 8.0.13 a default that is not a literal is marked so; the value itself shows it as well.
    extra: row.extra.replace(/^DEFAULT_GENERATED ?/, ''),
    collation: row.collation,
    comment: row.comment,
  }))
}

interface IndexRow extends RowDataPacket {
  readonly tableName: string
  readonly name: string
  readonly nonUnique: number
  /** With its prefix length, direction or expression if it has one, so that none goes unseen. */
  readonly columns: string
}

async function readIndexes(connection: Connection, schema: string): Promise<Map<string, IndexShape[]>> {
  const [rows] = await connection.query<IndexRow[]>(
    `SELECT TABLE_NAME AS tableName, INDEX_NAME AS name, MIN(NON_UNIQUE) AS nonUnique,
            GROUP_CONCAT(COLUMN_NAME, IF(SUB_PART IS NULL, '', CONCAT('(', SUB_PART, ')')), IF(COLLATION = 'D', ' DESC', '')
                         ORDER BY SEQ_IN_INDEX) AS columns
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? GROUP BY TABLE_NAME, INDEX_NAME`,
    [schema],
  )
  return groupByTable(rows, (row) => ({
    name: row.name,
    unique: Number(row.nonUnique) === 0,
    columns: row.columns.split(','),
  }))
}

interface ForeignKeyRow extends RowDataPacket {
  readonly tableName: string
  readonly name: string
  readonly columns: string
  readonly parentSchema: string
  readonly parent: string
  readonly parentColumns: string
  readonly onDelete: string
  readonly onUpdate: string
}

async function readForeignKeys(
  connection: Connection,
  schema: string,
  databaseOf: (schema: string) => string,
): Promise<Map<string, ForeignKeyShape[]>> {
  const [rows] = await connection.query<ForeignKeyRow[]>(
    `SELECT k.TABLE_NAME AS tableName, k.CONSTRAINT_NAME AS name,
            GROUP_CONCAT(k.COLUMN_NAME ORDER BY k.ORDINAL_POSITION) AS columns,
            MIN(k.REFERENCED_TABLE_SCHEMA) AS parentSchema, MIN(k.REFERENCED_TABLE_NAME) AS parent,
            GROUP_CONCAT(k.REFERENCED_COLUMN_NAME ORDER BY k.ORDINAL_POSITION) AS parentColumns,
            MIN(r.DELETE_RULE) AS onDelete, MIN(r.UPDATE_RULE) AS onUpdate
     FROM information_schema.KEY_COLUMN_USAGE k
     JOIN information_schema.REFERENTIAL_CONSTRAINTS r USING (CONSTRAINT_SCHEMA, CONSTRAINT_NAME)
     WHERE k.TABLE_SCHEMA = ? GROUP BY k.TABLE_NAME, k.CONSTRAINT_NAME`,
    [schema],
  )
  return groupByTable(rows, (row) => ({
    name: row.name,
    columns: row.columns.split(','),
    database: databaseOf(row.parentSchema),
    table: row.parent,
    parentColumns: row.parentColumns.split(','),
    onDelete: row.onDelete,
    onUpdate: row.onUpdate,
  }))
}

function groupByTable<Row extends { readonly tableName: string }, Shape>(
  rows: readonly Row[],
  shapeOf: (row: Row) => Shape,
): Map<string, Shape[]> {
  const groups = new Map<string, Shape[]>()
  for (const row of rows) groups.set(row.tableName, [...(groups.get(row.tableName) ?? []), shapeOf(row)])
  return groups
}
