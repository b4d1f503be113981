import type { ServerConfig, Timeouts } from '../../config/config.ts'
import type { Target } from '../../core/target.ts'
import { type Connection, connect } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost, serverErrors } from '../../mysql/errors.ts'
import { pinMonitor } from '../../mysql/pinned-session.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import type { RunEnd, RunLedger, RunLedgers, RunStart } from '../ports.ts'
import { createRunTable, isAbandoned, runLock } from './run-table.ts'

/** The servers as keepers of runs. */
export const runLedgers: RunLedgers = {
  open: async (server, timeouts, runId) => {
    const ledger = new MysqlRunLedger(server, timeouts, runId)
    await ledger.connect()
    return ledger
  },
  read: async (database, timeouts, question) =>
    (await import('./read-history.ts')).readHistory(database, timeouts, question),
  readUnderWay: async (database, timeouts) => (await import('./read-history.ts')).readUnderWay(database, timeouts),
}

/** What the longest wait for a row or for the definition of the table may be: a row about a run must not keep it waiting. */
const longestWait = 5000

class MysqlRunLedger implements RunLedger {
  readonly #server: ServerConfig
  readonly #timeouts: Timeouts
  readonly #runId: string
  #connection: Connection | null = null

  constructor(server: ServerConfig, timeouts: Timeouts, runId: string) {
    this.#server = server
    this.#timeouts = timeouts
    this.#runId = runId
  }

  connect = async (): Promise<Connection> => {
    const connection = await connect(this.#server, null, this.#timeouts.connect)
    await connection.ask(pinMonitor(Math.min(this.#timeouts.lockWait, longestWait)))
    await connection.ask(`SELECT GET_LOCK(${quoteString(runLock(this.#runId))},0)`)
    this.#connection = connection
    return connection
  }

  begin = (schema: string, start: RunStart) =>
    this.#write(schema, async (connection) => {
      const table = tableOf(schema)
      const packet = `UPDATE ${table} SET outcome='stopped' WHERE ${isAbandoned};${renderStart(table, start)}`
      try {
        await connection.askAll(packet)
      } catch (error) {
        if (!hasNumber(error, serverErrors.unknownTable)) throw error
        await connection.ask(createRunTable(table))
        await connection.askAll(packet)
      }
    })

  end = (schema: string, end: RunEnd) =>
    this.#write(schema, async (connection) => {
      try {
        await connection.ask(renderEnd(tableOf(schema), this.#runId, end))
      } catch (error) {
        // What `db drop` and `provision down` dropped has no rows any more.
        if (!hasNumber(error, serverErrors.unknownTable, serverErrors.unknownDatabase)) throw error
      }
    })

  close = async () => {
    await this.#connection?.close()
  }

  /** A connection that was lost during a long statement is opened again, once: every write may be repeated. */
  async #write(schema: string, work: (connection: Connection) => Promise<void>): Promise<void> {
    const target: Target = { database: schema, schema, server: this.#server.label }
    try {
      await work(this.#connection ?? (await this.connect()))
    } catch (error) {
      if (!isConnectionLost(error)) throw translateRunError(error, target)
      try {
        await work(await this.connect())
      } catch (again) {
        throw translateRunError(again, target)
      }
    }
  }
}

const tableOf = (schema: string): string => `${quoteName(schema)}.\`wwdb_runs\``

const literal = (text: string | null, longest: number): string =>
  text === null ? 'NULL' : quoteString(text.slice(0, longest))

function renderStart(table: string, { identity, commit, planDigest }: RunStart): string {
  const values = [
    literal(identity.id, 40),
    literal(identity.command, 64),
    literal(identity.flags, 16_000),
    literal(identity.person, 255),
    'CURRENT_USER()',
    literal(identity.ci.actor, 255),
    literal(identity.host, 255),
    String(identity.process),
    literal(identity.toolVersion, 32),
    literal(commit, 64),
    literal(identity.ci.job, 1024),
    literal(planDigest, 64),
    'CONNECTION_ID()',
    'UTC_TIMESTAMP(6)',
    "'running'",
  ]
  return (
    `INSERT IGNORE INTO ${table}(run_id,command,flags,person,account,actor,host,process,tool_version,git_commit,ci_job,plan_digest,` +
    `connection_id,started_at,outcome) VALUES (${values.join(',')})`
  )
}

function renderEnd(table: string, runId: string, end: RunEnd): string {
  const changes = end.changes.length === 0 ? 'NULL' : quoteString(JSON.stringify(end.changes))
  return (
    `UPDATE ${table} SET ended_at=UTC_TIMESTAMP(6),outcome='${end.outcome}',exit_code=${end.exitCode},error=${literal(end.error, 16_000)},` +
    `plan_digest=COALESCE(${literal(end.planDigest, 64)},plan_digest),changes=${changes} WHERE run_id=${quoteString(runId)}`
  )
}
