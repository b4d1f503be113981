import * as z from 'zod/mini'
import { pathOf, type Requests } from './driver-requests.ts'
import { readSnapshots } from './driver-snapshots.ts'
import { findSynonymsUses, readAllSynonyms } from './driver-synonyms.ts'
import { findStrays, judgeLeftovers, type Lists } from './leftovers.ts'
import type { ObservedSynonyms } from './plain-ports.ts'
import { contentOfPolicy } from './plan-snapshots.ts'
import type { ServerState, WantedNames } from './ports.ts'
import type { FoundSnapshots } from './snapshot-ports.ts'

const noSnapshots: FoundSnapshots = { repositories: new Map(), policies: new Map() }

const json = z.record(z.string(), z.unknown())
const names = z._default(z.array(z.string()), [])

const policies = z.record(
  z.string(),
  z.object({
    policy: json,
    in_use_by: z.optional(z.object({ indices: names, data_streams: names, composable_templates: names })),
  }),
)
const pipelines = z.record(z.string(), json)
const pipelineSettings = z.record(z.string(), z.object({ settings: z.record(z.string(), z.string()) }))
const components = z.object({
  component_templates: z._default(z.array(z.object({ name: z.string(), component_template: json })), []),
})
const templates = z.object({
  index_templates: z._default(z.array(z.object({ name: z.string(), index_template: json })), []),
})
const streams = z.object({
  data_streams: z._default(
    z.array(z.looseObject({ name: z.string(), template: z.optional(z.nullable(z.string())) })),
    [],
  ),
})
const indices = z.object({
  indices: z._default(
    z.array(z.object({ name: z.string(), data_stream: z.optional(z.string()), attributes: names })),
    [],
  ),
  aliases: z._default(
    z.array(z.object({ name: z.string(), indices: z._default(z.union([names, z.string()]), []) })),
    [],
  ),
})

/**
 * Undeclared resources under this prefix, in the order in which they can be removed: those that the tool created, recognized by their
 * `_meta`, and those created by hand. Templates are read without regard to the prefix: another one may use what has it.
 */
export async function findLeftovers(
  requests: Requests,
  wanted: WantedNames,
): Promise<Pick<ServerState, 'leftovers' | 'strays'>> {
  const list = async (what: string, path: string, query = {}): Promise<unknown> =>
    (await requests.find(`list ${what}`, path, query)) ?? {}
  const all = { expand_wildcards: 'all' }
  // Reading pipelines, and synonyms sets, requires a right that nothing else needs.
  const withPipelines = wanted.plain.pipelines.length > 0
  const withSynonyms = wanted.plain.synonyms.length > 0
  const withSnapshots = wanted.snapshots.repositories.length + wanted.snapshots.policies.length > 0
  const [
    streamList,
    templateList,
    componentList,
    policyList,
    pipelineList,
    settingList,
    indexList,
    snapshots,
    sets,
    setUses,
  ] = await Promise.all([
    list('data streams', pathOf('_data_stream', `${wanted.prefix}*`)),
    list('index templates', '/_index_template'),
    list('component templates', '/_component_template'),
    list('lifecycle policies', '/_ilm/policy'),
    withPipelines ? list('ingest pipelines', '/_ingest/pipeline') : {},
    withPipelines ? list('settings of indices', '/_settings/index.*_pipeline', { ...all, flat_settings: true }) : {},
    list('indices', pathOf('_resolve', 'index', `${wanted.prefix}*`), all),
    withSnapshots ? readSnapshots(requests) : noSnapshots,
    withSynonyms ? readAllSynonyms(requests) : new Map<string, ObservedSynonyms>(),
    withSynonyms ? findSynonymsUses(requests) : [],
  ])
  const found = z.parse(indices, indexList)
  const own = found.indices.filter(({ data_stream }) => data_stream === undefined)
  const lists: Lists = {
    streams: z.parse(streams, streamList).data_streams.map((one) => ({
      name: one.name,
      body: one,
      template: one.template ?? null,
    })),
    templates: z
      .parse(templates, templateList)
      .index_templates.map(({ name, index_template: body }) => ({ name, body })),
    components: z
      .parse(components, componentList)
      .component_templates.map(({ name, component_template: body }) => ({ name, body })),
    policies: Object.entries(z.parse(policies, policyList)).map(([name, { policy, in_use_by: use }]) => ({
      name,
      body: policy,
      indices: use?.indices ?? [],
      streams: use?.data_streams ?? [],
      templates: use?.composable_templates ?? [],
    })),
    pipelines: Object.entries(z.parse(pipelines, pipelineList)).map(([name, body]) => ({ name, body })),
    pipelineUses: Object.entries(z.parse(pipelineSettings, settingList)).flatMap(([index, { settings }]) =>
      Object.values(settings).map((pipeline) => ({ index, pipeline })),
    ),
    snapshotPolicies: [...snapshots.policies].map(([name, policy]) => {
      const { content, mark } = contentOfPolicy(policy)
      return { name, body: { ...content, _meta: mark } }
    }),
    indices: own.map(({ name }) => name),
    synonyms: [...sets].map(([name, rules]) => ({ name, rules })),
    synonymsUses: setUses,
  }
  const visible = own.filter(({ attributes }) => !attributes.includes('hidden')).map(({ name }) => name)
  const leading = found.aliases.map(({ name, indices: to }) => ({ name, indices: [to].flat() }))
  const strayPlaces = [...snapshots.repositories.keys()].filter(
    (name) => name.startsWith(wanted.prefix) && !wanted.snapshots.repositories.includes(name),
  )
  return {
    leftovers: judgeLeftovers(wanted, lists),
    strays: [
      ...findStrays(wanted, { ...lists, indices: visible, aliases: leading }),
      ...strayPlaces.map((name) => ({ kind: 'snapshot repository', name }) as const),
    ],
  }
}
