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

const policies = z.record(z.string(), z.object({ policy: z.object({ _meta: meta }) }))
const components = z.object({
  component_templates: z._default(
    z.array(z.object({ name: z.string(), component_template: z.object({ _meta: meta }) })),
    [],
  ),
})
const templates = z.object({
  index_templates: z._default(z.array(z.object({ name: z.string(), index_template: z.object({ _meta: meta }) })), []),
})
const streams = z.object({
  data_streams: z._default(z.array(z.object({ name: z.string(), _meta: meta })), []),
})

interface Signed {
  readonly name: string
  readonly meta: z.infer<typeof meta>
}

/**
 * Undeclared resources under this prefix, in the order in which they can be removed: those that the tool created, recognized by their
 * `_meta`, and those created by hand. Built-in and hidden resources, and those that the tool created under another prefix, are left
 * out. A data stream has the mark of its template; the indices of an alias have none.
 */
export async function findLeftovers(requests: Requests, wanted: WantedNames): Promise<readonly ObservedLeftover[]> {
  const list = async (what: string, path: string): Promise<unknown> => (await requests.find(`list ${what}`, path)) ?? {}
  const [streamList, templateList, componentList, policyList] = await Promise.all([
    list('data streams', pathOf('_data_stream', `${wanted.prefix}*`)),
    list('index templates', pathOf('_index_template', `${wanted.prefix}*`)),
    list('component templates', pathOf('_component_template', `${wanted.prefix}*`)),
    list('lifecycle policies', '/_ilm/policy'),
  ])
  const groups: readonly (readonly [string, readonly string[], readonly Signed[]])[] = [
    ['data stream', wanted.streams, z.parse(streams, streamList).data_streams.map((one) => sign(one.name, one))],
    [
      'index template',
      wanted.templates,
      z.parse(templates, templateList).index_templates.map((one) => sign(one.name, one.index_template)),
    ],
    [
      'component template',
      wanted.components,
      z.parse(components, componentList).component_templates.map((one) => sign(one.name, one.component_template)),
    ],
    [
      'lifecycle policy',
      wanted.policies,
      Object.entries(z.parse(policies, policyList)).map(([name, { policy }]) => sign(name, policy)),
    ],
  ]
  return groups.flatMap(([kind, declared, found]) =>
    found
      .filter(({ name }) => !declared.includes(name))
      .filter(({ name, meta }) => isOwn(meta, wanted.prefix) || isByHand(name, meta, wanted.prefix))
      .map(({ name, meta }) => ({ kind, name, byTool: isOwn(meta, wanted.prefix) })),
  )
}

function isByHand(name: string, meta: Signed['meta'], prefix: string): boolean {
  const isTools = String(meta?.managed_by ?? '').startsWith('wwdb')
  return name.startsWith(prefix) && !name.startsWith('.') && meta?.managed !== true && !isTools
}

function sign(name: string, { _meta }: { readonly _meta?: z.infer<typeof meta> }): Signed {
  return { name, meta: _meta }
}

function isOwn(meta: Signed['meta'], prefix: string): boolean {
  return meta?.managed_by === 'wwdb' && (meta.prefix ?? '') === prefix
}
