import { ToolError } from '../../../core/tool-error.ts'
import type { FunctionName } from './messages.ts'

/** Which code it was. */
export interface About {
  readonly name: FunctionName
  readonly file: string
}

/** How the process of users' code went away. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: string | null
  /** Its last word, where it had one: the stack names who called process.exit(). */
  readonly exiting: { readonly code: number; readonly stack: string | undefined } | null
}

const nothingKept = 'Nothing that it changed was kept.'

/** The error of code whose process went away before it was through. */
export function describeEnd({ name, file }: About, { code, signal, exiting }: ProcessEnd): ToolError {
  const where = { file }
  if (signal !== null) {
    return new ToolError('MODULE_EXITED', {
      what: `The process of ${name}() was ended by ${signal} before the function had finished.`,
      where,
      why: 'the code itself, another program or the system (for lack of memory) ended it',
      next: `${nothingKept} Find out who ended it, then run the command again.`,
    })
  }
  const status = exiting?.code ?? code ?? 0
  const error = new ToolError('MODULE_EXITED', {
    what: `The code ended its own process with exit code ${status} before ${name}() had finished.`,
    where,
    why: 'it, or a library that it uses, called process.exit()',
    next: `${nothingKept} Take the call out (a function that must not go on throws an error), then run the command again.`,
  })
  if (exiting?.stack !== undefined) error.stack = exiting.stack
  return error
}

/** The error of code that waits for something that cannot come. */
export function describeStuck({ name, file }: About): ToolError {
  return new ToolError('MODULE_STUCK', {
    what: `${name}() waits for something that never happens.`,
    where: { file },
    why: 'it awaits a promise, and nothing is left in its process (no query, no timer, no connection) that could resolve it',
    next: `${nothingKept} Correct what it awaits, then run the command again.`,
  })
}

/** The error of code that failed where none of its callers could catch it. */
export function describeFloating({ name, file }: About, from: 'promise' | 'callback', error: Error): ToolError {
  const how = from === 'promise' ? 'A promise of' : 'A callback of'
  const ending = from === 'promise' ? 'was rejected, and nothing handles that.' : 'threw an error.'
  const known = error instanceof ToolError ? error.faults[0] : undefined
  const failure = new ToolError(
    'MODULE_FAILED',
    {
      what: `${how} ${name}() ${ending}`,
      where: { file, ...known?.where },
      why: known === undefined ? error.message : [known.what, known.why].filter(Boolean).join(': '),
      next: `${nothingKept} ${known?.next ?? 'Await every promise, and correct the error.'}`,
    },
    { cause: error },
  )
  if (error.stack !== undefined) failure.stack = error.stack
  return failure
}
