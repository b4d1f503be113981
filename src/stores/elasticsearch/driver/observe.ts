import * as z from 'zod/mini'
import type { ElasticsearchObservation, ObservedNode, ObservedPolicy, ObservedTemplate } from '../observation.ts'
import type { WantedNames } from '../ports.ts'
import { findLeftovers } from './find-leftovers.ts'
import { observeAlias, observeStream } from './observe-series.ts'
import { pathOf, type Requests } from './requests.ts'
import { tooOld } from './server-errors.ts'

/** The oldest major version that has all that is used here. */
const oldest = 8

const json = z.record(z.string(), z.unknown())

const information = z.object({ version: z.object({ number: z.string() }) })

const named = z.array(z.object({ name: z.string() }))
const nodes = z.object({
  nodes: z.record(z.string(), z.object({ name: z.string(), plugins: named, modules: named })),
})

const policies = z.record(
  z.string(),
  z.object({
    policy: z.object({ phases: json, _meta: z.optional(json) }),
    in_use_by: z.optional(z.object({ indices: z.array(z.string()) })),
  }),
)

const content = z.object({ settings: z.optional(json), mappings: z.optional(json) })

const components = z.object({
  component_templates: z.array(
    z.object({ component_template: z.object({ template: content, _meta: z.optional(json) }) }),
  ),
})

const templates = z.object({
  index_templates: z.array(
    z.object({ index_template: z.looseObject({ template: z.optional(content), _meta: z.optional(json) }) }),
  ),
})

/** Reads what is wanted and what the tool left behind; everything at once. */
export async function observe(requests: Requests, names: WantedNames): Promise<ElasticsearchObservation> {
  const version = await readVersion(requests)
  const [nodes, policies, components, templates, streams, aliases, leftovers] = await Promise.all([
    readNodes(requests),
    each(names.policies, (name) => readPolicy(requests, name)),
    each(names.components, (name) => readComponent(requests, name)),
    each(names.templates, (name) => readTemplate(requests, name)),
    each(names.streams, (name) => observeStream(requests, name)),
    each(names.aliases, (name) => observeAlias(requests, name)),
    findLeftovers(requests, names),
  ])
  return { version, nodes, policies, components, templates, series: new Map([...streams, ...aliases]), leftovers }
}

async function readVersion(requests: Requests): Promise<string> {
  const { number } = z.parse(information, await requests.greet('look at the server', '/')).version
  if (Number(number.split('.')[0]) < oldest) throw tooOld(number, requests.server)
  return number
}

async function readNodes(requests: Requests): Promise<readonly ObservedNode[]> {
  const answer = z.parse(nodes, await requests.get('look up the plugins of its nodes', '/_nodes/plugins'))
  return Object.values(answer.nodes).map(({ name, plugins, modules }) => ({
    name,
    parts: [...plugins, ...modules].map((part) => part.name),
  }))
}

async function each<T>(
  names: readonly string[],
  read: (name: string) => Promise<T | null>,
): Promise<ReadonlyMap<string, T>> {
  const found = await Promise.all(names.map(async (name) => [name, await read(name)] as const))
  return new Map(found.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])))
}

async function readPolicy(requests: Requests, name: string): Promise<ObservedPolicy | null> {
  const answer = await requests.find(`look at lifecycle policy ${name}`, pathOf('_ilm', 'policy', name))
  const found = answer === null ? undefined : z.parse(policies, answer)[name]
  if (found === undefined) return null
  const { phases, _meta } = found.policy
  return { phases, meta: _meta ?? {}, indices: found.in_use_by?.indices ?? [] }
}

async function readComponent(requests: Requests, name: string): Promise<ObservedTemplate | null> {
  const answer = await requests.find(`look at component template ${name}`, pathOf('_component_template', name))
  const found = answer === null ? undefined : z.parse(components, answer).component_templates[0]?.component_template
  return found === undefined ? null : toTemplate(found.template, found._meta, {})
}

async function readTemplate(requests: Requests, name: string): Promise<ObservedTemplate | null> {
  const answer = await requests.find(`look at index template ${name}`, pathOf('_index_template', name))
  const found = answer === null ? undefined : z.parse(templates, answer).index_templates[0]?.index_template
  if (found === undefined) return null
  const { template, _meta, ...rest } = found
  return toTemplate(template ?? {}, _meta, rest)
}

function toTemplate(
  { settings, mappings }: z.infer<typeof content>,
  meta: ObservedTemplate['meta'] | undefined,
  rest: ObservedTemplate['rest'],
): ObservedTemplate {
  return { settings: settings ?? {}, mappings: mappings ?? {}, meta: meta ?? {}, rest }
}
