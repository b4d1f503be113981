import * as z from 'zod/mini'
import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Cell, Connection, Row } from '../../mysql/connection.ts'
import type { Door } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { isAbandonedRun, keyspaceJournal, keyspaceRuns } from '../../mysql/keyspace-tables.ts'
import { type Place, placeOf } from '../../mysql/place.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { findElsewhere, isAbandoned } from '../../mysql/runs-under-way.ts'
import { pinBeside } from '../../mysql/vtgate.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { RunHistory, RunOutcome, RunQuestion, RunRecord, ShardChange, ShardEvent } from '../run.ts'

/** Reads what a target records of its runs, of each kind the newest first. A table that does not exist has none. */
export async function readHistory(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  question: RunQuestion,
): Promise<RunHistory> {
  const { vitess } = database
  const place = vitess === undefined ? placeOf(database, timeouts) : placeOf(database, timeouts, vitess.journal)
  const pin = vitess === undefined ? {} : { pin: pinBeside }
  const connection = await door.openPinned(place, { purpose: 'record', ...pin })
  try {
    const tables = tablesOf(database)
    // A keyspace has no registry of shards.
    const shardEvents = vitess === undefined ? await readShardEvents(connection, question) : []
    const shardChanges = vitess === undefined ? await readShardChanges(connection, question) : []
    const named = question.shard === null ? null : idsOf(shardEvents, shardChanges)
    const runs = await readRuns(connection, tables, question, named)
    return {
      runs: vitess === undefined ? await judgeAbandoned(door, place, runs) : runs,
      shardEvents,
      shardChanges,
      passes: await readPasses(connection, tables, question),
    }
  } catch (error) {
    throw translateRunError(error, place.target)
  } finally {
    await connection.close()
  }
}

/** Where runs and passes are, and the SQL condition for a run that began and has not ended although it is not alive. */
interface HistoryTables {
  readonly runs: string
  readonly journal: string
  readonly isAbandoned: string
}

function tablesOf({ schema, vitess }: DatabaseConfig): HistoryTables {
  if (vitess === undefined) return { runs: 'wwdb_runs', journal: 'wwdb_journal', isAbandoned }
  const runs = keyspaceRuns(vitess.journal, schema)
  return {
    runs,
    journal: keyspaceJournal(vitess.journal, schema),
    isAbandoned: isAbandonedRun(runs, vitess.journal, quoteString(schema)),
  }
}

function idsOf(events: readonly ShardEvent[], changes: readonly ShardChange[]): ReadonlySet<string> {
  return new Set([...events.flatMap(({ run }) => run ?? []), ...changes.flatMap(({ runs }) => runs)])
}

async function askRows(connection: Connection, text: string): Promise<readonly Row[]> {
  try {
    return (await connection.ask(text)).rows
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable)) throw error
    return []
  }
}

const text = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '' : String(cell))
const textOrNull = (cell: Cell | undefined): string | null =>
  cell === null || cell === undefined ? null : String(cell)

/** A DATETIME of an instant, as the pinned session reads it. */
function toDateTime(instant: number): string {
  return new Date(instant).toISOString().slice(0, 23).replace('T', ' ')
}

function renderWhere(conditions: readonly (string | null)[]): string {
  const given = conditions.filter((condition) => condition !== null)
  return given.length === 0 ? '' : ` WHERE ${given.join(' AND ')}`
}

const since = (column: string, instant: number | null): string | null =>
  instant === null ? null : `${column}>=${quoteString(toDateTime(instant))}`

const limited = (limit: number | null): string => (limit === null ? '' : ` LIMIT ${limit}`)

const list = (ids: ReadonlySet<string>): string => [...ids].map((id) => quoteString(id)).join(',')

async function readRuns(
  connection: Connection,
  tables: HistoryTables,
  question: RunQuestion,
  named: ReadonlySet<string> | null,
): Promise<readonly RunRecord[]> {
  if (named?.size === 0) return []
  const where = renderWhere([
    since('started_at', question.since),
    question.run === null ? null : `run_id=${quoteString(question.run)}`,
    named === null ? null : `run_id IN (${list(named)})`,
  ])
  const rows = await askRows(
    connection,
    'SELECT run_id,command,flags,person,account,actor,host,process,tool_version,git_commit,ci_job,plan_digest,started_at,ended_at,' +
      `IF(${tables.isAbandoned},'stopped',outcome),exit_code,error,CAST(changes AS CHAR) FROM ${tables.runs}${where} ` +
      `ORDER BY started_at DESC,run_id DESC${limited(question.limit)}`,
  )
  return rows.map(toRun)
}

/** What this server takes for stopped may run through another primary of its group. */
async function judgeAbandoned(door: Door, place: Place, runs: readonly RunRecord[]): Promise<readonly RunRecord[]> {
  const doubtful = runs.filter(({ outcome, endedAt }) => outcome === 'stopped' && endedAt === null)
  if (doubtful.length === 0) return runs
  const connection = await door.open(place, { writable: false, purpose: 'record' })
  try {
    const elsewhere = await findElsewhere(
      connection,
      doubtful.map(({ id }) => id),
    )
    return runs.map((run) => (elsewhere.has(run.id) ? { ...run, outcome: 'running' } : run))
  } finally {
    await connection.close()
  }
}

