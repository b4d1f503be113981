import { expect, it } from 'vitest'
import type { Compared } from '../../../../src/migrations/vitess/compare-shards.ts'
import { judgeRefused, settleDefinition } from '../../../../src/migrations/vitess/settle-definition.ts'
import type { EndedState } from '../../../../src/migrations/vitess/shard-migrations.ts'

const unchanged: Compared = { type: 'unchanged' }
const changed: Compared = { type: 'changed' }
const unclear: Compared = { type: 'unclear', why: '`t` is not the same' }
const failed: EndedState = { type: 'ended', isCanceled: false, isPartial: false, why: 'shard 0 says `failed`: stale' }

it.each([
  [failed, unchanged, 'not-run'],
  // The tablet restarted during a plain ALTER, which the server carried out.
  [failed, changed, 'ran'],
  [{ ...failed, isCanceled: true }, changed, 'ran'],
  [failed, unclear, 'unknown'],
  [failed, null, 'unknown'],
  // The servers have said no, and somebody changed the table afterwards.
  [{ ...failed, isRefused: true }, changed, 'not-run'],
  [{ ...failed, isRefused: true, isPartial: true }, changed, 'unknown'],
  [{ ...failed, isPartial: true }, null, 'unknown'],
  [{ type: 'absent' }, unchanged, 'not-run'],
  [{ type: 'absent' }, changed, 'ran'],
  [{ type: 'absent' }, unclear, 'unknown'],
  [{ type: 'absent' }, null, 'unknown'],
  [{ type: 'complete', tables: 1 }, null, 'ran'],
  [{ type: 'complete', tables: 2 }, null, 'not-run'],
] as const)('%j with shards that are %j is settled as %s', (state, compared, type) => {
  expect(settleDefinition(state, 1, compared).type).toBe(type)
})

it('what Vitess says of a definition is said with what the shards have', () => {
  expect(settleDefinition(failed, 1, changed).why).toContain('although Vitess says: shard 0 says `failed`: stale')
  expect(settleDefinition(failed, 1, unclear).why).toBe('shard 0 says `failed`: stale; `t` is not the same')
  expect(judgeRefused('no', unclear)).toEqual({ type: 'unknown', why: 'no; `t` is not the same' })
})
