import { prefixSnapshots, referToSnapshots } from './prefix-snapshots.ts'

/** What JSON calls an object; bodies in Elasticsearch's own format are passed on unchanged. */
export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Ways to split Chinese text into terms, best first: the plugins analysis-ik and analysis-smartcn, pairs of characters by the
 * module analysis-common, single characters by the tokenizer that every server has.
 */
export const chineseAnalyses = ['ik', 'smartcn', 'cjk', 'standard'] as const

export type ChineseAnalysis = (typeof chineseAnalyses)[number]

/** Two analyzers with fixed names, independent of their plugin: one for indexing, one for searching. */
export interface ChineseAnalyzers {
  readonly index: string
  readonly search: string
  /** The first of these that every node has is used. */
  readonly preferred: readonly ChineseAnalysis[]
}

export interface LifecyclePolicy {
  readonly name: string
  readonly description: string | null
  /** As in PUT _ilm/policy. */
  readonly phases: JsonObject
}

/** What a template gives its indices. */
export interface TemplateContent {
  readonly settings: JsonObject
  readonly mappings: JsonObject
}

export interface ComponentTemplate extends TemplateContent {
  readonly name: string
  readonly description: string | null
  readonly chinese: ChineseAnalyzers | null
}

/** Where a template's documents are written to. */
export type SeriesDeclaration =
  /** Data streams: documents are added and never changed. */
  | { readonly type: 'streams'; readonly names: readonly string[] }
  /**
   * An alias whose newest index receives the writes. `updated` means that documents are written again under their ID: in a new index
   * they would exist twice.
   */
  | { readonly type: 'alias'; readonly name: string; readonly documents: 'added' | 'updated' }
  | { readonly type: 'none' }

export interface IndexTemplate extends TemplateContent {
  readonly name: string
  readonly description: string | null
  readonly patterns: readonly string[]
  readonly priority: number
  /** Names of component templates; later ones override earlier ones, the template's own content overrides all. */
  readonly components: readonly string[]
  /** Those of the components that are made elsewhere: their names get no prefix. */
  readonly existing: readonly string[]
  readonly policy: string | null
  /** How its data streams keep documents without a policy: `enabled`, `data_retention`, `downsampling`. Null for nothing. */
  readonly lifecycle: JsonObject | null
  readonly series: SeriesDeclaration
}

/** What a role may do with the indices, data streams and aliases whose names match. */
interface IndexPrivileges {
  /** Names or patterns, as in `index_patterns`. */
  readonly names: readonly string[]
  readonly privileges: readonly string[]
}

export interface RoleDeclaration {
  readonly name: string
  readonly description: string | null
  readonly cluster: readonly string[]
  readonly indices: readonly IndexPrivileges[]
}

export interface UserDeclaration {
  readonly name: string
  readonly description: string | null
  /** Empty: the user is left alone. */
  readonly password: string
  /** Declared roles, and built-in ones. */
  readonly roles: readonly string[]
  readonly enabled: boolean
}

/** Who gets roles from another realm, such as LDAP or OpenID Connect. */
export interface RoleMappingDeclaration {
  readonly name: string
  readonly description: string | null
  /** Declared roles, and built-in ones. */
  readonly roles: readonly string[]
  /** As in PUT _security/role_mapping. */
  readonly rules: JsonObject
  readonly enabled: boolean
}

export interface PipelineDeclaration {
  readonly name: string
  readonly description: string | null
  readonly processors: readonly JsonObject[]
  readonly onFailure: readonly JsonObject[]
}

/** Words that a search takes for each other. */
export interface SynonymsDeclaration {
  readonly name: string
  /** In Solr's form: `tv, television` or `pc => computer`. */
  readonly rules: readonly string[]
}

/** What is one body each, and holds no documents. */
export interface PlainDeclaration {
  readonly synonyms: readonly SynonymsDeclaration[]
  readonly pipelines: readonly PipelineDeclaration[]
  /** Persistent ones by their dotted keys; null resets one. */
  readonly clusterSettings: JsonObject
}

export const nothingPlain: PlainDeclaration = { synonyms: [], pipelines: [], clusterSettings: {} }

/** An index that nothing rolls over. */
export interface IndexDeclaration extends TemplateContent {
  readonly name: string
}

/** How an alias leads to one of its indices. */
export interface AliasMember {
  readonly index: string
  /** Only documents that match are found; null for all. */
  readonly filter: JsonObject | null
  readonly indexRouting: string | null
  /** Several with commas. */
  readonly searchRouting: string | null
  /** Null where nothing is said: then the index takes the writes if it is the only one. */
  readonly isWriteIndex: boolean | null
  readonly isHidden: boolean
}

export interface AliasDeclaration {
  readonly name: string
  /** Empty: the alias is removed. */
  readonly members: readonly AliasMember[]
}

export interface RepositoryDeclaration {
  readonly name: string
  /** `fs`, `s3`, or another one that the nodes have. */
  readonly type: string
  /** By their dotted keys. */
  readonly settings: JsonObject
}

export interface SnapshotPolicyDeclaration {
  readonly name: string
  readonly repository: string
  /** The repository is made elsewhere: its name gets no prefix. */
  readonly isElsewhere: boolean
  /** `name`, `schedule`, `config`, `retention`, as in PUT _slm/policy. */
  readonly content: JsonObject
}