const changesSchema = z.array(z.string())

function toRun(row: Row): RunRecord {
  const outcome = text(row[14])
  return {
    id: text(row[0]),
    command: text(row[1]),
    flags: text(row[2]),
    person: text(row[3]),
    account: text(row[4]),
    actor: textOrNull(row[5]),
    host: text(row[6]),
    process: Number(row[7]),
    toolVersion: text(row[8]),
    commit: textOrNull(row[9]),
    job: textOrNull(row[10]),
    planDigest: textOrNull(row[11]),
    startedAt: text(row[12]),
    endedAt: textOrNull(row[13]),
    outcome: toOutcome(outcome),
    exitCode: row[15] === null || row[15] === undefined ? null : Number(row[15]),
    error: textOrNull(row[16]),
    changes: changesSchema.parse(JSON.parse(text(row[17]) || '[]')),
  }
}

function toOutcome(word: string): RunOutcome {
  return word === 'running' || word === 'done' || word === 'failed' ? word : 'stopped'
}

async function readShardEvents(connection: Connection, question: RunQuestion): Promise<readonly ShardEvent[]> {
  const shard = question.shard === null ? null : quoteString(question.shard)
  const where = renderWhere([
    since('at', question.since),
    question.run === null ? null : `run_id=${quoteString(question.run)}`,
    shard === null ? null : `(table_name=${shard} OR shard_key=${shard})`,
  ])
  const rows = await askRows(
    connection,
    'SELECT run_id,at,family,shard_key,table_name,from_state,to_state,template_version,protected_reason ' +
      `FROM wwdb_shard_events${where} ORDER BY id DESC${limited(question.limit)}`,
  )
  return rows.map((row) => ({
    run: textOrNull(row[0]),
    at: text(row[1]),
    family: text(row[2]),
    key: text(row[3]),
    table: text(row[4]),
    from: textOrNull(row[5]),
    to: text(row[6]),
    templateVersion: Number(row[7]),
    protected: textOrNull(row[8]),
  }))
}

/** The runs of a pass: several where one continued what another had begun. */
const selectRunIds = "GROUP_CONCAT(DISTINCT JSON_UNQUOTE(JSON_EXTRACT(details,'$.run')))"

const splitIds = (cell: Cell | undefined): readonly string[] =>
  text(cell)
    .split(',')
    .filter((id) => id !== '')

/** The table is in `name`; the migration's version precedes the first slash of `version`. */
async function readShardChanges(connection: Connection, question: RunQuestion): Promise<readonly ShardChange[]> {
  const { shard, run } = question
  if (shard === null && run === null) return []
  const where = renderWhere([
    'pass>0',
    since('opened_at', question.since),
    shard === null ? null : `(name=${quoteString(shard)} OR SUBSTRING_INDEX(version,'/',-1)=${quoteString(shard)})`,
  ])
  const having = run === null ? '' : ` HAVING FIND_IN_SET(${quoteString(run)},${selectRunIds})`
  const rows = await askRows(
    connection,
    `SELECT ${selectRunIds},MIN(opened_at),SUBSTRING_INDEX(MAX(version),'/',1),MAX(name),MAX(direction),` +
      `MAX(IF(state='closed',statement+1,0))>=MAX(total) FROM wwdb_shard_journal${where} GROUP BY pass${having} ` +
      `ORDER BY pass DESC${limited(question.limit)}`,
  )
  return rows.map((row) => ({
    runs: splitIds(row[0]),
    at: text(row[1]),
    version: text(row[2]),
    table: text(row[3]),
    direction: text(row[4]) === 'down' ? 'down' : 'up',
    complete: Number(row[5]) === 1,
  }))
}

/** Where passes are selected by run or time, the newest one of all may be missing from the result. */
async function readPasses(
  connection: Connection,
  { journal }: HistoryTables,
  { limit, since: first, run, shard }: RunQuestion,
): Promise<RunHistory['passes']> {
  if (shard !== null) return new Map()
  const newest = run === null && first === null ? limit : null
  const rows = await askRows(
    connection,
    `SELECT pass,${selectRunIds} FROM ${journal} WHERE pass>0 GROUP BY pass HAVING ${selectRunIds} IS NOT NULL ` +
      `ORDER BY pass DESC${limited(newest)}`,
  )
  // A run has many passes: equal lists of runs are stored once.
  const lists = new Map<string, readonly string[]>()
  const listOf = (ids: string): readonly string[] => {
    const list = lists.get(ids) ?? splitIds(ids)
    lists.set(ids, list)
    return list
  }
  return new Map(rows.map((row) => [Number(row[0]), listOf(text(row[1]))]))
}
