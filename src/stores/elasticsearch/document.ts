import * as z from 'zod/mini'
import { described } from '../../config/schema-parts.ts'
import { chineseAnalyses } from './declaration.ts'

/** A text that must match a pattern, which editors know as well. */
function text(pattern: RegExp, says: string) {
  return z.string().check(z.regex(pattern, says))
}

/** Names of indices and related resources, by the server's own rules and without wildcards. Each use is a separate schema: the sentence for editors is stored per schema. */
function name() {
  return text(
    /^[a-z0-9][a-z0-9_.-]{0,120}$/,
    'is not a valid name: Elasticsearch requires lower-case letters, digits, `_`, `-` and `.`, starting with a letter or digit',
  )
}

function accessName() {
  return text(
    /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,120}$/,
    'is not a valid name: use letters, digits, "_", "-", "." and "@", starting with a letter or digit',
  )
}

function age() {
  return text(
    /^\d+(?:d|h|m|s|ms|micros|nanos)$/,
    'must be an age with a unit, such as `30d`: Elasticsearch supports d, h, m, s and ms, but not months or years',
  )
}

function body() {
  return z.record(z.string(), z.unknown())
}

function description() {
  return described('Description for readers; stored in _meta.', z.optional(z.string()))
}

const phase = z.strictObject({
  min_age: described('Counted from the rollover of an index, not from its creation. Default: 0ms.', z.optional(age())),
  actions: described('As in the Elasticsearch API.', z.record(z.string(), body())),
})

const policy = z.strictObject({
  description: description(),
  phases: described(
    'What happens to an index as it ages.',
    z.strictObject({
      hot: z.optional(phase),
      warm: z.optional(phase),
      cold: z.optional(phase),
      frozen: z.optional(phase),
      delete: z.optional(phase),
    }),
  ),
})

const content = {
  settings: described('Index settings, nested or dotted, with or without "index".', z.optional(body())),
  mappings: described('Mappings, as in the Elasticsearch API.', z.optional(body())),
}

const analyzers = z.strictObject({
  index: described('Name of the analyzer for indexing. Default: zh_index.', z.optional(name())),
  search: described('Name of the analyzer for searching. Default: zh_search.', z.optional(name())),
  prefer: described(
    'The first one that every node has is used. Default: ik, smartcn, cjk, standard.',
    z.optional(z.array(z.enum(chineseAnalyses)).check(z.minLength(1))),
  ),
})

const component = z.strictObject({
  description: description(),
  chinese_analysis: described(
    'Gives the template two analyzers for Chinese text under stable names.',
    z.optional(analyzers),
  ),
  ...content,
})

const writeAlias = z.strictObject({
  name: described('The alias; its indices are named after it: <name>-000001.', name()),
  documents: described(
    '"added" if documents are written once, "updated" if they are written again under the same id: a new index then leads to duplicates, and wwdb asks first. Default: added.',
    z.optional(z.enum(['added', 'updated'])),
  ),
})

const pipeline = z.strictObject({
  description: described('Description for readers.', z.optional(z.string())),
  processors: described('As in the Elasticsearch API.', z.array(body())),
  on_failure: described('Processors that run where one fails. Default: none.', z.optional(z.array(body()))),
})

const lifecycle = z.strictObject({
  enabled: described('False switches it off. Default: true.', z.optional(z.boolean())),
  data_retention: described('Documents are kept at least so long. Default: forever.', z.optional(age())),
  downsampling: described(
    'Time series alone: from which age on documents are replaced by summaries of an interval.',
    z.optional(z.array(z.strictObject({ after: age(), fixed_interval: age() })).check(z.minLength(1))),
  ),
})

const template = z.strictObject({
  description: description(),
  index_patterns: described(
    'Index names that the template applies to. Default: those of its data streams, or <alias>-*.',
    z.optional(z.array(z.string().check(z.minLength(1))).check(z.minLength(1))),
  ),
  priority: described(
    'The highest wins. Templates that come with Elasticsearch have up to 200. Default: 500.',
    z.optional(z.number().check(z.int(), z.gte(0))),
  ),
  composed_of: described(
    'Component templates; later ones win. `existing` names one that is made elsewhere, such as logs@settings.',
    z.optional(z.array(z.union([name(), z.strictObject({ existing: accessName() })]))),
  ),
  policy: described('The lifecycle policy that its indices follow.', z.optional(name())),
  lifecycle: described('How its data streams keep documents, without a policy.', z.optional(lifecycle)),
  data_streams: described('Data streams to create.', z.optional(z.array(name()).check(z.minLength(1)))),
  write_alias: described('An alias to create, with its write index.', z.optional(writeAlias)),
  ...content,
})

const index = z.strictObject(content)

function routing(says: string) {
  return described(
    says,
    z.optional(text(/^[^\s,]+(?:,[^\s,]+)*$/, 'is not a routing: it contains spaces, or a part is empty')),
  )
}

const aliasMember = z.strictObject({
  filter: described('A query; only documents that match it are found through the alias.', z.optional(body())),
  routing: routing('For searches and writes; each of the two below replaces it.'),
  index_routing: routing('The routing of documents that are written through the alias.'),
  search_routing: routing('The routings of searches, with commas.'),
  is_write_index: described(
    'Whether it takes what is written through the alias. Default: only where it is the only index.',
    z.optional(z.boolean()),
  ),
})

const alias = z.strictObject({
  is_hidden: described('True hides it from patterns such as `*`. Default: false.', z.optional(z.boolean())),
  indices: described(
    'Declared indices, each with how the alias leads to it. It leads to no other.',
    z.record(name(), aliasMember),
  ),
})

