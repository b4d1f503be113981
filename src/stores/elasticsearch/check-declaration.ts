import { closestName } from '../../core/closest-name.ts'
import type { Objection } from '../declare/check-documents.ts'
import { checkAliases, checkIndices } from './check-indices.ts'
import { matches, mustBeKnown } from './check-names.ts'
import { checkSnapshots } from './check-snapshots.ts'
import type { Declaration } from './declaration.ts'
import type { ElasticsearchDocument, PolicyDocument, TemplateDocument } from './document.ts'

/** Everything in a document that contradicts the rest of it, or the whole declaration. */
export function checkDocument(document: ElasticsearchDocument, all: Declaration, prefix: string): readonly Objection[] {
  return [
    ...Object.entries(document.policies ?? {}).flatMap(([name, { phases }]) => checkActions(name, phases)),
    ...Object.entries(document.index_templates ?? {}).flatMap(([name, template]) => checkTemplate(name, template, all)),
    ...Object.entries(document.component_templates ?? {}).flatMap(([name, { settings }]) =>
      checkSettings(['component_templates', name, 'settings'], settings),
    ),
    ...Object.entries(document.indices ?? {}).flatMap(([name, { settings }]) =>
      checkSettings(['indices', name, 'settings'], settings, 'Declare an index template with a `write_alias`.'),
    ),
    ...checkIndices(document, all),
    ...checkAliases(document, all),
    ...checkSnapshots(document, all, prefix),
    ...checkAccess(document, all),
  ]
}

/** Source: manual, "Index lifecycle actions", 8.19 and 9.2. */
const actionNames: readonly string[] = [
  'allocate',
  'delete',
  'downsample',
  'forcemerge',
  'freeze',
  'migrate',
  'readonly',
  'rollover',
  'searchable_snapshot',
  'set_priority',
  'shrink',
  'unfollow',
  'wait_for_snapshot',
]

/** A name similar to an action's is a typo; a newer server may know another one, and reports it if it does not. */
function checkActions(policy: string, phases: PolicyDocument['phases']): readonly Objection[] {
  return Object.entries(phases).flatMap(([phase, content]) =>
    Object.keys(content?.actions ?? {}).flatMap((action) => {
      const meant = actionNames.includes(action) ? null : closestName(action, actionNames)
      if (meant === null) return []
      const path = ['policies', policy, 'phases', phase, 'actions', action]
      return [{ path, says: 'is not an action of a lifecycle', next: `Did you mean \`${meant}\`?` }]
    }),
  )
}

function checkTemplate(name: string, template: TemplateDocument, all: Declaration): readonly Objection[] {
  const place = ['index_templates', name]
  const { composed_of = [], policy, settings } = template
  return [
    ...checkSeries(place, template),
    ...composed_of.flatMap((component, index) =>
      typeof component !== 'string'
        ? []
        : mustBeKnown([...place, 'composed_of', index], component, 'component template', all.components),
    ),
    ...(policy === undefined ? [] : mustBeKnown([...place, 'policy'], policy, 'lifecycle policy', all.policies)),
    ...checkLifecycle(place, template),
    ...checkSettings([...place, 'settings'], settings),
  ]
}

/** A policy would win over it, and nothing but a data stream has one. */
function checkLifecycle(
  place: readonly PropertyKey[],
  { lifecycle, policy, data_streams }: TemplateDocument,
): readonly Objection[] {
  const path = [...place, 'lifecycle']
  if (lifecycle === undefined) return []
  if (policy !== undefined) {
    return [{ path, says: 'cannot be combined with `policy`', next: 'Keep one of them: the policy would win.' }]
  }
  return data_streams === undefined ? [{ path, says: 'needs data_streams: nothing else has one' }] : []
}

function checkSeries(place: readonly PropertyKey[], template: TemplateDocument): readonly Objection[] {
  const { data_streams, write_alias, index_patterns, policy } = template
  if (data_streams !== undefined && write_alias !== undefined) {
    return [
      {
        path: [...place, 'write_alias'],
        says: 'cannot be combined with data_streams',
        next: 'Keep one of them: a template creates one or the other.',
      },
    ]
  }
  if (data_streams === undefined && write_alias === undefined && index_patterns === undefined) {
    const next = 'Add data_streams, write_alias or index_patterns.'
    return [{ path: place, says: 'does not say which indices it applies to', next }]
  }
  const names = data_streams ?? (write_alias === undefined ? [] : [`${write_alias.name}-000001`])
  const missed =
    index_patterns === undefined ? [] : names.filter((name) => !index_patterns.some((one) => matches(one, name)))
  const objections: Objection[] = missed.map((name) => ({
    path: [...place, 'index_patterns'],
    says: `do not match \`${name}\`, which should be created from this template`,
  }))
  if (policy !== undefined && data_streams === undefined && write_alias === undefined) {
    objections.push({
      path: [...place, 'policy'],
      says: 'needs data_streams or write_alias: without them nothing can roll over',
    })
  }
  return objections
}

