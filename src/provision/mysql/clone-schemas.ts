import { ToolError } from '../../core/tool-error.ts'
import type { Connection } from '../../mysql/connection.ts'
import type { MysqlConnection } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { CloneRequest, RecipeSchema, RecipeTable } from '../ports.ts'
import { type Connections, openConnections } from './connections.ts'
import { makePrograms } from './make-programs.ts'
import { createTable, loadingSession, renderRows } from './table-text.ts'

/** How often a table is tried that met another one in a lock. */
const attempts = 20

/** Seconds: eight clones at once wait for each other's definitions. */
const lockWait = 60

/**
 * Creates the recipe's schemas under another prefix: tables over several connections, then routines and views, rows,
 * triggers and events.
 */
export async function cloneSchemas(stage: MysqlConnection, request: CloneRequest): Promise<void> {
  const { recipe, from, to } = request
  const rename = (text: string): string => text.replaceAll(from, to)
  const opened = await openForLoading(stage, request.connections)
  const [first] = opened
  try {
    await makeSchemas(opened, recipe.schemas, rename)
    await makeTables(opened, request, rename)
    await makePrograms(first, recipe.programs, rename)
    const rows = recipe.tables.flatMap((table) => renderRows(table, from, to) ?? [])
    await fillTables(first, rows)
    await makePrograms(first, recipe.watchers, rename)
  } finally {
    await Promise.all(opened.map((connection) => connection.close()))
  }
}

/** One transaction. A table of the template that does not exist was dropped by hand. */
async function fillTables(connection: Connection, rows: readonly string[]): Promise<void> {
  if (rows.length === 0) return
  try {
    await connection.askAll(`START TRANSACTION;${rows.join(';')};COMMIT`)
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable, serverErrors.unknownDatabase)) throw error
    const fault = {
      what: 'The template for the test environment is damaged.',
      why: error instanceof Error ? error.message : String(error),
      next: 'Drop it with `wwdb provision gc --older-than 0`, and run the command again: it will be created again.',
    }
    throw new ToolError('TEMPLATE_DAMAGED', fault, { cause: error })
  }
}

function openForLoading({ beside, facts }: MysqlConnection, count: number): Promise<Connections> {
  const pin = (connection: Connection) => connection.ask(loadingSession(lockWait, facts.morePins))
  return openConnections(count, () => beside({ pin }))
}

async function makeSchemas(
  connections: Connections,
  schemas: readonly RecipeSchema[],
  rename: (text: string) => string,
): Promise<void> {
  const left = [...schemas]
  await onEach(connections, async (connection) => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const { schema, charset, collation } = one
      await connection.ask(`CREATE DATABASE ${quoteName(rename(schema))} CHARACTER SET ${charset} COLLATE ${collation}`)
    }
  })
}

/** Each connection takes the next table when one is complete. */
async function makeTables(
  connections: Connections,
  { recipe, stop }: CloneRequest,
  rename: (text: string) => string,
): Promise<void> {
  const order = new TableOrder(recipe.tables)
  const waiting: (() => void)[] = []
  let failed = false
  const make = async (connection: Connection, table: RecipeTable): Promise<void> => {
    try {
      if (stop.requested)
        throw new ToolError('STOPPED', {
          what: 'Stopped before the test environment was complete; the created part was dropped.',
        })
      await persist(connection, rename(createTable(table)))
    } catch (error) {
      failed = true
      throw error
    } finally {
      order.done(table)
      for (const go of waiting.splice(0)) go()
    }
  }
  await onEach(connections, async (connection) => {
    while (!failed && !order.isEmpty) {
      const table = order.take()
      await (table === null ? new Promise<void>((go) => waiting.push(go)) : make(connection, table))
    }
  })
}

/** Waits for all of them even after a failure, so that none still writes to schemas that are about to be dropped. */
async function onEach(connections: Connections, work: (connection: Connection) => Promise<void>): Promise<void> {
  const ends = await Promise.allSettled(connections.map(work))
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason
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

const nameOf = ({ schema, table }: RecipeTable): string => `${schema}.${table}`

/**
 * Which table of a recipe is created next when several are created at a time. A CREATE TABLE with a foreign key locks its
 * parent: two children of one parent would only wait for each other, so the second starts when the first exists, and
 * independent tables fill the time between. Parents come first, those with the longest chain of children before others.
 */
export class TableOrder {
  #left: RecipeTable[]
  readonly #missing: Set<string>
  readonly #locked = new Set<string>()
  #running = 0

  constructor(tables: readonly RecipeTable[]) {
    const lines = measureLines(tables)
    const lineOf = (table: RecipeTable): number => lines.get(nameOf(table)) ?? 0
    this.#left = tables.toSorted(
      (one, other) => lineOf(other) - lineOf(one) || other.parents.length - one.parents.length,
    )
    this.#missing = new Set(tables.map(nameOf))
  }

  get isEmpty(): boolean {
    return this.#left.length === 0
  }

  /** Null where one that runs must be done first, and when none is left. */
  take(): RecipeTable | null {
    const ready = this.#left.find((table) => this.#isReady(table))
    // Tables in a cycle of foreign keys are created in any order: keys are not checked meanwhile.
    const table = ready ?? (this.#running === 0 ? this.#left[0] : undefined)
    if (table === undefined) return null
    this.#left = this.#left.filter((other) => other !== table)
    for (const parent of table.parents) this.#locked.add(parent)
    this.#running += 1
    return table
  }

  done(table: RecipeTable): void {
    this.#missing.delete(nameOf(table))
    for (const parent of table.parents) this.#locked.delete(parent)
    this.#running -= 1
  }

  #isReady(table: RecipeTable): boolean {
    const own = nameOf(table)
    return table.parents.every((parent) => parent === own || !(this.#missing.has(parent) || this.#locked.has(parent)))
  }
}

/** How many tables come one after another from each on, by foreign keys. */
function measureLines(tables: readonly RecipeTable[]): ReadonlyMap<string, number> {
  const children = new Map<string, string[]>()
  for (const table of tables)
    for (const parent of table.parents) children.set(parent, [...(children.get(parent) ?? []), nameOf(table)])
  const lines = new Map<string, number>()
  const measure = (name: string, above: readonly string[]): number => {
    const known = lines.get(name)
    if (known !== undefined) return known
    const below = (children.get(name) ?? []).filter((child) => child !== name && !above.includes(child))
    const line = below.reduce((most, child) => Math.max(most, 1 + measure(child, [...above, name])), 0)
    lines.set(name, line)
    return line
  }
  for (const table of tables) measure(nameOf(table), [])
  return lines
}
