import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeStep } from '../../../src/migrations/plan/decide-steps.ts'
import { isStillValid, makePlan } from '../../../src/migrations/plan/make-plan.ts'
import { blockSteps } from '../../../src/migrations/plan/order-steps.ts'
import { isTouchedByOthers } from '../../../src/migrations/plan/own-tables.ts'
import { stepName } from '../../../src/migrations/plan.ts'
import { migrationOf, passOf, referenceOf, targetOf } from '../../helpers/migrations/engine.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

/** Steps of three databases in an order that runs, each with what it requires: earlier steps, or migrations of `gone`. */
const plans = fc
  .array(
    fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.array(fc.nat(12), { maxLength: 2 }), fc.integer({ min: 0, max: 5 })),
    { minLength: 1, maxLength: 12 },
  )
  .map((drafts) => {
    const made: string[] = []
    return drafts.map(([database, needs, gone], at) => {
      const earlier = needs.flatMap((one) => made[one % Math.max(1, made.length)] ?? [])
      const others = earlier.filter((name) => !name.startsWith(`${database}/`))
      const name = `${database}/${at + 1}`
      made.push(name)
      return { name, requires: [...new Set(others), ...(gone === 0 ? ['gone/1'] : [])] }
    })
  })

describe('steps beside a database that was not reached', () => {
  test('are blocked where they need it, or a blocked one, or come after one of their database; all others are free', () => {
    fc.assert(
      fc.property(plans, (drafts) => {
        const steps = drafts.map(({ name, requires }) =>
          makeStep(migrationOf(name, { requires: requires.map(referenceOf) }), 'apply', 0),
        )
        const expected = new Set<string>()
        for (const { name, requires } of drafts) {
          const databases = [...expected].map((one) => one.split('/')[0])
          if (requires.some((one) => one === 'gone/1' || expected.has(one)) || databases.includes(name.split('/')[0]))
            expected.add(name)
        }
        const gone = { name: 'gone', server: 'h:1', migrations: [migrationOf('gone/1')] }
        const { free, blocked } = blockSteps(steps, 'up', [gone])
        expect(new Set([...blocked.keys()].map(stepName))).toEqual(expected)
        expect(free.map(stepName)).toEqual(drafts.map(({ name }) => name).filter((name) => !expected.has(name)))
      }),
    )
  })
})

describe('a plan', () => {
  const asked = { to: null, steps: null, outOfOrder: 'fail', only: null, direction: 'up' } as const
  const [first, second] = [migrationOf('a/1'), migrationOf('b/1')]
  const targets = [targetOf('a', [first, migrationOf('a/2')], [passOf(first, 1)]), targetOf('b', [second])]

  test('holds while nothing has changed, in whatever order the databases are opened', () => {
    const plan = makePlan({ ...asked, targets })
    expect(isStillValid(plan, targets)).toBe(true)
    expect(isStillValid(plan, targets.toReversed())).toBe(true)
  })

  test.each([
    ['a file is another one', [targets[0], targetOf('b', [migrationOf('b/1', { checksum: 'edited' })])]],
    ['a file is new', [targets[0], targetOf('b', [second, migrationOf('b/2')])]],
    ['something was applied', [targets[0], targetOf('b', [second], [passOf(second, 1)])]],
    ['something was reverted', [targetOf('a', [first, migrationOf('a/2')]), targets[1]]],
    ['a database is missing', [targets[0]]],
  ])('does not hold once %s', (_, now) => {
    const present = now.flatMap((target) => (target === undefined ? [] : [target]))
    expect(isStillValid(makePlan({ ...asked, targets }), present)).toBe(false)
  })
})

describe('a database is touched by others', () => {
  const touches = (text: string): boolean => {
    const up = { type: 'statements', statements: [statementOf(text)] } as const
    const plan = makePlan({
      ...{ to: null, steps: null, outOfOrder: 'fail', only: null, direction: 'up' },
      targets: [targetOf('a', [migrationOf('a/1')]), targetOf('b', [migrationOf('b/1', { up })])],
    })
    const [own] = plan.targets
    return own !== undefined && isTouchedByOthers(plan, own)
  }

  test.each([
    ['ALTER TABLE {{schema:a}}.t ADD COLUMN n INT', true],
    ['ALTER TABLE a.t ADD COLUMN n INT', true],
    ['CALL refresh()', true],
    ['ALTER TABLE t ADD COLUMN n INT', false],
    ['ALTER TABLE {{schema:c}}.t ADD COLUMN n INT', false],
    ['UPDATE {{schema:a}}.t SET n = 1', false],
  ])('by %s: %s', (text, expected) => {
    expect(touches(text)).toBe(expected)
  })
})
