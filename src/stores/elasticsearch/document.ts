import * as z from 'zod/mini'
import { described } from '../../config/schema-parts.ts'
import { chineseAnalyses } from './declaration.ts'

/** A text that must fit a pattern, which editors know as well. */
function text(pattern: RegExp, says: string) {
  return z.string().check(z.regex(pattern, says))
}

/** Names of indices and everything beside them, by the server's own rules and without wildcards. Each use is a schema of its own: the sentence for editors is kept by schema. */
function name() {
  return text(
    /^[a-z0-9][a-z0-9_.-]{0,120}$/,
    'cannot be a name: Elasticsearch wants lower-case letters, digits, `_`, `-` and `.`, beginning with a letter or digit',
  )
}

function age() {
  return text(
    /^\d+(?:d|h|m|s|ms|micros|nanos)$/,
    'must be an age with its unit, such as `30d`: Elasticsearch knows d, h, m, s and ms, and no months or years',
  )
}

function body() {
  return z.record(z.string(), z.unknown())
}

function description() {
  return described('For people; kept in _meta.', z.optional(z.string()))
}

const phase = z.strictObject({
  min_age: described('Counted from the rollover of an index, not from its creation. Default: 0ms.', z.optional(age())),
  actions: described("As in Elasticsearch's own interface.", z.record(z.string(), body())),
})

const policy = z.strictObject({
  description: description(),
  phases: described(
    'What happens to an index as it gets older.',
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
  mappings: described("Mappings, as in Elasticsearch's own interface.", z.optional(body())),
}

const analyzers = z.strictObject({
  index: described('Name of the analyzer for what is written. Default: zh_index.', z.optional(name())),
  search: described('Name of the analyzer for what is searched. Default: zh_search.', z.optional(name())),
  prefer: described(
    'The first that every node has is taken. Default: ik, smartcn, cjk, standard.',
    z.optional(z.array(z.enum(chineseAnalyses)).check(z.minLength(1))),
  ),
})

const component = z.strictObject({
  description: description(),
  chinese_analysis: described(
    'Gives the template two analyzers for Chinese text under names that stay.',
    z.optional(analyzers),
  ),
  ...content,
})

const writeAlias = z.strictObject({
  name: described('The alias; its indices are called after it: <name>-000001.', name()),
  documents: described(
    '"added" where documents are written once, "updated" where they are written again under their id: then a new index means second copies, and wwdb asks first. Default: added.',
    z.optional(z.enum(['added', 'updated'])),
  ),
})

const template = z.strictObject({
  description: description(),
  index_patterns: described(
    'Names the template is for. Default: those of its data streams, or <alias>-*.',
    z.optional(z.array(z.string().check(z.minLength(1))).check(z.minLength(1))),
  ),
  priority: described(
    'The highest wins. Templates that come with Elasticsearch have up to 200. Default: 500.',
    z.optional(z.number().check(z.int(), z.gte(0))),
  ),
  composed_of: described('Component templates; later ones win.', z.optional(z.array(name()))),
  policy: described('The lifecycle policy that its indices follow.', z.optional(name())),
  data_streams: described('Data streams to create.', z.optional(z.array(name()).check(z.minLength(1)))),
  write_alias: described('An alias to create, with an index that takes what is written.', z.optional(writeAlias)),
  ...content,
})

function accessName() {
  return text(
    /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,120}$/,
    'cannot be a name: letters, digits, "_", "-", "." and "@" are, beginning with a letter or digit',
  )
}

/** Indices with a dot before their name are the server's own. */
function indexPattern() {
  return text(
    /^[a-z0-9*][a-z0-9_.*-]{0,120}$/,
    'cannot be a name or pattern: lower-case letters, digits, "_", "-", "." and "*" are, beginning with a letter, digit or "*"',
  )
}

const privilege = () => text(/^\S+$/, 'cannot be a privilege: it has no spaces')

const role = z.strictObject({
  description: description(),
  cluster: described('Cluster privileges, such as monitor. Default: none.', z.optional(z.array(privilege()))),
  indices: described(
    'What it may do with indices, data streams and aliases.',
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
  password: described(`Best written as "\${NAME}". With an empty one the user is left alone.`, z.string()),
  roles: described('Declared roles, and built-in ones such as viewer.', z.array(accessName())),
  enabled: described('False shuts it out. Default: true.', z.optional(z.boolean())),
})

/** One file of `migrations/elasticsearch`; several are one declaration together. */
export const elasticsearchSchema = z.strictObject({
  $schema: z.optional(z.string()),
  policies: described('Lifecycle policies by name.', z.optional(z.record(name(), policy))),
  component_templates: described('Component templates by name.', z.optional(z.record(name(), component))),
  index_templates: described(
    'Index templates by name, each with what is written to it.',
    z.optional(z.record(name(), template)),
  ),
  roles: described('Roles by name.', z.optional(z.record(accessName(), role))),
  users: described('Users by name.', z.optional(z.record(accessName(), user))),
})

export type ElasticsearchDocument = z.infer<typeof elasticsearchSchema>
export type TemplateDocument = z.infer<typeof template>
export type ComponentDocument = z.infer<typeof component>
export type RoleDocument = z.infer<typeof role>
export type UserDocument = z.infer<typeof user>
