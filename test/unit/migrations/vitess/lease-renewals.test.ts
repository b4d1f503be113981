import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Lease } from '../../../../src/migrations/mysql/vitess/lease.ts'
import type { Asker } from '../../../../src/mysql/connection.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const answer = { rows: [], affected: 1, insertId: null, warningCount: 0 }

test('while the database of the journal does not answer, one renewal waits for it and no other one is added', async () => {
  let owner = ''
  let renewals = 0
  const asker: Asker = {
    ask: async (text) => {
      owner = /owner='([0-9a-f]+)'/.exec(text)?.[1] ?? owner
      if (text.startsWith('SELECT')) return { ...answer, rows: [['1', owner, 'ann', 'host:1', 7, 0, 15_000_000]] }
      if (!text.includes('beats=beats+1')) return answer
      renewals += 1
      return new Promise(() => undefined)
    },
  }
  const target = { database: 'app', schema: 'app', server: 'vtgate' }
  const request = {
    keyspace: 'user_db',
    name: 'app',
    target,
    person: 'ann',
    runner: 'host:1',
    connectionId: 7,
    subject: '`app`',
  }
  const lease = new Lease({ ...request, isAlive: () => null }, (question) => question(asker))
  await lease.take(0, () => undefined)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(renewals).toBe(1)
  lease.stop()
})
