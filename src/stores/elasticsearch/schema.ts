import type { StoreConfig } from '../../config/config.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { Reading } from '../contract.ts'
import {
  checkDocuments,
  type DeclaredThing,
  declarationJsonSchema,
  findDoubles,
  toFault,
} from '../declare/check-documents.ts'
import type { DeclarationDocument } from '../declare/read-declarations.ts'
import { checkDocument } from './check-declaration.ts'
import { flattenKeys } from './compare-trees.ts'
import {
  type AliasDeclaration,
  type AliasMember,
  type ComponentTemplate,
  chineseAnalyses,
  type Declaration,
  type IndexTemplate,
  type PipelineDeclaration,
  type RoleDeclaration,
  type RoleMappingDeclaration,
  type SeriesDeclaration,
  type SnapshotPolicyDeclaration,
  type UserDeclaration,
} from './declaration.ts'
import {
  type AliasDocument,
  type ComponentDocument,
  type ElasticsearchDocument,
  elasticsearchSchema,
  type PipelineDocument,
  type RoleDocument,
  type RoleMappingDocument,
  type SnapshotPolicyDocument,
  type TemplateDocument,
  type UserDocument,
} from './document.ts'

/** The declaration of all files of a folder, or all of their faults with their positions. */
export function readDeclaration(
  documents: readonly DeclarationDocument[],
  { prefix }: Pick<StoreConfig, 'prefix'>,
): Reading<Declaration> {
  const outcome = checkDocuments(documents, elasticsearchSchema)
  if (outcome.type === 'faults') return outcome
  const { checked } = outcome
  const declaration = toDeclaration(checked.map(({ value }) => value))
  const faults = [
    ...checked.flatMap(({ document, value }) =>
      checkDocument(value, declaration, prefix).map((objection) => toFault(document, objection)),
    ),
    ...findDoubles(checked, declaredThings),
    ...(usablePrefix.test(prefix) ? [] : [unusablePrefix(prefix)]),
  ]
  return faults.length > 0 ? { type: 'faults', faults } : { type: 'declaration', declaration }
}

/** The JSON Schema of a file of `migrations/elasticsearch`, for editors. */
export function jsonSchema(): object {
  return declarationJsonSchema(elasticsearchSchema, 'Elasticsearch')
}

/** A valid beginning of an index name without a wildcard: everything with a prefix can be removed together. */
const usablePrefix = /^(?:[a-z0-9][a-z0-9_.-]*)?$/

function unusablePrefix(prefix: string): Fault {
  return {
    what: `The prefix "${prefix}" is not valid at the start of an Elasticsearch name.`,
    why: 'Names consist of lower-case letters, digits, `_`, `-` and `.`, and start with a letter or digit.',
    next: 'Choose another `prefix` in the configuration, `WWDB_PREFIX` or `--prefix`.',
  }
}

const groups = [
  'policies',
  'component_templates',
  'index_templates',
  'roles',
  'users',
  'role_mappings',
  'synonyms_sets',
  'ingest_pipelines',
  'snapshot_repositories',
  'snapshot_policies',
  'cluster_settings',
] as const

function declaredThings(document: ElasticsearchDocument): readonly DeclaredThing[] {
  const resources = groups.flatMap((group) =>
    Object.keys(document[group] ?? {}).map((name) => ({ key: `${group} ${name}`, path: [group, name] })),
  )
  const series = Object.entries(document.index_templates ?? {}).flatMap(
    ([template, { data_streams = [], write_alias }]) => {
      const place = ['index_templates', template]
      const streams = data_streams.map((name, index) => ({
        key: `series ${name}`,
        path: [...place, 'data_streams', index],
      }))
      const alias =
        write_alias === undefined
          ? []
          : [{ key: `series ${write_alias.name}`, path: [...place, 'write_alias', 'name'] }]
      return [...streams, ...alias]
    },
  )
  // The server has one name for one of them.
  const named = (['indices', 'aliases'] as const).flatMap((group) =>
    Object.keys(document[group] ?? {}).map((name) => ({ key: `series ${name}`, path: [group, name] })),
  )
  return [...resources, ...series, ...named]
}

/** Higher than everything that comes with Elasticsearch (100) and with its Fleet (200). */
const defaultPriority = 500

