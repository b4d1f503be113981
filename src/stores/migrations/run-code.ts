import { fork } from 'node:child_process'
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
import type { FromCode, ToCode } from './messages.ts'
import type { CodeManner, CodeMigration, CodeShapes, StepEnd, StepRun } from './ports.ts'

/** Milliseconds that a finished process may take to end. */
const leave = 1000

type Answer = Extract<FromCode, { readonly type: 'shapes' | 'ended' }>

/** What the files export, read in a process of its own. */
export async function describeCode(migrations: readonly CodeMigration[]): Promise<readonly CodeShapes[]> {
  const [first] = migrations
  if (first === undefined) return []
  const answer = await converse({ name: 'up', file: first.file }, { type: 'describe', migrations }, null)
  return answer.type === 'shapes' ? answer.shapes : []
}

type CarryOut = Extract<ToCode, { readonly type: 'carry-out' }>

/** Carries out one step in a process of its own. @throws ToolError MODULE_FAILED for what the code threw, and what wwdb itself refuses. */
export async function runCode(
  message: CarryOut,
  manner: CodeManner,
  run: Pick<StepRun, 'stop' | 'progress'>,
): Promise<StepEnd> {
  const { migration, direction } = message.work
  const about = { name: direction, file: migration.file }
  try {
    const answer = await converse(about, message, run)
    return answer.type === 'ended' ? answer.end : 'done'
  } catch (error) {
    throw sayWhatIsKept(explain(about, error), manner)
  }
}

async function converse(
  about: About,
  message: ToCode,
  run: Pick<StepRun, 'stop' | 'progress'> | null,
): Promise<Answer> {
  // What users print goes to stderr: stdout is the answer of the command.
  const child = fork(findProgram('mongodb-code.mjs'), { stdio: ['inherit', 2, 2, 'ipc'], serialization: 'advanced' })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const tell = (next: ToCode): void => {
    if (child.connected) child.send(next, () => {})
  }
  const forget = [run?.stop.onStop(() => tell({ type: 'stop' })), run?.stop.onKill(() => child.kill('SIGKILL'))]
  let exiting: ProcessEnd['exiting'] = null
  try {
    return await new Promise<Answer>((resolve, reject) => {
      child.on('message', (heard: FromCode) => {
        if (heard.type === 'shapes' || heard.type === 'ended') resolve(heard)
        else if (heard.type === 'progress') run?.progress(heard.documents)
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

const kept: Readonly<Record<CodeManner, string>> = {
  transaction: rolledBack.nothingKept,
  batches: 'The batches before it are committed, and the next run continues behind them.',
  outside: 'What it wrote until then is kept, and the next run begins again.',
}

/** The sentence about what was kept fits how the code was carried out. */
function sayWhatIsKept(error: ToolError, manner: CodeManner): ToolError {
  if (manner === 'transaction') return error
  const faults = error.faults.map((fault) =>
    fault.next === undefined ? fault : { ...fault, next: fault.next.replace(rolledBack.nothingKept, kept[manner]) },
  )
  const said = new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error })
  if (error.stack !== undefined) said.stack = error.stack
  return said
}
