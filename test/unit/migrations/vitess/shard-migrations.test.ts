import fc from 'fast-check'
import { expect, it } from 'vitest'
import { contextOf, judgeMigrations, type ShardMigration } from '../../../../src/migrations/vitess/shard-migrations.ts'

const statuses = ['requested', 'queued', 'ready', 'running', 'complete', 'failed', 'cancelled'] as const
const shards = ['-40', '40-80', '80-'] as const

const row = fc.record({
  uuid: fc.constantFrom('u1', 'u2'),
  shard: fc.constantFrom(...shards),
  status: fc.constantFrom(...statuses),
  message: fc.constantFrom('', 'no room'),
  progress: fc.integer({ min: 0, max: 100 }),
  throttled: fc.constantFrom('', 'lag'),
}) satisfies fc.Arbitrary<ShardMigration>

const isPending = ({ status }: ShardMigration): boolean => statuses.indexOf(status as 'ready') < 4

it('a definition is complete only where nothing is pending and each shard has completed it', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
      const state = judgeMigrations(rows, shards)
      const everywhere = shards.every((shard) => rows.some((one) => one.shard === shard && one.status === 'complete'))
      const pending = rows.some(isPending)
      expect(state.type === 'complete').toBe(everywhere && !pending)
      expect(state.type === 'running').toBe(pending)
      expect(state.type === 'absent').toBe(rows.length === 0)
      if (state.type === 'running') expect(state.percent).toBeLessThan(100)
      if (state.type === 'ended')
        for (const shard of shards)
          expect(state.why.includes(`shard ${shard} `)).toBe(
            !rows.some((one) => one.shard === shard && one.status === 'complete'),
          )
    }),
  )
})

const one: ShardMigration = { uuid: 'u', shard: '-80', status: 'complete', message: '', progress: 100, throttled: '' }

it.each([
  [[one], { type: 'ended', isCanceled: false, why: 'shard 80- has not been given it' }],
  [
    [one, { ...one, shard: '80-', status: 'failed', message: 'Duplicate column' }],
    { type: 'ended', isCanceled: false, why: 'shard 80- says `failed`: Duplicate column' },
  ],
  [
    [
      { ...one, status: 'cancelled' },
      { ...one, shard: '80-' },
    ],
    { type: 'ended', isCanceled: true, why: 'shard -80 says `cancelled`' },
  ],
  [
    [one, { ...one, shard: '80-', status: 'running', progress: 20, throttled: 'lag of 7 s' }],
    { type: 'running', percent: 60, waiting: 'the throttler holds shard 80-: lag of 7 s' },
  ],
  // The first submission failed there, the second did not.
  [[one, { ...one, shard: '80-', status: 'failed' }, { ...one, uuid: 'v', shard: '80-' }], { type: 'complete' }],
])('%j is judged', (rows, state) => {
  expect(judgeMigrations(rows, ['-80', '80-'])).toEqual(state)
})

it('each row of each journal has a context of its own that Vitess takes', () => {
  expect(contextOf('0b1c-2', { pass: 3, statement: 0 })).toMatch(/^[\w:-]*$/)
  expect(contextOf('a', { pass: 1, statement: 11 })).not.toBe(contextOf('a', { pass: 11, statement: 1 }))
})
