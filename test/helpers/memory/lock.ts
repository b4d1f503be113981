import { exitCodes } from '../../../src/core/exit-code.ts'
import type { Holder } from '../../../src/core/holder.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { Lock } from '../../../src/migrations/ports.ts'

/** A connection that may hold a lock, also after its client is gone. */
interface Holding {
  readonly id: number
  readonly orphaned: boolean
  finishOrphan(): void
}

/** What a server in memory knows of its locks. */
interface Locks<Connection extends Holding> {
  holderOf(lock: string): Connection | null
  tryLock(connection: Connection): boolean
  unlock(connection: Connection): void
  released(lock: string): Promise<void>
}

type Ask = <T>(work: () => T) => Promise<T>

/** The engine's `Lock` over a server in memory. */
export function lockOver<Connection extends Holding>(
  server: Locks<Connection>,
  connection: Connection,
  name: string,
  ask: Ask,
): Lock {
  const wait = async (milliseconds: number): Promise<void> => {
    if (milliseconds <= 0)
      throw new ToolError('LOCK_HELD', { what: 'Another run holds the lock' }, { exitCode: exitCodes.busy })
    // Given back since it was asked for: no event would wake us.
    if (server.holderOf(name) === null) return
    const timeout = AbortSignal.timeout(Math.ceil(milliseconds))
    await Promise.race([
      server.released(name),
      new Promise<void>((resolve) => timeout.addEventListener('abort', () => resolve())),
    ])
  }
  return {
    lock: async (milliseconds, waiting) => {
      const started = performance.now()
      while (!(await ask(() => server.tryLock(connection)))) {
        const holder = server.holderOf(name)
        waiting(holder === null ? null : describeHolder(holder), performance.now() - started)
        if (holder?.orphaned) holder.finishOrphan()
        else await wait(milliseconds - (performance.now() - started))
      }
    },
    unlock: () => ask(() => server.unlock(connection)),
  }
}

export function describeHolder({ id, orphaned }: Pick<Holding, 'id' | 'orphaned'>): Holder {
  return { connectionId: id, user: null, host: null, seconds: null, state: null, statement: null, orphaned }
}
