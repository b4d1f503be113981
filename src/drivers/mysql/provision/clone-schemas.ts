import type { DatabaseConfig, Timeouts } from '../../../config/config.ts'
import { ToolError } from '../../../domain/tool-error.ts'
import type { StopRequest } from '../../../engine/ports.ts'
import type { CloneRequest, RecipeTable } from '../../../engine/provision/ports.ts'
import { type Connection, connect } from '../connection.ts'
import { quoteName } from '../literals.ts'
import { hasNumber, serverErrors } from '../server-errors.ts'
import { loadingSession } from './loading-session.ts'
import { makePrograms } from './make-programs.ts'
import { renderRows } from './render-rows.ts'

export interface Cloning extends CloneRequest {
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
}

/** How often a table is tried that met another one in a lock. */
const attempts = 20

/** Seconds: eight clones at once wait for each other's definitions. */
const lockWait = 60

/**
 * Makes the recipe's schemas anew under another prefix: tables over several connections, those with foreign keys last, then
 * what is built on them, their rows, and what acts on rows.
 */
export async function cloneSchemas(cloning: Cloning): Promise<void> {
  const { recipe, from, to } = cloning
  const rename = (text: string): string => text.replaceAll(from, to)
  const opened = await openConnections(cloning)
  const [first] = opened
  try {
    for (const { schema, charset, collation } of recipe.schemas)
      await first.ask(`CREATE DATABASE ${quoteName(rename(schema))} CHARACTER SET ${charset} COLLATE ${collation}`)
    const texts = ({ keyed }: { readonly keyed: boolean }) =>
      recipe.tables.filter((table) => table.keyed === keyed).map((table) => rename(createTable(table)))
    await share(opened, cloning.stop, texts({ keyed: false }))
    await share(opened, cloning.stop, texts({ keyed: true }))
    await makePrograms(first, recipe.programs, rename)
    const rows = recipe.tables.flatMap((table) => renderRows(table, from, to) ?? [])
    await fillTables(first, rows)
    await makePrograms(first, recipe.watchers, rename)
  } finally {
    await Promise.all(opened.map((connection) => connection.close()))
  }
}

/** One transaction. A table of the template that is not there was dropped by hand. */
async function fillTables(connection: Connection, rows: readonly string[]): Promise<void> {
  if (rows.length === 0) return
  try {
    await connection.askAll(`START TRANSACTION;${rows.join(';')};COMMIT`)
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable, serverErrors.unknownDatabase)) throw error
    const fault = {
      what: 'The template that the set was to be cloned from is damaged',
      why: error instanceof Error ? error.message : String(error),
      next: 'Drop it with `wwdb provision gc --older-than 0`, and run again: it is made anew.',
    }
    throw new ToolError('TEMPLATE_DAMAGED', fault, { cause: error })
  }
}

type Connections = readonly [Connection, ...Connection[]]

async function openConnections({ database, timeouts, connections }: Cloning): Promise<Connections> {
  const open = async (): Promise<Connection> => {
    const connection = await connect(database.server, null, timeouts.connect)
    await connection.ask(loadingSession(lockWait))
    return connection
  }
  const [first, ...ends] = await Promise.allSettled(Array.from({ length: Math.max(1, connections) }, open))
  if (first === undefined || first.status === 'rejected') throw first?.reason
  return [first.value, ...ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))]
}

function createTable({ schema, text }: RecipeTable): string {
  return text.replace(/^CREATE TABLE /, `CREATE TABLE ${quoteName(schema)}.`)
}

/** Each connection takes the next statement when it is through with one. */
async function share(connections: Connections, stop: StopRequest, texts: readonly string[]): Promise<void> {
  let next = 0
  await Promise.all(
    connections.map(async (connection) => {
      for (let text = texts[next]; text !== undefined; text = texts[next]) {
        next += 1
        if (stop.requested)
          throw new ToolError('STOPPED', { what: 'Stopped before the set was whole; what was made is dropped again' })
        await persist(connection, text)
      }
    }),
  )
}

/** Definitions whose foreign keys meet wait for each other, and may deadlock: the one that is chosen has done nothing. */
async function persist(connection: Connection, text: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.ask(text)
      return
    } catch (error) {
      if (attempt >= attempts || !hasNumber(error, serverErrors.deadlock, serverErrors.lockWaitTimeout)) throw error
    }
  }
}
