import { Worker } from 'node:worker_threads'
import { packError } from '../../migrations/user-code.ts'

/**
 * Ends the process without a message when the parent is gone: nobody reads its output. Only another thread can end an endless
 * loop.
 */
const watchParent = `
  const parent = process.ppid
  setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL') }, 500)
`

/** How a process of user code ends, other than by its answer. */
export type UnforeseenEnd =
  | { readonly type: 'floating'; readonly from: 'promise' | 'callback'; readonly error: ReturnType<typeof packError> }
  | { readonly type: 'exiting'; readonly code: number; readonly stack: string | undefined }
  | { readonly type: 'stuck' }

/** What user code does to its process (exit, hang, a forgotten promise) is told to the tool by `finish`; it dies with the tool. */
export function guardProcess(finish: (end: UnforeseenEnd) => void, exit: () => void): void {
  // A terminal sends Ctrl-C to every process; only the tool decides what happens to the run.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  new Worker(watchParent, { eval: true }).unref()
  process.on('unhandledRejection', (error) => finish({ type: 'floating', from: 'promise', error: packError(error) }))
  process.on('uncaughtException', (error) => finish({ type: 'floating', from: 'callback', error: packError(error) }))
  process.on('disconnect', exit)
  process.on('beforeExit', () => finish({ type: 'stuck' }))
  process.on('exit', (code) => {
    // The caller can be deep inside a library.
    Error.stackTraceLimit = 100
    finish({ type: 'exiting', code, stack: new Error('process.exit()').stack })
  })
}
