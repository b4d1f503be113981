// The program that runs user code: data migrations and seeds in TypeScript or JavaScript. What that code does to its
// process (exit, hang, change of folder or environment) does not affect the tool, which answers its queries from outside.
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
import { guardProcess } from './guard-process.ts'

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
  guardProcess(finish, () => exit())
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
