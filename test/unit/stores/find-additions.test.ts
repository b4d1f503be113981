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
  ['a script, which is not the one that the file adds', { a: [{ script: 'x' }] }, { a: [{ script: 'y' }] }, ['a']],
  [
    'an element without a name, beside one that the file adds',
    { any: [{ field: { groups: 'a' } }, { field: { groups: 'c' } }] },
    { any: [{ field: { groups: 'a' } }, { field: { groups: 'b' } }] },
    ['any'],
  ],
  [
    'one of two that do the same to the same thing',
    { a: [{ set: { field: 'f', value: 1 } }, { set: { field: 'f', value: 3 } }] },
    { a: [{ set: { field: 'f', value: 1 } }, { set: { field: 'f', value: 2 } }] },
    ['a'],
  ],
  [
    'a key of an element without a name',
    { a: [{ script: { source: 'x' } }] },
    { a: [{ script: { source: 'x', if: 'c' } }] },
    ['a.script.if'],
  ],
  [
    'nothing: the file adds to an element',
    { a: [{ script: { source: 'x', if: 'c' } }] },
    { a: [{ script: { source: 'x' } }] },
    [],
  ],
  [
    'nothing: another value of a threshold beside one of the same level',
    {
      a: [
        { type: 'greater', level: 'CRIT', value: 1 },
        { type: 'lesser', level: 'CRIT', value: 0 },
      ],
    },
    {
      a: [
        { type: 'greater', level: 'CRIT', value: 2 },
        { type: 'lesser', level: 'CRIT', value: 0 },
      ],
    },
    [],
  ],
  [
    'nothing: another value of a dynamic template',
    { dynamic_templates: [{ words: { mapping: { type: 'text' } } }] },
    { dynamic_templates: [{ words: { mapping: { type: 'keyword' } } }] },
    [],
  ],
  ['nothing: another order', { a: ['x', 'y'] }, { a: ['y', 'x'] }, []],
  ['nothing: numbers as texts', { a: [1, { b: 2 }] }, { a: ['1', { b: '2' }] }, []],
  ['nothing: what the file removes by null', { a: null }, { a: ['x'] }, []],
  ['nothing: an empty list', {}, { a: [] }, []],
])('what a declaration would take away is found: %s', (_what, declared, actual, paths) => {
  expect(findAdditions(declared, actual).map(({ path }) => path)).toEqual(paths)
})

test.each<readonly [string, unknown, unknown, readonly string[]]>([
  ['a condition for null', [{ $match: { a: 1 } }], [{ $match: { a: 1, b: null } }], ['$match.b']],
  ['an empty list', [{ $match: { a: 1 } }], [{ $match: { a: 1, b: { $in: [] } } }], ['$match.b']],
  [
    'nothing: another value of the stage in its place',
    [{ $match: { a: 1 } }, { $limit: 1 }],
    [{ $match: { a: 2 } }, { $limit: 1 }],
    [],
  ],
  ['a stage beside one that the file changes', [{ $match: { a: 1 } }], [{ $match: { a: 2 } }, { $limit: 1 }], ['', '']],
])('what a declaration of MongoDB would take away is found: %s', (_what, declared, actual, paths) => {
  expect(findAdditions(declared, actual, '', { asDocuments: true }).map(({ path }) => path)).toEqual(paths)
})

test('a loss names each part, and shows no secret', () => {
  const additions = findAdditions(
    {},
    {
      processors: [{ drop: {} }],
      password: 'abc',
      header: { authorization: 'Bearer abc' },
      text: 'authorization: Bearer abc',
    },
  )
  const loss = judgeAdditions(additions)
  expect(loss).toMatchObject({
    code: 'removed-additions',
    affected: ['`processors` [{"drop":{}}]', '`password` ***', expect.any(String), expect.any(String)],
  })
  expect(JSON.stringify(loss)).not.toContain('abc')
  expect(judgeAdditions([])).toBeNull()
})

test('another loss of the same change names the parts, too, and both have to be allowed', () => {
  const first = { code: 'shorter-retention', why: 'Sooner.', affected: ['logs'] } as const
  const loss = withAdditions(first, [{ path: 'phases.warm', value: { actions: {} } }])
  expect(loss).toMatchObject({
    code: 'shorter-retention',
    also: ['removed-additions'],
    why: expect.stringMatching(/^Sooner\. It has parts/),
  })
  expect(loss?.affected).toEqual(['logs', '`phases.warm` {"actions":{}}'])
  expect(withAdditions(first, [])).toBe(first)
})
