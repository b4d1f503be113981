import { isErrorCode } from '../../../core/error-codes.ts'
import { exitCodes } from '../../../core/exit-code.ts'
import { type Fault, ToolError } from '../../../core/tool-error.ts'
import type { AnswerPart, ModuleQuery } from '../../user-code.ts'

/** The functions that wwdb calls in files of users. */
export type FunctionName = 'up' | 'down' | 'seed'

/** The file of a data migration or of a seed in code. */
export interface DataModule {
  readonly path: string
  readonly file: string
  readonly checksum: string
}

/** An error on its way between two processes: what people and code read of it. */
export interface SentError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** `code`, `errno`, `sqlState` and the like of errors of the server. */
  readonly properties: Readonly<Record<string, unknown>>
  /** Only of a ToolError. */
  readonly faults: readonly Fault[] | null
}

/** From the tool to the process of users' code. */
export type ToUserCode =
  | { readonly type: 'run'; readonly module: DataModule; readonly name: FunctionName }
  | { readonly type: 'part'; readonly id: number; readonly part: AnswerPart }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'error'; readonly id: number; readonly error: SentError }

/**
 * From the process of users' code to the tool. `taken` asks for the next part of an answer. `exiting` is sent by the process
 * as its last word, `stuck` when nothing can happen in it anymore; `floating` is an error that no caller has caught.
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

/** An error that answers a query: wherever it is thrown again, it is the server's, or the connection's to it. */
export function packAnswer(thrown: unknown): SentError {
  const sent = packError(thrown)
  return { ...sent, properties: { ...sent.properties, fromServer: true } }
}

/** What users' code threw. An error of its own that looks like one of the server (ENOENT, a socket) is not taken for one. */
export function unpackThrown(sent: SentError): Error {
  if (sent.properties['fromServer'] === true || sent.faults !== null) return unpackError(sent)
  return unpackError({ ...sent, properties: {} })
}

/** What of a thrown value can be sent; never throws. */
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
  // Whatever users' code met, the run ends as one that failed.
  const error =
    faults !== null && isErrorCode(code)
      ? new ToolError(code, faults, { exitCode: exitCodes.failed })
      : new Error(message)
  if (stack !== undefined) error.stack = stack
  return faults === null ? Object.assign(error, name === 'Error' ? {} : { name }, more) : error
}
