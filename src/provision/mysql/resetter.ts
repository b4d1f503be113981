import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import type { Connection } from '../../mysql/connection.ts'
import type { Door } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { placeOf } from '../../mysql/place.ts'
import { toInstant } from '../../shards/registry/registry-format.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { Registered, ResetOutcome, ResetRequest, Resetter } from '../ports.ts'
import { type BaselineTable, findChanges, readBaseline } from './baseline.ts'
import { type Connections, openConnections } from './connections.ts'
import { DefinitionWatch } from './definition-watch.ts'
import { makePrograms } from './make-programs.ts'
import { PreparedDigests } from './prepared-digests.ts'
import { dropTriggers, restoreTable } from './restore-table.ts'
import { loadingSession } from './table-text.ts'

/** One for the rows, two for definitions; then each restores tables. It works with fewer, too. */
const connectionCount = 3
/** A definition that deadlocked with another one has done nothing. */
const attempts = 5

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
  const connections = await openConnections(connectionCount, () =>
    door.openPinned(place, { purpose: 'environments', pin }),
  )
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
  const { changed, otherTriggers, added, missing } = await findChanges(
    connections,
    tables,
    new Set(views.keys()),
    schemas,
    prepared,
    definitionsAreKnown,
  )
  await shareOut(
    connections,
    otherTriggers.map((triggers) => ({
      name: nameOf(triggers.schema, triggers.table),
      run: (connection: Connection) => dropTriggers(connection, triggers),
    })),
    target,
  )
  await shareOut(
    connections,
    [
      ...added.map(({ schema, name, isView }) => ({
        name: nameOf(schema, name),
        run: (connection: Connection) =>
          connection.ask(`DROP ${isView ? 'VIEW' : 'TABLE'} IF EXISTS ${quoteQualified(schema, name)}`),
      })),
      ...changed.map((table) => ({
        name: nameOf(table.baseline.schema, table.baseline.table),
        run: (connection: Connection) => restoreTable(connection, table, request),
      })),
    ],
    target,
  )
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

interface Work {
  /** The table or view that it changes. */
  readonly name: string
  readonly run: (connection: Connection) => Promise<unknown>
}

/** Each connection takes the next one when it is done with one; returns when none works any more, also after a failure. */
async function shareOut(connections: Connections, work: readonly Work[], target: Target): Promise<void> {
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
