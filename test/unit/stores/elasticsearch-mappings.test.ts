import { expect, test } from 'vitest'
import type { ObservedAccess, ObservedMapping } from '../../../src/stores/elasticsearch/access-ports.ts'
import { sealOf } from '../../../src/stores/elasticsearch/mark.ts'
import { givesOwnRole, mappingContent, planMappings } from '../../../src/stores/elasticsearch/plan-mappings.ts'
import { planPrune } from '../../../src/stores/elasticsearch/plan-prune.ts'

const declared = {
  name: 'staff',
  description: null,
  roles: ['viewer', 'editor'],
  rules: { any: [{ field: { groups: ['a'] } }, { except: { field: { username: ['x', 'y'] } } }] },
  enabled: true,
}

function accessOf(mapping: Partial<ObservedMapping>, isMapped = false, name = 'staff'): ObservedAccess {
  const content = { roles: declared.roles, rules: declared.rules, enabled: true, ...mapping }
  const metadata = { managed_by: 'wwdb', ...sealOf('role mapping', name, mappingContent(content)) }
  return {
    type: 'on',
    roles: new Map(),
    users: new Map(),
    mappings: new Map([[name, { metadata, templates: [], ...content }]]),
    own: { name: 'me', roles: ['superuser', 'viewer'], isMapped },
    mapped: [],
  }
}

test.each<[string, Partial<ObservedMapping>, readonly string[]]>([
  [
    'as the server returns it',
    { rules: { any: [{ field: { groups: 'a' } }, { except: { field: { username: ['x', 'y'] } } }] } },
    [],
  ],
  ['with its roles in another order', { roles: ['editor', 'viewer'] }, []],
  ['with another group', { rules: { any: [{ field: { groups: 'b' } }] } }, ['rules']],
  ['with roles from a template', { templates: [{ template: '{{x}}' }] }, ['role_templates']],
  ['switched off', { enabled: false }, ['enabled']],
])('a mapping %s differs in what gives other roles or gives them to others', (_what, observed, paths) => {
  const [planned] = planMappings([declared], accessOf(observed), '')
  expect(planned?.change?.change.differences.map(({ path }) => path) ?? []).toEqual(paths)
})

test.each<[string, ObservedAccess, boolean]>([
  ['a user of LDAP, who has the role by it', accessOf({}, true), true],
  ['a user whose roles are kept with it', accessOf({}, false), false],
  ['a user of LDAP, by a mapping of other roles', accessOf({ roles: ['editor'] }, true), false],
  ['a user of LDAP, by a template', accessOf({ roles: [], templates: [{}] }, true), true],
])('the roles of the user of the run are kept where they come from a mapping: %s', (_what, access, gives) => {
  expect(givesOwnRole('staff', access)).toBe(gives)
  const changes = planPrune({
    desired: { access: { roles: [], users: [], mappings: [], prefix: '' } },
    observed: { access, leftovers: [] },
    options: { reindex: false, rate: null, prune: true },
  })
  const isTemplated = access?.type === 'on' && (access.mappings.get('staff')?.templates.length ?? 0) > 0
  expect(changes.map(({ change }) => change.resource.name)).toEqual(gives || isTemplated ? [] : ['staff'])
})
