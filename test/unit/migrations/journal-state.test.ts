import { describe, expect, test } from 'vitest'
import { isBaselined, readStates } from '../../../src/migrations/journal/journal.ts'
import { migrationOf, passOf, snapshotOf } from '../../helpers/migrations/engine.ts'

const one = migrationOf('app/1')
const nine = migrationOf('app/9')
const ten = migrationOf('app/10')
const views = migrationOf('app/R__views')
const baseline = (version: string, pass: number, changes = {}) =>
  passOf(one, pass, { kind: 'baseline', version, total: 1, closed: 1, ...changes })

describe('the latest pass of a version decides', () => {
  test.each([
    ['a complete one upwards', [passOf(one, 1)], 'applied'],
    ['one with statements left', [passOf(one, 1, { closed: 1 })], 'partial'],
    ['one with an open row', [passOf(one, 1, { open: 1 })], 'partial'],
    ['one that has closed nothing yet', [passOf(one, 1, { closed: 0, open: 1 })], 'partial'],
    ['a complete one downwards', [passOf(one, 1), passOf(one, 2, { direction: 'down' })], 'pending'],
    [
      'one downwards with statements left',
      [passOf(one, 1), passOf(one, 2, { direction: 'down', closed: 1 })],
      'reverting',
    ],
    ['up again after down', [passOf(one, 1), passOf(one, 2, { direction: 'down' }), passOf(one, 3)], 'applied'],
    ['a mark as applied', [passOf(one, 1, { kind: 'mark', total: 1, closed: 1 })], 'applied'],
    [
      'a mark as pending',
      [passOf(one, 1), passOf(one, 2, { kind: 'mark', direction: 'down', total: 1, closed: 1 })],
      'pending',
    ],
  ] as const)('%s', (_, passes, type) => {
    expect(readStates(snapshotOf(passes)).states.get('1')?.type).toBe(type)
  })

  test('the latest pass is the one that is kept', () => {
    const state = readStates(snapshotOf([passOf(views, 1), passOf(views, 2, { checksum: 'newer' })])).states.get(
      'R__views',
    )
    expect(state).toMatchObject({ type: 'applied', pass: { pass: 2, checksum: 'newer' } })
  })
})

describe('the highest version', () => {
  test('is compared by number, and repeatable migrations do not count', () => {
    expect(readStates(snapshotOf([passOf(ten, 1), passOf(nine, 2), passOf(views, 3)])).highest).toBe('10')
    expect(readStates(snapshotOf([passOf(views, 1)])).highest).toBeNull()
    expect(readStates(snapshotOf([])).highest).toBeNull()
  })

  test('counts what is under way, not what was reverted', () => {
    expect(readStates(snapshotOf([passOf(one, 1), passOf(nine, 2, { closed: 1 })])).highest).toBe('9')
    expect(
      readStates(snapshotOf([passOf(one, 1), passOf(nine, 2), passOf(nine, 3, { direction: 'down' })])).highest,
    ).toBe('1')
  })

  test('is the baseline where nothing above it ran', () => {
    expect(readStates(snapshotOf([baseline('9', 1)])).highest).toBe('9')
    expect(readStates(snapshotOf([baseline('9', 1), passOf(ten, 2)])).highest).toBe('10')
  })
})

describe('a baseline', () => {
  test('covers what is at or below it, also what was tried before it and did not run', () => {
    const state = readStates(snapshotOf([passOf(one, 1), passOf(one, 2, { direction: 'down' }), baseline('9', 3)]))
    expect(['1', '2', '9', '10'].map((version) => isBaselined(state, version))).toEqual([true, true, true, false])
    const later = readStates(snapshotOf([baseline('9', 1), passOf(one, 2), passOf(one, 3, { direction: 'down' })]))
    expect(isBaselined(later, '1')).toBe(false)
  })

  test('is no state of a version, is replaced by a later one and withdrawn by one downwards', () => {
    expect(readStates(snapshotOf([baseline('9', 1)])).states.size).toBe(0)
    expect(readStates(snapshotOf([baseline('9', 1), baseline('10', 2)])).baseline).toBe('10')
    const withdrawn = readStates(snapshotOf([baseline('9', 1), baseline('9', 2, { direction: 'down' })]))
    expect([withdrawn.baseline, withdrawn.highest]).toEqual([null, null])
  })
})

test('the next pass follows the last one', () => {
  expect(readStates(snapshotOf([])).nextPass).toBe(1)
  expect(readStates(snapshotOf([passOf(one, 3), passOf(nine, 7)])).nextPass).toBe(8)
})
