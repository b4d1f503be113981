import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inOneSentence, ToolError } from '../../../core/tool-error.ts'
import {
  type DataModule,
  type FromUserCode,
  type FunctionName,
  type ModuleConnection,
  type ModuleQuery,
  packAnswer,
  rolledBack,
  type ToUserCode,
  UserCodeEnded,
  unpackThrown,
} from '../../user-code.ts'

/** After SIGTERM, code that has not queried the database for this long is assumed to hang. */
const silenceMilliseconds = 3000
/** How long a finished process may take for its exit handlers. */
const leaveMilliseconds = 1000
/** The channel can close a moment before the process is gone. */
const closingMilliseconds = 500

/**
 * Runs a function of a user's file in a separate process, and answers its queries from the connection. Whatever that process does
 * (exits, hangs, never answers), the promise settles, and none of its code runs afterwards. Throws what the function threw;
 * ToolError `MODULE_EXITED`, `MODULE_STUCK`, `MODULE_FAILED`; `UserCodeEnded` when the run ended it.
 */
export async function runUserCode(module: DataModule, name: FunctionName, connection: ModuleConnection): Promise<void> {
  if (connection.now.aborted) throw new UserCodeEnded('it was ended before it started')
  // What users print goes to stderr: stdout is the answer of the command.
  const child = fork(findProgram('user-code.mjs'), { stdio: ['inherit', 2, 2, 'ipc'], serialization: 'advanced' })
  const sender = new AnswerSender(connection, (message) => sendTo(child, message))
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let finished = false
  try {
    await converse(child, { module, name, connection, sender })
    finished = true
  } finally {
    sender.close()
    if (!finished) child.kill('SIGKILL')
    const timer = setTimeout(() => child.kill('SIGKILL'), leaveMilliseconds)
    await gone
    clearTimeout(timer)
  }
}

interface Conversation {
  readonly module: DataModule
  readonly name: FunctionName
  readonly connection: ModuleConnection
  readonly sender: AnswerSender
}

function converse(child: ChildProcess, { module, name, connection, sender }: Conversation): Promise<void> {
  const about = { name, file: module.file }
  let exiting: ProcessEnd['exiting'] = null
  const cleanUps: (() => void)[] = []
  const settled = new Promise<void>((resolve, reject) => {
    const end = (code: number | null, signal: string | null): void =>
      reject(describeEnd(about, { code, signal, exiting }))
    const hear = (message: FromUserCode): void => {
      switch (message.type) {
        case 'query':
          sender.answer(message.id, message.query)
          break
        case 'taken':
          sender.taken(message.id)
          break
        case 'done':
          resolve()
          break
        case 'failed':
          reject(unpackThrown(message.error))
          break
        case 'floating':
          reject(describeFloating(about, message.from, unpackThrown(message.error)))
          break
        case 'exiting':
          exiting = message
          break
        case 'stuck':
          reject(describeStuck(about))
      }
    }
    child.on('message', hear)
    child.once('error', (error) => reject(cannotStart(module.file, error)))
    child.once('exit', end)
    child.once('disconnect', () => {
      const timer = setTimeout(() => end(child.exitCode, child.signalCode), closingMilliseconds)
      cleanUps.push(() => clearTimeout(timer))
    })
    cleanUps.push(watchSignals(connection, sender, reject))
    sendTo(child, { type: 'run', module, name })
  })
  return settled.finally(() => {
    for (const cleanUp of cleanUps) cleanUp()
  })
}

/** Ends the code when the run requests it: at once, or as soon as it is idle. */
function watchSignals(
  { now, soon }: ModuleConnection,
  sender: AnswerSender,
  reject: (error: UserCodeEnded) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined
  const endNow = (): void => reject(new UserCodeEnded('its process was ended'))
  const endWhenSilent = (): void => {
    sender.touch()
    timer = setInterval(() => {
      if (sender.silentFor() < silenceMilliseconds) return
      reject(new UserCodeEnded(`it sent no query for ${silenceMilliseconds / 1000} s after the run was asked to stop`))
    }, silenceMilliseconds / 10)
  }
  now.addEventListener('abort', endNow, { once: true })
  if (soon.aborted) endWhenSilent()
  else soon.addEventListener('abort', endWhenSilent, { once: true })
  return () => {
    clearInterval(timer)
    now.removeEventListener('abort', endNow)
    soon.removeEventListener('abort', endWhenSilent)
  }
}

/** A process that is gone accepts no message; its exit reports that. */
function sendTo(child: ChildProcess, message: ToUserCode): void {
  if (child.connected) child.send(message, () => {})
}

/** The program lies beside the bundle, or in dist/ where the sources run. @param name with its ending: what the package holds is named whole where it is used */
export function findProgram(name: string): string {
  const places = [`./${name}`, `../../../../dist/${name}`]
  const files = places.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const found = files.find((file) => existsSync(file))
  if (found !== undefined) return found
  throw new Error(`wwdb is not built completely: dist/${name} is missing`)
}

