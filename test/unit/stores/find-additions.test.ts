import { expect, test } from 'vitest'
import { findAdditions, judgeAdditions, withAdditions } from '../../../src/stores/find-additions.ts'

test.each<readonly [string, unknown, unknown, readonly string[]]>([
  ['a key of a map', { a: 1 }, { a: 1, b: 2 }, ['b']],
  ['a key at any depth', { a: { b: {} } }, { a: { b: { c: 1 } } }, ['a.b.c']],
  ['an element of a list', { a: ['x'] }, { a: ['x', 'y'] }, ['a']],
  ['one of two equal elements', { a: ['x'] }, { a: ['x', 'x'] }, ['a']],
  ['an element where one value stands for a list', { a: 'x' }, { a: ['x', 'y'] }, ['a']],
  ['a key of an element', { a: [{ set: { field: 'f' } }] }, { a: [{ set: { field: 'f', if: 'c' } }] }, ['a.set.if']],
  ['an element about something else', { a: [{ set: { field: 'f' } }] }, { a: [{ set: { field: 'g' } }] }, ['a']],
  [
    'an action without options',
    { hot: { actions: {} } },
    { hot: { actions: { readonly: {} } } },
    ['hot.actions.readonly'],
  ],
  ['nothing: another value', { a: 1, b: ['x'] }, { a: 2, b: 'x' }, []],
  [
    'nothing: another value of an element',
    { a: [{ set: { field: 'f', value: 1 } }] },
    { a: [{ set: { field: 'f', value: 2 } }] },
    [],
  ],
  ['nothing: another order', { a: ['x', 'y'] }, { a: ['y', 'x'] }, []],
  ['nothing: numbers as texts', { a: [1, { b: 2 }] }, { a: ['1', { b: '2' }] }, []],
  ['nothing: what the file removes by null', { a: null }, { a: ['x'] }, []],
  ['nothing: an empty list', {}, { a: [] }, []],
])('what a declaration would take away is found: %s', (_what, declared, actual, paths) => {
  expect(findAdditions(declared, actual).map(({ path }) => path)).toEqual(paths)
})

test('a loss names each part, and shows no secret', () => {
  const additions = findAdditions(
    {},
    { processors: [{ drop: {} }], password: 'abc', header: { authorization: 'Bearer abc' } },
  )
  const loss = judgeAdditions(additions)
  expect(loss).toMatchObject({
    code: 'removed-additions',
    affected: ['`processors` [{"drop":{}}]', '`password` ***', expect.any(String)],
  })
  expect(JSON.stringify(loss)).not.toContain('abc')
  expect(judgeAdditions([])).toBeNull()
})

test('another loss of the same change keeps its code, and names the parts, too', () => {
  const first = { code: 'shorter-retention', why: 'Sooner.', affected: ['logs'] } as const
  const loss = withAdditions(first, [{ path: 'phases.warm', value: { actions: {} } }])
  expect(loss).toMatchObject({ code: 'shorter-retention', why: expect.stringMatching(/^Sooner\. It has parts/) })
  expect(loss?.affected).toEqual(['logs', '`phases.warm` {"actions":{}}'])
  expect(withAdditions(first, [])).toBe(first)
})
