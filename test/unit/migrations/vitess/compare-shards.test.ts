import { expect, it } from 'vitest'
import { digestDefinitions } from '../../../../src/migrations/execute/recover.ts'
import { combineShards, compareShards } from '../../../../src/migrations/vitess/compare-shards.ts'
import type { ObjectName } from '../../../../src/sql/statement.ts'

const table = (name: string): ObjectName => ({ type: 'table', schema: null, name })
const two = ['-80', '80-']
const four = ['-40', '40-80', '80-c0', 'c0-']

/** A row that was opened while the shards had these definitions, object by object. */
function opened(shards: readonly string[], ...ofObjects: readonly (readonly (string | null)[])[]) {
  const objects = ofObjects.map((_, index) => table(`t${index}`))
  return { objects, shards, fingerprint: digestDefinitions(objects, ofObjects.map(combineShards)) }
}

it('a definition that never ran is not held for one that did when the keyspace has other shards since', () => {
  const row = opened(two, ['a', 'a'])
  expect(compareShards(row, four, [['a', 'a', 'a', 'a']])).toEqual({ type: 'unchanged' })
  expect(compareShards(row, ['-'], [['a']])).toEqual({ type: 'unchanged' })
})

it('changed definitions after the keyspace was sharded again are left to a person, as shards that differed may be one now', () => {
  expect(compareShards(opened(two, ['a', 'b']), ['-'], [['a']])).toEqual({
    type: 'unclear',
    why: 'its objects have changed, and the keyspace was sharded again since: it had the shards -80, 80-, and has -',
  })
  expect(compareShards(opened(two, ['a', 'a']), four, [['b', 'b', 'b', 'b']])).toMatchObject({ type: 'unclear' })
})

it('shards that differed before and differ now in the same way are unchanged', () => {
  expect(compareShards(opened(two, ['a', null]), two, [['a', null]])).toEqual({ type: 'unchanged' })
})

it('one shard that has changed may have run it, and all of them have', () => {
  const row = opened(two, ['a', 'a'])
  expect(compareShards(row, two, [['b', 'b']])).toEqual({ type: 'changed' })
  expect(compareShards(row, two, [['a', 'b']])).toEqual({
    type: 'unclear',
    why: '`t0` is not the same on the shards -80 and 80-: it may have run on some of them',
  })
  const { shards: _, ...withoutShards } = row
  expect(compareShards(withoutShards, two, [['b', 'b']])).toEqual({ type: 'changed' })
})

it('several objects are all gone, or it is not known which of them have changed', () => {
  const row = opened(two, ['a', 'a'], ['b', 'b'])
  expect(
    compareShards(row, two, [
      [null, null],
      [null, null],
    ]),
  ).toEqual({ type: 'changed' })
  expect(
    compareShards(row, two, [
      [null, null],
      ['b', 'b'],
    ]),
  ).toMatchObject({ type: 'unclear', why: expect.stringContaining('whether each of them has') })
})

it('a row of an earlier version, whose fingerprint has the definition of each shard, is compared by it', () => {
  const objects = [table('t')]
  const row = { objects, fingerprint: digestDefinitions(objects, ['a\na']) }
  expect(compareShards(row, two, [['a', 'a']])).toEqual({ type: 'unchanged' })
  expect(compareShards(row, two, [['b', 'b']])).toEqual({ type: 'changed' })
})

it('without a fingerprint or an object nothing is known', () => {
  const why = 'the state of no object shows whether it ran'
  expect(compareShards({ objects: [table('t')], fingerprint: null }, two, [['a', 'a']])).toEqual({
    type: 'unclear',
    why,
  })
  expect(compareShards(opened(two), two, [])).toEqual({ type: 'unclear', why })
})
