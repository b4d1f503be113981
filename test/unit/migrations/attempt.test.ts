import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Holder } from '../../../src/core/holder.ts'
import { type AttemptRequest, attemptStatement } from '../../../src/migrations/execute/attempt.ts'
import type { RunFailure, Session } from '../../../src/migrations/ports.ts'
import type { StatementOutcome } from '../../../src/mysql/facts.ts'
import { neverStopped } from '../../helpers/migrations/engine.ts'

class Failing extends Error {
  readonly type: RunFailure['type']
  constructor(type: RunFailure['type']) {
    super(type)
    this.type = type
  }
}

const holder: Holder = {
  connectionId: 9,
  user: null,
  host: null,
  seconds: 1,
  state: null,
  statement: null,
  orphaned: false,
}
const outcome: StatementOutcome = { rows: 1, warnings: [], lastInsertId: null }

let calls: string[] = []
/** Ends the statement under way. */
let interrupt: (() => void) | null = null

function sessionOf(blockers: readonly Holder[] = []): Session {
  const session: Partial<Session> = {
    explain: (error) =>
      error instanceof Failing ? ({ type: error.type, why: 'w', number: 1, line: null } as RunFailure) : null,
    rollback: async () => void calls.push('rollback'),
    cancel: async () => {
      calls.push('cancel')
      interrupt?.()
    },
    findBlockers: async () => blockers,
    readProgress: async () => ({ type: 'unknown' }),
  }
  return session as Session
}

/** Fails in these ways, one after another, then succeeds. */
function failing(...ways: readonly RunFailure['type'][]): AttemptRequest['work'] {
  const left = [...ways]
  return async () => {
    calls.push('run')
    const way = left.shift()
    if (way !== undefined) throw new Failing(way)
    return outcome
  }
}

const lasting: AttemptRequest['work'] = () =>
  new Promise((_, reject) => {
    interrupt = () => reject(new Failing('canceled'))
  })

const request = (work: AttemptRequest['work'], changes: Partial<AttemptRequest> = {}): AttemptRequest => ({
  session: sessionOf(),
  stop: neverStopped,
  statementTimeout: null,
  work,
  blocked: () => {},
  ...changes,
})

/** Lets time pass until it is over; no real second does. */
async function finish<T>(promise: Promise<T>): Promise<T> {
  let over = false
  const watched = promise.finally(() => {
    over = true
  })
  watched.catch(() => {})
  while (!over) await vi.advanceTimersByTimeAsync(50)
  return watched
}

