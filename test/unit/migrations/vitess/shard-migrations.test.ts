import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decideCutOver } from '../../../../src/migrations/vitess/decide-cut-over.ts'
import {
  contextOf,
  describeBefore,
  judgeMigrations,
  type ShardMigration,
  throttledNow,
} from '../../../../src/migrations/vitess/shard-migrations.ts'

const statuses = ['requested', 'queued', 'ready', 'running', 'complete', 'failed', 'cancelled'] as const
const shards = ['-40', '40-80', '80-'] as const

const row = fc.record({
  uuid: fc.constantFrom('u1', 'u2'),
  table: fc.constantFrom('a', 'b'),
  shard: fc.constantFrom(...shards),
  status: fc.constantFrom(...statuses),
  message: fc.constantFrom('', 'no room'),
  progress: fc.integer({ min: 0, max: 100 }),
  throttled: fc.constantFrom('', 'lag'),
  throttleRatio: fc.constantFrom(0, 0.5),
  isPostponed: fc.boolean(),
  isReady: fc.boolean(),
}) satisfies fc.Arbitrary<ShardMigration>

const isPending = ({ status }: ShardMigration): boolean => statuses.indexOf(status as 'ready') < 4
const hasCompleted = (rows: readonly ShardMigration[], shard: string): boolean =>
  rows.some((one) => one.shard === shard && one.status === 'complete')

it('what was submitted is complete only where each of its migrations is, on each shard', () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 12 }),
      fc.constantFrom(['u1'], ['u2'], ['u1', 'u2'], ['u3']),
      (rows, submitted) => {
        const state = judgeMigrations(rows, shards, submitted)
        const everywhere = submitted.every((uuid) =>
          shards.every((shard) =>
            hasCompleted(
              rows.filter((one) => one.uuid === uuid),
              shard,
            ),
          ),
        )
        const pending = rows.some(isPending)
        expect(state.type === 'complete').toBe(everywhere && !pending)
        expect(state.type === 'running').toBe(pending)
        expect(state.type === 'absent').toBe(rows.length === 0)
        if (state.type === 'running') expect(state.percent).toBeLessThan(100)
      },
    ),
  )
})

it('each table of an unknown submission counts for itself, and the shards that have completed a part are named', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (rows) => {
      const state = judgeMigrations(rows, shards)
      const tables = [...new Set(rows.map(({ table }) => table))]
      const of = (table: string) => rows.filter((one) => one.table === table)
      const everywhere = tables.every((table) => shards.every((shard) => hasCompleted(of(table), shard)))
      const pending = rows.some(isPending)
      expect(state.type === 'complete').toBe(everywhere && !pending)
      if (state.type === 'complete') expect(state.tables).toBe(tables.length)
      if (state.type !== 'ended') return
      expect(state.isPartial).toBe(rows.some(({ status }) => status === 'complete'))
      for (const shard of shards)
        expect(state.why.includes(`shard ${shard} has completed`)).toBe(hasCompleted(rows, shard))
    }),
  )
})

const one: ShardMigration = {
  ...{ uuid: 'u', table: 'a', shard: '-80', status: 'complete', message: '', progress: 100, throttled: '' },
  ...{ throttleRatio: 0, isPostponed: false, isReady: false },
}
const other: ShardMigration = { ...one, shard: '80-' }

it.each([
  [
    [one],
    null,
    {
      ...{ type: 'ended', isCanceled: false, isPartial: true },
      why: 'shard 80- has not been given it; shard -80 has completed it',
    },
  ],
  [
    [one, { ...other, status: 'failed', message: 'Duplicate column' }],
    ['u'],
    {
      ...{ type: 'ended', isCanceled: false, isPartial: true },
      why: 'shard 80- says `failed`: Duplicate column; shard -80 has completed it',
    },
  ],
  [
    [
      { ...one, status: 'failed', message: 'no such column', isRefused: true },
      { ...other, status: 'failed', message: 'no such column', isRefused: true },
    ],
    ['u'],
    {
      ...{ type: 'ended', isCanceled: false, isPartial: false, isRefused: true },
      why: 'shard -80 says `failed`: no such column; shard 80- says `failed`: no such column',
    },
  ],
  [
    [
      { ...one, status: 'failed', message: 'no such column', isRefused: true },
      { ...other, status: 'failed' },
    ],
    ['u'],
    {
      ...{ type: 'ended', isCanceled: false, isPartial: false },
      why: 'shard -80 says `failed`: no such column; shard 80- says `failed`',
    },
  ],
  [
    [{ ...one, status: 'cancelled' }, other],
    ['u'],
    {
      ...{ type: 'ended', isCanceled: true, isPartial: true },
      why: 'shard -80 says `cancelled`; shard 80- has completed it',
    },
  ],
  // The run cancels the others where one has failed, or was not given it.
  [
    [
      { ...one, status: 'cancelled' },
      { ...other, status: 'failed', message: 'Duplicate entry' },
    ],
    ['u'],
    {
      ...{ type: 'ended', isCanceled: false, isPartial: false },
      why: 'shard -80 says `cancelled`; shard 80- says `failed`: Duplicate entry',
    },
  ],
  [
    [{ ...one, status: 'cancelled' }],
    ['u'],
    {
      ...{ type: 'ended', isCanceled: false, isPartial: false },
      why: 'shard -80 says `cancelled`; shard 80- has not been given it',
    },
  ],
  [
    [one, { ...other, status: 'running', progress: 20, throttled: 'lag of 7 s' }],
    ['u'],
    { type: 'running', percent: 60, waiting: 'the throttler holds shard 80-: lag of 7 s' },
  ],
  // The first submission failed there, the second did not.
  [
    [one, { ...other, status: 'failed' }, { ...one, uuid: 'v' }, { ...other, uuid: 'v' }],
    ['v'],
    { type: 'complete', tables: 1 },
  ],
  // DROP TABLE a, b: the second table on one shard.
  [
    [one, other, { ...one, uuid: 'v', table: 'b' }],
    ['u', 'v'],
    {
      ...{ type: 'ended', isCanceled: false, isPartial: true },
      why: 'shard 80- has not been given it; shard -80 has completed a part of it; shard 80- has completed a part of it',
    },
  ],
] as const)('%j of the submission %j is judged', (rows, submitted, state) => {
  expect(judgeMigrations(rows, ['-80', '80-'], submitted)).toEqual(state)
})

