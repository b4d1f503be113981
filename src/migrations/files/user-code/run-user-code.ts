import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ToolError } from '../../../core/tool-error.ts'
import { type ModuleConnection, UserCodeEnded } from '../../user-code.ts'
import { AnswerSender } from './answer-sender.ts'
import { describeEnd, describeFloating, describeStuck, type ProcessEnd } from './endings.ts'
import { type DataModule, type FromUserCode, type FunctionName, type ToUserCode, unpackThrown } from './messages.ts'

/** After SIGTERM, code that has asked the database nothing for as long is taken to hang. */
const silenceMilliseconds = 3000
/** How long a process that is done may take for what it does at its exit. */
const leaveMilliseconds = 1000
/** The channel can close a moment before the process is gone. */
const closingMilliseconds = 500

/**
 * Runs a function of a file of the user's in a process of its own, and answers its queries from the connection. Whatever that
 * process does (it exits, it hangs, it never answers), the promise settles, and nothing of its code runs afterwards.
 * Throws what the function threw; ToolError `MODULE_EXITED`, `MODULE_STUCK`, `MODULE_FAILED`; `UserCodeEnded` when the run ended it.
 */
export async function runUserCode(module: DataModule, name: FunctionName, connection: ModuleConnection): Promise<void> {
  if (connection.now.aborted) throw new UserCodeEnded('it was ended before it began')
  // What users print goes to stderr: stdout is the answer of the command.
  const child = fork(findProgram(), { stdio: ['inherit', 2, 2, 'ipc'], serialization: 'advanced' })
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
    cleanUps.push(watchWishes(connection, sender, reject))
    sendTo(child, { type: 'run', module, name })
  })
  return settled.finally(() => {
    for (const cleanUp of cleanUps) cleanUp()
  })
}

/** Ends the code when the run asks for it: at once, or as soon as it is silent. */
function watchWishes(
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

/** A process that is gone takes no message; that it is gone is told by its exit. */
function sendTo(child: ChildProcess, message: ToUserCode): void {
  if (child.connected) child.send(message, () => {})
}

/** The program lies beside the bundle of the tool, above that of `wwdb/testing`, and in dist/ where the sources run. */
function findProgram(): string {
  const places = ['./user-code.mjs', '../user-code.mjs', '../../../../dist/user-code.mjs']
  const files = places.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const found = files.find((file) => existsSync(file))
  if (found !== undefined) return found
  throw new Error('wwdb is not built completely: dist/user-code.mjs is missing')
}

function cannotStart(file: string, error: Error): ToolError {
  const fault = {
    what: 'No process could be started for the code of the file.',
    where: { file },
    why: error.message,
    next: 'Let the system start another process (ulimit -u, memory), then run the command again.',
  }
  return new ToolError('MODULE_FAILED', fault, { cause: error })
}
