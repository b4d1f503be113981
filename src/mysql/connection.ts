import type { ConnectionOptions, Connection as RawConnection } from 'mysql2'
import type { ServerConfig } from '../config/config.ts'
import { translateConnectError } from './errors.ts'
import { logIn } from './log-in.ts'
import { StatementSwitch } from './statement-switch.ts'

/**
 * The connections of this process, by server. A statement that waits for another one of the same run is blocked by nobody whom a person could
 * ask or end: that wait ends by itself.
 */
const ids = new Map<string, Set<number>>()

/** Remembers a connection of this process until the function that is given back is called. */
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

/** What came back from one packet: a list of rows for each result set, a header for each statement without one. */
export interface Answer {
  readonly rows: readonly Row[]
  readonly affected: number | null
  readonly insertId: string | null
  readonly warningCount: number
}

/** An answer, and when it came, by `performance.now()`. */
export interface TimedAnswer extends Answer {
  readonly at: number
}

/** The answers to one packet in order; where a statement failed, those before it, and its error. */
interface AnswersInTurn {
  readonly answers: readonly TimedAnswer[]
  readonly error: unknown
}

/** One connection, wrapped in promises. Rows come as arrays, in the order of the SELECT's columns. */
export interface Connection {
  readonly raw: RawConnection
  /** True where nobody on the way can read along. */
  readonly encrypted: boolean
  /** True where this process opened that connection of the server. */
  readonly isOwn: (connectionId: number) => boolean
  /** One statement of our own. */
  readonly ask: (text: string) => Promise<Answer>
  /** One statement of a user: the server refuses the text if it finds several in it. A procedure has several answers. */
  readonly run: (text: string) => Promise<readonly Answer[]>
  /** The same for a query of a user's code, which `send` passes to `raw`. */
  readonly runRaw: (send: () => void) => Promise<void>
  /** Several statements in one packet: our own, or a user's that the session reads as the scanner did (see `runTogether`). */
  readonly askAll: (text: string) => Promise<readonly Answer[]>
  /** The same, when what ran before an error matters, too; never rejects. */
  readonly askInTurn: (text: string) => Promise<AnswersInTurn>
  readonly close: () => Promise<void>
  /** Drops the socket at once. */
  readonly destroy: () => void
}

/** What only asks questions needs of a connection. */
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
 * That the connection is gone, mysql2 tells a query without a callback only through the connection, be it lost meanwhile or
 * at the very moment of asking. Gives back what takes the listener away again.
 */
export function onConnectionLost(raw: RawConnection, lost: (error: unknown) => void): () => void {
  raw.once('error', lost)
  return () => raw.removeListener('error', lost)
}

function askInTurn(raw: RawConnection, statements: StatementSwitch, text: string): Promise<AnswersInTurn> {
  return new Promise((resolve) => {
    const answers: TimedAnswer[] = []
    let rows: Row[] = []
    const end = (error: unknown): void => {
      unsubscribe()
      resolve({ answers, error })
    }
    const unsubscribe = onConnectionLost(raw, end)
    const take = (result: unknown): void => {
      answers.push({ ...toAnswer(result), at: performance.now() })
    }
    const send = (): void => {
      raw
        .query({ sql: text, rowsAsArray: true })
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
  const statements = new StatementSwitch(raw)
  const forget = rememberConnection(server, raw.threadId)
  raw.once('error', forget)
  const send = (text: string, queue: (query: () => void) => Promise<void>): Promise<readonly Answer[]> =>
    new Promise((resolve, reject) => {
      const query = (): void => {
        raw.query({ sql: text, rowsAsArray: true }, (error, result, fields) => {
          if (error) reject(error)
          else resolve(isSeveral(result, fields) ? result.map(toAnswer) : [toAnswer(result)])
        })
      }
      queue(query).catch(reject)
    })
  return {
    raw,
    encrypted,
    isOwn: (connectionId) => isOwnConnection(server, connectionId),
    askAll: (text) => send(text, (query) => statements.queue(true, query)),
    askInTurn: (text) => askInTurn(raw, statements, text),
    run: (text) => send(text, (query) => statements.queue(false, query)),
    runRaw: (query) => statements.queue(false, query),
    // Whether the server would take several makes no difference to one of ours.
    ask: async (text) => (await send(text, (query) => statements.queueAnyway(query))).at(-1) ?? toAnswer(null),
    close: () =>
      new Promise((resolve) => {
        forget()
        raw.end(() => resolve())
      }),
    destroy: () => {
      forget()
      raw.destroy()
    },
  }
}

function connectOptions(
  server: ServerConfig,
  schema: string | null,
  timeout: number,
  timeZone: string,
): ConnectionOptions {
  return {
    user: server.user,
    ...(server.password === null ? {} : { password: server.password.reveal() }),
    ...(server.socket === null ? { host: server.host, port: server.port } : { socketPath: server.socket }),
    ...(schema === null ? {} : { database: schema }),
    connectTimeout: timeout,
    charset: 'UTF8MB4_0900_AI_CI',
    timezone: timeZone,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
    decimalNumbers: false,
    enableKeepAlive: true,
    // Switched on for single packets (askAll): what the server reads otherwise than we do must not become a second statement.
    multipleStatements: false,
    // LOAD DATA LOCAL would let a server read the client's files.
    flags: ['-LOCAL_FILES'],
  }
}

/**
 * Connects and logs in. `schema` null selects none.
 * @param timeZone the session's, an offset: in what a JavaScript Date is written
 * Throws ToolError: `UNREACHABLE` or `ACCESS_DENIED` (69), `SCHEMA_MISSING` (2).
 */
export async function connect(
  server: ServerConfig,
  schema: string | null,
  timeout: number,
  timeZone = 'Z',
): Promise<Connection> {
  try {
    const { raw, encrypted } = await logIn(connectOptions(server, schema, timeout, timeZone), server)
    return wrap(raw, encrypted, server.socket ?? `${server.host}:${server.port}`)
  } catch (error) {
    throw error instanceof Error ? translateConnectError(error, server, schema) : error
  }
}
