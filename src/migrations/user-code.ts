import { isErrorCode } from '../core/error-codes.ts'
import { exitCodes } from '../core/exit-code.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'

/** One query of users' code, as knex makes it. */
export interface ModuleQuery {
  readonly sql: string
  readonly bindings: readonly unknown[]
  /** What knex passes on to the driver, e.g. `rowsAsArray`. */
  readonly options: Readonly<Record<string, unknown>>
  /** What `batch()` asks for; absent for all other queries. */
  readonly batch?: BatchAsk
}

/**
 * `batch()` asks with its query and options, and then after each chunk, for the rows of the next chunk. The answer behind the last chunk is a header. `failed` is what the code threw on a chunk.
 */
export type BatchAsk =
  | { readonly type: 'begin'; readonly options: Readonly<Record<string, unknown>> }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: SentError }

/** A column of an answer, as far as it can be copied between processes. */
export interface ModuleField {
  readonly catalog: string
  readonly schema: string
  readonly table: string
  readonly orgTable: string
  readonly name: string
  readonly orgName: string
  readonly characterSet: number
  readonly encoding: string
  readonly columnLength: number
  readonly columnType: number
  readonly type: number
  readonly flags: number
  readonly decimals: number
}

/** An answer comes in parts, so that a large result is never in memory as a whole. */
export type AnswerPart =
  | { readonly type: 'fields'; readonly fields: readonly ModuleField[] }
  | { readonly type: 'rows'; readonly rows: readonly unknown[] }
  | { readonly type: 'header'; readonly header: Readonly<Record<string, unknown>> }

/** What a run gives to users' code: its one connection, and the signals that ask it to end. */
export interface ModuleConnection {
  /** Throws the server's error; a ToolError for what users' code must not send. */
  readonly query: (query: ModuleQuery) => AsyncIterable<AnswerPart>
  /** Judges what the statements so far did together, before it is committed. Throws a ToolError. */
  readonly approveSoFar?: () => Promise<void>
  /** Aborted when the code must end now: a time limit, the second signal. */
  readonly now: AbortSignal
  /** Aborted when a program asked the run to stop (SIGTERM): idle code is ended, working code may finish. */
  readonly soon: AbortSignal
}

/** Runs `up`, `down` or `seed` of a file of the user's. */
export type DataFunction = (connection: ModuleConnection) => Promise<void>

/** What is said of code that failed before anything of it was committed. `sayWhatIsCommitted` corrects it behind the first chunk of a batch. */
export const rolledBack = {
  nothingKept: 'Nothing that it changed was kept.',
  all: 'All changes of the code were rolled back.',
  earlier: 'The statement was not sent, and the earlier changes of the code were rolled back.',
  correctIt: 'Correct it and run the command again: its changes were rolled back.',
} as const

/** Users' code was ended because the run requested it; its transaction must be rolled back. */
export class UserCodeEnded extends Error {}

/** The functions that wwdb calls in users' files. */
export type FunctionName = 'up' | 'down' | 'seed'

/** The file of a data migration, or of a seed in code. */
export interface DataModule {
  readonly path: string
  readonly file: string
  readonly checksum: string
}

/** An error on its way between two processes: the parts that people and code read. */
interface SentError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** `code`, `errno`, `sqlState` and the like, of the server's errors. */
  readonly properties: Readonly<Record<string, unknown>>
  /** Only for a ToolError. */
  readonly faults: readonly Fault[] | null
}

/** From the tool to the process of users' code. */
export type ToUserCode =
  | { readonly type: 'run'; readonly module: DataModule; readonly name: FunctionName }
  | { readonly type: 'part'; readonly id: number; readonly part: AnswerPart }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'error'; readonly id: number; readonly error: SentError }

/**
 * From the process of users' code to the tool. `taken` asks for the next part of an answer. `exiting` is the process's last
 * message, `stuck` means that nothing can happen in it anymore; `floating` is an error that no caller has caught.
 */
export type FromUserCode =
  | { readonly type: 'query'; readonly id: number; readonly query: ModuleQuery }
  | { readonly type: 'taken'; readonly id: number }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: SentError }
  | { readonly type: 'floating'; readonly from: 'promise' | 'callback'; readonly error: SentError }
  | { readonly type: 'exiting'; readonly code: number; readonly stack: string | undefined }
  | { readonly type: 'stuck' }

const properties = ['code', 'errno', 'sqlState', 'sqlMessage', 'sql', 'fatal', 'fromServer'] as const

/** An error that answers a query: wherever it is rethrown, it comes from the server or the connection. */
export function packAnswer(thrown: unknown): SentError {
  const sent = packError(thrown)
  return { ...sent, properties: { ...sent.properties, fromServer: true } }
}

/** An error thrown by users' code. An error of its own that looks like one of the server (ENOENT, a socket) is not mistaken for one. */
export function unpackThrown(sent: SentError): Error {
  if (sent.properties['fromServer'] === true || sent.faults !== null) return unpackError(sent)
  return unpackError({ ...sent, properties: {} })
}

/** The part of a thrown value that can be sent; never throws. */
export function packError(thrown: unknown): SentError {
  if (!(thrown instanceof Error)) {
    return { name: 'Error', message: String(thrown), stack: undefined, properties: {}, faults: null }
  }
  const { name, message, stack } = thrown
  const known = properties.map((key) => [key, Reflect.get(thrown, key)] as const)
  const plain = known.filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  const faults = thrown instanceof ToolError ? thrown.faults : null
  return { name, message, stack, properties: Object.fromEntries(plain), faults }
}

export function unpackError({ name, message, stack, properties: more, faults }: SentError): Error {
  const { code } = more
  // Whether or not users' code failed, the run ends as failed.
  const error =
    faults !== null && isErrorCode(code)
      ? new ToolError(code, faults, { exitCode: exitCodes.failed })
      : new Error(message)
  if (stack !== undefined) error.stack = stack
  return faults === null ? Object.assign(error, name === 'Error' ? {} : { name }, more) : error
}
