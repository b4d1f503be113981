import { fork } from 'node:child_process'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import {
  type About,
  cannotStart,
  describeEnd,
  describeFloating,
  describeStuck,
  findProgram,
  type ProcessEnd,
} from '../../migrations/files/user-code/run-user-code.ts'
import { rolledBack, unpackThrown } from '../../migrations/user-code.ts'
import type { Floating, FromCode, ToCode } from './messages.ts'
import type { CodeManner, CodeMigration, CodeShapes, StepEnd, StepRun } from './ports.ts'

/** Milliseconds that a finished process may take to end. */
const leave = 1000

type Answer = Extract<FromCode, { readonly type: 'shapes' | 'ended' }>
type Ears = Pick<StepRun, 'stop' | 'progress'>

/** How far the process was when it ended. */
interface Progress {
  /** Whether a commit may have been sent. */
  committing: boolean
  /** Whether the run itself killed it. */
  killed: boolean
}

/** What the files export, read in a process of its own. */
export async function describeCode(migrations: readonly CodeMigration[]): Promise<readonly CodeShapes[]> {
  const [first] = migrations
  if (first === undefined) return []
  const progress = { committing: false, killed: false }
  const answer = await converse({ name: 'up', file: first.file }, { type: 'describe', migrations }, null, progress)
  return answer.type === 'shapes' ? answer.shapes : []
}

type CarryOut = Extract<ToCode, { readonly type: 'carry-out' }>

/** Carries out one step in a process of its own. @throws ToolError MODULE_FAILED for what the code threw, STOPPED where the run killed it, and what wwdb itself refuses. */
export async function runCode(message: CarryOut, manner: CodeManner, ears: Ears): Promise<StepEnd> {
  const { migration, direction } = message.work
  const about = { name: direction, file: migration.file }
  const progress = { committing: false, killed: false }
  let answer: Answer
  try {
    answer = await converse(about, message, ears, progress)
  } catch (error) {
    if (progress.killed) throw killed(about.file, manner, progress)
    throw sayWhatIsKept(explain(about, error), manner, progress)
  }
  if (answer.type !== 'ended') return 'done'
  if (answer.late !== null && answer.end === 'done') throw failedLate(about, answer.late)
  return answer.end
}

async function converse(about: About, message: ToCode, ears: Ears | null, progress: Progress): Promise<Answer> {
  // What users print goes to stderr: stdout is the answer of the command.
  const child = fork(findProgram('mongodb-code.mjs'), { stdio: ['inherit', 2, 2, 'ipc'], serialization: 'advanced' })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const tell = (next: ToCode): void => {
    if (child.connected) child.send(next, () => {})
  }
  const kill = (): void => {
    progress.killed = child.kill('SIGKILL')
  }
  const { stop } = ears ?? {}
  const forget = [
    stop?.onStop(() => tell({ type: 'stop' })),
    stop?.onTerminate?.(() => tell({ type: 'end' })),
    stop?.onKill(kill),
  ]
  let exiting: ProcessEnd['exiting'] = null
  try {
    return await new Promise<Answer>((resolve, reject) => {
      child.on('message', (heard: FromCode) => {
        if (heard.type === 'shapes' || heard.type === 'ended') resolve(heard)
        else if (heard.type === 'progress') ears?.progress(heard.documents)
        else if (heard.type === 'committing') progress.committing = true
        else if (heard.type === 'exiting') exiting = heard
        else if (heard.type === 'stuck') reject(describeStuck(about))
        else if (heard.type === 'floating') reject(describeFloating(about, heard.from, unpackThrown(heard.error)))
        else reject(unpackThrown(heard.error))
      })
      child.once('error', (error) => reject(cannotStart(about.file, error)))
      child.once('exit', (code, signal) => reject(describeEnd(about, { code, signal, exiting })))
      tell(message)
    })
  } finally {
    for (const one of forget) one?.()
    const timer = setTimeout(() => child.kill('SIGKILL'), leave)
    await gone
    clearTimeout(timer)
  }
}

/** What the code threw, or the server refused. */
function explain({ name, file }: About, error: unknown): ToolError {
  // What a store refuses keeps its own exit code: no code of a user is at fault.
  if (error instanceof ToolError && error.code.startsWith('STORE_')) return new ToolError(error.code, error.faults)
  if (error instanceof ToolError) return error
  const cause = error instanceof Error ? error : new Error(String(error))
  const failure = new ToolError(
    'MODULE_FAILED',
    {
      what: `\`${name}\` failed.`,
      where: { file },
      why: cause.message,
      next: `${rolledBack.nothingKept} Correct it, then run the command again.`,
    },
    { cause },
  )
  if (cause.stack !== undefined) failure.stack = cause.stack
  return failure
}

const notKnown = 'It is not known whether it was committed: see `wwdb setup migrations`.'

const kept: Readonly<Record<Exclude<CodeManner, 'transaction'>, string>> = {
  batches: 'The batches before it are committed, and the next run continues behind them.',
  outside: 'What it wrote until then is kept, and the next run begins again.',
}

function whatIsKept(manner: CodeManner, { committing }: Progress): string {
  if (manner !== 'transaction') return kept[manner]
  return committing ? notKnown : rolledBack.nothingKept
}

/** The sentence about what was kept fits how the code was carried out, and how far it was. */
function sayWhatIsKept(error: ToolError, manner: CodeManner, progress: Progress): ToolError {
  // The process that ended by itself has aborted its transaction, or says that it does not know.
  const known = error.code === 'MODULE_EXITED' ? progress : { ...progress, committing: false }
  return replaceKept(error, whatIsKept(manner, known))
}

function replaceKept(error: ToolError, sentence: string): ToolError {
  if (sentence === rolledBack.nothingKept) return error
  const faults = error.faults.map((fault) =>
    fault.next === undefined ? fault : { ...fault, next: fault.next.replace(rolledBack.nothingKept, sentence) },
  )
  const said = new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error })
  if (error.stack !== undefined) said.stack = error.stack
  return said
}

/** Everything was committed and recorded before it failed. */
function failedLate(about: About, { from, error }: Floating): ToolError {
  const failure = describeFloating(about, from, unpackThrown(error))
  return replaceKept(failure, 'What it awaited is committed, and the migration is recorded as applied.')
}

function killed(file: string, manner: CodeManner, progress: Progress): ToolError {
  const fault = {
    what: 'The process of the code was ended, as the run was asked to stop a second time.',
    where: { file },
    next: `${whatIsKept(manner, progress)} Run the command again: it finds out how far this run came.`,
  }
  return new ToolError('STOPPED', fault, { exitCode: exitCodes.interrupted })
}
