import { describe, expect, it } from 'vitest'
import { decideRevert } from '../../../../src/migrations/vitess/decide-revert.ts'
import type { ShardMigration } from '../../../../src/migrations/vitess/shard-migrations.ts'

const shards = ['-80', '80-']

const row = (uuid: string, shard: string, status: string, given: Partial<ShardMigration> = {}): ShardMigration => ({
  ...{ uuid, shard, status, table: 'a', message: '', progress: 0, throttled: '', throttleRatio: 0 },
  ...{ isPostponed: true, isReady: false, hasStarted: status === 'running' || status === 'complete' },
  ...given,
})
const ready = { isReady: true }
const started = { hasStarted: true }

describe('what takes back one migration on all shards', () => {
  it('is given again to a shard that was away, and not canceled on the others, whose copies would be spent', () => {
    expect(decideRevert([row('r', '-80', 'running', ready)], shards)).toEqual({ type: 'resend', shards: ['80-'] })
    expect(decideRevert([row('r', '-80', 'complete')], shards)).toEqual({ type: 'resend', shards: ['80-'] })
    const failed = row('r', '80-', 'failed')
    expect(decideRevert([row('r', '-80', 'running'), failed], shards)).toEqual({ type: 'resend', shards: ['80-'] })
  })

  it('is one work with what was given later: each shard is let go once every shard is ready', () => {
    const first = row('r', '-80', 'running', ready)
    const failed = row('r', '80-', 'failed')
    expect(decideRevert([first, failed, row('s', '80-', 'running')], shards)).toEqual({ type: 'wait' })
    const rows = [first, failed, row('s', '80-', 'running', ready)]
    expect(decideRevert(rows, shards)).toEqual({ type: 'complete', uuid: 'r' })
    const released = row('r', '-80', 'running', { isReady: true, isPostponed: false })
    expect(decideRevert([released, ...rows.slice(1)], shards)).toEqual({ type: 'complete', uuid: 's' })
    expect(decideRevert([row('r', '-80', 'complete'), ...rows.slice(1)], shards)).toEqual({
      type: 'complete',
      uuid: 's',
    })
  })

  it('is canceled on the others where it has begun on a shard and failed, or somebody has canceled it there', () => {
    const first = row('r', '-80', 'running', ready)
    for (const other of [row('r', '80-', 'failed', started), row('r', '80-', 'cancelled')])
      expect(decideRevert([first, other], shards)).toEqual({ type: 'cancel', uuid: 'r' })
    const second = [row('r', '80-', 'failed'), row('s', '80-', 'failed', started)]
    expect(decideRevert([first, ...second], shards)).toEqual({ type: 'cancel', uuid: 'r' })
  })

  it('is not begun again by a follower where it has ended on all shards, and an earlier attempt does not count', () => {
    const canceled = shards.map((shard) => row('r', shard, 'cancelled'))
    expect(decideRevert(canceled, shards)).toEqual({ type: 'wait' })
    expect(decideRevert([], shards)).toEqual({ type: 'wait' })
    const again = shards.map((shard) => row('s', shard, 'running', ready))
    expect(decideRevert([...canceled, ...again], shards)).toEqual({ type: 'complete', uuid: 's' })
  })
})