beforeEach(() => {
  calls = []
  interrupt = null
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('what succeeds is done at once', async () => {
  expect(await finish(attemptStatement(request(failing())))).toMatchObject({ type: 'done', outcome })
  expect(calls).toEqual(['run'])
})

test('what was killed is over only when the kill is: a late one would end the next statement', async () => {
  let answered = false
  const session: Session = {
    ...sessionOf(),
    cancel: async () => {
      interrupt?.()
      await new Promise((answer) => setTimeout(answer, 300))
      answered = true
    },
  }
  const result = await finish(attemptStatement(request(lasting, { session, statementTimeout: 1000 })))
  expect(result).toMatchObject({ type: 'failed', failure: { type: 'canceled' }, timedOut: true })
  expect(answered).toBe(true)
})

test('what gave up waiting is undone, and tried again', async () => {
  expect(await finish(attemptStatement(request(failing('waited', 'waited'))))).toMatchObject({ type: 'done' })
  expect(calls).toEqual(['run', 'rollback', 'run', 'rollback', 'run'])
})

test('six times at most, with growing pauses that are never alike', async () => {
  const work = failing(...Array.from({ length: 9 }, () => 'waited' as const))
  const started = Date.now()
  const result = await finish(attemptStatement(request(work)))
  expect(result).toMatchObject({ type: 'failed', attempts: 6, failure: { type: 'waited' }, timedOut: false })
  expect(calls.filter((call) => call === 'run')).toHaveLength(6)
  const shortest = [1, 2, 3, 4, 5].reduce((sum, attempt) => sum + 50 * 2 ** attempt, 0)
  expect(Date.now() - started).toBeGreaterThanOrEqual(shortest)
  expect(Date.now() - started).toBeLessThanOrEqual(3 * shortest + 100)
})

test.each(['refused', 'lost', 'canceled'] as const)('what was %s is not tried again', async (way) => {
  const result = await finish(attemptStatement(request(failing(way))))
  expect(result).toMatchObject({ type: 'failed', attempts: 1, failure: { type: way } })
  expect(calls).toEqual(['run'])
})

test('a kill that came before the server had the statement is repeated until it ends', async () => {
  const killed: (() => void)[] = []
  const onKill = (listener: () => void): (() => void) => {
    killed.push(listener)
    return () => undefined
  }
  const work: AttemptRequest['work'] = () =>
    new Promise((_, reject) => {
      // The server forgets a KILL QUERY for a connection that runs nothing.
      setTimeout(() => {
        interrupt = () => reject(new Failing('canceled'))
      }, 200)
    })
  const attempt = attemptStatement(request(work, { stop: { ...neverStopped, killRequested: true, onKill } }))
  killed[0]?.()
  expect(await finish(attempt)).toMatchObject({ type: 'failed', failure: { type: 'canceled' } })
  expect(calls).toEqual(['cancel', 'cancel'])
})

test('after a stop was asked for nothing is tried again', async () => {
  const stop = { ...neverStopped, requested: true }
  expect(await finish(attemptStatement(request(failing('waited'), { stop })))).toMatchObject({
    type: 'failed',
    attempts: 1,
  })
})

test('what is no error of the server is thrown as it is', async () => {
  const defect = new TypeError('a defect')
  const work = () => Promise.reject(defect)
  await expect(finish(attemptStatement(request(work)))).rejects.toBe(defect)
})

test('a statement is killed at its time limit, and says so', async () => {
  const started = Date.now()
  const result = await finish(attemptStatement(request(lasting, { statementTimeout: 3000 })))
  expect(result).toMatchObject({ type: 'failed', timedOut: true, failure: { type: 'canceled' } })
  expect([calls, Date.now() - started]).toEqual([['cancel'], 3000])
})

test('a statement is killed when the second Ctrl-C asks for it, and the listener is taken away', async () => {
  const listeners = new Set<() => void>()
  const onKill = (listener: () => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const attempt = attemptStatement(request(lasting, { stop: { ...neverStopped, onKill } }))
  await vi.advanceTimersByTimeAsync(10)
  for (const listener of listeners) listener()
  expect(await finish(attempt)).toMatchObject({ type: 'failed', timedOut: false, failure: { type: 'canceled' } })
  expect([calls, listeners.size]).toEqual([['cancel'], 0])
})

test('the sessions that block a statement are looked for within the shortest lock wait and then every second, reported, and named at the end', async () => {
  const blocked = vi.fn()
  const changes = { session: sessionOf([holder]), statementTimeout: 2500, blocked }
  const result = await finish(attemptStatement(request(lasting, changes)))
  expect(blocked.mock.calls).toEqual([
    [[holder], 1],
    [[holder], 1],
    [[holder], 1],
  ])
  expect(result).toMatchObject({ type: 'failed', blockers: [holder] })
})

test('the session that blocks a statement is named although the statement waits for a second only', async () => {
  const blocked = vi.fn()
  const result = await finish(
    attemptStatement(request(lasting, { session: sessionOf([holder]), statementTimeout: 999, blocked })),
  )
  expect(blocked.mock.calls).toEqual([[[holder], 1]])
  expect(result).toMatchObject({ type: 'failed', blockers: [holder] })
})

test('a blocker that is found after the statement has ended is not reported', async () => {
  let answer = (_: readonly Holder[]): void => {}
  const findBlockers = () =>
    new Promise<readonly Holder[]>((resolve) => {
      answer = resolve
    })
  const blocked = vi.fn()
  const changes = { session: { ...sessionOf(), findBlockers }, statementTimeout: 1500, blocked }
  await finish(attemptStatement(request(lasting, changes)))
  answer([holder])
  await vi.advanceTimersByTimeAsync(10)
  expect(blocked).not.toHaveBeenCalled()
})
