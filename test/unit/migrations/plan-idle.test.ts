import { describe, expect, test } from 'vitest'
import type { PlanOptions } from '../../../src/migrations/plan/make-run-plan.ts'
import { planIdle } from '../../../src/migrations/plan/plan-idle.ts'
import type { SeenTarget } from '../../../src/migrations/targets.ts'
import { configOf, migrationOf, passOf, targetOf } from '../../helpers/migrations/engine.ts'

const [a1, a2, b1] = [migrationOf('a/1'), migrationOf('a/2'), migrationOf('b/1')]
const config = configOf(['a', 'b'])
const up = { direction: 'up', to: null, steps: null, probe: false } as const
const view = migrationOf('b/R__view')
const stopped = passOf(b1, 1, { closed: 1, open: 0 })
const file = migrationOf('a/2', { name: 'squashed', squashes: { versions: ['1', '2'], files: [a1, a2] } })
const squashed = targetOf('a', [a1, a2], [passOf(a1, 1), passOf(a2, 2)])
const idle = [targetOf('a', [a1], [passOf(a1, 1)]), targetOf('b', [b1], [passOf(b1, 1)])] as const

/** The same targets, with another snapshot of the second. */
function withSnapshot(changes: Partial<SeenTarget['snapshot']>): readonly SeenTarget[] {
  return [idle[0], { ...idle[1], snapshot: { ...idle[1].snapshot, ...changes } }]
}

describe('a run that ends with what journals show', () => {
  test.each([[up], [{ ...up, steps: 3 }], [{ ...up, to: '1' }]])('has no steps: %o', (options) => {
    const plan = planIdle(config, idle, options)
    expect(plan).toMatchObject({ direction: 'up', unreached: [], targets: [{ steps: [] }, { steps: [] }] })
  })

  const mark = { through: 0, partial: new Map(), copies: [] }
  const own = (name: string) => ({ tables: [{ name, engine: 'InnoDB' }] })
  test.each<readonly [what: string, targets: readonly SeenTarget[], options: PlanOptions]>([
    ['something is pending', [idle[0], targetOf('b', [b1])], up],
    ['something is pending further on', [targetOf('a', [a1, a2], [passOf(a1, 1)]), idle[1]], up],
    ['a file was edited', [idle[0], targetOf('b', [migrationOf('b/1', { checksum: 'x' })], [passOf(b1, 1)])], up],
    ['a file is gone', [idle[0], targetOf('b', [], [passOf(b1, 1)])], up],
    ['a migration stopped, and no statement of it is open', [idle[0], targetOf('b', [b1], [stopped])], up],
    ['a repeatable file changed', [idle[0], targetOf('b', [view], [passOf(view, 1, { checksum: 'x' })])], up],
    ['a file came late', [targetOf('a', [a1, a2], [passOf(a2, 1)]), idle[1]], up],
    ['a squashed file is to be recorded', [{ ...squashed, squash: { record: file, faults: [] } }, idle[1]], up],
    ['a statement is open', withSnapshot({ passes: [passOf(b1, 1, { closed: 1, open: 1 })] }), up],
    ['the record is behind the journal', withSnapshot({ mark }), up],
    ['the record was only begun', withSnapshot({ mark: null, ...own('wwdb_schema') }), up],
    ['an online change may have left something', withSnapshot(own('wwdb_online')), up],
    ['something is to be reverted', idle, { ...up, direction: 'down', steps: 1 }],
  ])('does not where %s', (_, targets, options) => {
    expect(planIdle(config, targets, options)).toBeNull()
  })
})
