import { expect, test } from 'vitest'
import type { Pass } from '../../../src/migrations/journal/journal.ts'
import { readStates } from '../../../src/migrations/journal/journal.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { listReversible, planDown } from '../../../src/migrations/plan/decide-steps.ts'
import { migrationOf, passOf, snapshotOf } from '../../helpers/migrations/engine.ts'

const [one, two, three] = [migrationOf('app/1'), migrationOf('app/2'), migrationOf('app/3')]
const all = [one, two, three]
const applied = [passOf(one, 1), passOf(two, 2), passOf(three, 3)]

function decide(migrations: readonly Migration[], passes: readonly Pass[], to: string | null, chosen: string[] | null) {
  const state = readStates(snapshotOf(passes))
  const decision = planDown({ migrations, state, database: 'app', to }, chosen === null ? null : new Set(chosen))
  const steps = decision.steps.map(({ migration, from }) =>
    from === 0 ? migration.version : `${migration.version}+${from}`,
  )
  return { steps, notes: decision.notes, faults: decision.faults.map((fault) => fault.what) }
}

test('everything above --to, or what was chosen, is reverted with what ran last first', () => {
  expect(decide(all, applied, '1', null)).toEqual({ steps: ['3', '2'], notes: [], faults: [] })
  expect(decide(all, applied, null, ['1', '3']).steps).toEqual(['3', '1'])
  expect(decide(all, applied, null, []).steps).toEqual([])
})

test('what ran out of order is reverted in the order in which it ran', () => {
  expect(decide(all, [passOf(one, 1), passOf(three, 2), passOf(two, 3)], '0', null).steps).toEqual(['2', '3', '1'])
})

test('a rollback that stopped comes first, and continues after its closed statements', () => {
  const passes = [...applied, passOf(one, 4, { direction: 'down', closed: 1 })]
  expect(decide(all, passes, '0', null).steps).toEqual(['1+1', '3', '2'])
})

test('a migration that stopped half way is reverted from the start of its down part, and a note says so', () => {
  const { steps, notes } = decide(all, [passOf(one, 1, { total: 3, closed: 1 })], '0', null)
  expect(steps).toEqual(['1'])
  expect(notes).toEqual([
    'Migration `1_thing` stopped on `app` after statement 1 of 3; its whole down part runs, also for statements that did not run',
  ])
  expect(decide(all, [passOf(one, 1, { total: 3, closed: 0 })], '0', null).notes).toEqual([])
})

test('without a down part, or without its file, nothing can be reverted', () => {
  expect(decide([{ ...one, down: null }], [passOf(one, 1)], '0', null).faults).toEqual([
    '`migrations/app/1_thing.sql` has no down part.',
  ])
  expect(decide([], [passOf(one, 1)], '0', null).faults).toEqual([
    '`1_thing` of `app` cannot be rolled back: its file is gone.',
  ])
})

test('a file that changed since it ran is reverted with a note', () => {
  expect(decide(all, [passOf(one, 1, { checksum: 'x' })], '0', null)).toEqual({
    steps: ['1'],
    notes: ['`migrations/app/1_thing.sql` was changed after it ran; its current down part is used'],
    faults: [],
  })
})

test('repeatable migrations, baselines and what was reverted already are no candidates', () => {
  const views = migrationOf('app/R__views')
  const baseline = passOf(two, 2, { kind: 'baseline', total: 1, closed: 1 })
  const passes = [passOf(one, 1), baseline, passOf(views, 3), passOf(one, 4, { direction: 'down' })]
  expect(listReversible(readStates(snapshotOf(passes)))).toEqual([])
})
