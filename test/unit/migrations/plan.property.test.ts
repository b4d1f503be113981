import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareVersions } from '../../../src/core/version.ts'
import type { Pass } from '../../../src/migrations/journal/journal.ts'
import { readStates } from '../../../src/migrations/journal/journal.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { planUp } from '../../../src/migrations/plan/decide-steps.ts'
import { makePlan, type PlanRequest } from '../../../src/migrations/plan/make-plan.ts'
import { type Plan, stepName } from '../../../src/migrations/plan.ts'
import { migrationOf, passOf, referenceOf, snapshotOf, targetOf } from '../../helpers/migrations/engine.ts'
import { chooseSeed } from '../../helpers/tool/seed.ts'

const seed = chooseSeed('plans')
const parameters = { seed, numRuns: 400 }

/** Migrations of several databases, each requiring only what is listed before it. */
const migrationSets: fc.Arbitrary<readonly Migration[]> = fc
  .array(
    fc.record({
      database: fc.constantFrom('a', 'b', 'c'),
      gap: fc.integer({ min: 1, max: 9 }),
      requires: fc.array(fc.nat(30), { maxLength: 3 }),
    }),
    { maxLength: 14 },
  )
  .map((outlines) => {
    const migrations: Migration[] = []
    let version = 0
    for (const { database, gap, requires } of outlines) {
      version += gap
      const names = requires.flatMap((at) => migrations[at % Math.max(1, migrations.length)] ?? []).map(nameOf)
      migrations.push(migrationOf(`${database}/${version}`, { requires: [...new Set(names)].map(referenceOf) }))
    }
    return migrations
  })

const nameOf = (migration: Migration): string => `${migration.database}/${migration.version}`
const filesOf = (migrations: readonly Migration[], database: string): readonly Migration[] =>
  migrations.filter((migration) => migration.database === database)

type Journals = ReadonlyMap<string, readonly Pass[]>

function plan(migrations: readonly Migration[], journals: Journals, changes: Partial<PlanRequest> = {}): Plan {
  const targets = ['a', 'b', 'c'].map((name) => targetOf(name, filesOf(migrations, name), journals.get(name) ?? []))
  return makePlan({ targets, direction: 'up', to: null, steps: null, outOfOrder: 'fail', only: null, ...changes })
}

/** The journals after a plan has run, as the steps' `after` order it. */
function carryOut({ targets, direction }: Plan, journals: Journals): Journals {
  const after = new Map(journals)
  for (const { target, steps } of targets) {
    const before = after.get(target.database) ?? []
    const passes = steps.map((step, index) => passOf(step.migration, before.length + index + 1, { direction }))
    after.set(target.database, [...before, ...passes])
  }
  return after
}

const listSteps = (made: Plan): readonly string[] => made.targets.flatMap((target) => target.steps.map(stepName))
const fresh: Journals = new Map()

test('the order of versions is total', () => {
  const version = fc.oneof(
    fc.stringMatching(/^\d{1,16}$/),
    fc.stringMatching(/^R__[a-z]{1,4}$/),
    fc.integer({ min: 0, max: 20 }).map((number) => `${number % 2 === 0 ? '00' : ''}${number}`),
  )
  const sign = (left: string, right: string): number => Math.sign(compareVersions(left, right))
  fc.assert(
    fc.property(version, version, version, (x, y, z) => {
      expect(sign(x, x)).toBe(0)
      expect(sign(x, y) + sign(y, x)).toBe(0)
      if (sign(x, y) <= 0 && sign(y, z) <= 0) expect(sign(x, z)).toBeLessThanOrEqual(0)
      if (/^\d+$/.test(x) && /^\d+$/.test(y))
        expect(sign(x, y)).toBe(BigInt(x) < BigInt(y) ? -1 : BigInt(x) > BigInt(y) ? 1 : 0)
    }),
    parameters,
  )
})

