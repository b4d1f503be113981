import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import { describeActivity, nameActivity } from '../../../src/terminal/human/activity.ts'
import { RunProgress } from '../../../src/terminal/human/run-progress.ts'

const target = { database: 'message_db', schema: 'message_db', server: '127.0.0.1:3306' }
const at = { target, version: '20261201000000', name: 'add_flag', direction: 'up', family: 'messages' } as const
const shardAt = (key: string) => ({ ...at, shard: key, table: `messages_${key}` })

const begin: readonly RunEvent[] = [
  { type: 'step-started', ...at, from: 0, total: 1 },
  { type: 'statement-started', ...at, statement: 0, total: 1, summary: 'up on every shard of messages' },
  { type: 'fan-out-started', ...at, done: 3, total: 1815, canary: null },
]

function progressAfter(...events: readonly RunEvent[]) {
  const progress = new RunProgress()
  for (const [index, event] of [...begin, ...events].entries()) progress.apply(event, index * 100)
  const found = progress.of(target)
  if (found === undefined) throw new Error('the target was never heard of')
  return found
}

describe('what a target does while a migration goes to its shards', () => {
  test('how many are complete, and which are being changed', () => {
    const progress = progressAfter(
      { type: 'shard-started', ...shardAt('202601') },
      { type: 'shard-started', ...shardAt('202602') },
      { type: 'shard-finished', ...shardAt('202601'), statements: 1, milliseconds: 9, done: 4, total: 1815 },
    )
    expect(nameActivity(progress)).toBe('4 of 1,815 shards messages_202602  20261201000000_add_flag')
    expect(describeActivity(progress)).toBe(
      '20261201000000_add_flag is complete on 4 of 1,815 shards; at work on messages_202602',
    )
  })

  test('how many failed', () => {
    const fault = { what: 'Statement 1 failed' }
    const progress = progressAfter(
      { type: 'shard-started', ...shardAt('202601') },
      { type: 'shard-failed', ...shardAt('202601'), code: 'STATEMENT_FAILED', fault },
    )
    expect(nameActivity(progress)).toBe('3 of 1,815 shards, 1 failed  20261201000000_add_flag')
  })

  test('no more tables than a line has room for', () => {
    const keys = ['1', '2', '3', '4', '5']
    const progress = progressAfter(...keys.map((key): RunEvent => ({ type: 'shard-started', ...shardAt(key) })))
    expect(nameActivity(progress)).toContain('messages_1, messages_2, messages_3 and 2 more')
  })

  test('whom one of them waits for, under the name of the migration', () => {
    const holder = {
      connectionId: 7,
      user: null,
      host: null,
      seconds: 4,
      state: null,
      statement: null,
      orphaned: false,
    }
    const progress = progressAfter(
      { type: 'shard-started', ...shardAt('202601') },
      {
        type: 'statement-blocked',
        ...at,
        version: '20261201000000/202601',
        name: 'messages_202601',
        statement: 0,
        total: 1,
        summary: 'ALTER TABLE messages_202601',
        by: [holder],
        attempt: 1,
      },
    )
    expect(nameActivity(progress)).toBe(
      '3 of 1,815 shards messages_202601 blocked by connection 7  20261201000000_add_flag',
    )
  })
})
