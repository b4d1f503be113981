import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Lease } from '../../../../src/migrations/mysql/vitess/lease.ts'
import type { Asker } from '../../../../src/mysql/connection.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const answer = { rows: [], affected: 1, insertId: null, warningCount: 0 }

const target = { database: 'app', schema: 'app', server: 'vtgate' }
const request = {
  ...{ keyspace: 'user_db', name: 'app', target, person: 'ann', runner: 'host:1', connectionId: 7, subject: '`app`' },
  isAlive: () => null,
}

/** A lease that is taken at once. @param renew answers a renewal */
async function takeLease(renew: () => Promise<unknown>): Promise<Lease> {
  let owner = ''
  const asker: Asker = {
    ask: async (text) => {
      owner = /owner='([0-9a-f]+)'/.exec(text)?.[1] ?? owner
      if (text.startsWith('SELECT')) return { ...answer, rows: [['1', owner, 'ann', 'host:1', 7, 0, 15_000_000]] }
      if (text.includes('beats=beats+1')) await renew()
      return answer
    },
  }
  const lease = new Lease(request, (question) => question(asker))
  await lease.take(0, () => undefined)
  return lease
}

test('while the database of the journal does not answer, one renewal waits for it and no other one is added', async () => {
  let renewals = 0
  const lease = await takeLease(() => {
    renewals += 1
    return new Promise(() => undefined)
  })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(renewals).toBe(1)
  lease.stop()
})

test('a lease that was not renewed for longer than a shard is waited for is lost, whoever has it', async () => {
  let isAway = false
  const lease = await takeLease(() => (isAway ? Promise.reject(new Error('away')) : Promise.resolve()))
  await vi.advanceTimersByTimeAsync(60 * 60_000)
  expect(() => lease.sure()).not.toThrow()
  isAway = true
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  expect(() => lease.sure()).not.toThrow()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(() => lease.sure()).toThrow(expect.objectContaining({ code: 'LOCK_LOST' }))
  lease.stop()
})

test('a renewal whose answer was on its way for longer than the lease lasts is asked for again', async () => {
  let renewals = 0
  const lease = await takeLease(async () => {
    renewals += 1
    if (renewals === 1) await new Promise((resolve) => void setTimeout(resolve, 40_000))
  })
  lease.stop()
  const renewed = lease.renew(30_000)
  await vi.advanceTimersByTimeAsync(40_000)
  await renewed
  expect(renewals).toBe(2)
})
