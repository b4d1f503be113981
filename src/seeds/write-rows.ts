import { killUntil } from '../core/kill-until.ts'
import type { StopRequest } from '../core/stop-request.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import type { RunFailure, Session } from '../migrations/ports.ts'
import { orderRows } from './order-rows.ts'
import { digestValue, digestValues, identityOf, keyOf, type PlannedRow, planRows, RecordIndex } from './plan-rows.ts'
import { findActive } from './plan-target.ts'
import type { SeedRecord, WrittenValue } from './ports.ts'
import { type SeedRequest, type SeedTarget, takesPartIn } from './ports.ts'
import type { SeedTable } from './seed.ts'
import { keyColumnsOf, type StagedSeed } from './stage-target.ts'

/** Where seeds are written, and how long each of their statements may run. */
export interface Writing {
  readonly session: Session
  /** Milliseconds, or null for no limit. */
  readonly statementTimeout: number | null
  readonly stop: StopRequest
}

/**
 * Runs one statement of seeds and kills it on the server when it takes longer than allowed, or at the second Ctrl-C. What the server says against it
 * becomes a sentence; anything else is thrown as it is.
 * @param about what failed, and where
 */
export async function attemptWrite<Result>(
  { session, statementTimeout, stop }: Writing,
  about: Fault,
  work: () => Promise<Result>,
): Promise<Result> {
  let timedOut = false
  const writing = work()
  let killing: Promise<void> | null = null
  const kill = (): void => {
    killing ??= killUntil(writing, session.cancel)
  }
  const end = (): void => {
    timedOut = true
    kill()
  }
  const timer = statementTimeout === null ? undefined : setTimeout(end, statementTimeout)
  const unsubscribe = stop.onKill(kill)
  try {
    return await writing
  } catch (error) {
    const failure = error instanceof ToolError ? null : session.explain(error)
    if (failure === null) throw error
    throw failure.type === 'canceled' && timedOut
      ? timeoutError(session, failure, about, error)
      : toError(session, failure, about, error)
  } finally {
    clearTimeout(timer)
    unsubscribe()
    // A late kill would end the next statement of the connection.
    await killing
  }
}

const nothing = 'All seeds of a database are one transaction: everything was rolled back.'

function timeoutError(session: Session, { why }: RunFailure, about: Fault, cause: unknown): ToolError {
  const { database, server } = session.target
  const where = { ...about.where, database, server }
  const fault = {
    ...about,
    where,
    why: `it took longer than --statement-timeout: ${why}`,
    next: `${nothing} Increase the limit, then run the command again.`,
  }
  return new ToolError('STATEMENT_TIMEOUT', fault, { cause })
}

/** Runs a write of rows; a refusal of the server becomes a sentence about them. */
async function attemptRows(
  writing: Writing,
  seed: SeedTable,
  rows: readonly PlannedRow[],
  work: () => Promise<void>,
): Promise<void> {
  if (rows.length === 0) return
  const where = rows[0]?.row.place ?? seed.tablePlace
  const what = `MySQL refused ${rows.length === 1 ? 'a row' : `one of ${rows.length} rows`} of \`${seed.table}\`.`
  await attemptWrite(writing, { what, where }, work)
}

function toError(session: Session, failure: RunFailure, about: Fault, cause: unknown): ToolError {
  const { database, server } = session.target
  const where = { ...about.where, database, server }
  switch (failure.type) {
    case 'lost':
      return new ToolError(
        'CONNECTION_LOST',
        { ...about, where, why: failure.why, next: `${nothing} Run the command again when the server is available.` },
        { cause },
      )
    case 'waited':
      return new ToolError(
        'SEED_WAITED',
        {
          ...about,
          where,
          why: failure.why,
          next: `${nothing} Run the command again when the other sessions have finished.`,
        },
        { cause },
      )
    case 'canceled':
      return new ToolError(
        'STOPPED',
        { ...about, where, why: failure.why, next: `${nothing} Run the command again.` },
        { cause },
      )
    case 'refused':
      if (failure.becameReadOnly === true) {
        // There is nothing to correct.
        const what = `The server at ${server} became read-only.`
        const next = `${nothing} Run again on the current primary.`
        return new ToolError('READ_ONLY', { what, where, why: failure.why, next }, { cause })
      }
      return failure.byTableAcl === true
        ? // Its number is that of a login, and no row is to be corrected.
          new ToolError('SEED_REFUSED', {
            ...about,
            where,
            why: failure.why,
            next: `${nothing} Do what is said there of the table ACL, and run the command again.`,
          })
        : new ToolError(
            'SEED_REFUSED',
            {
              ...about,
              where,
              why: `${failure.why} (error ${failure.number})`,
              next: `${nothing} Correct it and run the command again.`,
            },
            { cause },
          )
  }
}

