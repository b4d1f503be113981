import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { makePlan, type PlanRequest } from '../../../src/migrations/plan/make-plan.ts'
import { stepName } from '../../../src/migrations/plan.ts'
import type { OpenTarget } from '../../../src/migrations/targets.ts'
import { migrationOf, passOf, referenceOf, targetOf } from '../../helpers/migrations/engine.ts'

const nothingAsked = { to: null, steps: null, outOfOrder: 'fail', only: null } as const

function plan(direction: 'up' | 'down', targets: readonly OpenTarget[], changes: Partial<PlanRequest> = {}) {
  return makePlan({ ...nothingAsked, targets, direction, ...changes })
}

function steps(direction: 'up' | 'down', targets: readonly OpenTarget[], changes: Partial<PlanRequest> = {}) {
  return plan(direction, targets, changes).targets.flatMap((target) => target.steps.map(stepName))
}

function faults(work: () => unknown): readonly string[] {
  try {
    work()
  } catch (error) {
    if (error instanceof ToolError && error.code === 'PLAN_IMPOSSIBLE') return error.faults.map((fault) => fault.what)
    throw error
  }
  return []
}

const needing = (name: string, ...requires: readonly string[]) =>
  migrationOf(name, { requires: requires.map(referenceOf) })

describe('--steps upwards', () => {
  test('takes the lowest versions of all databases, each after what it requires', () => {
    const a = targetOf('a', [migrationOf('a/1'), migrationOf('a/4')])
    const b = targetOf('b', [migrationOf('b/2'), needing('b/3', 'a/4')])
    expect(steps('up', [a, b], { steps: 2 })).toEqual(['a/1', 'b/2'])
    expect(steps('up', [a, b], { steps: 3 })).toEqual(['a/1', 'a/4', 'b/2'])
    expect(steps('up', [a, b], { steps: 9 })).toEqual(['a/1', 'a/4', 'b/2', 'b/3'])
  })

  test('runs repeatable migrations last', () => {
    const a = targetOf('a', [migrationOf('a/1'), migrationOf('a/R__views')])
    const b = targetOf('b', [migrationOf('b/2')])
    expect(steps('up', [a, b], { steps: 2 })).toEqual(['a/1', 'b/2'])
  })

  test('is quick however many migrations are pending', () => {
    const many = Array.from({ length: 5000 }, (_, index) => migrationOf(`a/${index + 1}`))
    expect(steps('up', [targetOf('a', many)], { steps: 1 })).toEqual(['a/1'])
    expect(steps('up', [targetOf('a', many)], { steps: 4000 })).toHaveLength(4000)
  })
})

describe('downwards', () => {
  const [a1, a3] = [migrationOf('a/1'), migrationOf('a/3')]
  const b2 = migrationOf('b/2')

  test('--steps takes what ran last by the clock, of any database', () => {
    const targets = [targetOf('a', [a1, a3], [passOf(a1, 1), passOf(a3, 2)]), targetOf('b', [b2], [passOf(b2, 5)])]
    expect(steps('down', targets, { steps: 1 })).toEqual(['b/2'])
    expect(steps('down', targets, { steps: 2 })).toEqual(['a/3', 'b/2'])
  })

  test('the highest version of migrations that were closed by one write is the last', () => {
    const closedAt = '2026-01-01 00:00:09.000000'
    const all = Array.from({ length: 12 }, (_, index) => migrationOf(`a/${index + 1}`))
    const passes = all.map((migration, index) => passOf(migration, index + 1, { closedAt }))
    expect(steps('down', [targetOf('a', all, passes)], { steps: 1 })).toEqual(['a/12'])
    expect(steps('down', [targetOf('a', all, passes)], { steps: 3 })).toEqual(['a/12', 'a/11', 'a/10'])
  })

  test('a rollback that stopped half way is finished before anything newer is touched', () => {
    const stopped = passOf(a3, 2, { direction: 'down', closed: 1, closedAt: '2026-01-01 00:00:02.000000' })
    const targets = [targetOf('a', [a1, a3], [passOf(a1, 1), stopped]), targetOf('b', [b2], [passOf(b2, 9)])]
    expect(steps('down', targets, { steps: 1 })).toEqual(['a/3'])
    expect(plan('down', targets, { steps: 1 }).targets[0]?.steps[0]).toMatchObject({ type: 'revert', from: 1 })
  })

  test('where what was to be reverted is reverted by now, nothing below it is looked at', () => {
    const first = migrationOf('a/1', { down: null })
    const reverted = passOf(a3, 2, { direction: 'down', closedAt: '2026-01-01 00:00:02.000000' })
    const target = targetOf('a', [first, a3], [passOf(first, 1), reverted])
    expect(faults(() => plan('down', [target], { steps: 1 }))).toEqual(['`migrations/a/1_thing.sql` has no down part.'])
    expect(steps('down', [target], { steps: 1, only: new Set(['a/3']) })).toEqual([])
  })

  test('--to reverts everything above it; 0 reverts all', () => {
    const targets = [targetOf('a', [a1, a3], [passOf(a1, 1), passOf(a3, 2)])]
    expect(steps('down', targets, { to: '1' })).toEqual(['a/3'])
    expect(steps('down', targets, { to: '0' })).toEqual(['a/3', 'a/1'])
    expect(faults(() => plan('down', targets, { to: '2' }))).toEqual(['No migration has the version 2.'])
  })

  test('what others still need stays, unless they go first', () => {
    const dependent = needing('b/2', 'a/1')
    const targets = [targetOf('a', [a1], [passOf(a1, 1)]), targetOf('b', [dependent], [passOf(dependent, 2)])]
    expect(faults(() => plan('down', targets, { only: new Set(['a/1']), to: '0' }))).toEqual([
      '`migrations/a/1_thing.sql` cannot be rolled back: `b/2` needs it and is applied.',
    ])
    const both = plan('down', targets, { to: '0' })
    expect(both.targets.map((target) => target.steps[0]?.after)).toEqual([['b/2'], []])
  })
})