/** Where snapshots are kept, and when they are taken. */
export interface SnapshotsDeclaration {
  readonly repositories: readonly RepositoryDeclaration[]
  readonly policies: readonly SnapshotPolicyDeclaration[]
}

/** Everything that is declared for one Elasticsearch, in the order of its files. */
export interface Declaration {
  readonly policies: readonly LifecyclePolicy[]
  readonly components: readonly ComponentTemplate[]
  readonly templates: readonly IndexTemplate[]
  readonly indices: readonly IndexDeclaration[]
  /** Those that lead to these indices, and do not roll over. */
  readonly aliases: readonly AliasDeclaration[]
  readonly roles: readonly RoleDeclaration[]
  readonly users: readonly UserDeclaration[]
  readonly mappings: readonly RoleMappingDeclaration[]
  readonly plain: PlainDeclaration
  readonly snapshots: SnapshotsDeclaration
}

/** The same declaration under its names on the server: each has the prefix, including patterns and references. */
export function prefixNames(declaration: Declaration, prefix: string): Declaration {
  const named = (name: string): string => `${prefix}${name}`
  const made = new Set(declaration.roles.map(({ name }) => name))
  const refer = referTo(declaration.plain, named)
  return {
    policies: declaration.policies.map((policy) => ({
      ...policy,
      name: named(policy.name),
      phases: referToSnapshots(policy.phases, declaration.snapshots, named),
    })),
    components: declaration.components.map((component) => ({
      ...component,
      name: named(component.name),
      settings: refer(component.settings),
    })),
    templates: declaration.templates.map((template) => ({
      ...template,
      name: named(template.name),
      patterns: template.patterns.map(named),
      components: template.components.map((name) => (template.existing.includes(name) ? name : named(name))),
      settings: refer(template.settings),
      policy: template.policy === null ? null : named(template.policy),
      series: nameSeries(template.series, named),
    })),
    indices: declaration.indices.map((index) => ({
      ...index,
      name: named(index.name),
      settings: refer(index.settings),
    })),
    aliases: declaration.aliases.map(({ name, members }) => ({
      name: named(name),
      members: members.map((member) => ({ ...member, index: named(member.index) })),
    })),
    roles: declaration.roles.map((role) => ({
      ...role,
      name: named(role.name),
      indices: role.indices.map((one) => ({ ...one, names: one.names.map(named) })),
    })),
    users: declaration.users.map((user) => ({
      ...user,
      name: named(user.name),
      roles: user.roles.map((role) => (made.has(role) ? named(role) : role)),
    })),
    mappings: declaration.mappings.map((mapping) => ({
      ...mapping,
      name: named(mapping.name),
      roles: mapping.roles.map((role) => (made.has(role) ? named(role) : role)),
    })),
    plain: prefixPlain(declaration.plain, named, refer),
    snapshots: prefixSnapshots(declaration.snapshots, prefix),
  }
}

function prefixPlain(
  { synonyms, pipelines, clusterSettings }: PlainDeclaration,
  named: (name: string) => string,
  refer: <T>(value: T) => T,
): PlainDeclaration {
  return {
    synonyms: synonyms.map((set) => ({ ...set, name: named(set.name) })),
    pipelines: pipelines.map((pipeline) => ({
      ...pipeline,
      name: named(pipeline.name),
      processors: refer(pipeline.processors),
      onFailure: refer(pipeline.onFailure),
    })),
    // Of the cluster itself.
    clusterSettings,
  }
}

/** Where settings and processors name a declared pipeline or synonyms set, they get its prefix. */
function referTo({ pipelines, synonyms }: PlainDeclaration, named: (name: string) => string): <T>(value: T) => T {
  const made = new Set(pipelines.map(({ name }) => name))
  const sets = new Set(synonyms.map(({ name }) => name))
  const isReference = (key: string, inside: string, name: string): boolean => {
    const refers = /(?:^|\.)(?:default|final)_pipeline$/.test(key) || (key === 'name' && inside === 'pipeline')
    return (refers && made.has(name)) || (/(?:^|\.)synonyms_set$/.test(key) && sets.has(name))
  }
  const walk = (value: unknown, key: string, inside: string): unknown => {
    if (typeof value === 'string') return isReference(key, inside, value) ? named(value) : value
    if (Array.isArray(value)) return value.map((part) => walk(part, key, inside))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, walk(part, name, key)]))
  }
  return <T>(value: T): T => walk(value, '', '') as T
}

function nameSeries(series: SeriesDeclaration, named: (name: string) => string): SeriesDeclaration {
  if (series.type === 'streams') return { ...series, names: series.names.map(named) }
  return series.type === 'alias' ? { ...series, name: named(series.name) } : series
}

/** The data streams or the alias of a template. */
export function seriesNames({ series }: IndexTemplate): readonly string[] {
  if (series.type === 'streams') return series.names
  return series.type === 'alias' ? [series.name] : []
}

/** The first index of an alias; rollover continues its number. */
export function firstIndex(alias: string): string {
  return `${alias}-000001`
}
