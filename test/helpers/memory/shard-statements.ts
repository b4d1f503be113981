import { ToolError } from '../../../src/core/tool-error.ts'
import type { CreateOutcome, ShardStatements, TableToCreate } from '../../../src/shards/ports.ts'
import { holdName } from '../../../src/shards/shard.ts'
import { renameTable } from '../../../src/shards/step-statements.ts'
import { Refused } from './server.ts'
import type { ShardCalls } from './shard-calls.ts'
import { parseTable } from './table-text.ts'

/** The engine's `ShardStatements` over a server in memory. */
export function shardStatementsOver(calls: ShardCalls): ShardStatements {
  const createOne = async ({ table, text }: TableToCreate): Promise<CreateOutcome> => {
    try {
      return { table, type: await calls.call(() => calls.schema.create(parseTable(text)), true) }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return { table, type: 'failed', why: error.message }
    }
  }
  const refuseWhileRead = (names: readonly string[]): void => {
    const blockers = calls.schema.blockersOf(names)
    if (blockers.length === 0) return
    const why = `held by ${blockers.map(({ connectionId }) => `connection ${connectionId}`).join(', ')}`
    throw new ToolError('SHARD_BLOCKED', { what: `${names[0]} is in use`, why })
  }
  return {
    /** One call for each table. */
    createTables: async (tables, _connections, stop, report) => {
      const outcomes: CreateOutcome[] = []
      for (const one of inOrder(tables)) {
        if (stop.requested) break
        const parent = outcomes.find(({ table, type }) => one.after.includes(table) && type === 'failed')
        const outcome: CreateOutcome =
          parent === undefined
            ? await createOne(one)
            : { table: one.table, type: 'failed', why: `it refers to \`${parent.table}\`, which could not be created` }
        outcomes.push(outcome)
        report(outcome)
      }
      return outcomes
    },
    rename: (table, to) =>
      calls.write(() => {
        refuseWhileRead([table, to])
        calls.schema.rename(table, to)
      }),
    drop: (table) =>
      calls.write(() => {
        refuseWhileRead([table])
        calls.schema.drop(table)
      }),
    createView: (name, text) => calls.write(() => calls.schema.createView(name, text)),
    /** Only partitions need these, and this server has none. */
    define: (text) => Promise.reject(new Error(`this server does not know ${text}`)),
    moveRows: () => Promise.reject(new Error('this server has no partitions')),
    settle: async () => new Map(),
    describeCreation: ({ text }) => text,
    describeRename: renameTable,
    nameHold: holdName,
  }
}

/** Those that others need first, first. */
function inOrder(tables: readonly TableToCreate[]): readonly TableToCreate[] {
  const rest = new Map(tables.map((table) => [table.table, table]))
  const sorted: TableToCreate[] = []
  const visit = (table: TableToCreate): void => {
    if (!rest.delete(table.table)) return
    for (const parent of table.after) {
      const found = rest.get(parent)
      if (found !== undefined) visit(found)
    }
    sorted.push(table)
  }
  for (const table of tables) visit(table)
  return sorted
}
