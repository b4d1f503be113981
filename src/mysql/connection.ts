import type { Connection as RawConnection } from 'mysql2'
import type { ServerConfig } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import { markLong } from '../sql/own-hint.ts'
import { leaveForScratch } from './binary-log.ts'
import { connectOptions } from './connect-options.ts'
import { translateConnectError } from './errors.ts'
import { explainError } from './explain-error.ts'
import { logIn } from './log-in.ts'
import { StatementSwitch } from './statement-switch.ts'
import { UnderWay } from './under-way.ts'

/** A statement that waits for another one of the same run is not reported as blocked: the wait ends by itself. */
const ids = new Map<string, Set<number>>()

/** Remembers a connection of this process until the returned function is called. */
function rememberConnection(server: string, id: number): () => void {
  const known = ids.get(server) ?? new Set<number>()
  ids.set(server, known.add(id))
  return () => known.delete(id)
}

/** True where this process has connection `id` of that server. */
function isOwnConnection(server: string, id: number): boolean {
  return ids.get(server)?.has(id) === true
}

export type Cell = string | number | Buffer | null
export type Row = readonly Cell[]

/** One answer of the server: the rows of a result set, or the header of a statement without one. */
export interface Answer {
  readonly rows: readonly Row[]
  readonly affected: number | null
  readonly insertId: string | null
  readonly warningCount: number
  /** The names of its columns; absent where nothing was read, and where nobody asks for them. */
  readonly columns?: readonly string[]
}

/** An answer and the time of its arrival, by `performance.now()`. */
export interface TimedAnswer extends Answer {
  readonly at: number
}

/** The answers to one packet in order; where a statement failed, the answers before it and its error. */
interface AnswersInTurn {
  readonly answers: readonly TimedAnswer[]
  readonly error: unknown
}

/** One connection, wrapped in promises. Rows come as arrays, in the order of the SELECT's columns. */
export interface Connection {
  readonly raw: RawConnection
  /** True where the connection cannot be read on the network: TLS or a socket. */
  readonly encrypted: boolean
  /** True where this process opened the server's connection with that id. */
  readonly isOwn: (connectionId: number) => boolean
  /** Runs one statement of wwdb itself. */
  readonly ask: (text: string) => Promise<Answer>
  /** Runs one statement of a user: the server refuses a text with several. A procedure has several answers. */
  readonly run: (text: string) => Promise<readonly Answer[]>
  /** The same for a query of a data migration, which `send` passes to `raw`. */
  readonly runRaw: (send: () => void) => Promise<void>
  /** Runs several statements in one packet: wwdb's own, or a user's where the session parses them like the scanner (see `runTogether`). */
  readonly askAll: (text: string) => Promise<readonly Answer[]>
  /**
   * The same, with the answers before an error; rejects only with what `onAnswer` throws.
   * @param onAnswer is given each answer in turn, while the server works on later ones
   */
  readonly askInTurn: (text: string, onAnswer?: (answer: Answer, index: number) => void) => Promise<AnswersInTurn>
  readonly close: () => Promise<void>
  /** Drops the socket at once. */
  readonly destroy: () => void
}

/** The part of a connection that queries need. */
export type Asker = Pick<Connection, 'ask'>

interface Header {
  readonly affectedRows: number
  readonly insertId: number | string
  readonly warningStatus: number
}

function isHeader(value: unknown): value is Header {
  return typeof value === 'object' && value !== null && 'affectedRows' in value
}

function toAnswer(result: unknown): Answer {
  if (isHeader(result)) {
    const insertId = String(result.insertId)
    return {
      rows: [],
      affected: result.affectedRows,
      insertId: insertId === '0' ? null : insertId,
      warningCount: result.warningStatus,
    }
  }
  return { rows: (result ?? []) as readonly Row[], affected: null, insertId: null, warningCount: 0 }
}

/** The same with the names of its columns. */
function toNamedAnswer(result: unknown, fields: unknown): Answer {
  const answer = toAnswer(result)
  if (answer.affected !== null || !Array.isArray(fields)) return answer
  return { ...answer, columns: (fields as readonly { readonly name: string }[]).map(({ name }) => name) }
}

/** A packet of several statements answers with an array of row lists and headers; one statement with its own. */
function isSeveral(result: unknown, fields: unknown): result is readonly unknown[] {
  if (!Array.isArray(result)) return false
  return (
    Array.isArray(fields) &&
    (Array.isArray(fields[0]) ||
      (fields.length !== 0 && fields.some((field) => field === undefined || Array.isArray(field))))
  )
}

/**
 * Listens for the loss of the connection: mysql2 reports it to a query without a callback only as an event of the connection,
 * before or during the query. Returns a function that removes the listener.
 */
export function onConnectionLost(raw: RawConnection, lost: (error: unknown) => void): () => void {
  raw.once('error', lost)
  return () => raw.removeListener('error', lost)
}

/** Without values mysql2 looks for placeholders in every text; `null` means that there are none. */
const asWritten = { rowsAsArray: true, values: null } as const

