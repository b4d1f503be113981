import { expect, it } from 'vitest'
import { settleDefinition } from '../../../../src/migrations/vitess/settle-definition.ts'
import type { MigrationState, ShardMigration } from '../../../../src/migrations/vitess/shard-migrations.ts'
import { SilentCopies } from '../../../../src/migrations/vitess/silent-copies.ts'

const minute = 60_000
const running: MigrationState = { type: 'running', percent: 10, waiting: null }
const row: ShardMigration = {
  ...{ uuid: 'u', table: 'letters', shard: '-80', status: 'running', message: '', progress: 10 },
  ...{ throttled: '', throttleRatio: 0, isPostponed: true, isReady: false, hasStarted: true },
  ...{ tablet: 'zone1-101', seen: '2026-12-01 10:00:00', life: 'a' },
}
/** Looks every second from one moment to another; what the last look came to. */
function look(copies: SilentCopies, rows: readonly ShardMigration[], from: number, to: number): MigrationState {
  for (let now = from; now < to; now += 1000) copies.judge(rows, running, now)
  return copies.judge(rows, running, to)
}
const said =
  'shard -80 calls migration u `running`, but its copy of tablet zone1-101 has shown no life since 2026-12-01 10:00:00 by its clock'

it('a copy that shows no life is named after two minutes, and not waited for after five', () => {
  const copies = new SilentCopies()
  expect(copies.judge([row], running, 7 * minute)).toEqual(running)
  expect(look(copies, [row], 7 * minute, 9 * minute - 1)).toEqual(running)
  expect(copies.judge([row], running, 9 * minute)).toEqual({ ...running, waiting: said })
  expect(look(copies, [row], 9 * minute, 12 * minute - 1)).toEqual({ ...running, waiting: said })
  expect(copies.judge([row], running, 12 * minute)).toEqual({
    type: 'silent',
    why: expect.stringMatching(/^shard -80 .* `ALTER VITESS_MIGRATION 'u' CANCEL` ends it/),
  })
})

it('each sign of life counts, and that of one shard does not count for another', () => {
  const copies = new SilentCopies()
  const other = { ...row, shard: '80-' }
  expect(copies.judge([row, other], running, 0)).toEqual(running)
  look(copies, [row, other], 0, 4 * minute - 1000)
  expect(copies.judge([{ ...row, life: 'b' }, other], running, 4 * minute)).toEqual({
    ...running,
    waiting: expect.stringContaining('shard 80- calls'),
  })
  expect(look(copies, [{ ...row, life: 'b' }], 4 * minute, 5 * minute)).toEqual(running)
  expect(look(copies, [{ ...row, life: 'b' }, other], 5 * minute, 6 * minute)).toEqual({
    type: 'silent',
    why: expect.stringContaining('shard 80- calls'),
  })
})

it('the time for which Vitess did not answer is no silence of a copy', () => {
  const copies = new SilentCopies()
  expect(look(copies, [row], 0, minute)).toEqual(running)
  expect(copies.judge([row], running, 6 * minute)).toEqual(running)
  expect(look(copies, [row], 6 * minute, 7 * minute - 1)).toEqual(running)
  expect(copies.judge([row], running, 7 * minute)).toEqual({ ...running, waiting: said })
  // Looks that are a little late count.
  for (const late of [9, 18, 27]) copies.judge([row], running, 7 * minute + late * 1000)
  expect(look(copies, [row], 7 * minute + 27_000, 10 * minute)).toMatchObject({ type: 'silent' })
})

it('a REVERT is not to be canceled', () => {
  const copies = new SilentCopies()
  const state = look(copies, [{ ...row, reverts: true }], 0, 6 * minute)
  expect(state).toEqual({ type: 'silent', why: expect.stringContaining('Do not cancel it') })
})

it('plain DDL is waited for as long as it takes, with what to do where its server was restarted', () => {
  const copies = new SilentCopies()
  const plain = { ...row, isPlain: true }
  expect(look(copies, [plain], 0, 60 * minute)).toEqual({
    ...running,
    waiting: expect.stringMatching(
      /^shard -80 calls migration u `running` since .* `ALTER VITESS_MIGRATION 'u' CANCEL` ends it/,
    ),
  })
})

it('what does not run, or is at its end, is never silent', () => {
  const copies = new SilentCopies()
  const { life: _, ...plain } = row
  const complete: MigrationState = { type: 'complete', tables: 1 }
  expect(look(copies, [plain], 0, 60 * minute)).toEqual(running)
  expect(copies.judge([{ ...row, status: 'complete' }], complete, 60 * minute + 1000)).toEqual(complete)
})

it('the row of a silent copy stays open, and the advice is not to settle it by hand', () => {
  expect(settleDefinition({ type: 'silent', why: said }, 1, null)).toEqual({
    type: 'unknown',
    why: said,
    next: 'Run the command again after that.',
  })
})