const repository = z.strictObject({
  type: described(
    'Such as fs, s3, gcs, azure.',
    text(/^[a-z][a-z0-9_-]*$/, 'is not a type of repository, such as `fs`'),
  ),
  settings: described(
    'As in the Elasticsearch API. Secrets belong into the keystore of the nodes, and are refused here.',
    z.optional(body()),
  ),
})

const snapshotPolicy = z.strictObject({
  schedule: described(
    'When: a cron expression of Elasticsearch, such as `0 30 1 * * ?`.',
    z.string().check(z.minLength(1)),
  ),
  name: described('Of each snapshot, such as `<nightly-{now/d}>`.', z.string().check(z.minLength(1))),
  repository: described(
    'A declared repository. `existing` names one that is made elsewhere.',
    z.union([name(), z.strictObject({ existing: z.string().check(z.minLength(1)) })]),
  ),
  config: described('What is in a snapshot, as in the Elasticsearch API. Default: everything.', z.optional(body())),
  retention: described(
    'Which snapshots are removed. Default: none.',
    z.optional(
      z.strictObject({
        expire_after: z.optional(age()),
        min_count: z.optional(z.number().check(z.int(), z.gte(1))),
        max_count: z.optional(z.number().check(z.int(), z.gte(1))),
      }),
    ),
  ),
})

/** Indices whose name begins with a dot belong to the server. */
function indexPattern() {
  return text(
    /^[a-z0-9*][a-z0-9_.*-]{0,120}$/,
    'is not a valid name or pattern: use lower-case letters, digits, "_", "-", "." and "*", starting with a letter, digit or "*"',
  )
}

const privilege = () => text(/^\S+$/, 'is not a valid privilege: it contains spaces')

const role = z.strictObject({
  description: description(),
  cluster: described('Cluster privileges, such as monitor. Default: none.', z.optional(z.array(privilege()))),
  indices: described(
    'Privileges on indices, data streams and aliases.',
    z.optional(
      z.array(
        z.strictObject({
          names: described('Names or patterns, without the prefix.', z.array(indexPattern()).check(z.minLength(1))),
          privileges: described(
            'Index privileges, such as read, create_doc, write.',
            z.array(privilege()).check(z.minLength(1)),
          ),
        }),
      ),
    ),
  ),
})

const user = z.strictObject({
  description: description(),
  password: described(`Best written as "\${NAME}". With an empty password the user is not changed.`, z.string()),
  roles: described('Declared roles, and built-in ones such as viewer.', z.array(accessName())),
  enabled: described('False disables the user. Default: true.', z.optional(z.boolean())),
})

const roleMapping = z.strictObject({
  description: description(),
  roles: described('Declared roles, and built-in ones such as viewer.', z.array(accessName()).check(z.minLength(1))),
  rules: described('Who gets them, as in the Elasticsearch API.', body()),
  enabled: described('False disables the mapping. Default: true.', z.optional(z.boolean())),
})

/** One file of `migrations/elasticsearch`; several form one declaration. */
export const elasticsearchSchema = z.strictObject({
  $schema: z.optional(z.string()),
  policies: described('Lifecycle policies by name.', z.optional(z.record(name(), policy))),
  component_templates: described('Component templates by name.', z.optional(z.record(name(), component))),
  index_templates: described(
    'Index templates by name, each with its data streams or alias.',
    z.optional(z.record(name(), template)),
  ),
  indices: described('Indices that nothing rolls over, by name.', z.optional(z.record(name(), index))),
  aliases: described(
    'Aliases of these indices by name; null removes one.',
    z.optional(
      z.record(
        text(
          /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,120}$/,
          'is not a valid name: use letters, digits, "_", "-", "." and "@", starting with a letter or digit',
        ),
        z.union([alias, z.null()]),
      ),
    ),
  ),
  snapshot_repositories: described('Places for snapshots, by name.', z.optional(z.record(name(), repository))),
  snapshot_policies: described(
    'When snapshots are taken, and which are removed, by name.',
    z.optional(z.record(name(), snapshotPolicy)),
  ),
  synonyms_sets: described(
    'Synonyms sets by name: words that a search takes for each other, such as `tv, television` or `pc => computer`.',
    z.optional(z.record(accessName(), z.array(z.string().check(z.minLength(1))).check(z.maxLength(10_000)))),
  ),
  ingest_pipelines: described('Ingest pipelines by name.', z.optional(z.record(accessName(), pipeline))),
  cluster_settings: described(
    'Persistent settings of the cluster by their dotted keys; null resets one. Others are left as they are.',
    z.optional(
      z.record(
        text(/^[a-z_]+(?:\.[^\s.]+)+$/, 'is not the dotted key of a setting, such as `action.auto_create_index`'),
        z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
      ),
    ),
  ),
  roles: described('Roles by name.', z.optional(z.record(accessName(), role))),
  users: described('Users by name.', z.optional(z.record(accessName(), user))),
  role_mappings: described(
    'Who gets roles from other realms, by name.',
    z.optional(z.record(accessName(), roleMapping)),
  ),
})

export type ElasticsearchDocument = z.infer<typeof elasticsearchSchema>
export type TemplateDocument = z.infer<typeof template>
export type PolicyDocument = z.infer<typeof policy>
export type ComponentDocument = z.infer<typeof component>
export type RoleDocument = z.infer<typeof role>
export type RoleMappingDocument = z.infer<typeof roleMapping>
export type UserDocument = z.infer<typeof user>
export type AliasDocument = z.infer<typeof alias>
export type SnapshotPolicyDocument = z.infer<typeof snapshotPolicy>
export type PipelineDocument = z.infer<typeof pipeline>
