import { describe, expect, test } from 'vitest'
import type { ObservedRole, ObservedUser } from '../../../src/stores/elasticsearch/access-ports.ts'
import { signature, writeBodies } from '../../../src/stores/elasticsearch/bodies.ts'
import { childOf } from '../../../src/stores/elasticsearch/compare-trees.ts'
import { type JsonObject, nothingPlain } from '../../../src/stores/elasticsearch/declaration.ts'
import { sealOf } from '../../../src/stores/elasticsearch/mark.ts'
import { planPlain } from '../../../src/stores/elasticsearch/plain-resources.ts'
import { planAccess, roleContent, userContent } from '../../../src/stores/elasticsearch/plan-access.ts'
import { planAlias } from '../../../src/stores/elasticsearch/plan-aliases.ts'
import { planIndex } from '../../../src/stores/elasticsearch/plan-indices.ts'
import { mappingContent, planMappings } from '../../../src/stores/elasticsearch/plan-mappings.ts'
import { planComponent, planPolicy } from '../../../src/stores/elasticsearch/plan-resources.ts'
import { planSnapshots } from '../../../src/stores/elasticsearch/plan-snapshots.ts'
import type { ObservedTemplate } from '../../../src/stores/elasticsearch/ports.ts'
import type { StoreLoss } from '../../../src/stores/store-plan.ts'
import { emptyDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'

function said(loss: StoreLoss | null | undefined): readonly [string, ...string[]] | null {
  return loss === null || loss === undefined ? null : [loss.code, ...loss.affected]
}

describe('an ingest pipeline', () => {
  const [set, drop, trim] = [{ set: { field: 'a', value: 1 } }, { drop: {} }, { trim: { field: 'b' } }]
  const declare = (...processors: readonly JsonObject[]) => ({
    name: 'words',
    description: null,
    processors,
    onFailure: [],
  })
  const lossOf = (declared: ReturnType<typeof declare>, observed: JsonObject) => {
    const plain = { synonyms: new Map(), pipelines: new Map([['words', observed]]), clusterSettings: {} }
    const [planned] = planPlain({ ...nothingPlain, pipelines: [declared] }, plain, '')
    return said(planned?.change?.change.loss)
  }
  const made = (...processors: readonly JsonObject[]): JsonObject => {
    const content = { processors, on_failure: [] }
    return { ...content, _meta: { ...signature(''), ...sealOf('ingest pipeline', 'words', content) } }
  }

  test('asks before processors of somebody else go', () => {
    const extended = { ...made(set), processors: [set, drop], on_failure: [trim] }
    expect(lossOf(declare(set), extended)).toEqual([
      'removed-additions',
      '`processors` {"drop":{}}',
      '`on_failure` {"trim":{"field":"b"}}',
    ])
    expect(lossOf(declare(set), { processors: [set, drop] })).toEqual(['removed-additions', expect.any(String)])
  })

  test('changes without a question where nothing goes, or wwdb wrote all of it', () => {
    expect(lossOf(declare(set, drop), made(set))).toBeNull()
    expect(lossOf(declare(set), made(set, drop))).toBeNull()
    expect(lossOf(declare({ set: { field: 'a', value: 2 } }), { processors: [set] })).toBeNull()
  })
})

test.each([
  [{ 'a.b': 'n1' }, { 'a.b': 'n1,n2' }, ['removed-additions', '`a.b` n2']],
  [{ 'a.b': ['n1'] }, { 'a.b': ['n1', 'n2'] }, ['removed-additions', '`a.b` n2']],
  [{ 'a.b': '' }, { 'a.b': 'n2' }, ['removed-additions', '`a.b` n2']],
  [{ 'a.b': 'n1' }, { 'a.b': 'n2' }, null],
  [{ 'a.b': 'n1,n2' }, { 'a.b': 'n1' }, null],
  [{ 'a.b': null }, { 'a.b': 'n1,n2' }, null],
])('a cluster setting %j asks before %j loses a value of a list', (clusterSettings, observed, loss) => {
  const plain = { synonyms: new Map(), pipelines: new Map(), clusterSettings: observed }
  const [planned] = planPlain({ ...nothingPlain, clusterSettings }, plain, '')
  expect(said(planned?.change?.change.loss)).toEqual(loss)
})

describe('a component template', () => {
  const bodyOf = (properties: JsonObject, settings: JsonObject = { codec: 'default' }) => {
    const component = {
      name: 'base',
      description: null,
      settings,
      mappings: { properties },
      chinese: null,
    }
    const { components } = writeBodies({ ...emptyDeclaration, components: [component] }, new Map(), {
      prefix: '',
      existing: new Map(),
    })
    const [desired] = components
    if (desired === undefined) throw new Error('no component')
    return desired
  }
  const observe = (body: JsonObject): ObservedTemplate => ({
    settings: childOf(childOf(body, 'template'), 'settings'),
    mappings: childOf(childOf(body, 'template'), 'mappings'),
    meta: childOf(body, '_meta'),
    rest: {},
    body,
  })
  const [one, two] = [{ one: { type: 'keyword' } }, { two: { type: 'long' } }]

  test('asks before a field of somebody else goes, and keeps metadata of others', () => {
    const { body } = bodyOf(one)
    const template = {
      ...childOf(body, 'template'),
      mappings: { properties: { ...one, added: { type: 'date' } } },
      aliases: { all: {} },
    }
    const observed = observe({ ...body, template, version: 3, _meta: { ...childOf(body, '_meta'), owner: 'ops' } })
    const planned = planComponent(bodyOf(two), observed)
    expect(said(planned?.change.loss)).toEqual([
      'removed-additions',
      '`version` 3',
      '`template.mappings.properties.one` {"type":"keyword"}',
      '`template.mappings.properties.added` {"type":"date"}',
      '`template.aliases` {"all":{}}',
    ])
    expect(planned?.operation.write).toMatchObject({ body: { _meta: { owner: 'ops', managed_by: 'wwdb' } } })
  })

  test('asks before a value of a list in a setting goes, in either notation', () => {
    const words = (stopwords: readonly string[]): JsonObject => ({
      'index.analysis.filter.stops': { type: 'stop', stopwords },
    })
    const { body } = bodyOf(one, words(['a']))
    const settings = { index: { analysis: { filter: { stops: { type: 'stop', stopwords: ['a', 'b'] } } } } }
    const observed = observe({ ...body, template: { ...childOf(body, 'template'), settings } })
    expect(said(planComponent(bodyOf(one, words(['a', 'c'])), observed)?.change.loss)).toEqual([
      'removed-additions',
      '`template.settings.index.analysis.filter.stops.stopwords` b',
    ])
  })

  test('changes without a question where wwdb wrote all of it', () => {
    expect(said(planComponent(bodyOf(two), observe(bodyOf(one).body))?.change.loss)).toBeNull()
  })
})

test('a lifecycle policy asks before an action of somebody else goes, and names it beside another loss', () => {
  const [plain, more] = [{ hot: { actions: {} } }, { hot: { actions: { readonly: {} } } }]
  const lossOf = (phases: JsonObject, before: JsonObject, meta: JsonObject) => {
    const body = { phases }
    const desired = {
      name: 'logs',
      source: { name: 'logs', description: null, phases },
      body: { ...body, _meta: signature('') },
    }
    const observed = { phases: before, meta, indices: [], body: { phases: before, _meta: meta } }
    return said(planPolicy(desired, observed, new Map(), 0)?.change.loss)
  }
  const seal = { ...signature(''), ...sealOf('lifecycle policy', 'logs', { phases: more }) }
  expect(lossOf(plain, more, signature(''))).toEqual(['removed-additions', '`phases.hot.actions.readonly` {}'])
  expect(lossOf(plain, more, seal)).toBeNull()
  const aged = { ...plain, delete: { min_age: '1d', actions: { delete: {} } } }
  expect(lossOf(aged, more, signature(''))).toEqual(['shorter-retention', '`phases.hot.actions.readonly` {}'])
})

test('a snapshot policy asks before a retention or metadata of somebody else goes', () => {
  const content = { schedule: 's', name: 'n', config: { indices: ['a'] } }
  const declared = { repositories: [], policies: [{ name: 'p', repository: 'r', isElsewhere: false, content }] }
  const observed = {
    ...content,
    repository: 'r',
    retention: { expire_after: '9d' },
    config: { indices: ['a'], metadata: { by: 'ops' } },
  }
  const around = { repositories: new Map(), others: new Map(), earlier: new Map() }
  const [planned] = planSnapshots(declared, { ...around, policies: new Map([['p', observed]]) }, '')
  expect(said(planned?.changes[0]?.change.loss)).toEqual([
    'removed-additions',
    '`config.metadata` {"by":"ops"}',
    '`retention.expire_after` 9d',
  ])
})

describe('roles, users and role mappings', () => {
  const role = {
    name: 'r',
    description: null,
    cluster: ['monitor'],
    indices: [{ names: ['logs'], privileges: ['read'] }],
  }
  const user = { name: 'u', description: null, roles: ['r'], enabled: true, password: 'x' }
  const mapping = {
    name: 'm',
    description: null,
    roles: ['r'],
    rules: { any: [{ field: { groups: ['a'] } }] },
    enabled: true,
  }
  const lossesOf = (isMarked: boolean) => {
    const roleBefore: Omit<ObservedRole, 'metadata'> = {
      cluster: ['monitor', 'manage'],
      indices: [{ names: ['logs'], privileges: ['read', 'write'] }],
      rest: {},
    }
    const userBefore: Omit<ObservedUser, 'metadata'> = {
      roles: ['r', 'admin'],
      enabled: true,
      fullName: null,
      email: null,
      passwordMatches: true,
    }
    const mappingBefore = {
      roles: ['r', 'admin'],
      rules: { any: [{ field: { groups: 'a' } }, { field: { groups: 'b' } }] },
      enabled: true,
      templates: [],
    }
    const mark = (seal: JsonObject): JsonObject => (isMarked ? { ...signature(''), ...seal } : {})
    const access = {
      type: 'on',
      roles: new Map([['r', { ...roleBefore, metadata: mark(sealOf('role', 'r', roleContent(roleBefore))) }]]),
      users: new Map([['u', { ...userBefore, metadata: mark(sealOf('user', 'u', userContent(userBefore))) }]]),
      mappings: new Map([
        ['m', { ...mappingBefore, metadata: mark(sealOf('role mapping', 'm', mappingContent(mappingBefore))) }],
      ]),
      own: null,
      mapped: [],
    } as const
    const declared = { roles: [role], users: [user], mappings: [mapping], prefix: '' }
    return [...planAccess(declared, access), ...planMappings([mapping], access, '')].map(({ change }) =>
      said(change?.change.loss),
    )
  }

  test('ask before rights of somebody else go', () => {
    expect(lossesOf(false)).toEqual([
      ['removed-access', '`cluster` manage', '`privileges.logs` write'],
      ['removed-access', '`roles` admin'],
      ['removed-access', '`roles` admin', '`rules.any` {"field":{"groups":"b"}}'],
    ])
  })

  test('change without a question where wwdb wrote them', () => {
    expect(lossesOf(true)).toEqual([null, null, null])
  })
})

test('an alias asks before a filter goes that hides documents', () => {
  const member = {
    index: 'a',
    filter: null,
    indexRouting: null,
    searchRouting: null,
    isWriteIndex: null,
    isHidden: false,
  }
  const nowhere = { declared: new Map(), now: new Map(), later: new Map() }
  const around = { facts: new Map(), now: 0, places: nowhere }
  const { changes } = planAlias({ name: 'all', members: [member] }, [{ ...member, filter: { term: { a: 1 } } }], around)
  expect(changes[0]?.change.loss).toMatchObject({ code: 'changed-alias', why: expect.stringContaining('is removed') })
})

test('an index asks before rules and metadata of its mapping go, and not for another value', () => {
  const rule = (name: string): JsonObject => ({ [name]: { mapping: { type: 'keyword' } } })
  const lossOf = (mappings: JsonObject, live: JsonObject) => {
    const source = { name: 'i', settings: {}, mappings }
    const observed = { name: 'i', settings: {}, mappings: live }
    const plan = planIndex(
      { name: 'i', source, body: {}, content: { settings: {}, mappings } },
      { indices: new Map([['i', observed]]), aliases: new Map(), taken: new Map() },
      {
        moves: { move: null, kept: [], wanted: [], replacements: [], sourceIndex: null, copyIndex: null },
        others: [],
        facts: new Map(),
        now: 0,
        reindex: false,
        rate: null,
        prune: false,
        templates: [],
      },
    )
    return said(plan.changes[0]?.change.loss)
  }
  const live = { dynamic_templates: [rule('one'), rule('two')], _meta: { a: 1, b: 2 } }
  expect(lossOf({ dynamic_templates: [rule('one')], _meta: { a: 1 } }, live)).toEqual([
    'removed-additions',
    '`mappings.dynamic_templates` {"two":{"mapping":{"type":"keyword"}}}',
    '`mappings._meta.b` 2',
  ])
  expect(lossOf({ dynamic: 'strict' }, { dynamic: 'true' })).toBeNull()
})
