// The program that runs user code: data migrations and seeds in TypeScript or JavaScript. What that code does to its
// process (exit, hang, change of folder or environment) does not affect the tool, which answers its queries from outside.
import { Worker } from 'node:worker_threads'
import { ModuleBatch } from '../../migrations/files/user-code/module-batch.ts'
import { loadFunction, ModuleClient } from '../../migrations/files/user-code/module-client.ts'
import { createModuleKnex } from '../../migrations/mysql/module-knex.ts'
import {
  type DataModule,
  type FromUserCode,
  type FunctionName,
  packError,
  type ToUserCode,
} from '../../migrations/user-code.ts'

/**
 * Ends the process without a message when the parent is gone: nobody reads its output. Only another thread can end an endless
 * loop.
 */
const watchParent = `
  const parent = process.ppid
  setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL') }, 500)
`

let finished = false
const exit = process.exit.bind(process)
const channel = process.channel
const sendToTool = process.send?.bind(process)
const send = (message: FromUserCode, sent?: () => void): void => {
  sendToTool?.(message, undefined, undefined, sent)
}
const client = new ModuleClient(send, (waits) => (waits ? channel?.ref() : channel?.unref()))

/** Reports how it ended; the tool then ends the process, if it does not end by itself. */
function finish(message: FromUserCode, sent?: () => void): void {
  if (finished) return
  finished = true
  channel?.ref()
  send(message, sent)
}

async function run(module: DataModule, name: FunctionName): Promise<void> {
  try {
    const call = await loadFunction(module, name)
    const settle = async (): Promise<void> => {
      await client.idle()
      // An unhandled error is reported after the promises that settled last.
      await new Promise((resolve) => setImmediate(resolve))
      await client.idle()
      const forgotten = findForgotten(name, module.file)
      if (forgotten !== null) throw forgotten
    }
    const { client: sender, run: batch } = new ModuleBatch(client, settle)
    const { knex, findForgotten } = await createModuleKnex(sender)
    await (name === 'seed' ? call(knex) : call(knex, { batch }))
    await settle()
    finish({ type: 'done' }, () => exit())
  } catch (error) {
    finish({ type: 'failed', error: packError(error) })
  }
}

function begin(): void {
  // A terminal sends Ctrl-C to every process; only the tool decides what happens to the run.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  new Worker(watchParent, { eval: true }).unref()
  process.on('unhandledRejection', (error) => finish({ type: 'floating', from: 'promise', error: packError(error) }))
  process.on('uncaughtException', (error) => finish({ type: 'floating', from: 'callback', error: packError(error) }))
  process.on('disconnect', () => exit())
  process.on('beforeExit', () => finish({ type: 'stuck' }))
  process.on('exit', (code) => {
    // The caller can be deep inside a library.
    Error.stackTraceLimit = 100
    finish({ type: 'exiting', code, stack: new Error('process.exit()').stack })
  })
  process.on('message', (message: ToUserCode) => {
    if (message.type !== 'run') return client.hear(message)
    // From here on, only pending work of the user's code keeps the process alive.
    channel?.unref()
    void run(message.module, message.name)
  })
  // To user code, the process has no parent that sends messages.
  Object.assign(process, { send: undefined, disconnect: undefined })
}

begin()
