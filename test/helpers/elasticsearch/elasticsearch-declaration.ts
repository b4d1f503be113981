import { type Declaration, type IndexTemplate, nothingPlain } from '../../../src/stores/elasticsearch/declaration.ts'

export const emptyDeclaration: Declaration = {
  policies: [],
  components: [],
  templates: [],
  indices: [],
  aliases: [],
  roles: [],
  users: [],
  mappings: [],
  plain: nothingPlain,
  snapshots: { repositories: [], policies: [] },
}

/** One of everything but roles and users, which need security: a policy, two components, a data stream, an alias whose documents are added, one whose are updated. */
export const sampleDeclaration: Declaration = {
  ...emptyDeclaration,
  policies: [
    {
      name: 'logs',
      description: '日志: 热 30 天, 共一年',
      phases: {
        hot: {
          actions: { rollover: { max_age: '1d', max_primary_shard_size: '50gb' }, set_priority: { priority: 100 } },
        },
        warm: { min_age: '30d', actions: { forcemerge: { max_num_segments: 1 }, set_priority: { priority: 50 } } },
        delete: { min_age: '365d', actions: { delete: {} } },
      },
    },
  ],
  components: [
    {
      name: 'chinese',
      description: '中文分词',
      settings: {},
      mappings: {},
      chinese: { index: 'zh_index', search: 'zh_search', preferred: ['ik', 'smartcn', 'cjk', 'standard'] },
    },
    {
      name: 'base',
      description: null,
      settings: {
        index: { number_of_shards: 1, number_of_replicas: 0, codec: 'best_compression' },
        refresh_interval: '5s',
      },
      mappings: { dynamic: false, properties: { '@timestamp': { type: 'date' } } },
      chinese: null,
    },
  ],
  templates: [
    {
      name: 'system-logs',
      description: '系统日志',
      patterns: ['system-logs'],
      priority: 500,
      components: ['chinese', 'base'],
      existing: [],
      policy: 'logs',
      lifecycle: null,
      series: { type: 'streams', names: ['system-logs'] },
      settings: {},
      mappings: {
        properties: {
          level: { type: 'keyword', ignore_above: 32, doc_values: true },
          message: {
            type: 'text',
            analyzer: 'zh_index',
            search_analyzer: 'zh_search',
            fields: { keyword: { type: 'keyword', ignore_above: 1024 } },
          },
        },
      },
    },
    {
      name: 'messages',
      description: '消息全文检索',
      patterns: ['messages-*'],
      priority: 500,
      components: ['chinese', 'base'],
      existing: [],
      policy: 'logs',
      lifecycle: null,
      series: { type: 'alias', name: 'messages', documents: 'added' },
      settings: {},
      mappings: { properties: { content: { type: 'text', analyzer: 'zh_index' } } },
    },
    {
      name: 'contacts',
      description: null,
      patterns: ['contacts-*'],
      priority: 500,
      components: ['chinese', 'base'],
      existing: [],
      policy: null,
      lifecycle: null,
      series: { type: 'alias', name: 'contacts', documents: 'updated' },
      settings: {},
      mappings: { properties: { name: { type: 'text', analyzer: 'zh_index' } } },
    },
  ],
}

/** The sample with one template otherwise. */
export function withTemplate(name: string, change: (template: IndexTemplate) => IndexTemplate): Declaration {
  const templates = sampleDeclaration.templates.map((one) => (one.name === name ? change(one) : one))
  return { ...sampleDeclaration, templates }
}

/** The sample with other phases of its policy. */
export function withPhases(change: (phases: Phases) => Phases): Declaration {
  const policies = sampleDeclaration.policies.map((policy) => ({ ...policy, phases: change(policy.phases as Phases) }))
  return { ...sampleDeclaration, policies }
}

type Phases = Readonly<
  Record<string, { readonly min_age?: string; readonly actions: Readonly<Record<string, unknown>> }>
>
