import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import published from '../../../schemas/elasticsearch-declaration.schema.json' with { type: 'json' }
import {
  type DeclarationDocument,
  readDeclarationDocument,
  readDeclarations,
} from '../../../src/stores/declare/read-declarations.ts'
import { prefixNames } from '../../../src/stores/elasticsearch/declaration.ts'
import { jsonSchema, readDeclaration } from '../../../src/stores/elasticsearch/schema.ts'

function read(...texts: readonly string[]) {
  const documents = texts.map((text, at): DeclarationDocument => {
    const document = readDeclarationDocument(text, `${at + 1}.yaml`)
    if (!('value' in document)) throw new Error(JSON.stringify(document))
    return document
  })
  return readDeclaration(documents, { prefix: '' })
}

/** What is wrong, each with its place: `1.yaml:3:5 sentence advice`. */
function faultsOf(...texts: readonly string[]): readonly string[] {
  const reading = read(...texts)
  if (reading.type === 'declaration') return []
  return reading.faults.map(
    ({ what, where, next }) =>
      `${where?.file}:${where?.line}:${where?.column} ${what}${next === undefined ? '' : ` ${next}`}`,
  )
}

const policy = 'policies: { logs: { phases: { hot: { actions: { rollover: { max_age: 1d } } } } } }'

