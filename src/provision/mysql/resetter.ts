import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import type { Connection } from '../../mysql/connection.ts'
import type { Door } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { placeOf } from '../../mysql/place.ts'
import { toInstant } from '../../shards/registry/registry-format.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { RecipeProgram, Registered, ResetOutcome, ResetRequest, Resetter } from '../ports.ts'
import { type BaselineTable, type ChangedTable, findChanges, readBaseline } from './baseline.ts'
import { DefinitionWatch } from './definition-watch.ts'
import { PreparedDigests } from './prepared-digests.ts'
import { counterOf, createTable, loadingSession, renderRows } from './table-text.ts'

/** One for the rows, two for definitions; then each restores tables. */
const connectionCount = 3
/** A definition that deadlocked with another one has done nothing. */
const attempts = 5

type Connections = readonly [Connection, ...Connection[]]

/** Opens a test environment to be reset to its seeded state any number of times. */
export async function openResetter(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  request: ResetRequest,
): Promise<Resetter> {
  const place = placeOf(database, timeouts, null)
  const { target } = place
  const wait = Math.max(1, Math.round(timeouts.lockWait / 1000))
  // Counters of AUTO_INCREMENT as they are, not as they were read some time ago.
  const pin = (connection: Connection) => connection.ask(loadingSession(wait, ['information_schema_stats_expiry=0']))
  const open = (): Promise<Connection> => door.openPinned(place, { purpose: 'environments', pin })
  const connections: Connections = [
    await open(),
    ...(await Promise.all(Array.from({ length: connectionCount - 1 }, open))),
  ]
  const close = async (): Promise<void> => {
    await Promise.all(connections.map((connection) => connection.close()))
  }
  try {
    const tables = await translatingErrors(target, () => readBaseline(connections[0], request))
    const prepared = new PreparedDigests()
    const watch = new DefinitionWatch(connections)
    const work = (confirm: () => Promise<void>) =>
      watch.around(async (areKnown) => {
        // Whoever makes the test environment again begins statements that change definitions.
        if (!areKnown) await confirm()
        return reset(connections, { tables, prepared }, request, target, areKnown)
      })
    return {
      reset: (confirm) => translatingErrors(target, () => work(confirm)),
      findRegistered: (name) => translatingErrors(target, () => findRegistered(connections[0], name)),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function findRegistered(connection: Connection, name: string): Promise<Registered | null> {
  const { rows } = await connection.ask(
    `SELECT template,created_at FROM wwdb_provision.sets WHERE name=${quoteString(name)} AND state='ready'`,
  )
  const [row] = rows
  if (row === undefined) return null
  const [template, createdAt] = row
  return {
    template: template === null || template === undefined ? null : String(template),
    createdAt: toInstant(createdAt) ?? 0,
  }
}

async function reset(
  connections: Connections,
  { tables, prepared }: { readonly tables: readonly BaselineTable[]; readonly prepared: PreparedDigests },
  request: ResetRequest,
  target: Target,
  definitionsAreKnown: boolean,
): Promise<ResetOutcome> {
  const { recipe, from, to } = request
  const rename = (text: string): string => text.replaceAll(from, to)
  const nameOf = (schema: string, table: string): string => `${schema}.${table}`
  const views = new Map(
    recipe.programs
      .filter(({ kind }) => kind === 'view')
      .map((view) => [nameOf(rename(view.schema), view.name), view] as const),
  )
  const schemas = recipe.schemas.map(({ schema }) => rename(schema))
  const { changed, added, missing } = await findChanges(
    connections,
    tables,
    new Set(views.keys()),
    schemas,
    prepared,
    definitionsAreKnown,
  )
  const work = [
    ...added.map(({ schema, name, isView }) => ({
      name: `${schema}.${name}`,
      run: (connection: Connection) =>
        connection.ask(`DROP ${isView ? 'VIEW' : 'TABLE'} IF EXISTS ${quoteQualified(schema, name)}`),
    })),
    ...changed.map((table) => ({
      name: `${table.baseline.schema}.${table.baseline.table}`,
      run: (connection: Connection) => restoreTable(connection, table, request),
    })),
  ]
  let next = 0
  const ends = await Promise.allSettled(
    connections.map(async (connection) => {
      for (let one = work[next]; one !== undefined; one = work[next]) {
        next += 1
        const { name, run } = one
        await persist(connection, () => run(connection), name, target)
      }
    }),
  )
  const failure = ends.find((end) => end.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  await makePrograms(
    connections[0],
    missing.flatMap((name) => views.get(name) ?? []),
    rename,
  )
  return {
    restored: [...changed.map(({ baseline }) => nameOf(baseline.schema, baseline.table)), ...missing],
    dropped: added.map(({ schema, name }) => nameOf(schema, name)),
  }
}

async function persist(
  connection: Connection,
  run: () => Promise<unknown>,
  table: string,
  target: Target,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run()
      return
    } catch (error) {
      // Statements of a packet before its error must not keep their locks.
      await connection.ask('ROLLBACK').catch(() => undefined)
      if (hasNumber(error, serverErrors.deadlock) && attempt < attempts) continue
      if (!hasNumber(error, serverErrors.lockWaitTimeout)) throw error
      const fault = {
        what: `\`${table}\` could not be reset: a transaction that reads or writes it is still open.`,
        where: { server: target.server },
        next: 'End every transaction of the program under test before the reset, or close its connections.',
      }
      throw new ToolError('TEST_ENVIRONMENT_IN_USE', fault, { cause: error })
    }
  }
}

/** Takes one table back: its definition if that was changed, its rows, its counter. Checks of foreign keys are off. */
async function restoreTable(
  connection: Connection,
  { baseline, isRedefined, counter, rows }: ChangedTable,
  { from, to }: ResetRequest,
): Promise<void> {
  const table = quoteQualified(baseline.schema, baseline.table)
  const filling = renderRows(baseline.source, from, to)
  const fill = filling === null ? [] : [filling]
  if (isRedefined) {
    await connection.ask(`DROP TABLE IF EXISTS ${table}`)
    await connection.ask(createTable(baseline))
    for (const statement of fill) await connection.ask(statement)
    await makeTriggers(connection, baseline, { from, to })
    return
  }
  if (rows && baseline.triggers.length > 0) await refillQuietly(connection, baseline, fill, { from, to })
  else if (rows) await connection.askAll(['START TRANSACTION', `DELETE FROM ${table}`, ...fill, 'COMMIT'].join(';'))
  const then = counterOf(baseline.text)
  // Emptying a table with TRUNCATE resets its counter to 1.
  if (counter !== then || (rows && baseline.triggers.length > 0))
    await connection.ask(`ALTER TABLE ${table} AUTO_INCREMENT=${then}`)
}

/** Triggers are for writes of programs: they are dropped while the rows are restored. TRUNCATE fires none. */
async function refillQuietly(
  connection: Connection,
  baseline: BaselineTable,
  fill: readonly string[],
  prefixes: Pick<ResetRequest, 'from' | 'to'>,
): Promise<void> {
  const table = quoteQualified(baseline.schema, baseline.table)
  if (fill.length === 0) {
    await connection.ask(`TRUNCATE TABLE ${table}`)
    return
  }
  for (const { name } of baseline.triggers)
    await connection.ask(`DROP TRIGGER IF EXISTS ${quoteQualified(baseline.schema, name)}`)
  await connection.ask(`TRUNCATE TABLE ${table}`)
  for (const statement of fill) await connection.ask(statement)
  await makeTriggers(connection, baseline, prefixes)
}

async function makeTriggers(
  connection: Connection,
  { triggers }: BaselineTable,
  { from, to }: Pick<ResetRequest, 'from' | 'to'>,
): Promise<void> {
  for (const trigger of triggers) await makeProgram(connection, trigger, (text) => text.replaceAll(from, to))
}

/** Settings in which a program's session differs from one that loads rows. */
const backToLoading =
  "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci"

/** A view may read another one: a view that is refused because a table does not exist yet is tried again after the others. */
export async function makePrograms(
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

/** Creates a trigger in the session settings that it was created with, and restores the session. */
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
    await connection.ask(backToLoading)
  }
}
