import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { readDeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import { compareIndex, compareMappings } from '../../../src/stores/elasticsearch/compare-indices.ts'
import type { AliasMember } from '../../../src/stores/elasticsearch/declaration.ts'
import { prefixNames } from '../../../src/stores/elasticsearch/declaration.ts'
import { findClosed, noteClosed } from '../../../src/stores/elasticsearch/judge-indices.ts'
import { findObstacles, refuseObstacles } from '../../../src/stores/elasticsearch/judge-obstacles.ts'
import { planAlias } from '../../../src/stores/elasticsearch/plan-aliases.ts'
import { readDeclaration } from '../../../src/stores/elasticsearch/schema.ts'

function read(text: string) {
  const document = readDeclarationDocument(text, 'all.yaml')
  if (!('value' in document)) throw new Error(JSON.stringify(document))
  return readDeclaration([document], { prefix: '' })
}

test.each([
  ['indices: { a: {} }\naliases: { b: { indices: { aa: {} } } }', 'names index `aa`, which is not declared'],
  ['indices: { a: {} }\naliases: { b: { indices: {} } }', 'names no index'],
  ['indices: { a: {} }\naliases: { a: { indices: { a: {} } } }', 'is declared twice'],
  [
    'indices: { a: {}, b: {} }\naliases: { c: { indices: { a: { is_write_index: true }, b: { is_write_index: true } } } }',
    'is set for a second index, after `a`',
  ],
  ['indices: { a: {} }\naliases: { b: { indices: { a: { routing: "1,2" } } } }', 'names several routings'],
  ['indices: { a: { settings: { lifecycle: { name: x } } } }', 'cannot be set here'],
  [
    'indices: { logs-1: {} }\nindex_templates: { l: { index_patterns: ["logs*"], data_streams: [logs] } }',
    'data streams',
  ],
  ['indices: { p-000002: {} }\nindex_templates: { p: { write_alias: { name: p } } }', 'a rollover of `p` gives'],
])('a contradiction is a fault with its place: %s', (text, says) => {
  const reading = read(text)
  expect(reading.type === 'faults' && reading.faults.map(({ what }) => what)).toEqual([expect.stringContaining(says)])
})

test('the prefix stands before an index, its alias and what the alias leads to', () => {
  const reading = read(
    'indices: { a: { settings: { default_pipeline: p } } }\naliases: { b: { indices: { a: {} } }, c: null }\ningest_pipelines: { p: { processors: [] } }',
  )
  if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
  expect(prefixNames(reading.declaration, 'x_')).toMatchObject({
    indices: [{ name: 'x_a', settings: { default_pipeline: 'x_p' } }],
    aliases: [
      { name: 'x_b', members: [{ index: 'x_a' }] },
      { name: 'x_c', members: [] },
    ],
  })
})

const nowhere = { declared: new Map(), now: new Map(), later: new Map() }
const around = { facts: new Map(), now: 0, places: nowhere }

const member = fc.record({
  filter: fc.constantFrom(null, { term: { a: '1' } }, { term: { a: '2' } }),
  indexRouting: fc.constantFrom(null, '1', '2'),
  searchRouting: fc.constantFrom(null, '1', '1,2'),
  isWriteIndex: fc.constantFrom(null, false),
  isHidden: fc.constant(false),
})

/** At most one of them takes the writes. */
const alias = fc
  .record({
    members: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), member), { selector: ([index]) => index }),
    writes: fc.constantFrom('a', 'b', 'c', null),
  })
  .map(({ members, writes }): readonly AliasMember[] =>
    members.map(([index, one]) => ({ ...one, index, isWriteIndex: index === writes ? true : one.isWriteIndex })),
  )

type Action = Readonly<Record<'add' | 'remove', Readonly<Record<string, unknown>> | undefined>>

/** As the server carries out `_aliases`. */
function carryOut(before: readonly AliasMember[], actions: readonly Action[]): readonly AliasMember[] {
  const members = new Map(before.map((one) => [one.index, one]))
  for (const { add, remove } of actions) {
    if (remove !== undefined) members.delete(String(remove['index']))
    if (add === undefined) continue
    members.set(String(add['index']), {
      index: String(add['index']),
      filter: (add['filter'] ?? null) as AliasMember['filter'],
      indexRouting: (add['index_routing'] ?? null) as string | null,
      searchRouting: (add['search_routing'] ?? null) as string | null,
      isWriteIndex: (add['is_write_index'] ?? null) as boolean | null,
      isHidden: add['is_hidden'] === true,
    })
  }
  return [...members.values()]
}

/** Documents that were found through it before may not be found any more. */
function mayHide(before: readonly AliasMember[], after: readonly AliasMember[]): boolean {
  return before.some((one) => {
    const now = after.find(({ index }) => index === one.index)
    if (now === undefined) return true
    const isFiltered = now.filter !== null && JSON.stringify(now.filter) !== JSON.stringify(one.filter)
    return isFiltered || (now.searchRouting !== null && now.searchRouting !== one.searchRouting)
  })
}

test('one request brings an alias to its declaration, and what hides documents asks', () => {
  fc.assert(
    fc.property(alias, alias, (before, after) => {
      const plan = (observed: readonly AliasMember[]) =>
        planAlias({ name: 'x', members: after }, observed, around).changes
      const [planned, ...others] = plan(before)
      expect(others).toEqual([])
      const write = planned?.operation.write
      const actions = write?.type === 'change-alias' ? (write.actions as readonly Action[]) : []
      expect(plan(carryOut(before, actions))).toEqual([])
      if (mayHide(before, after)) expect(planned?.change.loss?.code).toBe('changed-alias')
      if (before.length === 0) expect(planned?.change.loss ?? null).toBeNull()
    }),
  )
})

