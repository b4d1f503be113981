import type { CodeTool, HistoryRow, OldHistory } from '../contract.ts'

/** The content of the history of a tool whose migrations are programs. */
function namesOf(
  rows: readonly HistoryRow[],
  read: (row: HistoryRow) => { readonly id: string; readonly at: string | null },
): OldHistory {
  return {
    applied: rows.map((row) => ({ ...read(row), by: null, milliseconds: null })),
    edited: [],
    notes: [
      'Migrations written as code cannot be converted: first apply pending ones with the other tool, and write new ones with `wwdb new`.',
    ],
    faults: [],
  }
}

/** knex: the table `knex_migrations`, and one for its lock. */
export const knex: CodeTool = {
  kind: 'code',
  name: 'knex',
  history: {
    table: 'knex_migrations',
    columns: ['name', 'migration_time'],
    order: 'id',
    beside: (table) => [`${table}_lock`],
  },
  readHistory: (rows) => namesOf(rows, (row) => ({ id: row['name'] ?? '', at: row['migration_time'] ?? null })),
}

const byName = (name: string): CodeTool => ({
  kind: 'code',
  name,
  history: { table: 'SequelizeMeta', columns: ['name'], order: 'name' },
  readHistory: (rows) => namesOf(rows, (row) => ({ id: row['name'] ?? '', at: null })),
})

/** umzug with its storage for Sequelize. */
export const umzug: CodeTool = byName('umzug')

/** sequelize-cli, which is umzug with the same table. */
export const sequelize: CodeTool = byName('sequelize')

/** TypeORM: the table `migrations`. The names are those of files: time and class. */
export const typeorm: CodeTool = {
  kind: 'code',
  name: 'typeorm',
  history: { table: 'migrations', columns: ['timestamp', 'name'], order: 'id', beside: () => ['typeorm_metadata'] },
  readHistory: (rows) => namesOf(rows, (row) => ({ id: `${row['timestamp'] ?? ''}-${row['name'] ?? ''}`, at: null })),
}

/** Alembic: the table `alembic_version` has the current revision; several where there are several heads. */
export const alembic: CodeTool = {
  kind: 'code',
  name: 'alembic',
  history: { table: 'alembic_version', columns: ['version_num'], order: 'version_num' },
  readHistory: (rows) => namesOf(rows, (row) => ({ id: row['version_num'] ?? '', at: null })),
}
