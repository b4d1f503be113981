import { describe, expect, test } from 'vitest'
import { compareOutcomes } from '../../../src/migrations/plan/compare-results.ts'
import type { SampleOutcome, SampleResult } from '../../../src/probe/probe-result.ts'

const ran = (result: SampleResult): SampleOutcome => ({ type: 'ran', reads: '', result })

/** Rows as `a,b;c,d`: one with a place of its own for each number, in which its ORDER BY puts it. */
function read(columns: string, rows: string, ranks: readonly number[] | null | undefined = undefined): SampleOutcome {
  const cells = rows === '' ? [] : rows.split(';').map((row) => row.split(','))
  return ran({
    type: 'rows',
    columns: columns.split(','),
    rows: cells,
    ranks: ranks ?? null,
    isOrdered: ranks !== undefined,
  })
}

const changed = (rows: number, left: readonly string[] | null = null): SampleOutcome =>
  ran({ type: 'affected', rows, left: left === null ? null : { columns: ['a', 'b'], rows: [left] } })

/** A DELETE that removes some of the rows of `id`; null where the table has no primary key. */
function removed(keys: string | null, kept = '', rows = keys === null ? 2 : keys.length): SampleOutcome {
  const list = (all: string): readonly (readonly string[])[] => [...all].map((key) => [key])
  const found = keys === null ? null : { columns: ['id'], removed: list(keys), kept: list(kept) }
  return ran({ type: 'removed', rows, keys: found })
}

/** An UPDATE of rows that have the values already. */
const kept = (rows: number): SampleOutcome => ran({ type: 'affected', rows, left: { columns: ['a'], rows: [] } })

describe('what the result of a statement says before and after', () => {
  test.each([
    ['the same rows in another order', read('a,b', '1,2;3,4'), read('a,b', '3,4;1,2'), []],
    ['a column behind the others', read('a', '1'), read('a,c', '1,7'), ['c']],
    ['rows that ORDER BY leaves in any order', read('a', '1;2;3', [1, 1, 2]), read('a', '2;1;3', [1, 1, 2]), []],
    ['the same removed rows', removed('12', '345'), removed('21', '34'), []],
    ['an INSERT that leaves the same', changed(1, ['1', '2']), changed(1, ['1', '2']), []],
  ])('%s: nothing', (_, before, after, added) => {
    expect(compareOutcomes(before, after)).toEqual({ type: 'same', added })
  })

  test.each([
    [read('a,b', '1,2'), read('a', '1'), 'the columns `a`, `b`', 'the column `a`'],
    [read('a,b', '1,2'), read('b,a', '1,2'), 'the columns `a`, `b`', 'the columns `b`, `a`'],
    [read('a', '1;1'), read('a', '1'), '2 rows', '1 row'],
    [read('a,b', '1,2;3,4'), read('a,b', '1,2;3,5'), '2 rows', '2 rows, 1 of them with another value of `b`'],
    [read('a,b', '1,2;3,4'), read('a,b', '1,4;3,2'), '2 rows', '2 rows, 2 of them with other values beside each other'],
    [read('a', '1;2', [1, 2]), read('a', '2;1', [1, 2]), 'rows in one order', 'the same rows in another one'],
    [read('a', '1;2', [1, 1]), read('a', '2;1', [1, 2]), 'rows in one order', 'the same rows in another one'],
    [read('a', ''), read('a', '5'), '0 rows', '1 row'],
    [read('a', '0'), read('a', '2'), '1 row', '1 row, 1 of them with another value of `a`'],
    [changed(2), changed(0), '2 rows changed', '0 rows changed'],
    [removed('12'), removed('1', '2'), '2 rows removed', '1 row removed'],
    [removed('12', '3'), removed('13', '2'), '2 rows removed', '2 rows removed, and not the same ones'],
    [removed('12', '34'), removed('13', '2'), '2 rows removed', '2 rows removed, and not the same ones'],
    [changed(1, ['1', '2']), changed(1, ['1', '3']), '1 row changed', '1 row changed, with another value of `b`'],
  ])('another result: %#', (was, is, before, after) => {
    expect(compareOutcomes(was, is)).toEqual({ type: 'changed', before, after })
  })

  test('a refusal on rows, which it meets after the migration alone', () => {
    const refused: SampleOutcome = { type: 'refused', why: 'Data too long.' }
    expect(compareOutcomes(changed(2), refused)).toEqual({
      type: 'fails',
      before: '2 rows changed',
      after: 'Data too long.',
    })
    expect(compareOutcomes(refused, refused)).toEqual({ type: 'unjudged', why: 'it fails before the migration, too' })
  })

  test.each([
    [read('a', ''), read('a', ''), 'it found none of the rows that were made'],
    [read('a,b', '0,0'), read('a,b', '0,0'), 'it found none of the rows that were made'],
    [changed(0), changed(0), 'it changed none of the rows that were made'],
    [removed('', '1'), removed('', '1'), 'it removed none of the rows that were made'],
    [removed(null), removed(null), 'only the number of rows that it removes was compared'],
    [removed('1', '23'), removed('2', '34'), 'the migration changes the key by which removed rows are compared'],
    [removed('1', '23'), removed('1', '45'), 'the migration changes the key by which removed rows are compared'],
    [removed('12', '3'), removed('78', '9'), 'the migration changes the key by which removed rows are compared'],
    [changed(2), changed(2), 'only the number of rows that it changes was compared'],
    [changed(1, ['1', '2']), changed(1), 'only the number of rows that it changes was compared'],
    [kept(1), kept(1), 'it changed none of the rows that were made'],
    [kept(1), changed(1, ['1', '2']), 'rows that were made had the values that it sets'],
    [read('a', '1;2', null), read('a', '2;1', null), 'its ORDER BY may leave rows in any order'],
    [read('a', '1'), { type: 'untried', why: 'it needs `t`: it was refused' } as const, 'it needs `t`: it was refused'],
    [ran({ type: 'unjudged', why: 'it has LIMIT' }), undefined, 'the scratch schema was not made'],
    [ran({ type: 'unjudged', why: 'it has LIMIT' }), read('a', '1'), 'it has LIMIT'],
  ])('no proof: %#', (was, is, why) => {
    expect(compareOutcomes(was, is)).toEqual({ type: 'unjudged', why })
  })
})
