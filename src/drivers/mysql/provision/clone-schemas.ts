import type { DatabaseConfig, Timeouts } from '../../../config/config.ts'
import { ToolError } from '../../../domain/tool-error.ts'
import type { StopRequest } from '../../../engine/ports.ts'
import type { CloneRequest, RecipeProgram, RecipeTable } from '../../../engine/provision/ports.ts'
import { type Connection, connect } from '../connection.ts'
import { quoteName } from '../literals.ts'
import { hasNumber, serverErrors } from '../server-errors.ts'
import { renderRows } from './read-recipe.ts'

export interface Cloning extends CloneRequest {
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
}

/** How often a table is tried that met another one in a lock. */
const attempts = 20

/**
 * As dumps are loaded: nothing is checked that was checked when the template was made, zeros stay zeros, and reading the template
 * locks none of its rows.
 */
const pins =
  "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=0, unique_checks=0, autocommit=1, " +
  "transaction_isolation='READ-COMMITTED', lock_wait_timeout=60, innodb_lock_wait_timeout=50, NAMES utf8mb4"

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
    await connection.ask(pins)
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

/** A view may read another: what is refused for a table that is not there yet is tried again when others are made. */
async function makePrograms(
  connection: Connection,
  programs: readonly RecipeProgram[],
  rename: (text: string) => string,
): Promise<void> {
  let left = programs
  while (left.length > 0) {
    const refused: RecipeProgram[] = []
    let error: unknown
    for (const program of left) {
      try {
        await makeProgram(connection, program, rename)
      } catch (thrown) {
        if (!hasNumber(thrown, serverErrors.unknownTable, 1356)) throw thrown
        refused.push(program)
        error = thrown
      }
    }
    if (refused.length === left.length) throw error
    left = refused
  }
}

async function makeProgram(
  connection: Connection,
  { schema, text, sqlMode, charset, collation, timeZone }: RecipeProgram,
  rename: (text: string) => string,
): Promise<void> {
  const session = [
    `character_set_client=${charset}`,
    `collation_connection=${collation}`,
    ...(sqlMode === null ? [] : [`sql_mode='${sqlMode}'`]),
    ...(timeZone === null ? [] : [`time_zone='${timeZone}'`]),
  ]
  await connection.ask(`USE ${quoteName(rename(schema))}`)
  await connection.ask(`SET SESSION ${session.join(', ')}`)
  try {
    await connection.ask(rename(text))
  } finally {
    await connection.ask(pins)
  }
}
