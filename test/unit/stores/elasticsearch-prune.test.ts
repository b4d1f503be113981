import { expect, test } from 'vitest'
import type { ObservedRole, ObservedUser } from '../../../src/stores/elasticsearch/access-ports.ts'
import { planPrune } from '../../../src/stores/elasticsearch/plan-prune.ts'
import type { ObservedLeftover, ServerState } from '../../../src/stores/elasticsearch/ports.ts'

const ours = { managed_by: 'wwdb', prefix: 'a_' }

function user(roles: readonly string[], metadata: ObservedUser['metadata'] = ours): ObservedUser {
  return { roles, enabled: true, metadata, fullName: null, email: null, passwordMatches: null }
}

function role(metadata: ObservedRole['metadata'] = ours): ObservedRole {
  return { cluster: [], indices: [], metadata, rest: {} }
}

function leftover(kind: ObservedLeftover['kind'], more: Partial<ObservedLeftover> = {}): ObservedLeftover {
  return { kind, name: `a_${kind}`, byTool: true, neededBy: null, indices: [], ...more }
}

function prune(state: Partial<ServerState>, self: string | null = null) {
  const observed: ServerState = {
    version: '8.19.21',
    nodes: [],
    policies: new Map(),
    components: new Map(),
    templates: new Map(),
    series: new Map(),
    moves: new Map(),
    access: null,
    leftovers: [],
    plain: { pipelines: new Map(), clusterSettings: {} },
    existing: new Map(),
    ...state,
  }
  const options = { reindex: false, rate: null, prune: true }
  const input = {
    desired: { access: { roles: [], users: [], prefix: 'a_' } },
    observed,
    facts: new Map(),
    options,
    self,
  }
  const { before, after } = planPrune(input)
  return [...before, ...after].map(
    ({ change }) => `${change.loss?.code} ${change.resource.kind} ${change.resource.name}`,
  )
}

test('a prune takes what has the mark of this environment, and is needed by nothing', () => {
  const leftovers = [
    leftover('index template'),
    leftover('lifecycle policy', { byTool: false }),
    leftover('component template', { neededBy: 'index template x' }),
    leftover('data stream', { indices: ['unknown'] }),
  ]
  expect(prune({ leftovers })).toEqual([
    'removed-documents data stream a_data stream',
    'removed-resource index template a_index template',
  ])
})

test('a prune removes neither the user of the run, nor a role that it has, nor what another environment made', () => {
  const other = { managed_by: 'wwdb', prefix: 'b_' }
  const access = {
    type: 'on' as const,
    users: new Map([
      ['a_deploy', user(['a_setup'])],
      ['a_gone', user(['a_old'])],
      ['b_user', user([], other)],
      ['by_hand', user([], {})],
    ]),
    roles: new Map([
      ['a_setup', role()],
      ['a_old', role()],
      ['b_role', role(other)],
      ['by_hand', role({})],
    ]),
  }
  expect(prune({ access }, 'a_deploy')).toEqual(['removed-access user a_gone', 'removed-access role a_old'])
})
