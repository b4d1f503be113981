import type { Config } from '../config/config.ts'
import { sessionSettings } from '../config/recorded-session.ts'
import type { Emit } from '../core/event.ts'
import { ToolError } from '../core/tool-error.ts'
import type { StopRequest } from './ports.ts'
import type { OpenTarget } from './targets.ts'

/** What waiting for locks needs to know of the run. */
export interface LockRequest {
  readonly config: Config
  readonly emit: Emit
  readonly stop: StopRequest
}

function stoppedWhileWaiting(): ToolError {
  return new ToolError('STOPPED', { what: 'Stopped before anything was done', next: 'Run again when it suits.' })
}

/** Takes the locks one after another, in one order for all runs, so that two runs never wait for each other in a ring. */
export async function lockTargets(request: LockRequest, targets: readonly OpenTarget[]): Promise<void> {
  const order = (target: OpenTarget): string => `${target.session.target.server}/${target.session.target.schema}`
  for (const { session } of [...targets].sort((a, b) => (order(a) < order(b) ? -1 : 1))) {
    if (request.stop.requested) throw stoppedWhileWaiting()
    const started = performance.now()
    await session.lock(request.config.timeouts.lock, (holder, milliseconds) => {
      if (request.stop.requested) throw stoppedWhileWaiting()
      request.emit({ type: 'lock-waiting', target: session.target, holder, milliseconds })
    })
    request.emit({ type: 'lock-acquired', target: session.target, milliseconds: performance.now() - started })
  }
}

/** Gives the locks back; a connection that is gone has given its own back already. */
export async function unlockTargets(targets: readonly OpenTarget[]): Promise<void> {
  await Promise.allSettled(targets.map((target) => target.session.unlock()))
}

/** Makes the journal where there is none, and records the choices that must not change later. Needs the lock. */
export async function prepareJournal(target: OpenTarget, references: 'physical' | 'logical'): Promise<void> {
  if (!target.snapshot.exists) await target.session.createJournal()
  if (target.snapshot.settings.has('references')) return
  await target.session.recordSettings(
    new Map([['references', references], ['format', '1'], ...sessionSettings(target.database.session)]),
  )
}