/** The declaration of all documents in their order, with defaults filled in. */
function toDeclaration(documents: readonly ElasticsearchDocument[]): Declaration {
  return {
    policies: documents
      .flatMap(({ policies = {} }) => Object.entries(policies))
      .map(([name, { description, phases }]) => ({ name, description: description ?? null, phases })),
    components: documents
      .flatMap(({ component_templates = {} }) => Object.entries(component_templates))
      .map(([name, component]) => declareComponent(name, component)),
    templates: documents
      .flatMap(({ index_templates = {} }) => Object.entries(index_templates))
      .map(([name, template]) => declareTemplate(name, template)),
    indices: documents
      .flatMap(({ indices = {} }) => Object.entries(indices))
      .map(([name, { settings = {}, mappings = {} }]) => ({ name, settings, mappings })),
    aliases: documents
      .flatMap(({ aliases = {} }) => Object.entries(aliases))
      .map(([name, alias]) => declareAlias(name, alias)),
    roles: documents.flatMap(({ roles = {} }) => Object.entries(roles)).map(([name, role]) => declareRole(name, role)),
    users: documents.flatMap(({ users = {} }) => Object.entries(users)).map(([name, user]) => declareUser(name, user)),
    mappings: documents
      .flatMap(({ role_mappings = {} }) => Object.entries(role_mappings))
      .map(([name, mapping]) => declareMapping(name, mapping)),
    plain: {
      synonyms: documents
        .flatMap(({ synonyms_sets = {} }) => Object.entries(synonyms_sets))
        .map(([name, rules]) => ({ name, rules })),
      pipelines: documents
        .flatMap(({ ingest_pipelines = {} }) => Object.entries(ingest_pipelines))
        .map(([name, pipeline]) => declarePipeline(name, pipeline)),
      clusterSettings: Object.fromEntries(
        documents.flatMap(({ cluster_settings = {} }) => Object.entries(cluster_settings)),
      ),
    },
    snapshots: {
      repositories: documents
        .flatMap(({ snapshot_repositories = {} }) => Object.entries(snapshot_repositories))
        .map(([name, { type, settings = {} }]) => ({ name, type, settings: flattenKeys(settings) })),
      policies: documents
        .flatMap(({ snapshot_policies = {} }) => Object.entries(snapshot_policies))
        .map(([name, policy]) => declareSnapshotPolicy(name, policy)),
    },
  }
}

function declareAlias(name: string, alias: AliasDocument | null): AliasDeclaration {
  const members = Object.entries(alias?.indices ?? {}).map(
    ([
      index,
      { filter = null, routing = null, index_routing, search_routing, is_write_index = null },
    ]): AliasMember => ({
      index,
      // The server keeps none that is empty.
      filter: filter === null || Object.keys(filter).length === 0 ? null : filter,
      indexRouting: index_routing ?? routing,
      searchRouting: search_routing ?? routing,
      isWriteIndex: is_write_index,
      isHidden: alias?.is_hidden ?? false,
    }),
  )
  return { name, members }
}

function declareSnapshotPolicy(
  name: string,
  { repository, config = {}, retention = {}, ...content }: SnapshotPolicyDocument,
): SnapshotPolicyDeclaration {
  const isElsewhere = typeof repository !== 'string'
  return {
    name,
    repository: isElsewhere ? repository.existing : repository,
    isElsewhere,
    content: { ...content, config, retention },
  }
}

function declareRole(name: string, { description, cluster, indices }: RoleDocument): RoleDeclaration {
  return { name, description: description ?? null, cluster: cluster ?? [], indices: indices ?? [] }
}

function declareUser(name: string, { description, password, roles, enabled }: UserDocument): UserDeclaration {
  return { name, description: description ?? null, password, roles, enabled: enabled ?? true }
}

function declareMapping(
  name: string,
  { description, roles, rules, enabled }: RoleMappingDocument,
): RoleMappingDeclaration {
  return { name, description: description ?? null, roles, rules, enabled: enabled ?? true }
}

function declarePipeline(
  name: string,
  { description, processors, on_failure = [] }: PipelineDocument,
): PipelineDeclaration {
  return { name, description: description ?? null, processors, onFailure: on_failure }
}

function declareComponent(name: string, component: ComponentDocument): ComponentTemplate {
  const { description, chinese_analysis, settings, mappings } = component
  const chinese =
    chinese_analysis === undefined
      ? null
      : {
          index: chinese_analysis.index ?? 'zh_index',
          search: chinese_analysis.search ?? 'zh_search',
          preferred: chinese_analysis.prefer ?? chineseAnalyses,
        }
  return { name, description: description ?? null, chinese, settings: settings ?? {}, mappings: mappings ?? {} }
}

function declareTemplate(name: string, template: TemplateDocument): IndexTemplate {
  const series = declareSeries(template)
  return {
    name,
    description: template.description ?? null,
    patterns: template.index_patterns ?? defaultPatterns(series),
    priority: template.priority ?? defaultPriority,
    components: (template.composed_of ?? []).map((one) => (typeof one === 'string' ? one : one.existing)),
    existing: (template.composed_of ?? []).flatMap((one) => (typeof one === 'string' ? [] : [one.existing])),
    policy: template.policy ?? null,
    lifecycle: template.lifecycle === undefined ? null : { enabled: true, ...template.lifecycle },
    series,
    settings: template.settings ?? {},
    mappings: template.mappings ?? {},
  }
}

function declareSeries({ data_streams, write_alias }: TemplateDocument): SeriesDeclaration {
  if (data_streams !== undefined) return { type: 'streams', names: data_streams }
  if (write_alias === undefined) return { type: 'none' }
  return { type: 'alias', name: write_alias.name, documents: write_alias.documents ?? 'added' }
}

function defaultPatterns(series: SeriesDeclaration): readonly string[] {
  if (series.type === 'streams') return series.names
  return series.type === 'alias' ? [`${series.name}-*`] : []
}
