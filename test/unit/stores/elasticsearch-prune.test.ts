import { expect, test } from 'vitest'
import type { ObservedAccess, ObservedRole, ObservedUser } from '../../../src/stores/elasticsearch/access-ports.ts'
import { judgeLeftovers, type Lists } from '../../../src/stores/elasticsearch/leftovers.ts'
import { sealOf } from '../../../src/stores/elasticsearch/mark.ts'
import { roleContent, userContent } from '../../../src/stores/elasticsearch/plan-access.ts'
import { notePrune, type PruneInput, planPrune } from '../../../src/stores/elasticsearch/plan-prune.ts'
import type { ObservedLeftover, WantedNames } from '../../../src/stores/elasticsearch/ports.ts'

const ours = { managed_by: 'wwdb', prefix: 'a_' }

type On = Extract<ObservedAccess, { readonly type: 'on' }>

/** Users and roles as wwdb wrote them under their names. */
function accessOf(
  users: Readonly<Record<string, readonly string[]>>,
  roles: readonly string[],
  more: Partial<On> = {},
): On {
  const bare = { enabled: true, fullName: null, email: null, passwordMatches: null }
  const makeUser = (name: string, held: readonly string[]): ObservedUser => {
    const user = { ...bare, roles: held }
    return { ...user, metadata: { ...ours, ...sealOf('user', name, userContent(user)) } }
  }
  return {
    type: 'on',
    users: new Map(Object.entries(users).map(([name, held]) => [name, makeUser(name, held)])),
    roles: new Map(roles.map((name) => [name, makeRole(name)])),
    mappings: new Map(),
    own: { name: 'a_deploy', roles: ['a_setup'], isMapped: false },
    mapped: [],
    ...more,
  }
}

function makeRole(name: string, metadata: ObservedRole['metadata'] = ours): ObservedRole {
  const role = { cluster: ['monitor'], indices: [], rest: {} }
  return { ...role, metadata: { ...metadata, ...sealOf('role', name, roleContent(role)) } }
}

function leftover(kind: ObservedLeftover['kind'], more: Partial<ObservedLeftover> = {}): ObservedLeftover {
  return { kind, name: `a_${kind}`, byTool: true, isAsMade: true, neededBy: null, ...more }
}

function inputOf(observed: Partial<PruneInput['observed']>, self: string | null = null): PruneInput {
  return {
    desired: { access: { roles: [], users: [], mappings: [], prefix: 'a_' } },
    observed: { access: null, leftovers: [], ...observed },
    options: { reindex: false, rate: null, prune: true },
    self,
  }
}

function prune(observed: Partial<PruneInput['observed']>, self?: string): readonly string[] {
  return planPrune(inputOf(observed, self)).map(
    ({ change }) => `${change.loss?.code} ${change.resource.kind} ${change.resource.name}`,
  )
}

test('a prune takes what wwdb made and nothing needs, and never a data stream', () => {
  const leftovers = [
    leftover('index template'),
    leftover('lifecycle policy', { byTool: false }),
    leftover('component template', { neededBy: 'index template x' }),
    leftover('component template', { name: 'a_copy', isAsMade: false }),
    leftover('data stream'),
  ]
  expect(prune({ leftovers })).toEqual(['removed-resource index template a_index template'])
})

test('a prune removes neither the user of the run, nor a role that somebody has who stays, nor what another environment made', () => {
  const access = accessOf({ a_deploy: ['a_setup'], a_gone: ['a_old'] }, ['a_setup', 'a_old', 'a_mapped', 'a_held'], {
    mapped: ['a_mapped'],
  })
  const byHand: ObservedUser = {
    roles: ['a_held'],
    enabled: true,
    metadata: {},
    fullName: null,
    email: null,
    passwordMatches: null,
  }
  const users = new Map([...access.users, ['by_hand', byHand] as const])
  const roles = new Map([
    ...access.roles,
    ['b_role', makeRole('b_role', { managed_by: 'wwdb', prefix: 'b_' })] as const,
    ['by_hand', makeRole('by_hand', {})] as const,
    ['a_copy', makeRole('a_old')] as const,
    ['a_unsealed', { ...makeRole('a_unsealed'), metadata: ours }] as const,
  ])
  expect(prune({ access: { ...access, users, roles } })).toEqual([
    'removed-access user a_gone',
    'removed-access role a_old',
  ])
  expect(prune({ access: { ...access, users, roles } }, 'a_gone')).toEqual([])
})

test('a prune removes no role and no user where nobody can say what the run itself needs, and says so', () => {
  const users = { a_gone: ['a_old'] }
  const unknown = { access: accessOf(users, ['a_old'], { own: null }) }
  expect(prune(unknown)).toEqual([])
  expect(notePrune(inputOf(unknown))).toEqual([expect.stringContaining('does not say which roles')])
  const templated = { access: accessOf(users, ['a_old'], { mapped: null }) }
  expect(prune(templated)).toEqual(['removed-access user a_gone'])
  expect(notePrune(inputOf(templated))).toEqual([expect.stringContaining('role mapping')])
  expect(notePrune(inputOf({ access: accessOf(users, ['a_old']) }))).toEqual([])
})

