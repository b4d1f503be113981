import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { formatDuration } from '../core/duration.ts'
import { exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import type { StoreRun } from './contract.ts'
import type { LeaseClaim, LeaseHolder, LeasePlace } from './lease.ts'

/** A lock that is held. It is renewed by a timer until it is released. */
export interface Lease {
  /** What the store knows its holder by. */
  readonly owner: string
  /** Asks the store whether it is still held, and moves its end on. @throws ToolError STORE_LOCK_LOST. */
  readonly check: () => Promise<void>
  /** Never throws: a lock that cannot be given back ends by itself. */
  readonly release: () => Promise<void>
}

/** Milliseconds after the last renewal at which another run may take over. */
const usualLease = 15_000

/** Milliseconds between two attempts, doubled at random so that waiting runs do not meet again and again. */
const interval = 150

interface LeaseRequest {
  readonly store: string
  readonly server: string
  /** Milliseconds to wait for another applier; 0 does not wait. */
  readonly wait: number
  readonly run: StoreRun
}

/**
 * Takes the lock of a store, waiting for its holder; null where the store has no place for it yet.
 * @throws ToolError LOCK_HELD (75) after the wait, STOPPED.
 */
export async function takeLease(place: LeasePlace, request: LeaseRequest): Promise<Lease | null> {
  const { run } = request
  const claim = makeClaim(run)
  const started = performance.now()
  let reported: string | null = null
  for (;;) {
    const answer = await place.take(claim)
    if (answer.type === 'no-place') return null
    if (answer.type === 'taken') return keepLease(place, claim, request)
    if (run.stop.requested) throw stopped(request)
    if (performance.now() - started >= request.wait) throw lockHeld(request, answer.by)
    // Two that meet by chance are no news.
    if (answer.by !== null && answer.by.holder !== reported) {
      reported = answer.by.holder
      run.report(`Waiting for the lock of ${request.store}, held by ${describeHolder(answer.by)}.`)
    }
    await pause(interval * (1 + Math.random()))
  }
}

function makeClaim(run: StoreRun): LeaseClaim {
  return {
    owner: randomBytes(8).toString('hex'),
    holder: run.holder,
    milliseconds: run.lease ?? usualLease,
  }
}

function keepLease(place: LeasePlace, claim: LeaseClaim, request: LeaseRequest): Lease {
  let lost = false
  let ended = false
  let waiting = 0
  // One request at a time: a renewal must not meet another one of its own.
  let latest: Promise<unknown> = Promise.resolve()
  const renew = (): Promise<void> => {
    waiting += 1
    const next = latest.then(async () => {
      if (!ended) lost ||= !(await place.renew(claim))
    })
    latest = next
      .catch(() => undefined)
      .finally(() => {
        waiting -= 1
      })
    return next
  }
  // A renewal that fails is repeated by the next one; what the run itself sends meanwhile shows whether the store is reached. While a store does not
  // answer none is added, or the release would wait for all of them.
  const timer = setInterval(() => {
    if (waiting === 0) void renew().catch(() => undefined)
  }, claim.milliseconds / 3)
  timer.unref()
  return {
    owner: claim.owner,
    check: async () => {
      if (!lost) await renew()
      if (lost) throw lockLost(request)
    },
    release: async () => {
      clearInterval(timer)
      ended = true
      await latest
      if (!lost) await place.release(claim).catch(() => undefined)
    },
  }
}

/** `deploy@host, process 4711, for 12 s`. */
function describeHolder({ holder, heldFor }: LeaseHolder): string {
  return `${holder}, for ${formatDuration(Math.max(0, heldFor))}`
}

function lockHeld({ store, server, wait }: LeaseRequest, by: LeaseHolder | null): ToolError {
  const holder = by === null ? 'a run that has just ended' : describeHolder(by)
  return new ToolError('LOCK_HELD', {
    what: `Another run is changing ${store}.`,
    where: { server },
    why: `The lock is held by ${holder}. The wait ended after ${(wait / 1000).toFixed(1)} s.`,
    next: 'Wait and run the command again, or increase `--lock-timeout`; `wwdb setup status` shows the holder.',
  })
}

function lockLost({ store, server }: LeaseRequest): ToolError {
  return new ToolError('STORE_LOCK_LOST', {
    what: `This run no longer holds the lock of ${store}, so it changes nothing more there.`,
    where: { server },
    why: 'It did not renew the lock in time, or its connection ended, and another run may have taken it over.',
    next: 'Run the command again: it continues with what differs now.',
  })
}

function stopped({ store, server }: LeaseRequest): ToolError {
  const fault = {
    what: `Stopped while waiting for the lock of ${store}.`,
    where: { server },
    next: 'Run the command again when ready.',
  }
  return new ToolError('STOPPED', fault, { exitCode: exitCodes.interrupted })
}
