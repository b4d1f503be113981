import * as z from 'zod/mini'
import { pathOf, type Requests } from './driver-requests.ts'
import type { ObservedLeftover, WantedNames } from './ports.ts'

const meta = z.optional(
  z.looseObject({
    managed_by: z.optional(z.unknown()),
    /** Set by Elasticsearch on its own resources. */
    managed: z.optional(z.unknown()),
    prefix: z.optional(z.unknown()),
  }),
)

const names = z._default(z.array(z.string()), [])

const policies = z.record(
  z.string(),
  z.object({
    policy: z.object({ _meta: meta }),
    in_use_by: z.optional(z.object({ indices: names, composable_templates: names })),
  }),
)
const pipelines = z.record(z.string(), z.looseObject({ _meta: meta }))
const components = z.object({
  component_templates: z._default(
    z.array(z.object({ name: z.string(), component_template: z.object({ _meta: meta }) })),
    [],
  ),
})
const templates = z.object({
  index_templates: z._default(
    z.array(
      z.object({
        name: z.string(),
        index_template: z.object({ _meta: meta, index_patterns: names, composed_of: names }),
      }),
    ),
    [],
  ),
})
const streams = z.object({
  data_streams: z._default(
    z.array(
      z.object({
        name: z.string(),
        _meta: meta,
        template: z.optional(z.string()),
        indices: z._default(z.array(z.object({ index_name: z.string() })), []),
      }),
    ),
    [],
  ),
})

interface Lists {
  readonly streams: z.infer<typeof streams>['data_streams']
  readonly templates: z.infer<typeof templates>['index_templates']
  readonly components: z.infer<typeof components>['component_templates']
  readonly policies: z.infer<typeof policies>
  readonly pipelines: z.infer<typeof pipelines>
}

/**
 * Undeclared resources under this prefix, in the order in which they can be removed: those that the tool created, recognized by their
 * `_meta`, and those created by hand. Built-in and hidden resources, and those that the tool created under another prefix, are left
 * out. A data stream has the mark of its template; the indices of an alias have none.
 */
export async function findLeftovers(requests: Requests, wanted: WantedNames): Promise<readonly ObservedLeftover[]> {
  const list = async (what: string, path: string): Promise<unknown> => (await requests.find(`list ${what}`, path)) ?? {}
  // Reading pipelines requires a right that nothing else needs.
  const withPipelines = wanted.plain.pipelines.length > 0
  const [streamList, templateList, componentList, policyList, pipelineList] = await Promise.all([
    list('data streams', pathOf('_data_stream', `${wanted.prefix}*`)),
    list('index templates', pathOf('_index_template', `${wanted.prefix}*`)),
    list('component templates', pathOf('_component_template', `${wanted.prefix}*`)),
    list('lifecycle policies', '/_ilm/policy'),
    withPipelines ? list('ingest pipelines', pathOf('_ingest', 'pipeline', `${wanted.prefix}*`)) : {},
  ])
  return judge(wanted, {
    streams: z.parse(streams, streamList).data_streams,
    templates: z.parse(templates, templateList).index_templates,
    components: z.parse(components, componentList).component_templates,
    policies: z.parse(policies, policyList),
    pipelines: z.parse(pipelines, pipelineList),
  })
}

interface Marked {
  readonly name: string
  readonly meta: z.infer<typeof meta>
}

/** Each kind after those that may use it: what is left of these needs it. Declared templates need nothing that is undeclared. */
function judge({ prefix, ...wanted }: WantedNames, lists: Lists): readonly ObservedLeftover[] {
  const isLeft = ({ name, meta }: Marked, declared: readonly string[]): boolean =>
    !declared.includes(name) && (isOwn(meta, prefix) || isByHand(name, meta, prefix))
  const isGone = (name: string, judged: readonly ObservedLeftover[]): boolean =>
    judged.some((one) => one.name === name && one.byTool && one.neededBy === null)
  const streamsLeft = lists.streams
    .filter(({ name, _meta }) => isLeft({ name, meta: _meta }, wanted.streams))
    .map((stream): ObservedLeftover => {
      const byTool = isOwn(stream._meta, prefix) && isNamed(stream, lists.templates)
      const indices = stream.indices.map(({ index_name }) => index_name)
      return { kind: 'data stream', name: stream.name, byTool, neededBy: null, indices }
    })
  const templatesLeft = lists.templates
    .map(({ name, index_template }) => ({ name, meta: index_template._meta }))
    .filter((one) => isLeft(one, wanted.templates))
    .map(({ name, meta }): ObservedLeftover => {
      const user = lists.streams.find(({ name: stream, template }) => template === name && !isGone(stream, streamsLeft))
      const neededBy = user === undefined ? null : `data stream ${user.name}`
      return { kind: 'index template', name, byTool: isOwn(meta, prefix), neededBy, indices: [] }
    })
  const kept = lists.templates.filter(({ name }) => !wanted.templates.includes(name) && !isGone(name, templatesLeft))
  const componentsLeft = lists.components
    .map(({ name, component_template }) => ({ name, meta: component_template._meta }))
    .filter((one) => isLeft(one, wanted.components))
    .map(({ name, meta }): ObservedLeftover => {
      const user = kept.find(({ index_template }) => index_template.composed_of.includes(name))
      const neededBy = user === undefined ? null : `index template ${user.name}`
      return { kind: 'component template', name, byTool: isOwn(meta, prefix), neededBy, indices: [] }
    })
  const freed = new Set(streamsLeft.filter(({ name }) => isGone(name, streamsLeft)).flatMap(({ indices }) => indices))
  const policiesLeft = Object.entries(lists.policies)
    .filter(([name, { policy }]) => isLeft({ name, meta: policy._meta }, wanted.policies))
    .map(([name, { policy, in_use_by: use }]): ObservedLeftover => {
      const index = use?.indices.find((one) => !freed.has(one))
      const template = use?.composable_templates.find((one) => kept.some((other) => other.name === one))
      const byTemplate = template === undefined ? null : `index template ${template}`
      const neededBy = index === undefined ? byTemplate : `index ${index}`
      return { kind: 'lifecycle policy', name, byTool: isOwn(policy._meta, prefix), neededBy, indices: [] }
    })
  // The server itself refuses to remove one that an index names.
  const pipelinesLeft = Object.entries(lists.pipelines)
    .map(([name, { _meta }]) => ({ name, meta: _meta }))
    .filter((one) => isLeft(one, wanted.plain.pipelines))
    .map(({ name, meta }): ObservedLeftover => {
      return { kind: 'ingest pipeline', name, byTool: isOwn(meta, prefix), neededBy: null, indices: [] }
    })
  return [...streamsLeft, ...templatesLeft, ...componentsLeft, ...policiesLeft, ...pipelinesLeft]
}

/** Of a stream that its template makes by a pattern, nobody knows who made it: any writer does. */
function isNamed({ name, template }: Lists['streams'][number], templates: Lists['templates']): boolean {
  const maker = templates.find((one) => one.name === template)
  return maker?.index_template.index_patterns.includes(name) === true
}

function isByHand(name: string, meta: Marked['meta'], prefix: string): boolean {
  const isTools = String(meta?.managed_by ?? '').startsWith('wwdb')
  return name.startsWith(prefix) && !name.startsWith('.') && meta?.managed !== true && !isTools
}

function isOwn(meta: Marked['meta'], prefix: string): boolean {
  return meta?.managed_by === 'wwdb' && (meta.prefix ?? '') === prefix
}