const wanted: WantedNames = {
  prefix: 'a_',
  policies: [],
  components: [],
  templates: [],
  streams: [],
  aliases: [],
  older: false,
  passwords: null,
  plain: { synonyms: [], pipelines: [], clusterSettings: false },
  snapshots: { repositories: [], policies: [], retentions: [] },
  plainIndices: [],
  plainAliases: [],
  existing: [],
}

const none: Lists = {
  streams: [],
  templates: [],
  components: [],
  policies: [],
  pipelines: [],
  pipelineUses: [],
  snapshotPolicies: [],
  indices: [],
  synonyms: [],
  synonymsUses: [],
}

function sealed(kind: ObservedLeftover['kind'], name: string, content: Readonly<Record<string, unknown>>) {
  return { name, body: { ...content, _meta: { ...ours, ...sealOf(kind, name, content) } } }
}

function policyNamed(name: string, use: Partial<Lists['policies'][number]> = {}) {
  const policy = sealed('lifecycle policy', name, { phases: { hot: { actions: { rollover: { max_age: '1d' } } } } })
  return { ...policy, indices: [], streams: [], templates: [], ...use }
}

function judged(lists: Partial<Lists>): readonly string[] {
  return judgeLeftovers(wanted, { ...none, ...lists }).map(
    ({ name, isAsMade, neededBy }) => `${name}: ${isAsMade ? 'as made' : 'not as made'}, ${neededBy ?? 'unused'}`,
  )
}

test('what the server returns of a definition is known as what was written, and a copy or a change is not', () => {
  const written = {
    index_patterns: ['a_x'],
    priority: 5,
    composed_of: [],
    template: { settings: { 'index.hidden': true } },
  }
  const template = sealed('index template', 'a_x', { ...written, data_stream: {} })
  const returned = {
    ...template.body,
    data_stream: { hidden: false, allow_custom_routing: false },
    template: { settings: { index: { hidden: 'true' } } },
  }
  expect(
    judged({
      templates: [
        { name: 'a_x', body: returned },
        { name: 'a_copy', body: returned },
        { name: 'a_x', body: { ...returned, priority: 6 } },
        { name: 'a_x', body: { ...written, _meta: ours } },
      ],
    }),
  ).toEqual([
    'a_x: as made, unused',
    'a_copy: not as made, unused',
    'a_x: not as made, unused',
    'a_x: not as made, unused',
  ])
  const policy = policyNamed('a_p')
  const stored = { hot: { min_age: '0ms', actions: { rollover: { max_age: '1d' } } } }
  expect(judged({ policies: [{ ...policy, body: { ...policy.body, phases: stored } }] })).toEqual([
    'a_p: as made, unused',
  ])
})

test('a template is needed by a data stream and by an index that it makes; what it uses, by each template, also of others', () => {
  const template = (name: string) =>
    sealed('index template', name, { index_patterns: [`${name}-*`], composed_of: [`${name}-base`] })
  expect(
    judged({
      streams: [{ name: 'a_s', body: { _meta: { managed: true } }, template: 'a_one' }],
      indices: ['a_two-000001'],
      templates: [
        template('a_one'),
        template('a_two'),
        template('a_three'),
        { name: 'other', body: { composed_of: ['a_shared'] } },
      ],
      components: [
        sealed('component template', 'a_three-base', { template: {} }),
        sealed('component template', 'a_shared', { template: {} }),
        { name: 'own', body: { template: { settings: { 'index.lifecycle.name': 'a_named' } } } },
      ],
      policies: [
        policyNamed('a_free', { templates: ['a_three'] }),
        policyNamed('a_used', { templates: ['a_three', 'other'] }),
        policyNamed('a_named'),
      ],
      pipelines: ['a_index', 'a_called', 'a_caller'].map((name) =>
        sealed('ingest pipeline', name, {
          processors: name === 'a_caller' ? [{ pipeline: { name: 'a_called' } }] : [],
        }),
      ),
      pipelineUses: [{ index: 'x', pipeline: 'a_index' }],
    }),
  ).toEqual([
    'a_one: as made, data stream a_s',
    'a_two: as made, index a_two-000001',
    'a_three: as made, unused',
    'a_three-base: as made, unused',
    'a_shared: as made, index template other',
    'a_free: as made, unused',
    'a_used: as made, index template other',
    'a_named: as made, component template own',
    'a_index: as made, index x',
    'a_called: as made, ingest pipeline a_caller',
    'a_caller: as made, unused',
  ])
})