/** Lifecycle settings contain names, which get the prefix: they have their own keys. */
function checkSettings(
  path: readonly PropertyKey[],
  settings: Readonly<Record<string, unknown>> = {},
  next = 'Write `policy` in the index template instead.',
): readonly Objection[] {
  const found = findKey(settings, [])
  if (found === null) return []
  return [{ path: [...path, ...found], says: 'cannot be set here', next }]
}

const lifecycleKey = /^(?:index\.)?lifecycle(?:\.name|\.rollover_alias|$)/

function findKey(value: unknown, path: readonly string[]): readonly string[] | null {
  if (lifecycleKey.test(path.join('.'))) return path
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  for (const [key, child] of Object.entries(value)) {
    const found = findKey(child, [...path, key])
    if (found !== null) return found
  }
  return null
}

/** What Elasticsearch itself provides and refuses to change. Source: GET /_security/role and /_security/user of 8.19. */
const builtInRoles: readonly string[] = [
  'apm_system',
  'apm_user',
  'beats_admin',
  'beats_system',
  'data_frame_transforms_admin',
  'data_frame_transforms_user',
  'editor',
  'enrich_user',
  'inference_admin',
  'inference_user',
  'ingest_admin',
  'kibana_admin',
  'kibana_system',
  'kibana_user',
  'logstash_admin',
  'logstash_system',
  'machine_learning_admin',
  'machine_learning_user',
  'monitoring_user',
  'remote_monitoring_agent',
  'remote_monitoring_collector',
  'reporting_user',
  'rollup_admin',
  'rollup_user',
  'snapshot_user',
  'superuser',
  'transform_admin',
  'transform_user',
  'transport_client',
  'viewer',
  'watcher_admin',
  'watcher_user',
]

const builtInUsers: readonly string[] = [
  'apm_system',
  'beats_system',
  'elastic',
  'kibana',
  'kibana_system',
  'logstash_system',
  'remote_monitoring_user',
]

/** Elasticsearch accepts a user with an unknown role, which then has no rights: here such a name is a fault. */
function checkAccess(
  { roles = {}, users = {}, role_mappings: mappings = {} }: ElasticsearchDocument,
  all: Declaration,
): readonly Objection[] {
  const known = [...all.roles.map(({ name }) => name), ...builtInRoles]
  const next = 'Choose another name.'
  return [
    ...Object.keys(roles)
      .filter((name) => builtInRoles.includes(name))
      .map((name) => ({ path: ['roles', name], says: 'is a built-in role of Elasticsearch', next })),
    ...Object.keys(users)
      .filter((name) => builtInUsers.includes(name))
      .map((name) => ({ path: ['users', name], says: 'is a built-in user of Elasticsearch', next })),
    ...Object.entries(users).flatMap(([name, user]) => checkPassword(name, user.password)),
    ...Object.entries(users).flatMap(([name, user]) => checkRoles(['users', name, 'roles'], user.roles, known)),
    ...Object.entries(mappings).flatMap(([name, one]) =>
      checkRoles(['role_mappings', name, 'roles'], one.roles, known),
    ),
  ]
}

function checkRoles(
  place: readonly PropertyKey[],
  roles: readonly string[],
  known: readonly string[],
): readonly Objection[] {
  return roles.flatMap((role, index): readonly Objection[] => {
    if (known.includes(role)) return []
    const meant = closestName(role, known)
    return [
      {
        path: [...place, index],
        says: `names role \`${role}\`, which is neither declared nor built in`,
        next: meant === null ? 'Declare it under `roles`.' : `Did you mean \`${meant}\`?`,
      },
    ]
  })
}

/** The server's own rule, checked before anything is written. */
function checkPassword(name: string, password: string): readonly Objection[] {
  if (password === '' || password.length >= 6) return []
  return [{ path: ['users', name, 'password'], says: 'is too short: Elasticsearch requires at least six characters' }]
}
