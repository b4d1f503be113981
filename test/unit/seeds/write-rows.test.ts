import { expect, test } from 'vitest'
import type { RunFailure, Session } from '../../../src/migrations/ports.ts'
import { attemptWrite } from '../../../src/seeds/write-rows.ts'

const stop = { requested: false, killRequested: false, onStop: () => () => undefined, onKill: () => () => undefined }

/** What the error of the driver is told as. */
async function failWith(failure: Partial<RunFailure>): Promise<unknown> {
  const session = {
    target: { database: 'user_db', schema: 'user_db', server: 'vtgate:3306' },
    explain: () => ({ type: 'refused', number: 1045, line: null, ...failure }),
    cancel: async () => undefined,
  } as unknown as Session // only what a write asks of it
  const cause = Object.assign(new Error('denied'), { errno: 1045, sqlState: '28000' })
  const writing = attemptWrite({ session, statementTimeout: null, stop }, { what: 'A row of `a` was refused.' }, () =>
    Promise.reject(cause),
  )
  return writing.catch((error: unknown) => error)
}

test('a refusal of a table ACL has no number of a login, and asks nobody to correct rows', async () => {
  const error = await failWith({ why: 'add `ann` to `writers`', byTableAcl: true } as Partial<RunFailure>)
  expect(error).toMatchObject({
    code: 'SEED_REFUSED',
    faults: [{ why: 'add `ann` to `writers`', next: expect.stringContaining('what is said there of the table ACL') }],
  })
  expect(error).not.toHaveProperty('cause.errno')
})

test('another refusal has the number of the server, and is to be corrected', async () => {
  expect(await failWith({ why: 'Column `a` cannot be null', number: 1048 } as Partial<RunFailure>)).toMatchObject({
    code: 'SEED_REFUSED',
    faults: [{ why: 'Column `a` cannot be null (error 1048)', next: expect.stringContaining('Correct it') }],
  })
})