/**
 * Inserts missing rows and updates those that differ, wave by wave, so that a row's references exist before it. Each wave
 * is looked up again and locked: what others wrote since the plan is seen. Leaves everything uncommitted.
 */
export async function writeRows(request: SeedRequest, seeding: SeedTarget, checkStop: () => void): Promise<void> {
  const order = orderRows(seeding.seeds.tables, takesPartIn(request))
  if (order.type === 'cycle') throw new Error('rows refer to each other in a ring: sources should have refused them')
  const records = new RecordIndex(await seeding.store.readRecords())
  for (const wave of order.waves) {
    checkStop()
    const seed = seeding.seeds.tables[wave.table]
    const table = seeding.tables.find((one) => one.seed === seed)
    if (table !== undefined) await writeWave(request, seeding, table, wave.rows, records)
  }
}

async function writeWave(
  request: SeedRequest,
  seeding: SeedTarget,
  table: StagedSeed,
  rows: readonly number[],
  records: RecordIndex,
): Promise<void> {
  const { store } = seeding
  const matches = await store.match(table.number, table.staged, rows, true)
  const { rows: planned, faults } = planRows(table, matches, records, findActive(request, seeding))
  if (faults.length > 0) throw new ToolError('SEEDS_INVALID', faults)
  const insert = planned.filter(({ decision }) => decision.action === 'insert')
  const update = planned.filter(({ decision }) => decision.action === 'update')
  const adopt = planned.filter(({ decision }) => decision.action === 'adopt')
  const { config, stop } = request
  const writing = { session: seeding.target.session, statementTimeout: config.timeouts.statement, stop }
  await attemptRows(writing, table.seed, insert, () =>
    store.insert(
      table.staged,
      insert.map((one) => valuesOf(table, one)),
    ),
  )
  for (const one of update) {
    const identity = one.match.present?.identity ?? []
    await attemptRows(writing, table.seed, [one], () => store.update(table.staged, identity, changedValues(table, one)))
  }
  const written = [...insert, ...update, ...adopt]
  if (written.length > 0 && request.remember !== false)
    await store.writeRecords(await makeRecords(seeding, table, written))
}

/** The values of a new row: the file's own, and those of its references. */
function valuesOf({ seed }: StagedSeed, { row, wanted }: PlannedRow): ReadonlyMap<string, WrittenValue> {
  const values = new Map<string, WrittenValue>([...row.cells].map(([column, { value }]) => [column, value]))
  for (const { field, column } of seed.references) {
    if (row.references.has(field)) values.set(column, { type: 'stored', text: wanted.get(column) ?? null })
  }
  return values
}

function changedValues(table: StagedSeed, planned: PlannedRow): ReadonlyMap<string, WrittenValue> {
  const { decision } = planned
  const changed = 'differences' in decision ? decision.differences.filter(({ kept }) => !kept) : []
  const names = new Set(changed.map(({ column }) => column))
  return new Map([...valuesOf(table, planned)].filter(([column]) => names.has(column)))
}

/** Rows are read again: the records hold the values as the server, and its triggers, stored them. */
async function makeRecords(
  { store }: SeedTarget,
  table: StagedSeed,
  written: readonly PlannedRow[],
): Promise<readonly SeedRecord[]> {
  const positions = written.map(({ index }) => index)
  const matches = await store.match(table.number, table.staged, positions, false)
  return matches.flatMap((match) => {
    const planned = written.find(({ index }) => index === match.row)
    const identity = identityOf(table, match)
    if (planned === undefined || match.present === null || identity === null) return []
    const inserted = planned.decision.action === 'insert' || planned.record?.inserted === true
    return [
      {
        table: table.seed.table,
        identity,
        key: keyOf(table, planned.row),
        keyColumns: keyColumnsOf(table.seed),
        file: table.seed.file,
        inserted,
        written: rememberValues(planned, match.present.values),
      },
    ]
  })
}

/**
 * In a row that the tool inserted, or found as wanted, all values are its own; in a row that it changed, those that it wrote
 * and those that it knew before.
 */
function rememberValues(planned: PlannedRow, values: ReadonlyMap<string, string | null>): SeedRecord['written'] {
  const { decision, record, wanted } = planned
  if (decision.action === 'insert') return digestValues(values)
  const kept = new Set(
    'differences' in decision ? decision.differences.filter((one) => one.kept).map((one) => one.column) : [],
  )
  const own = [...wanted.keys()].filter((column) => !kept.has(column))
  return {
    ...record?.written,
    ...Object.fromEntries(own.map((column) => [column, digestValue(values.get(column) ?? null)])),
  }
}