export function cannotStart(file: string, error: Error): ToolError {
  const fault = {
    what: 'No process could be started for the code of the file.',
    where: { file },
    why: error.message,
    next: 'Make sure that the system can start another process (ulimit -u, memory), then run the command again.',
  }
  return new ToolError('MODULE_FAILED', fault, { cause: error })
}

/** Which code it was. */
export interface About {
  readonly name: FunctionName
  readonly file: string
}

/** How the process of users' code ended. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: string | null
  /** Its last message, where there was one: the stack shows who called process.exit(). */
  readonly exiting: { readonly code: number; readonly stack: string | undefined } | null
}

const { nothingKept } = rolledBack

/** The error of code whose process ended before it was finished. */
export function describeEnd({ name, file }: About, { code, signal, exiting }: ProcessEnd): ToolError {
  const where = { file }
  if (signal !== null) {
    return new ToolError('MODULE_EXITED', {
      what: `The process of \`${name}()\` was ended by ${signal} before the function had finished.`,
      where,
      why: 'The code itself, another program or the system (out of memory) ended it.',
      next: `${nothingKept} Find out what ended it, then run the command again.`,
    })
  }
  const status = exiting?.code ?? code ?? 0
  const error = new ToolError('MODULE_EXITED', {
    what: `The code ended its own process with exit code ${status} before \`${name}()\` had finished.`,
    where,
    why: 'It, or a library that it uses, called process.exit().',
    next: `${nothingKept} Remove the call (to stop, throw an error), then run the command again.`,
  })
  if (exiting?.stack !== undefined) error.stack = exiting.stack
  return error
}

/** The error of code that waits for something that cannot happen. */
export function describeStuck({ name, file }: About): ToolError {
  return new ToolError('MODULE_STUCK', {
    what: `\`${name}()\` waits for something that never happens.`,
    where: { file },
    why: 'It awaits a promise, and nothing is left in its process (no query, no timer, no connection) that could resolve it.',
    next: `${nothingKept} Correct what it awaits, then run the command again.`,
  })
}

/** The error of code that failed where none of its callers could catch it. */
export function describeFloating({ name, file }: About, from: 'promise' | 'callback', error: Error): ToolError {
  const how = from === 'promise' ? 'A promise of' : 'A callback of'
  const ending = from === 'promise' ? 'was rejected, and nothing handled the rejection' : 'threw an error'
  const known = error instanceof ToolError ? error.faults[0] : undefined
  const next = known?.next ?? 'Await every promise, and correct the error.'
  const failure = new ToolError(
    'MODULE_FAILED',
    {
      what: `${how} \`${name}()\` ${ending}.`,
      where: { file, ...known?.where },
      why: known === undefined ? error.message : inOneSentence(known),
      next: `${nothingKept} ${next}`,
    },
    { cause: error },
  )
  if (error.stack !== undefined) failure.stack = error.stack
  return failure
}

/**
 * Answers the queries of users' code one after the other, part by part: the next part is read when the previous one was
 * taken, so that neither process holds more of a large result than needed.
 */
export class AnswerSender {
  readonly #connection: ModuleConnection
  readonly #send: (message: ToUserCode) => void
  #turn: Promise<void> = Promise.resolve()
  #underWay = 0
  #lastHeard = performance.now()
  #closed = false
  #next: { readonly id: number; readonly go: () => void } | null = null

  constructor(connection: ModuleConnection, send: (message: ToUserCode) => void) {
    this.#connection = connection
    this.#send = send
  }

  answer(id: number, query: ModuleQuery): void {
    this.touch()
    this.#underWay += 1
    this.#turn = this.#turn.then(async () => {
      await this.#answer(id, query)
      this.#underWay -= 1
      this.touch()
    })
  }

  taken(id: number): void {
    if (this.#next?.id !== id) return
    const { go } = this.#next
    this.#next = null
    go()
  }

  touch(): void {
    this.#lastHeard = performance.now()
  }

  /** How long the code has neither sent a query nor waited for the database, in milliseconds. */
  silentFor(): number {
    return this.#underWay > 0 ? 0 : performance.now() - this.#lastHeard
  }

  /** Nothing more is sent to the server; an answer that is arriving is dropped. */
  close(): void {
    this.#closed = true
    this.#next?.go()
  }

  async #answer(id: number, query: ModuleQuery): Promise<void> {
    if (this.#closed) return
    try {
      for await (const part of this.#connection.query(query)) {
        const taken = new Promise<void>((go) => {
          this.#next = { id, go }
        })
        this.#send({ type: 'part', id, part })
        await taken
        if (this.#closed) return
      }
      this.#send({ type: 'end', id })
    } catch (error) {
      this.#send({ type: 'error', id, error: packAnswer(error) })
    }
  }
}
