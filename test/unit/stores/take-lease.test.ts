import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LeasePlace } from '../../../src/stores/lease.ts'
import { takeLease } from '../../../src/stores/take-lease.ts'
import { neverStopped } from '../../helpers/migrations/engine.ts'

const second = 1000
/** What a store takes that waits for a primary, and gets none. */
const slow = 60 * second

let renewals = 0
const place: LeasePlace = {
  take: async () => ({ type: 'taken' }),
  renew: async () => {
    renewals += 1
    await new Promise((go) => setTimeout(go, slow))
    throw new Error('no primary')
  },
  release: () => new Promise((go) => setTimeout(go, slow)),
  read: async () => null,
}

beforeEach(() => {
  renewals = 0
  vi.useFakeTimers()
})
afterEach(() => void vi.useRealTimers())

test('a store that does not answer is asked by one renewal at a time, and the release waits for that one alone', async () => {
  const run = { report: () => undefined, stop: neverStopped, now: Date.now, holder: 'a' }
  const lease = await takeLease(place, { store: 'mongodb', server: 's', wait: 0, run })
  if (lease === null) throw new Error('the place gives it')
  await vi.advanceTimersByTimeAsync(58 * second)
  expect(renewals).toBe(1)
  let isReleased = false
  const released = lease.release().then(() => {
    isReleased = true
  })
  await vi.advanceTimersByTimeAsync(2 * slow)
  expect(isReleased).toBe(true)
  expect(renewals).toBe(1)
  await released
})