it('each text of each row of each journal has a context of its own that Vitess takes', () => {
  const at = { pass: 1, statement: 11, hash: 'a'.repeat(64) }
  expect(contextOf('0b1c-2', at)).toMatch(/^[\w:-]*$/)
  expect(contextOf('a', at)).not.toBe(contextOf('a', { ...at, pass: 11, statement: 1 }))
  expect(contextOf('a', at)).not.toBe(contextOf('a', { ...at, hash: 'b'.repeat(64) }))
})

it('a cut-over is allowed on all shards or on none', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
      const decided = decideCutOver(rows, shards)
      if (decided.type === 'wait') return
      const own = rows.filter(({ uuid }) => uuid === decided.uuid)
      expect(own.some((one) => one.isPostponed && isPending(one))).toBe(true)
      const isReady = own.every((one) => (isPending(one) ? one.isReady : one.status === 'complete'))
      const isEverywhere = shards.every((shard) => own.some((one) => one.shard === shard))
      expect(decided.type).toBe(isReady && isEverywhere ? 'complete' : 'cancel')
    }),
  )
})

it('what the throttler said last holds a copy for a minute, as Vitess never removes it', () => {
  const last = '2026-12-01 10:00:00'
  expect(throttledNow('lag', last, '2026-12-01 10:00:30')).toBe('lag')
  // The copy goes on: it was seen at work since.
  expect(throttledNow('lag', last, '2026-12-01 10:01:01')).toBe('')
  expect(throttledNow('lag', '', '2026-12-01 10:00:00')).toBe('')
  expect(throttledNow('lag', last, '')).toBe('')
})

it('what waits in line names the migration that runs before it on its shard', () => {
  const queued: ShardMigration = { ...one, status: 'queued' }
  const before: ShardMigration = { ...one, uuid: 'v', table: 'b', status: 'running' }
  expect(describeBefore([queued], [before])).toBe('migration v of `b` runs on shard -80')
  expect(describeBefore([queued], [{ ...before, isPostponed: true, isReady: true }])).toBe(
    'migration v of `b` runs on shard -80, which waits for its `COMPLETE` or `CANCEL`',
  )
  expect(describeBefore([queued], [{ ...before, shard: '80-' }])).toBeNull()
  expect(describeBefore([{ ...queued, status: 'running' }], [before])).toBeNull()
})

it('a wait says what holds it, as the shard says', () => {
  const one = { uuid: 'u', table: 'a', status: 'running', message: '', progress: 50, throttled: '', throttleRatio: 0 }
  const [left, right] = [
    { ...one, shard: '-80', isPostponed: true, isReady: true },
    { ...one, shard: '80-', isPostponed: true, isReady: false },
  ]
  const waitingOf = (...rows: readonly ShardMigration[]) => {
    const state = judgeMigrations(rows, ['-80', '80-'])
    return state.type === 'running' ? state.waiting : state.type
  }
  expect(waitingOf(left, right)).toBe('it is ready on 1 of 2 shards, and waits for the others')
  expect(waitingOf(left, { ...right, throttleRatio: 0.5 })).toBe(
    '`ALTER VITESS_MIGRATION ... THROTTLE` holds shard 80- for 50 % of the time',
  )
  expect(waitingOf(left, { ...right, message: 'no room' })).toBe('shard 80- says: no room')
  expect(waitingOf(left, { ...right, throttled: 'lag' })).toBe('the throttler holds shard 80-: lag')
  expect(waitingOf({ ...right, throttled: 'lag', isReady: true, message: 'locked' })).toBe('shard 80- says: locked')
  expect(waitingOf(right)).toBeNull()
})
