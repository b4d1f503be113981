import type { Context } from '../../command/context.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type SchemaSession, schemaServers } from '../ports.ts'
import type { AdoptTool, HistoryRow, HistoryTable, TableReading } from './contract.ts'

/** ER_BAD_FIELD_ERROR. */
const unknownColumn = 1054

/** What the caller says about the history. */
export interface HistoryOptions {
  /** Where the tool's own table has another name. */
  readonly table: string | null
  /** The tool has run nothing in this database. */
  readonly nothingApplied: boolean
  /** The version up to which plain files have run, where no table records it. */
  readonly appliedTo: string | null
}

/** Rows of a history, and the tables of the tool: they stay, and do not count as a difference. */
export interface ReadHistory {
  readonly rows: readonly HistoryRow[]
  readonly tables: readonly string[]
}

/** Throws ToolError `ADOPT_REFUSED` where it is unknown what has run: a database is never silently treated as empty. */
export async function readHistory(
  context: Context,
  database: DatabaseConfig,
  tool: AdoptTool,
  options: HistoryOptions,
): Promise<ReadHistory> {
  const { history } = tool
  const servers = await context.port(schemaServers)
  const { timeouts } = await context.config()
  const session = await servers.open(database, timeouts)
  try {
    const readings = readingsOf(history, options.table)
    for (const reading of readings) {
      const rows = await readTable(session, reading, readings.length > 1)
      if (rows === null) continue
      if (rows.length > 0 && (options.nothingApplied || options.appliedTo !== null))
        throw contradicted(database, reading.table, rows.length, options)
      return withGiven({ rows, tables: tablesOf(history, reading.table) }, options)
    }
    if (!options.nothingApplied && options.appliedTo === null) throw unknownHistory(database, tool, options.table)
    return withGiven({ rows: [], tables: tablesOf(history, options.table ?? history.table) }, options)
  } finally {
    await session.close()
  }
}

function readingsOf(
  { table, columns, order, others = [] }: HistoryTable,
  named: string | null,
): readonly TableReading[] {
  const all = [{ table, columns, order }, ...others]
  return named === null ? all : all.map((one) => ({ ...one, table: named }))
}

function tablesOf(history: HistoryTable, table: string): readonly string[] {
  return [table, ...(history.beside?.(table) ?? [])]
}

function withGiven(read: ReadHistory, { appliedTo }: HistoryOptions): ReadHistory {
  return appliedTo === null ? read : { ...read, rows: [{ version: appliedTo }] }
}

/** Null where the table does not exist; also where it has other columns and several tables are tried. */
async function readTable(
  session: SchemaSession,
  { table, columns, order }: TableReading,
  isOneOfSeveral: boolean,
): Promise<readonly HistoryRow[] | null> {
  try {
    return await session.readRows(table, columns, order)
  } catch (error) {
    const isOther = error instanceof ToolError && error.faults[0]?.errno === unknownColumn
    if (isOneOfSeveral && isOther) return null
    throw error
  }
}

function contradicted(
  database: DatabaseConfig,
  table: string,
  count: number,
  { nothingApplied }: HistoryOptions,
): ToolError {
  return new ToolError('ADOPT_REFUSED', {
    what: `\`${nothingApplied ? '--nothing-applied' : '--applied-to'}\` is given, but the table \`${table}\` of \`${database.name}\` has ${count === 1 ? 'a row' : `${count} rows`}.`,
    where: { database: database.name, server: database.server.label },
    why: 'Its history shows what ran there.',
    next: 'Leave the flag out.',
  })
}

function unknownHistory(database: DatabaseConfig, tool: AdoptTool, table: string | null): ToolError {
  const { name, history } = tool
  const names = table === null ? readingsOf(history, null).map((one) => one.table) : [table]
  const isFiles = name === 'files'
  const known = isFiles
    ? 'give the version up to which its files ran with `--applied-to VERSION`'
    : 'give the table with `--history-table`'
  return new ToolError('ADOPT_REFUSED', {
    what: `\`${database.name}\` has no table \`${names.join('` or `')}\`: what ${isFiles ? '' : `\`${name}\` `}has run there is not known.`,
    where: { database: database.name, server: database.server.label },
    next:
      tool.kind === 'sql'
        ? `If something has run, ${known}; if nothing has run yet, give \`--nothing-applied\`.`
        : 'Give the table with `--history-table`.',
  })
}
