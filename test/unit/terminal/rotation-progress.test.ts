import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import { describeActivity, nameActivity } from '../../../src/terminal/human/activity.ts'
import { RunProgress } from '../../../src/terminal/human/run-progress.ts'

const target = { database: 'contact_db', schema: 'contact_db', server: '127.0.0.1:3306' }
const shard = { target, family: 'contacts', table: 'contacts_7' }

test('a rotation is shown as what it does: tables that are made, and the step that a shard is at', () => {
  const progress = new RunProgress()
  const say = (event: RunEvent): string => {
    progress.apply(event, 0)
    const [one] = progress.running
    if (one === undefined) throw new Error('the target is at work')
    return `${nameActivity(one)} | ${describeActivity(one)}`
  }
  progress.apply({ type: 'lock-acquired', target, milliseconds: 1 }, 0)
  expect(say({ type: 'rotation-making-started', target, total: 3000 })).toBe(
    'making tables, 0 of 3,000 done | makes tables, 0 of 3,000 done',
  )
  const made = { type: 'rotation-step-finished', ...shard, step: 'create', rows: null, milliseconds: null } as const
  expect(say(made)).toContain('making tables, 1 of 3,000 done')
  expect(say({ type: 'rotation-step-started', ...shard, step: 'archive', why: 'it is on hold' })).toBe(
    'archive contacts_7 | is at contacts_7: archive',
  )
  const copied = { type: 'rotation-step-progress', ...shard, step: 'archive', done: 4100, total: 10_000 } as const
  expect(say({ ...copied, left: 75_000 })).toBe(
    'archive contacts_7, 4,100 of 10,000 rows (41%), about 1 min 15 s left | ' +
      'is at contacts_7: archive, 4,100 of 10,000 rows (41%), about 1 min 15 s left',
  )
  expect(say({ type: 'rotation-step-finished', ...shard, step: 'archive', rows: 3, milliseconds: 9 })).toBe(
    'checking shards | checks its shards',
  )
})

test('tables that are made show the time left by the pace so far', () => {
  const progress = new RunProgress()
  progress.apply({ type: 'rotation-making-started', target, total: 300 }, 0)
  const made = { type: 'rotation-step-finished', ...shard, step: 'create', rows: null, milliseconds: null } as const
  for (let count = 1; count <= 100; count += 1) progress.apply(made, count * 100)
  const [one] = progress.running
  expect(one && nameActivity(one)).toBe('making tables, 100 of 300 done, about 20 s left')
})
