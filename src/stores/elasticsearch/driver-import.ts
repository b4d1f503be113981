import * as z from 'zod/mini'
import { observeAccess } from './driver-access.ts'
import { readPlainIndex, toMembers } from './driver-indices.ts'
import { readNodes } from './driver-observe.ts'
import { readClusterSettings } from './driver-plain.ts'
import type { Requests } from './driver-requests.ts'
import { readSnapshots } from './driver-snapshots.ts'
import { readVisibleSynonyms } from './driver-synonyms.ts'
import { readVersion } from './driver-version.ts'
import type { FoundAlias, FoundIndex, FoundStream, Named, ServerContents } from './import-ports.ts'
import { findSeries } from './import-series.ts'
import { inGroups } from './in-groups.ts'
import type { ObservedIndex } from './index-ports.ts'

const json = z.record(z.string(), z.unknown())
const policies = z.record(z.string(), z.object({ policy: json }))
const components = z.object({ component_templates: z.array(z.object({ name: z.string(), component_template: json })) })
const templates = z.object({ index_templates: z.array(z.object({ name: z.string(), index_template: json })) })
const pipelines = z.record(z.string(), json)
const streams = z.object({
  data_streams: z.array(
    z.object({
      name: z.string(),
      template: z.string(),
      hidden: z.optional(z.boolean()),
      system: z.optional(z.boolean()),
      lifecycle: z.optional(json),
    }),
  ),
})
const indices = z.object({
  indices: z.array(z.object({ name: z.string(), data_stream: z.optional(z.string()) })),
})

/** Kinds that are read together: one refers to another. */
const together = {
  templates: ['lifecycle policy', 'component template', 'index template', 'data stream', 'index', 'alias'],
  plainIndices: ['index', 'alias'],
  access: ['role', 'user', 'role mapping'],
  pipelines: ['ingest pipeline'],
  clusterSettings: ['cluster setting'],
  snapshots: ['snapshot repository', 'snapshot policy'],
  synonyms: ['synonyms set'],
} as const

/**
 * Reads all that a server has; writes nothing.
 * @param kinds of resources; all by default. Nothing is requested that a user who needs other kinds may not read.
 */
export async function readEverything(requests: Requests, kinds?: ReadonlySet<string>): Promise<ServerContents> {
  const has = (group: keyof typeof together): boolean =>
    kinds === undefined || together[group].some((kind) => kinds.has(kind))
  const read = async <Value>(group: keyof typeof together, work: () => Promise<Value>, none: Value): Promise<Value> =>
    has(group) ? work() : none
  const list = async (what: string, path: string): Promise<unknown> => (await requests.find(`list ${what}`, path)) ?? {}
  const version = await readVersion(requests)
  const [nodes, templates, access, pipelineList, clusterSettings, snapshots, visible] = await Promise.all([
    readNodes(requests),
    read('templates', () => readTemplates(requests, list), noTemplates),
    read('access', () => observeAccess(requests, new Map()), null),
    read('pipelines', () => list('ingest pipelines', '/_ingest/pipeline'), {}),
    read('clusterSettings', () => readClusterSettings(requests), {}),
    read('snapshots', () => readSnapshots(requests), { repositories: new Map(), policies: new Map() }),
    read('synonyms', () => readVisibleSynonyms(requests), { synonyms: new Map(), cutSynonyms: [] }),
  ])
  const contents = {
    version,
    nodes,
    ...templates,
    access,
    pipelines: ownOf(Object.entries(z.parse(pipelines, pipelineList)).map(([name, body]) => ({ name, body }))),
    clusterSettings,
    snapshots,
    ...visible,
  }
  const plainIndices = await read('plainIndices', () => readPlain(requests, contents), [])
  return { ...contents, plainIndices }
}

type FoundTemplates = Pick<
  ServerContents,
  'policies' | 'components' | 'templates' | 'legacyTemplates' | 'streams' | 'indices' | 'aliases'
>

const noTemplates: FoundTemplates = {
  policies: [],
  components: [],
  templates: [],
  legacyTemplates: [],
  streams: [],
  indices: [],
  aliases: [],
}

async function readTemplates(
  requests: Requests,
  list: (what: string, path: string) => Promise<unknown>,
): Promise<FoundTemplates> {
  const [policyList, componentList, templateList, legacy] = await Promise.all([
    list('lifecycle policies', '/_ilm/policy'),
    requests.get('list component templates', '/_component_template'),
    requests.get('list index templates', '/_index_template'),
    list('older templates', '/_template'),
  ])
  return {
    policies: ownOf(
      Object.entries(z.parse(policies, policyList)).map(([name, { policy }]) => ({ name, body: policy })),
    ),
    components: ownOf(
      z
        .parse(components, componentList)
        .component_templates.map((one) => ({ name: one.name, body: one.component_template })),
    ),
    templates: ownOf(
      z.parse(templates, templateList).index_templates.map((one) => ({ name: one.name, body: one.index_template })),
    ),
    legacyTemplates: Object.keys(z.parse(json, legacy)).filter((name) => !name.startsWith('.')),
    streams: await readStreams(requests),
    ...(await readIndices(requests)),
  }
}

/** What Elasticsearch brings is marked or hidden; what wwdb makes to prove that search works has a mark of its own. */
function ownOf(found: readonly Named[]): readonly Named[] {
  return found.filter(({ name, body }) => {
    const meta = z.parse(z.optional(z.nullable(json)), body['_meta']) ?? {}
    return !name.startsWith('.') && meta['managed'] !== true && !String(meta['managed_by'] ?? '').startsWith('wwdb ')
  })
}

async function readStreams(requests: Requests): Promise<readonly FoundStream[]> {
  const answer = await requests.get('list data streams', '/_data_stream')
  return z
    .parse(streams, answer)
    .data_streams.filter(({ name, hidden, system }) => !name.startsWith('.') && hidden !== true && system !== true)
    .map(({ name, template, lifecycle }) => ({ name, template, hasLifecycle: lifecycle !== undefined }))
}

async function readIndices(
  requests: Requests,
): Promise<{ readonly indices: readonly FoundIndex[]; readonly aliases: readonly FoundAlias[] }> {
  const open = { expand_wildcards: 'open,closed' }
  const [found, marked] = await Promise.all([
    requests.get('list indices', '/_resolve/index/*', open),
    requests.get('list aliases', '/_alias', open),
  ])
  const leading = [...toMembers(marked)].map(([name, members]) => ({ name, members }))
  const own: readonly FoundIndex[] = z
    .parse(indices, found)
    .indices.filter(({ name, data_stream }) => data_stream === undefined && !name.startsWith('.'))
    .map(({ name }) => ({
      name,
      aliases: leading.flatMap(({ name: alias, members }) =>
        members.filter(({ index }) => index === name).map(({ isWriteIndex: writes }) => ({ name: alias, writes })),
      ),
    }))
  return { indices: own, aliases: leading.filter(({ name }) => !name.startsWith('.')) }
}

/** An index that was removed meanwhile is left out. */
async function readPlain(
  requests: Requests,
  found: Omit<ServerContents, 'plainIndices'>,
): Promise<readonly ObservedIndex[]> {
  const taken = new Set([...findSeries(found).values()].flatMap(({ indices }) => indices))
  const names = found.indices.map(({ name }) => name).filter((name) => !taken.has(name))
  const read = await inGroups(names, (name) => readPlainIndex(requests, name))
  return read.filter((one) => one !== null)
}