const plainMember = { filter: null, indexRouting: null, searchRouting: null, isWriteIndex: null, isHidden: false }

test.each([
  ['no index takes the writes any more', [{ ...plainMember, index: 'a' }], ['a', 'b'], 'is refused from then on'],
  [
    'another index takes the writes',
    [
      { ...plainMember, index: 'a', isWriteIndex: true },
      { ...plainMember, index: 'b' },
    ],
    ['a', 'b!'],
    'is then found twice',
  ],
  ['documents are routed elsewhere', [{ ...plainMember, index: 'a', indexRouting: '1' }], ['a'], 'is then found twice'],
])('a change by which writers lose asks: %s', (_what, before, after, why) => {
  const members = after.map((name) => ({
    ...plainMember,
    index: name.replace('!', ''),
    isWriteIndex: name.endsWith('!') ? true : null,
  }))
  const { changes } = planAlias({ name: 'x', members }, before, around)
  expect(changes.map(({ change }) => change.loss)).toMatchObject([
    { code: 'changed-alias', why: expect.stringContaining(why) },
  ])
})

test.each([
  [
    'an index is added',
    [{ ...plainMember, index: 'a', isWriteIndex: true }],
    [
      { ...plainMember, index: 'a', isWriteIndex: true },
      { ...plainMember, index: 'b' },
    ],
  ],
  ['a hidden alias is shown', [{ ...plainMember, index: 'a', isHidden: true }], [{ ...plainMember, index: 'a' }]],
])('a change by which nobody loses does not ask: %s', (_what, before, members) => {
  const { changes } = planAlias({ name: 'x', members }, before, around)
  expect(changes.map(({ change }) => change.loss)).toEqual([null])
})

test('an empty filter of an alias is none', () => {
  const reading = read('indices: { a: {} }\naliases: { b: { indices: { a: { filter: {} } } } }')
  if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
  expect(reading.declaration.aliases).toMatchObject([{ members: [{ filter: null }] }])
})

const runtime = { type: 'keyword' }

test.each([
  ['a number of routing shards, which no index shows', { settings: { number_of_routing_shards: 4 } }, {}, []],
  [
    'a setting that is null',
    { settings: { refresh_interval: null, number_of_replicas: null } },
    { number_of_replicas: '1' },
    [],
  ],
  [
    'a setting that the server returns as null',
    { settings: { refresh_interval: null } },
    { refresh_interval: null },
    [],
  ],
  [
    'a setting that null resets',
    { settings: { refresh_interval: null } },
    { refresh_interval: '5s' },
    ['settings.index.refresh_interval'],
  ],
  [
    'another setting',
    { settings: { refresh_interval: '1s' } },
    { refresh_interval: '5s' },
    ['settings.index.refresh_interval'],
  ],
])('an index is compared by what it can show: %s', (_what, { settings }, live, paths) => {
  const differences = compareIndex(
    { template: { merged: { settings, mappings: {} } }, simulation: { settings, mappings: {} } },
    { settings: { index: live }, mappings: {} },
  )
  expect(differences.map(({ path }) => path)).toEqual(paths)
})

test.each([
  ['one that was added by hand', { a: runtime }, { a: runtime, b: runtime }, []],
  ['one that differs', { a: { type: 'long' } }, { a: runtime }, ['mappings.runtime.a']],
  ['one that is missing', { a: runtime }, {}, ['mappings.runtime.a']],
  ['one that null removes', { a: null }, { a: runtime }, ['mappings.runtime.a']],
  ['one that null has removed', { a: null }, {}, []],
])('fields at runtime are compared one by one: %s', (_what, declared, live, paths) => {
  const differences = compareMappings({
    declared: { runtime: declared },
    expected: { runtime: declared },
    live: { runtime: live },
  })
  expect(differences.map(({ path, kind }) => [path, kind])).toEqual(paths.map((path) => [path, 'changeable']))
})

test('a closed index is named', () => {
  const settings = { index: { verified_before_close: 'true' } }
  const indices = new Map([
    ['a', { name: 'a', settings, mappings: {} }],
    ['b', { name: 'b', settings: {}, mappings: {} }],
  ])
  const closed = findClosed([{ name: 'a' }, { name: 'b' }, { name: 'c' }], { indices })
  expect(closed).toEqual(['a'])
  expect(noteClosed(closed, 'here')).toMatchObject([
    { code: 'STORE_DRIFT', resource: { name: 'a' }, next: 'Open it with `POST /a/_open`.' },
  ])
})

test('what has the name of an alias is refused, and an index that a writer made is got rid of', () => {
  const nextOf = (what: string, isIndex = false): string => {
    const plainIndices = { indices: new Map(), aliases: new Map(), taken: new Map([['goods', what]]) }
    try {
      refuseObstacles(
        findObstacles({ plainIndices, moves: new Map() }, () => isIndex),
        'here',
      )
    } catch (error) {
      return error instanceof ToolError ? String(error.faults[0]?.next) : ''
    }
    return ''
  }
  expect(nextOf('an index')).toContain('remove it with `DELETE /goods`')
  expect(nextOf('an index')).toContain('`action.auto_create_index` to `-goods,+*`')
  expect(nextOf('a data stream')).toBe('Choose another name in the declaration.')
  expect(nextOf('an alias', true)).toContain('lead to one index again, `goods-reindexed`')
})
