import { expect, it } from 'vitest'
import type { RunEvent } from '../../../../src/command/event.ts'
import { sayWaiting } from '../../../../src/migrations/execute/recover.ts'

const session = { target: { database: 'user_db', schema: 'user_db', server: 'vtgate' } }

it('a run says once for each reason what it waits for, and stops waiting when it is asked to', () => {
  const said: RunEvent[] = []
  const stop = { requested: false }
  const meanwhile = sayWaiting({ session }, (event) => void said.push(event), { summary: 'ALTER TABLE a' }, stop)
  for (const reason of ['Vitess has not completed it on every shard', 'Vitess has not completed it on every shard'])
    meanwhile(reason)
  meanwhile('the throttler holds shard -80: lag')
  expect(said.map((event) => ('message' in event ? event.message : null))).toEqual([
    'Waiting for `ALTER TABLE a` of an earlier run: Vitess has not completed it on every shard.',
    'Waiting for `ALTER TABLE a` of an earlier run: the throttler holds shard -80: lag.',
  ])
  stop.requested = true
  expect(() => meanwhile('the throttler holds shard -80: lag')).toThrow(
    expect.objectContaining({ code: 'STOPPED', message: expect.stringContaining('of an earlier run goes on') }),
  )
})
