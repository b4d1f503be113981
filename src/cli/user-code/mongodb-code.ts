// The program that runs migrations of MongoDB in code. It has a connection of its own, and the transactions in which a migration commits with its
// record are its own; what that code does to its process does not affect the tool, which holds the lock.
import { loadModule } from '../../migrations/files/user-code/module-client.ts'
import { packError } from '../../migrations/user-code.ts'
import { carryOutCode } from '../../stores/migrations/driver-code.ts'
import type { CodeEars, CodeWork, Floating, FromCode, ToCode } from '../../stores/migrations/messages.ts'
import type { CodeMigration } from '../../stores/migrations/ports.ts'
import { readPart, readShapes } from '../../stores/migrations/read-shape.ts'
import { guardProcess, type UnforeseenEnd } from './guard-process.ts'

let finished = false
let stopped = false
let ending = false
let calling = true
/** What failed while the code was not being called: it is judged where that is known. */
let floating: Floating | null = null
const exit = process.exit.bind(process)
const sendToTool = process.send?.bind(process)
const send = (message: FromCode, sent?: () => void): void => {
  sendToTool?.(message, undefined, undefined, sent)
}

/** Reports how it ended; the tool then ends the process, if it does not end by itself. */
function finish(message: FromCode): void {
  if (finished) return
  finished = true
  send(message, () => exit())
}

async function describe(migrations: readonly CodeMigration[]): Promise<FromCode> {
  const shapes = []
  for (const migration of migrations) shapes.push(readShapes(await loadModule(migration), migration.file))
  return { type: 'shapes', shapes }
}

class FloatingError extends Error {}

const ears: CodeEars = {
  progress: (documents) => send({ type: 'progress', documents }),
  isStopped: () => stopped,
  isEnding: () => ending,
  calling: (now) => {
    calling = now
  },
  refuseFloating: () => {
    if (floating !== null) throw new FloatingError()
  },
  committing: () => send({ type: 'committing' }),
  lost: (error) => finish({ type: 'failed', error: packError(error) }),
}

async function carryOut(work: CodeWork): Promise<FromCode> {
  const { migration, direction } = work
  const part = readPart(await loadModule(migration), direction, migration.file)
  if (part === null) throw new Error(`${migration.file} has no ${direction}`)
  try {
    const end = await carryOutCode(work, part, ears)
    return { type: 'ended', end, late: floating }
  } catch (error) {
    if (error instanceof FloatingError && floating !== null) return floating
    throw error
  }
}

/** While the code is not being called, a transaction of it may be committing: its end is what counts. */
function hearEnd(end: UnforeseenEnd): void {
  if (end.type === 'floating' && !calling) floating ??= end
  else finish(end)
}

function begin(): void {
  guardProcess(hearEnd, () => exit())
  process.on('message', (message: ToCode) => {
    if (message.type === 'stop') stopped = true
    if (message.type === 'end') ending = true
    if (message.type === 'stop' || message.type === 'end') return
    const work = message.type === 'describe' ? describe(message.migrations) : carryOut(message.work)
    work.then(finish, (error: unknown) => finish({ type: 'failed', error: packError(error) }))
  })
  // To user code, the process has no parent that sends messages.
  Object.assign(process, { send: undefined, disconnect: undefined })
}

begin()
