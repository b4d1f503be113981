import { describe, expect, test } from 'vitest'
import { type Pass, readStates } from '../../../src/migrations/journal/journal.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { planUp } from '../../../src/migrations/plan/decide-steps.ts'
import { resolveSquash } from '../../../src/migrations/plan/resolve-squash.ts'
import { migrationOf, passOf, snapshotOf } from '../../helpers/migrations/engine.ts'

const [one, two, three] = [migrationOf('app/1'), migrationOf('app/2'), migrationOf('app/3')]
const base = migrationOf('app/2')
const squash = (files: readonly Migration[] | null): Migration => ({
  ...base,
  name: 'squashed',
  checksum: 'of the squash',
  squashes: { versions: ['1', '2'], files },
})
const kept = squash([one, two])
const gone = squash(null)

function decide(files: readonly Migration[], passes: readonly Pass[]) {
  const resolved = resolveSquash(files, readStates(snapshotOf(passes)))
  const { steps, faults } = planUp({
    migrations: resolved.all,
    state: resolved.state,
    known: new Set(resolved.all.map(({ version }) => version)),
    database: 'app',
    to: null,
    outOfOrder: 'fail',
    record: resolved.record,
  })
  return {
    steps: steps.map(({ type, migration }) => `${type} ${migration.version} ${migration.name}`),
    faults: [...resolved.faults, ...faults].map(({ what }) => what),
  }
}

const fine = { faults: [] }
const bySquash = passOf(kept, 1, { kind: 'squash' })

describe.each([
  ['with its folder', kept],
  ['without it', gone],
] as const)('a squashed file %s', (_, file) => {
  test('runs alone on a fresh database', () => {
    expect(decide([file, three], [])).toEqual({ steps: ['apply 2 squashed', 'apply 3 thing'], ...fine })
  })

  test('runs alone where an old file failed at its first statement', () => {
    expect(decide([file], [passOf(one, 1, { closed: 0 })])).toEqual({ steps: ['apply 2 squashed'], ...fine })
  })

  test('has nothing to do where it ran, or is recorded', () => {
    expect(decide([file, three], [bySquash])).toEqual({ steps: ['apply 3 thing'], ...fine })
    const recorded = passOf(kept, 3, { kind: 'squash' })
    expect(decide([file], [passOf(one, 1), passOf(two, 2), recorded])).toEqual({ steps: [], ...fine })
  })

  test('is recorded where all old files ran', () => {
    const passes = [passOf(one, 1), passOf(two, 2)]
    expect(decide([file, three], passes)).toEqual({ steps: ['record 2 squashed', 'apply 3 thing'], ...fine })
  })

  test('counts as applied below a baseline', () => {
    const baseline = passOf(migrationOf('app/2'), 1, { kind: 'baseline' })
    expect(decide([file, three], [baseline])).toEqual({ steps: ['apply 3 thing'], ...fine })
  })
})

test('a database that lags runs the old files that it lacks, and the squashed one is recorded', () => {
  const steps = ['apply 2 thing', 'record 2 squashed', 'apply 3 thing']
  expect(decide([kept, three], [passOf(one, 1)])).toEqual({ steps, ...fine })
  expect(decide([kept, three], [passOf(one, 1, { closed: 1 })])).toEqual({
    steps: ['apply 1 thing', ...steps],
    ...fine,
  })
})

test('a database that lags is refused once the folder is gone', () => {
  expect(decide([gone], [passOf(one, 1)]).faults).toContainEqual(
    expect.stringContaining('replaced older migrations, but `app` has not run 2'),
  )
})

test('after an undo, what the squashed file made is a baseline for the files that are back', () => {
  expect(decide([one, two, three], [bySquash])).toEqual({ steps: ['apply 3 thing'], ...fine })
})

test('a second squashed file takes the place of the first', () => {
  const last: Migration = {
    ...three,
    name: 'squashed',
    checksum: 'x',
    squashes: { versions: ['1', '2', '3'], files: [gone, three] },
  }
  expect(decide([last], [])).toEqual({ steps: ['apply 3 squashed'], ...fine })
  expect(decide([last], [bySquash])).toEqual({ steps: ['apply 3 thing', 'record 3 squashed'], ...fine })
  expect(decide([last], [passOf(one, 1), passOf(two, 2)])).toEqual({
    steps: ['record 2 squashed', 'apply 3 thing', 'record 3 squashed'],
    ...fine,
  })
})