describe('the declaration of Elasticsearch', () => {
  it('fills in what is not written', () => {
    const reading = read(`
component_templates:
  chinese: { chinese_analysis: {} }
index_templates:
  logs: { data_streams: [a, b], composed_of: [chinese] }
  messages: { write_alias: { name: messages } }
  others: { index_patterns: ["o-*"], priority: 7 }
`)
    expect(reading).toMatchObject({
      type: 'declaration',
      declaration: {
        policies: [],
        components: [
          { chinese: { index: 'zh_index', search: 'zh_search', preferred: ['ik', 'smartcn', 'cjk', 'standard'] } },
        ],
        templates: [
          { patterns: ['a', 'b'], priority: 500, series: { type: 'streams', names: ['a', 'b'] }, policy: null },
          { patterns: ['messages-*'], series: { type: 'alias', name: 'messages', documents: 'added' } },
          { patterns: ['o-*'], priority: 7, series: { type: 'none' } },
        ],
      },
    })
  })

  it('names undeclared references of a template, in any file', () => {
    const template = 'index_templates: { t: { data_streams: [s], composed_of: [bas], policy: log } }'
    expect(faultsOf('component_templates: { base: {} }', policy, template)).toEqual([
      '3.yaml:1:58 index_templates.t.composed_of[0] names component template `bas`, which is not declared. Did you mean `base`?',
      '3.yaml:1:64 index_templates.t.policy names lifecycle policy `log`, which is not declared. Did you mean `logs`?',
    ])
  })

  it.each([
    [
      'an unknown key',
      'index_templates: { t: { data_stream: {} } }',
      '1.yaml:1:25 index_templates.t.data_stream is not a known key. Did you mean `data_streams`?',
    ],
    [
      'a mistyped action',
      'policies: { p: { phases: { hot: { actions: { rolover: {} } } } } }',
      '1.yaml:1:46 policies.p.phases.hot.actions.rolover is not an action of a lifecycle. Did you mean `rollover`?',
    ],
    [
      'a mistyped phase',
      'policies: { p: { phases: { wram: { actions: {} } } } }',
      '1.yaml:1:28 policies.p.phases.wram is not a known key. Did you mean `warm`?',
    ],
    [
      'an age without a unit',
      'policies: { p: { phases: { delete: { min_age: "30", actions: {} } } } }',
      '1.yaml:1:38 policies.p.phases.delete.min_age must be an age with a unit, such as `30d`: Elasticsearch supports d, h, m, s and ms, but not months or years.',
    ],
    [
      'a name in capitals',
      'index_templates: { t: { data_streams: [Logs] } }',
      '1.yaml:1:40 index_templates.t.data_streams[0] is not a valid name: Elasticsearch requires lower-case letters, digits, `_`, `-` and `.`, starting with a letter or digit.',
    ],
    [
      'both kinds of series',
      'index_templates: { t: { data_streams: [a], write_alias: { name: b } } }',
      '1.yaml:1:44 index_templates.t.write_alias cannot be combined with data_streams. Keep one of them: a template creates one or the other.',
    ],
    [
      'neither',
      'index_templates: { t: {} }',
      '1.yaml:1:20 index_templates.t does not say which indices it applies to. Add data_streams, write_alias or index_patterns.',
    ],
    [
      'patterns that miss a stream',
      'index_templates: { t: { data_streams: [logs-app], index_patterns: ["log-*"] } }',
      '1.yaml:1:51 index_templates.t.index_patterns do not match `logs-app`, which should be created from this template.',
    ],
    [
      'a lifecycle among the settings',
      'component_templates: { c: { settings: { index: { lifecycle: { name: x } } } } }',
      '1.yaml:1:50 component_templates.c.settings.index.lifecycle cannot be set here. Write `policy` in the index template instead.',
    ],
    [
      'a lifecycle among dotted settings',
      'component_templates: { c: { settings: { index.lifecycle.name: x } } }',
      '1.yaml:1:41 component_templates.c.settings["index.lifecycle.name"] cannot be set here. Write `policy` in the index template instead.',
    ],
    [
      'a role that is neither declared nor built in',
      'users: { shipper: { password: "", roles: [viewr] } }',
      '1.yaml:1:43 users.shipper.roles[0] names role `viewr`, which is neither declared nor built in. Did you mean `viewer`?',
    ],
    [
      'a role of its own name for what Elasticsearch brings',
      'roles: { superuser: {} }',
      '1.yaml:1:10 roles.superuser is a built-in role of Elasticsearch. Choose another name.',
    ],
    [
      'a user of its own name for what Elasticsearch brings',
      'users: { elastic: { password: "", roles: [] } }',
      '1.yaml:1:10 users.elastic is a built-in user of Elasticsearch. Choose another name.',
    ],
    [
      'a password that the server would refuse',
      'users: { shipper: { password: abc, roles: [] } }',
      '1.yaml:1:21 users.shipper.password is too short: Elasticsearch requires at least six characters.',
    ],
    [
      'an index of the server itself in a role',
      'roles: { r: { indices: [{ names: [.security], privileges: [read] }] } }',
      '1.yaml:1:35 roles.r.indices[0].names[0] is not a valid name or pattern: use lower-case letters, digits, "_", "-", "." and "*", starting with a letter, digit or "*".',
    ],
    [
      'an alias of two templates',
      'index_templates: { t: { write_alias: { name: a } }, u: { write_alias: { name: a } } }',
      '1.yaml:1:73 index_templates.u.write_alias.name is declared twice. Keep one of them.',
    ],
    [
      'a stream of two templates',
      'index_templates: { t: { data_streams: [a] }, u: { data_streams: [a] } }',
      '1.yaml:1:66 index_templates.u.data_streams[0] is declared twice. Keep one of them.',
    ],
  ])('refuses %s', (_, text, fault) => {
    expect(faultsOf(text)).toEqual([fault])
  })

  it('puts the prefix before names of roles, users, their indices and declared roles', () => {
    const reading = read(`
roles: { r: { indices: [{ names: ["logs-*"], privileges: [read] }] } }
users: { u: { password: "", roles: [r, viewer] } }
`)
    if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
    expect(prefixNames(reading.declaration, 'pr_')).toMatchObject({
      roles: [{ name: 'pr_r', cluster: [], indices: [{ names: ['pr_logs-*'], privileges: ['read'] }] }],
      users: [{ name: 'pr_u', roles: ['pr_r', 'viewer'], enabled: true }],
    })
  })

  it('refuses what two files declare', () => {
    expect(faultsOf(policy, policy)).toEqual(['2.yaml:1:13 policies.logs is declared twice. Keep one of them.'])
  })

  it('has a JSON Schema that is the one published (else run "npm run generate")', () => {
    expect(jsonSchema()).toEqual(published)
  })
})

describe('the declaration of the platform', () => {
  const directory = join(import.meta.dirname, '../../../migrations/elasticsearch')
  const editor = z.fromJSONSchema(JSON.parse(JSON.stringify(published)))

  it.each([
    [{}, '30d', '365d'],
    [{ WWDB_ES_HOT: '7d', WWDB_ES_KEEP: '90d' }, '7d', '90d'],
  ])('holds, with ages from %j', (variables, warm, gone) => {
    const { documents, faults } = readDeclarations({ directory, root: directory, variables })
    expect(faults).toEqual([])
    for (const { value } of documents) expect(editor.safeParse(value).success).toBe(true)
    const reading = readDeclaration(documents, { prefix: '' })
    if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
    for (const { phases } of reading.declaration.policies) {
      expect(phases).toMatchObject({ warm: { min_age: warm }, delete: { min_age: gone } })
    }
    const series = reading.declaration.templates.flatMap((one) =>
      one.series.type === 'alias' ? one.series.name : one.name,
    )
    expect(series).toEqual([
      'wework-system-logs',
      'wework-audit-logs',
      'wework-alerts',
      'wework-messages',
      'wework-contacts',
    ])
  })
})
