import { describe, expect, test } from 'vitest'
import type { Pass } from '../../../src/migrations/journal/journal.ts'
import { readStates } from '../../../src/migrations/journal/journal.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { planUp, type UpRequest } from '../../../src/migrations/plan/decide-steps.ts'
import { migrationOf, passOf, snapshotOf } from '../../helpers/migrations/engine.ts'

const [one, two, three] = [migrationOf('app/1'), migrationOf('app/2'), migrationOf('app/3')]
const views = migrationOf('app/R__views')

function decide(migrations: readonly Migration[], passes: readonly Pass[], changes: Partial<UpRequest> = {}) {
  const state = readStates(snapshotOf(passes))
  const known = new Set(migrations.map((migration) => migration.version))
  const decision = planUp({ migrations, state, known, database: 'app', to: null, outOfOrder: 'fail', ...changes })
  const steps = decision.steps.map(({ migration, from }) =>
    from === 0 ? migration.version : `${migration.version}+${from}`,
  )
  return { steps, notes: decision.notes, faults: decision.faults.map((fault) => fault.what) }
}

const fine = { notes: [], faults: [] }

test('what is pending runs in order; what is applied does not', () => {
  expect(decide([one, two, three], [])).toEqual({ steps: ['1', '2', '3'], ...fine })
  expect(decide([one, two, three], [passOf(one, 1), passOf(two, 2)])).toEqual({ steps: ['3'], ...fine })
})

test('what was stopped continues after its closed statements, even below the highest version', () => {
  const passes = [passOf(one, 1, { closed: 1 }), passOf(two, 2)]
  expect(decide([one, two], passes)).toEqual({ steps: ['1+1'], ...fine })
})

test('a changed file of an applied migration is a fault; of a stopped one it is not', () => {
  const faults = ['`migrations/app/1_thing.sql` was changed after it ran on `app`.']
  expect(decide([one], [passOf(one, 1, { checksum: 'x' })])).toEqual({ steps: [], notes: [], faults })
  expect(decide([one], [passOf(one, 1, { checksum: 'x', closed: 1 })])).toEqual({ steps: ['1+1'], ...fine })
})

test('a mark that was stopped is recorded while the file is the one that was marked; another file runs', () => {
  const kindOf = (checksum: string): readonly string[] => {
    const mark = passOf(one, 1, { kind: 'mark', closed: 0, open: 1, checksum })
    const state = readStates(snapshotOf([mark]))
    const request: UpRequest = {
      migrations: [one],
      state,
      known: new Set(['1']),
      database: 'app',
      to: null,
      outOfOrder: 'fail',
    }
    return planUp(request).steps.map(({ type }) => type)
  }
  expect(kindOf(one.checksum)).toEqual(['record'])
  expect(kindOf('another')).toEqual(['apply'])
})

describe('a file that is gone', () => {
  const faults = ['Migration `1_thing` ran on `app`, but its file is gone.']

  test('is a fault where it is applied', () => {
    expect(decide([two], [passOf(one, 1)])).toEqual({ steps: ['2'], notes: [], faults })
  })

  test.each([
    ['stopped half way', { closed: 1 }, 'Migration `1_thing` stopped on `app` after statement 1 of 2'],
    ['failed at once', { closed: 0 }, 'Migration `1_thing` began on `app`, and none of its statements ran'],
    ['cut off', { closed: 0, open: 1 }, 'Migration `1_thing` stopped on `app` at statement 1 of 2, which may have run'],
    [
      'under way back',
      { closed: 1, direction: 'down' },
      'A rollback of `1_thing` on `app` stopped after statement 1 of 2',
    ],
  ] as const)('is a fault where it %s, and says no more than that', (_, changes, what) => {
    expect(decide([two], [passOf(one, 1), passOf(one, 2, changes)]).faults).toEqual([`${what}, but its file is gone.`])
  })

  test('a missing file is not a fault where it was reverted, is repeatable, or does not apply here', () => {
    expect(decide([], [passOf(one, 1), passOf(one, 2, { direction: 'down' })])).toEqual({ steps: [], ...fine })
    expect(decide([], [passOf(views, 1)])).toEqual({ steps: [], ...fine })
    expect(decide([], [passOf(one, 1)], { known: new Set(['1']) })).toEqual({ steps: [], ...fine })
  })
})

describe('a file that sorts before an applied one', () => {
  const passes = [passOf(one, 1), passOf(three, 2)]

  test('is a fault by default', () => {
    const faults = ['`migrations/app/2_thing.sql` sorts before 3, which already ran on `app`.']
    expect(decide([one, two, three], passes)).toEqual({ steps: [], notes: [], faults })
  })

  test('runs with a note, or without one', () => {
    const notes = ['`migrations/app/2_thing.sql` runs out of order: 3 ran before it']
    expect(decide([one, two, three], passes, { outOfOrder: 'warn' })).toEqual({ steps: ['2'], notes, faults: [] })
    expect(decide([one, two, three], passes, { outOfOrder: 'allow' })).toEqual({ steps: ['2'], ...fine })
  })
})

test('what the baseline covers is never run; what is above it is', () => {
  const baseline = passOf(two, 1, { kind: 'baseline', total: 1, closed: 1 })
  expect(decide([one, two, three], [baseline])).toEqual({ steps: ['3'], ...fine })
})

test('what was reverted, or marked as pending, is pending again even below the baseline', () => {
  const baseline = passOf(two, 1, { kind: 'baseline', total: 1, closed: 1 })
  const mark = passOf(two, 2, { kind: 'mark', direction: 'down', total: 1, closed: 1 })
  expect(decide([one, two], [baseline, mark])).toEqual({ steps: ['2'], ...fine })
})

test('a rollback that stopped half way must be finished first', () => {
  const passes = [passOf(one, 1), passOf(one, 2, { direction: 'down', closed: 1, total: 3 })]
  const faults = ['A rollback of `1_thing` on `app` stopped after statement 1 of 3.']
  expect(decide([one, two], passes)).toEqual({ steps: ['2'], notes: [], faults })
})

describe('repeatable migrations', () => {
  test('run last, and again when their text changes', () => {
    expect(decide([one, views], [])).toEqual({ steps: ['1', 'R__views'], ...fine })
    expect(decide([views], [passOf(views, 1)])).toEqual({ steps: [], ...fine })
    expect(decide([views], [passOf(views, 1, { checksum: 'older' })])).toEqual({ steps: ['R__views'], ...fine })
  })

  test('repeatables continue where they stopped, unless their text changed', () => {
    expect(decide([views], [passOf(views, 1, { closed: 1 })]).steps).toEqual(['R__views+1'])
    expect(decide([views], [passOf(views, 1, { closed: 1, checksum: 'older' })]).steps).toEqual(['R__views'])
  })
})

test('--to leaves out what is above it, and repeatable migrations', () => {
  expect(decide([one, two, three, views], [], { to: '2' })).toEqual({ steps: ['1', '2'], ...fine })
  expect(decide([one, two, three, views], [], { to: '0002' }).steps).toEqual(['1', '2'])
})
