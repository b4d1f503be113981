import { expect, it } from 'vitest'
import { explainVtgate, migrationEnded, translatingVtgate } from '../../../../../src/migrations/mysql/vitess/errors.ts'

const target = { database: 'letters', schema: 'message_db', server: 'vtgate:15306' }
const vtgateError = (message: string, more = {}) =>
  Object.assign(new Error(message), { code: 'ER_UNKNOWN_ERROR', errno: 1105, ...more })
const tablet = 'target: message_db.-80.primary: vttablet: rpc error: code ='

it.each([
  [
    `${tablet} ClusterEvent desc = operation not allowed in state SHUTTING_DOWN`,
    'operation not allowed in state SHUTTING_DOWN',
  ],
  [
    `target: message_db.-80.primary: no healthy tablet available for 'keyspace:"message_db" shard:"-80" tablet_type:PRIMARY'`,
    'no healthy tablet available for \'keyspace:"message_db" shard:"-80" tablet_type:PRIMARY\'',
  ],
  [`${tablet} ClusterEvent desc = wrong tablet type: PRIMARY, want: REPLICA or []`, 'wrong tablet type'],
  [
    `${tablet} Aborted desc = transaction 1796139: ended at 2026-12-01 15:31:29 (unlocked closed connection) (CallerID: u)`,
    'transaction 1796139: ended',
  ],
  [
    `${tablet} Unavailable desc = Lost connection to MySQL server during query (errno 2013) (sqlstate HY000)`,
    'Lost connection to MySQL server during query',
  ],
])('%j is said to be of a shard without a primary, and no refusal of the statement', async (message, why) => {
  const error = vtgateError(message)
  expect(explainVtgate(error)).toEqual({
    ...{ type: 'lost', lacksPrimary: true },
    why: expect.stringContaining(`shard -80 had no primary that could carry it out: ${why}`),
  })
  await expect(translatingVtgate(target, () => Promise.reject(error))).rejects.toMatchObject({
    code: 'CONNECTION_LOST',
    faults: [
      { why: expect.stringContaining(`Shard -80: ${why}`), next: expect.stringContaining('SHOW VITESS_TABLETS') },
    ],
  })
})

it('what a server refuses stays refused, what Vitess says of a migration too, and a lost connection stays one', () => {
  const refused = `${tablet} AlreadyExists desc = Table 'a' already exists (errno 1050) (sqlstate 42S01)`
  expect(explainVtgate(vtgateError(refused))).toMatchObject({ type: 'refused' })
  const why = 'shard -80 says `failed`: operation not allowed in state SHUTTING_DOWN'
  const ended = migrationEnded({ type: 'ended', isCanceled: false, isPartial: false, why })
  expect(explainVtgate(ended)).toMatchObject({ type: 'refused', why })
  const lost = vtgateError('Connection lost: no healthy tablet available', { fatal: true })
  expect(explainVtgate(lost)).toEqual({ type: 'lost', why: lost.message })
})
