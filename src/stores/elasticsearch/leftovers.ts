import { matches } from './check-names.ts'
import { childOf, mergeSettings } from './compare-trees.ts'
import type { JsonObject } from './declaration.ts'
import type { Stray } from './index-ports.ts'
import { isSealed } from './mark.ts'
import type { ObservedSynonyms } from './plain-ports.ts'
import type { ObservedLeftover, ResourceKind, WantedNames } from './ports.ts'
import { makerOfSynonyms } from './synonyms.ts'

/** A resource with its body, as the server returns it. */
interface Listed {
  readonly name: string
  readonly body: JsonObject
}

export interface Lists {
  readonly streams: readonly (Listed & { readonly template: string | null })[]
  readonly templates: readonly Listed[]
  readonly components: readonly Listed[]
  readonly policies: readonly (Listed & {
    readonly indices: readonly string[]
    readonly streams: readonly string[]
    readonly templates: readonly string[]
  })[]
  readonly pipelines: readonly Listed[]
  readonly snapshotPolicies: readonly Listed[]
  /** Index settings that name pipelines. */
  readonly pipelineUses: readonly { readonly index: string; readonly pipeline: string }[]
  /** Indices that belong to no data stream. */
  readonly indices: readonly string[]
  readonly synonyms: readonly { readonly name: string; readonly rules: ObservedSynonyms }[]
  /** Index settings that name synonyms sets. */
  readonly synonymsUses: readonly { readonly index: string; readonly set: string }[]
}

/** True for what `--prune` removes. A data stream has documents, or gets them while the run looks: it stays. */
export function isPrunable({ kind, byTool, isAsMade, neededBy }: ObservedLeftover): boolean {
  return kind !== 'data stream' && byTool && isAsMade && neededBy === null
}

/** What no file declares, each kind after those that may use it: what is left of these needs it. */
export function judgeLeftovers(wanted: WantedNames, lists: Lists): readonly ObservedLeftover[] {
  const streams = lists.streams
    .filter((one) => isLeft(one, wanted.streams, wanted.prefix))
    .map((stream) => judge('data stream', stream, wanted.prefix, null))
  const templates = lists.templates
    .filter((one) => isLeft(one, wanted.templates, wanted.prefix))
    .map((one) => judge('index template', one, wanted.prefix, userOfTemplate(one, lists)))
  const keptTemplates = lists.templates.filter(({ name }) => !isGone(name, templates))
  const components = lists.components
    .filter((one) => isLeft(one, wanted.components, wanted.prefix))
    .map((one) => judge('component template', one, wanted.prefix, userOfComponent(one, keptTemplates)))
  const keptComponents = lists.components.filter(({ name }) => !isGone(name, components))
  const policies = lists.policies
    .filter((one) => isLeft(one, wanted.policies, wanted.prefix))
    .map((one) => {
      const user = userOfPolicy(one, (name) => isGone(name, templates), keptComponents)
      return judge('lifecycle policy', one, wanted.prefix, user)
    })
  const pipelines = lists.pipelines
    .filter((one) => isLeft(one, wanted.plain.pipelines, wanted.prefix))
    .map((one) =>
      judge('ingest pipeline', one, wanted.prefix, userOfPipeline(one, lists, keptTemplates, keptComponents)),
    )
  const keptPolicies = lists.policies.filter(({ name }) => !isGone(name, policies))
  const snapshots = lists.snapshotPolicies
    .filter((one) => isLeft(one, wanted.snapshots.policies, wanted.prefix))
    .map((one) => judge('snapshot policy', one, wanted.prefix, userOfSnapshotPolicy(one, keptPolicies)))
  const synonyms = lists.synonyms.flatMap((one) =>
    judgeSynonyms(one, wanted, userOfSynonyms(one.name, lists, keptTemplates, keptComponents)),
  )
  return [...streams, ...templates, ...components, ...policies, ...pipelines, ...snapshots, ...synonyms]
}

/** It has no `_meta`: the IDs of its rules say who made it. */
function judgeSynonyms(
  { name, rules }: Lists['synonyms'][number],
  { plain, prefix }: WantedNames,
  neededBy: string | null,
): readonly ObservedLeftover[] {
  const maker = makerOfSynonyms(name, rules, prefix)
  if (!name.startsWith(prefix) || plain.synonyms.includes(name) || maker === 'other environment') return []
  return [{ kind: 'synonyms set', name, byTool: maker !== 'by hand', isAsMade: maker === 'ours', neededBy }]
}

/** The server removes none that an index has in an analyzer; a template would make such an index. */
function userOfSynonyms(
  name: string,
  { synonymsUses }: Lists,
  templates: readonly Listed[],
  components: readonly Listed[],
): string | null {
  const names = ({ body }: Listed): boolean =>
    Object.entries(settingsOf(body)).some(
      ([key, value]) => key.endsWith('.synonyms_set') && [value].flat().includes(name),
    )
  const [first] = [
    ...synonymsUses.filter(({ set }) => set === name).map(({ index }) => `index ${index}`),
    ...templates.filter(names).map((one) => `index template ${one.name}`),
    ...components.filter(names).map((one) => `component template ${one.name}`),
  ]
  return first ?? null
}