/** Answers that are processed together: the processor's caches are warm, and the server works on the next ones meanwhile. */
const together = 10

interface Wire {
  readonly raw: RawConnection
  readonly statements: StatementSwitch
  readonly underWay: UnderWay
  readonly server: string
}

function askInTurn(
  { raw, statements, underWay, server }: Wire,
  text: string,
  onAnswer: (answer: Answer, index: number) => void = () => undefined,
): Promise<AnswersInTurn> {
  return new Promise((resolve, reject) => {
    const answers: TimedAnswer[] = []
    let rows: Row[] = []
    let ended = false
    let given = 0
    let thrown: { readonly error: unknown } | null = null
    // An answer is complete when the next one begins.
    const give = (whole: number): void => {
      for (; given < whole; given += 1) {
        const answer = answers[given]
        try {
          if (answer !== undefined && thrown === null) onAnswer(answer, given)
        } catch (error) {
          thrown = { error }
        }
      }
    }
    // mysql2 emits `end` after `error`, too: the first counts.
    const end = (error: unknown): void => {
      unsubscribe()
      if (ended) return
      ended = true
      give(answers.length)
      if (thrown !== null) {
        leave()
        reject(thrown.error)
        return
      }
      explainError(raw, error, text, server)
        .then((named) => resolve({ answers, error: named }), reject)
        .finally(leave)
    }
    const unsubscribe = onConnectionLost(raw, end)
    const leave = underWay.add((error) => {
      end(error)
      resolve({ answers, error })
    })
    const take = (result: unknown): void => {
      answers.push({ ...toAnswer(result), at: performance.now() })
      if (answers.length > given + together) give(answers.length - 1)
    }
    const send = (): void => {
      raw
        .query({ ...asWritten, sql: text })
        .on('fields', (fields: unknown) => {
          if (fields === undefined) return
          rows = []
          take(rows)
        })
        .on('result', (result: unknown) => {
          if (isHeader(result)) take(result)
          else rows.push(result as Row)
        })
        .on('error', end)
        .on('end', () => end(null))
    }
    statements.queue(true, send).catch(end)
  })
}

function wrap(raw: RawConnection, encrypted: boolean, server: string): Connection {
  const underWay = new UnderWay()
  const statements = new StatementSwitch(raw, underWay)
  const forget = rememberConnection(server, raw.threadId)
  raw.once('error', forget)
  const send = (text: string, queue: (query: () => void) => Promise<void>): Promise<readonly Answer[]> =>
    new Promise((resolve, reject) => {
      const leave = underWay.add(reject)
      const fail = (error: unknown): void => {
        leave()
        reject(error)
      }
      const query = (): void => {
        raw.query({ ...asWritten, sql: text }, (error, result, fields) => {
          if (error) explainError(raw, error, text, server).then(fail, fail)
          else {
            leave()
            resolve(isSeveral(result, fields) ? result.map((one) => toAnswer(one)) : [toNamedAnswer(result, fields)])
          }
        })
      }
      queue(query).catch(fail)
    })
  return {
    raw,
    encrypted,
    isOwn: (connectionId) => isOwnConnection(server, connectionId),
    askAll: (text) => send(text, (query) => statements.queue(true, query)),
    askInTurn: (text, onAnswer) => askInTurn({ raw, statements, underWay, server }, text, onAnswer),
    run: (text) => send(text, (query) => statements.queue(false, query)),
    runRaw: (query) => statements.queue(false, query),
    // A single statement of wwdb itself works in either mode of the switch.
    ask: async (text) => (await send(markLong(text), (one) => statements.queueAnyway(one))).at(-1) ?? toAnswer(null),
    close: () =>
      new Promise((resolve) => {
        forget()
        // It waits for the statements before it, and is forgotten with them.
        const leave = underWay.add(() => resolve())
        raw.end(() => {
          leave()
          resolve()
        })
      }),
    destroy: () => {
      forget()
      raw.destroy()
      underWay.endAll()
    },
  }
}

/**
 * Connects and logs in. `schema` null selects no schema; statements in a scratch schema stay out of the binary log.
 * @param timeZone the session's, an offset: JavaScript Dates are written in it
 * Throws ToolError: `UNREACHABLE` or `ACCESS_DENIED` (69), `SCHEMA_MISSING` (2).
 */
export async function connect(
  server: ServerConfig,
  schema: string | null,
  timeout: number,
  timeZone = 'Z',
): Promise<Connection> {
  // The driver would read an empty host as localhost: a stranger's server.
  if (server.host === '' && server.socket === null)
    throw new ToolError('CONFIG_INVALID', {
      what: 'No server is configured for what this command connects to.',
      next: 'Write `url` in the database or once at the top of the configuration.',
    })
  try {
    const { raw, encrypted } = await logIn(connectOptions(server, schema, timeout, timeZone), server)
    return await leaveForScratch(wrap(raw, encrypted, server.socket ?? `${server.host}:${server.port}`), schema)
  } catch (error) {
    throw error instanceof Error ? translateConnectError(error, server, schema) : error
  }
}