test('after a plan has run there is nothing left to plan, and after its rollback nothing is applied', () => {
  fc.assert(
    fc.property(migrationSets, (migrations) => {
      const up = carryOut(plan(migrations, fresh), fresh)
      expect(listSteps(plan(migrations, up))).toEqual([])
      const down = plan(migrations, up, { direction: 'down', to: '0' })
      expect(listSteps(down).toSorted()).toEqual(migrations.map(nameOf).toSorted())
      const back = carryOut(down, up)
      expect(listSteps(plan(migrations, back, { direction: 'down', to: '0' }))).toEqual([])
      expect(listSteps(plan(migrations, back))).toEqual(listSteps(plan(migrations, fresh)))
    }),
    parameters,
  )
})

test('run in pieces of any size, plans come to the same', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(migrationSets, sizes, (migrations, pieces) => {
      let journals = fresh
      let left = migrations.length
      for (let run = 0; left > 0; run += 1) {
        const steps = pieces[run % pieces.length] ?? 1
        const made = plan(migrations, journals, { steps })
        expect(listSteps(made)).toHaveLength(Math.min(steps, left))
        journals = carryOut(made, journals)
        left -= listSteps(made).length
      }
      const versions = (database: string) => (journals.get(database) ?? []).map((pass) => `${database}/${pass.version}`)
      expect(['a', 'b', 'c'].flatMap(versions)).toEqual(listSteps(plan(migrations, fresh)))
    }),
    parameters,
  )
})

test('no step comes before one that it requires, and steps keep the order of the files', () => {
  const limits = fc.option(fc.integer({ min: 1, max: 14 }))
  fc.assert(
    fc.property(migrationSets, limits, (migrations, steps) => {
      const made = plan(migrations, fresh, { steps })
      const planned = new Set(listSteps(made))
      for (const target of made.targets) {
        const names = target.steps.map(stepName)
        const files = filesOf(migrations, target.target.database).map(nameOf)
        expect(names).toEqual(files.slice(0, names.length))
        for (const [index, step] of target.steps.entries()) {
          const required = step.migration.requires.map((reference) => `${reference.database}/${reference.version}`)
          expect(required.every((name) => planned.has(name))).toBe(true)
          const own = required.filter((name) => name.startsWith(`${step.migration.database}/`))
          expect(own.every((name) => names.indexOf(name) < index)).toBe(true)
          expect(step.after.toSorted()).toEqual(required.filter((name) => !own.includes(name)).toSorted())
        }
      }
    }),
    parameters,
  )
})

test('no journal makes planning throw, and what it plans is a part of the files in their order', () => {
  const versions = ['1', '2', '3', '10', 'R__views', 'R__gone', '007']
  const files = ['1', '2', '3', '10', 'R__views'].map((version) => migrationOf(`app/${version}`))
  const pass = fc
    .record({
      version: fc.constantFrom(...versions),
      kind: fc.constantFrom<Pass['kind']>('versioned', 'repeatable', 'data', 'baseline', 'mark'),
      direction: fc.constantFrom<Pass['direction']>('up', 'down'),
      total: fc.nat(4),
      closed: fc.nat(4),
      open: fc.nat(2),
      checksum: fc.constantFrom('x', files[0]?.checksum ?? ''),
    })
    .map((changes) => passOf(migrationOf('app/1'), 1, changes))
  const request = fc.record({
    to: fc.option(fc.constantFrom('2', '10', '99')),
    outOfOrder: fc.constantFrom('fail' as const, 'warn' as const, 'allow' as const),
  })
  fc.assert(
    fc.property(fc.array(pass, { maxLength: 12 }), request, (passes, { to, outOfOrder }) => {
      const numbered = passes.map((one, index) => ({ ...one, pass: index + 1 }))
      const state = readStates(snapshotOf(numbered))
      const known = new Set(files.map((file) => file.version))
      const { steps } = planUp({ migrations: files, state, known, database: 'app', to, outOfOrder })
      const planned = new Set(steps.map((step) => step.migration))
      expect(steps.map((step) => step.migration)).toEqual(files.filter((file) => planned.has(file)))
      expect(steps.every((step) => step.from <= 4)).toBe(true)
    }),
    parameters,
  )
})