/** Where indices or aliases are declared: those that are not, and belong to no data stream, alias or template. */
export function findStrays(
  wanted: WantedNames,
  lists: Lists & { readonly aliases: readonly { readonly name: string; readonly indices: readonly string[] }[] },
): readonly Stray[] {
  if (wanted.plainIndices.length + wanted.plainAliases.length === 0) return []
  const isOurs = (name: string): boolean => name.startsWith(wanted.prefix) && !name.startsWith('.')
  const indicesOf = (names: readonly string[]): readonly string[] =>
    lists.aliases.filter(({ name }) => names.includes(name)).flatMap(({ indices }) => indices)
  const rolled = new Set(indicesOf(wanted.aliases))
  // The name of a declared index is an alias once its documents have moved.
  const standing = indicesOf(wanted.plainIndices)
  const patterns = lists.templates.flatMap(({ body }) => listOf(body['index_patterns']))
  const isMade = (name: string): boolean => rolled.has(name) || patterns.some((pattern) => matches(pattern, name))
  const indices = lists.indices.filter(
    (name) => isOurs(name) && ![...wanted.plainIndices, ...standing].includes(name) && !isMade(name),
  )
  const known = [...wanted.aliases, ...wanted.plainAliases, ...wanted.plainIndices]
  const own = new Set([...wanted.plainIndices, ...standing, ...indices])
  const aliases = lists.aliases.filter(
    (one) => isOurs(one.name) && !known.includes(one.name) && one.indices.some((index) => own.has(index)),
  )
  return [
    ...indices.map((name) => ({ kind: 'index', name }) as const),
    ...aliases.map(({ name }) => ({ kind: 'alias', name }) as const),
  ]
}

function judge(kind: ResourceKind, { name, body }: Listed, prefix: string, neededBy: string | null): ObservedLeftover {
  const mark = childOf(body, '_meta')
  const isAsMade = kind === 'data stream' || isSealed(kind, name, body, mark)
  return { kind, name, byTool: isOwn(mark, prefix), isAsMade, neededBy }
}

function isGone(name: string, judged: readonly ObservedLeftover[]): boolean {
  return judged.some((one) => one.name === name && isPrunable(one))
}

/** What it makes the next index of: without it, that index would have no mapping. */
function userOfTemplate({ name, body }: Listed, { streams, indices }: Lists): string | null {
  const stream = streams.find(({ template }) => template === name)
  if (stream !== undefined) return `data stream ${stream.name}`
  const patterns = listOf(body['index_patterns'])
  const index = indices.find((one) => patterns.some((pattern) => matches(pattern, one)))
  return index === undefined ? null : `index ${index}`
}

function userOfComponent({ name }: Listed, kept: readonly Listed[]): string | null {
  const user = kept.find(({ body }) => listOf(body['composed_of']).includes(name))
  return user === undefined ? null : `index template ${user.name}`
}

function userOfPolicy(
  { name, indices, streams, templates }: Lists['policies'][number],
  isTemplateGone: (name: string) => boolean,
  components: readonly Listed[],
): string | null {
  const component = components.find(({ body }) => policyOf(body) === name)
  const [first] = [
    ...indices.map((one) => `index ${one}`),
    ...streams.map((one) => `data stream ${one}`),
    ...templates.filter((one) => !isTemplateGone(one)).map((one) => `index template ${one}`),
    ...(component === undefined ? [] : [`component template ${component.name}`]),
  ]
  return first ?? null
}

/** Another pipeline counts also where it is removed, too: the next run removes this one. */
function userOfPipeline(
  { name }: Listed,
  { pipelines, pipelineUses }: Lists,
  templates: readonly Listed[],
  components: readonly Listed[],
): string | null {
  const names = ({ body }: Listed): boolean => pipelineKeys.some((key) => settingsOf(body)[key] === name)
  const [first] = [
    ...pipelineUses.filter(({ pipeline }) => pipeline === name).map(({ index }) => `index ${index}`),
    ...templates.filter(names).map((one) => `index template ${one.name}`),
    ...components.filter(names).map((one) => `component template ${one.name}`),
    ...pipelines
      .filter((one) => one.name !== name && JSON.stringify(one.body).includes(JSON.stringify(name)))
      .map((one) => `ingest pipeline ${one.name}`),
  ]
  return first ?? null
}

/** A lifecycle deletes no index before this policy has taken a snapshot of it. */
function userOfSnapshotPolicy({ name }: Listed, policies: readonly Listed[]): string | null {
  const user = policies.find(({ body }) =>
    Object.values(childOf(body, 'phases')).some(
      (phase) => childOf(childOf(phase, 'actions'), 'wait_for_snapshot')['policy'] === name,
    ),
  )
  return user === undefined ? null : `lifecycle policy ${user.name}`
}

const pipelineKeys = ['index.default_pipeline', 'index.final_pipeline']

function policyOf(body: JsonObject): unknown {
  return settingsOf(body)['index.lifecycle.name']
}

function settingsOf(body: JsonObject): JsonObject {
  return mergeSettings([childOf(childOf(body, 'template'), 'settings')])
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** Built-in and hidden resources, and those that wwdb made under another prefix, are none of this environment's. */
function isLeft({ name, body }: Listed, declared: readonly string[], prefix: string): boolean {
  const mark = childOf(body, '_meta')
  const isTools = String(mark['managed_by'] ?? '').startsWith('wwdb')
  const isByHand = !name.startsWith('.') && mark['managed'] !== true && !isTools
  return name.startsWith(prefix) && !declared.includes(name) && (isOwn(mark, prefix) || isByHand)
}

function isOwn(mark: JsonObject, prefix: string): boolean {
  return mark['managed_by'] === 'wwdb' && (mark['prefix'] ?? '') === prefix
}