describe('requirements upwards', () => {
  const a1 = migrationOf('a/1')
  const b2 = needing('b/2', 'a/1')

  test('become the steps to wait for, where they are of other databases', () => {
    const own = needing('b/3', 'b/2', 'a/1')
    const made = plan('up', [targetOf('a', [a1]), targetOf('b', [b2, own])])
    expect(made.targets[1]?.steps.map((step) => step.after)).toEqual([['a/1'], ['a/1']])
  })

  test('are met by what is applied, or counts as applied', () => {
    expect(steps('up', [targetOf('a', [a1], [passOf(a1, 1)]), targetOf('b', [b2])])).toEqual(['b/2'])
    const baseline = passOf(a1, 1, { kind: 'baseline', version: '7', total: 1, closed: 1 })
    expect(steps('up', [targetOf('a', [a1], [baseline]), targetOf('b', [b2])])).toEqual(['b/2'])
  })

  test('are not met by what was stopped half way, or reverted', () => {
    const b = targetOf('b', [b2])
    const only = new Set(['b/2'])
    const unmet = ['`migrations/b/2_thing.sql` needs a/1, which is not applied.']
    expect(faults(() => plan('up', [targetOf('a', [a1]), b], { only }))).toEqual(unmet)
    expect(faults(() => plan('up', [targetOf('a', [a1], [passOf(a1, 1, { closed: 1 })]), b], { only }))).toEqual(unmet)
    const reverted = [passOf(a1, 1), passOf(a1, 2, { direction: 'down' })]
    expect(faults(() => plan('up', [targetOf('a', [a1], reverted), b], { only }))).toEqual(unmet)
  })

  test('dependencies on what does not apply here, or on a database left out with --target, block no step', () => {
    expect(steps('up', [targetOf('a', [], [], [a1]), targetOf('b', [b2])])).toEqual(['b/2'])
    expect(steps('up', [targetOf('b', [b2])])).toEqual(['b/2'])
  })
})

test('every fault of every database is reported at once', () => {
  const [a1, b1] = [migrationOf('a/1'), migrationOf('b/1')]
  const changed = { checksum: 'other' }
  const targets = [targetOf('a', [a1], [passOf(a1, 1, changed)]), targetOf('b', [b1], [passOf(b1, 1, changed)])]
  expect(faults(() => plan('up', targets, { to: '99' }))).toEqual([
    'No migration has the version 99.',
    '`migrations/a/1_thing.sql` was changed after it ran on `a`.',
    '`migrations/b/1_thing.sql` was changed after it ran on `b`.',
  ])
})

test('--to names a version of any database, and may leave out zeros', () => {
  const targets = [targetOf('a', [migrationOf('a/001'), migrationOf('a/003')]), targetOf('b', [migrationOf('b/002')])]
  expect(steps('up', targets, { to: '2' })).toEqual(['a/001', 'b/002'])
})
