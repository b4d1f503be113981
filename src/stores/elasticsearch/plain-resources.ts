import { normalText } from '../entries.ts'
import { findAdditions, judgeAdditions } from '../find-additions.ts'
import type { StoreResource } from '../store-plan.ts'
import type { ElasticsearchChange } from './apply.ts'
import { signature } from './bodies.ts'
import { childOf, compareTrees } from './compare-trees.ts'
import type { JsonObject, PlainDeclaration } from './declaration.ts'
import { isSealed, sealOf } from './mark.ts'
import type { ObservedPlain } from './plain-ports.ts'
import { planSynonyms } from './synonyms.ts'

interface PlainPlan {
  readonly resource: StoreResource
  readonly change: ElasticsearchChange | null
}

/** What is one body each, and holds no documents. Whatever refers to it comes after it. */
export function planPlain(declared: PlainDeclaration, observed: ObservedPlain, prefix: string): readonly PlainPlan[] {
  const { synonyms, pipelines, clusterSettings } = declared
  return [
    ...planClusterSettings(clusterSettings, observed.clusterSettings),
    ...synonyms.map((set) => planSynonyms(set, observed.synonyms.get(set.name), prefix)),
    ...pipelines.map((pipeline) => planPipeline(pipeline, observed.pipelines.get(pipeline.name), prefix)),
  ]
}

/** The order of processors counts, and one that was added by hand changes documents: it is a difference. */
function planPipeline(
  { name, description, processors, onFailure }: PlainDeclaration['pipelines'][number],
  observed: JsonObject | undefined,
  prefix: string,
): PlainPlan {
  const resource = { kind: 'ingest pipeline', name }
  const written = {
    // What the server has besides (`version`) is kept.
    ...observed,
    processors,
    on_failure: onFailure,
    ...(description === null ? {} : { description }),
  }
  const seal = sealOf('ingest pipeline', name, written)
  const body = { ...written, _meta: { ...childOf(observed, '_meta'), ...signature(prefix), ...seal } }
  const found = { ...observed, on_failure: observed?.['on_failure'] ?? [] }
  // The mark of the maker alone is no reason to write it.
  const { _meta, ...declared } = body
  const differences = observed === undefined ? [] : compareTrees(declared, found, '')
  if (observed !== undefined && differences.length === 0) return { resource, change: null }
  // The server refuses an empty list.
  const { on_failure: _, ...withoutFailure } = body
  const sent = onFailure.length === 0 ? withoutFailure : body
  const verb = observed === undefined ? 'create' : 'change'
  const action = observed === undefined ? 'create' : 'update'
  const isOurs = observed === undefined || isSealed('ingest pipeline', name, observed, childOf(observed, '_meta'))
  const { processors: there, on_failure: handlers } = observed ?? {}
  const additions = findAdditions({ processors, on_failure: onFailure }, { processors: there, on_failure: handlers })
  const loss = isOurs ? null : judgeAdditions(additions)
  const change = { resource, action, summary: `${verb} ingest pipeline ${name}`, differences, loss } as const
  const write = { type: 'put-pipeline', name, body: sent } as const
  return { resource, change: { change, operation: { write, affected: [] } } }
}

/** Only the declared keys are looked at, in the form that stays over a restart. */
function planClusterSettings(declared: JsonObject, observed: JsonObject): readonly PlainPlan[] {
  return Object.entries(declared).map(([key, value]): PlainPlan => {
    const resource = { kind: 'cluster setting', name: key }
    const [actual, wanted] = [textOf(observed[key]), textOf(value)]
    if (actual === wanted) return { resource, change: null }
    const change = {
      resource,
      action: wanted === null ? 'remove' : actual === null ? 'create' : 'update',
      summary: wanted === null ? `reset cluster setting ${key}` : `set cluster setting ${key} to ${wanted}`,
      differences: [{ path: '', actual, declared: wanted }],
      loss: wanted === null ? null : judgeAdditions(additionsToSetting(key, value, observed[key])),
    } as const
    const write = { type: 'put-cluster-settings', settings: { [key]: value } } as const
    return { resource, change: { change, operation: { write, affected: [] } } }
  })
}

/** A list of nodes or patterns may be one text with commas; one value in the place of another is no list. */
function additionsToSetting(key: string, declared: unknown, actual: unknown) {
  const [wanted, found] = [elementsOf(declared), elementsOf(actual)]
  return wanted.length > 0 && found.length < 2 ? [] : findAdditions(wanted, found, key)
}

function elementsOf(value: unknown): readonly string[] {
  const texts = [value ?? []].flat().flatMap((one) => String(one).split(','))
  return texts.map((text) => text.trim()).filter((text) => text !== '')
}

function textOf(value: unknown): string | null {
  return value === undefined || value === null ? null : normalText(value)
}
