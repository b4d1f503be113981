import { expect, test, vi } from 'vitest'
import type { Holder } from '../../../src/core/holder.ts'
import type { StopRequest } from '../../../src/core/stop-request.ts'
import { awaitTables, GuardBudget } from '../../../src/operate/guard.ts'
import { neverStopped } from '../../helpers/migrations/engine.ts'
import { holder } from '../terminal/samples.ts'

/** Looks that see a holder so many times. */
function looks(times: number): () => Promise<readonly Holder[]> {
  let left = times
  return async () => {
    left -= 1
    return left >= 0 ? [holder] : []
  }
}

test('a table that nobody holds is waited for once, without a word', async () => {
  const held: number[] = []
  const end = await awaitTables({
    look: looks(0),
    budget: new GuardBudget(1000, neverStopped),
    held: async (_by, look) => void held.push(look),
  })
  expect(end).toEqual({ holders: [], looks: 1 })
  expect(held).toEqual([])
})

test('each look names who holds it, until nobody does', async () => {
  const held: number[] = []
  const end = await awaitTables({
    look: looks(2),
    budget: new GuardBudget(10_000, neverStopped),
    held: async (_by, look) => void held.push(look),
  })
  expect(end).toEqual({ holders: [], looks: 3 })
  expect(held).toEqual([1, 2])
})

test('only a session whose same transaction was seen in two looks in a row may be ended', async () => {
  const seen: readonly (readonly Holder[])[] = [
    [{ ...holder, connectionId: 1, seconds: 9 }],
    // Another one has become old, and 1 has begun a new transaction meanwhile.
    [
      { ...holder, connectionId: 1, seconds: 6 },
      { ...holder, connectionId: 2, seconds: 5 },
    ],
  ]
  const ended: number[] = []
  let at = -1
  const look = async (): Promise<readonly Holder[]> => {
    at += 1
    return seen[at] ?? []
  }
  const relieve = async (by: readonly Holder[]): Promise<void> => {
    ended.push(...by.map(({ connectionId }) => connectionId))
  }
  const steady = { ...holder, connectionId: 4, seconds: 7 }
  const budget = new GuardBudget(10_000, neverStopped)
  await awaitTables({ look, budget, held: async () => undefined, relieve })
  expect(ended).toEqual([])
  let looked = 0
  await awaitTables({
    look: async () => {
      looked += 1
      return looked < 4 ? [{ ...steady, seconds: 7 + looked }] : []
    },
    budget,
    held: async () => undefined,
    relieve,
  })
  expect(ended).toEqual([4])
})

test('the budget ends the wait, with those who hold it then', async () => {
  const began = performance.now()
  const end = await awaitTables({
    look: looks(1000),
    budget: new GuardBudget(600, neverStopped),
    held: async () => undefined,
  })
  expect(end.holders).toEqual([holder])
  expect(performance.now() - began).toBeGreaterThanOrEqual(590)
})

test('a person who stops the run does not wait for the budget', async () => {
  const asked = { requested: false }
  let ask = (): void => undefined
  const stop: StopRequest = {
    ...neverStopped,
    get requested() {
      return asked.requested
    },
    onStop: (listener) => {
      ask = () => {
        asked.requested = true
        listener()
      }
      return () => undefined
    },
  }
  const waiting = awaitTables({ look: looks(1000), budget: new GuardBudget(60_000, stop), held: async () => undefined })
  await new Promise((resolve) => setTimeout(resolve, 30))
  ask()
  expect((await waiting).holders).toEqual([])
})

test('the budget counts how long an attempt waited, and not how long it ran', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const budget = new GuardBudget(10_000, neverStopped)
    vi.advanceTimersByTime(1000)
    expect(budget.lockWait(3)).toBe(3000)
    vi.advanceTimersByTime(3_600_000)
    budget.gaveUp()
    expect(budget.left).toBe(6000)
    vi.advanceTimersByTime(5500)
    expect(budget.isUsedUp).toBe(false)
    expect(budget.lockWait(3)).toBe(1000)
    budget.gaveUp()
    expect(budget.isUsedUp).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})
