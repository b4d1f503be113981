import { expect, test } from 'vitest'
import type { Asker } from '../../../src/mysql/connection.ts'
import { proveLock } from '../../../src/mysql/lock.ts'

const target = { database: 'app', schema: 'app', server: 'db:3306' }

/** A connection that answers who holds the lock, which one it is, and on which server. */
function connectionOn(server: string, id: number, holder: number | null): Asker {
  return { ask: async () => ({ rows: [[holder, id, server]] }) } as unknown as Asker
}

test('two servers behind one address are named as that, and not as a proxy that pools', async () => {
  const proof = proveLock(connectionOn('one', 7, 7), connectionOn('two', 9, null), 'wwdb:x', target, 7)
  await expect(proof).rejects.toMatchObject({
    code: 'LOCK_UNRELIABLE',
    faults: [{ what: expect.stringContaining('two servers'), why: expect.stringContaining('primary changed') }],
  })
})

test('a lock that another connection of the same server does not see is laid to a proxy that pools', async () => {
  const proof = proveLock(connectionOn('one', 7, 7), connectionOn('one', 9, null), 'wwdb:x', target, 7)
  await expect(proof).rejects.toMatchObject({ faults: [{ why: expect.stringContaining('pools') }] })
})
