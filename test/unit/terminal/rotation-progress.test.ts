import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/core/event.ts'
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
  expect(say({ type: 'rotation-step-finished', ...shard, step: 'archive', rows: 3, milliseconds: 9 })).toBe(
    'looking at shards | looks at its shards',
  )
})
