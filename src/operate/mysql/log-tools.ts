import { setTimeout } from 'node:timers/promises'
import type { OnlineTool } from '../../core/online-tool.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Asker, Connection } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import { ghOstLock } from '../online/gh-ost.ts'
import { spirit, spiritLock } from '../online/spirit.ts'

const between = 50
/** Milliseconds that the lock of a tool which was killed may still be held. */
const patience = 10_000

/** A tool that keeps its copy current by the binary log. */
type LogTool = Exclude<OnlineTool, 'pt-osc'>

/** The named lock that such a tool holds as long as it changes the table, and by what its statements are known. */
function marksOf(tool: LogTool, schema: string, table: string): { readonly lock: string; readonly isOfTool: string } {
  const text = 'PROCESSLIST_INFO'
  if (tool === 'gh-ost') {
    // Its word comes first in such a statement, which a question about it does not have there.
    const name = quoteString(quoteQualified(schema, table))
    return {
      lock: ghOstLock(schema, table),
      isOfTool: `INSTR(LEFT(${text},16),${quoteString('/* gh-ost')})>0 AND INSTR(${text},${name})>0`,
    }
  }
  // All that it changes names its copy; it works in the schema, and names none.
  const name = quoteString(quoteName(spirit.namesOf(schema, table).copy))
  return {
    lock: spiritLock(schema, table),
    isOfTool: `PROCESSLIST_DB=${quoteString(schema)} AND ${text} REGEXP '^(INSERT|REPLACE|DELETE|CREATE|ALTER|ANALYZE|LOCK|RENAME) ' AND INSTR(${text},${name})>0`,
  }
}

/**
 * Ends what sessions of a tool that was killed still do to the table: a RENAME that waits would be carried out later. The program itself is known by its
 * named lock: one that still runs is not ended, as it would connect again.
 */
export async function endLogTool(connection: Asker, tool: LogTool, schema: string, table: string): Promise<void> {
  const { lock, isOfTool } = marksOf(tool, schema, table)
  const statements = `SELECT PROCESSLIST_ID FROM performance_schema.threads WHERE PROCESSLIST_ID<>CONNECTION_ID() AND ${isOfTool}`
  const end = performance.now() + patience
  for (;;) {
    const { rows: holders } = await connection.ask(`SELECT IS_USED_LOCK(${quoteString(lock)})`)
    const holder = holders[0]?.[0] ?? null
    // While its program lives, its statements are its own.
    const { rows } = holder === null ? await connection.ask(statements) : { rows: [] }
    if (holder === null && rows.length === 0) return
    for (const [id] of rows)
      await connection.ask(`KILL ${Number(id)}`).catch((error: unknown) => {
        if (!hasNumber(error, serverErrors.unknownThread)) throw error
      })
    if (performance.now() >= end)
      throw new ToolError('ONLINE_TOOL', {
        what: `${tool} still changes \`${table}\`.`,
        why:
          holder === null
            ? 'Its sessions did not end.'
            : `It holds its named lock \`${lock}\` in the session ${Number(holder)}.`,
        next: `End that ${tool} on the machine where it runs, then run the command again: it removes what ${tool} left.`,
      })
    await setTimeout(between)
  }
}

/** What a tool that reads the binary log needs of the server, and does not have. */
export async function readLogObstacles(connection: Asker, tool: OnlineTool): Promise<readonly string[]> {
  const { rows } = await connection.ask(
    'SELECT @@GLOBAL.log_bin,@@GLOBAL.binlog_format,@@GLOBAL.binlog_row_image,@@GLOBAL.binlog_row_value_options',
  )
  const [log, format, image, options] = (rows[0] ?? []).map((value) => String(value).toUpperCase())
  return [
    ...(log === '1' || log === 'ON' ? [] : ['the server writes no binary log']),
    ...(format === 'ROW' ? [] : [`\`binlog_format\` is ${format}, and must be ROW`]),
    ...(image === 'FULL' ? [] : [`\`binlog_row_image\` is ${image}, and must be FULL`]),
    ...(options === '' ? [] : [`\`binlog_row_value_options\` is ${options}, and must be empty`]),
    ...(tool === 'spirit' ? await readSpiritObstacles(connection) : []),
  ]
}

/** By its newer name where the server has two. */
const neededBySpirit = {
  binlog_order_commits: 'ON',
  binlog_transaction_compression: 'OFF',
  log_replica_updates: 'ON',
  log_slave_updates: 'ON',
} as const

async function readSpiritObstacles(connection: Asker): Promise<readonly string[]> {
  const names = Object.keys(neededBySpirit).map(quoteString).join(',')
  const { rows } = await connection.ask(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`)
  const found = new Map(rows.map(([name, value]) => [String(name), String(value).toUpperCase()]))
  if (found.has('log_replica_updates')) found.delete('log_slave_updates')
  return Object.entries(neededBySpirit).flatMap(([name, wanted]) => {
    const value = found.get(name)
    return value === undefined || value === wanted ? [] : [`\`${name}\` is ${value}, and must be ${wanted}`]
  })
}

/** What gh-ost last wrote of itself to its changelog; null where it has none. */
export async function readLogState(connection: Asker, schema: string, log: string): Promise<string | null> {
  try {
    const { rows } = await connection.ask(
      `SELECT ${ownHint} value FROM ${quoteQualified(schema, log)} WHERE hint LIKE 'copy iteration%' ORDER BY id DESC LIMIT 1`,
    )
    const value = rows[0]?.[0] ?? null
    return value === null ? null : String(value)
  } catch (error) {
    if (hasNumber(error, serverErrors.unknownTable)) return null
    throw error
  }
}

/** Looks while nobody can write to the table; null where it could not be locked. */
export async function frozen<T>(
  connection: Connection,
  schema: string,
  table: string,
  look: () => Promise<T>,
): Promise<T | null> {
  try {
    await connection.ask(`LOCK TABLES ${quoteQualified(schema, table)} READ`)
  } catch (error) {
    if (hasNumber(error, serverErrors.lockWaitTimeout)) return null
    throw error
  }
  try {
    return await look()
  } finally {
    // A connection that is lost has no locks any more.
    await connection.ask('UNLOCK TABLES').catch(() => undefined)
  }
}
