import type { StoreLoss } from '../store-plan.ts'
import { type ElasticsearchChange, harmless } from './apply.ts'
import { compareIndex, type IndexDifference } from './compare-indices.ts'
import { flattenSettings } from './compare-trees.ts'
import type { JsonObject } from './declaration.ts'
import { firstIndex } from './declaration.ts'
import { continueMove, planKept, planMerges, planReindex } from './plan-reindex.ts'
import { describeIndices, judgePhases } from './policies.ts'
import type { ObservedIndex, ObservedSeries } from './ports.ts'
import { policyKey, type SeriesSituation, shortList, shortPaths, withoutKind } from './series-situation.ts'

/** Creates the series, or brings its write index to its template: in place where that is possible, else by rollover. */
export function planSeries(situation: SeriesSituation): readonly ElasticsearchChange[] {
  const { observed } = situation
  if (observed === undefined) return [createSeries(situation)]
  if (observed.writeIndex === null) return pointAlias(situation, observed)
  const { changes, settled } = continueMove(situation, observed, situation.moves)
  return [
    ...changes,
    ...(settled ? [] : planWriteIndex(situation, observed, observed.writeIndex)),
    ...(situation.reindex ? planOlderIndices(situation, observed) : []),
    ...planKept(situation),
  ]
}

/** Of an alias whose documents are updated, an older index may have an older state of a document that the newer one has. */
function planOlderIndices(situation: SeriesSituation, observed: ObservedSeries): readonly ElasticsearchChange[] {
  const { series } = situation.template.source
  const isUpdated = series.type === 'alias' && series.documents === 'updated'
  return isUpdated ? planMerges(situation, observed) : planOlder(situation, observed)
}

/** Older indices take no writes, but are searched; the one that a data stream writes to is one of them after its rollover. */
function planOlder(situation: SeriesSituation, observed: ObservedSeries): readonly ElasticsearchChange[] {
  const rolled = observed.type === 'stream' && observed.writeIndex !== null ? [observed.writeIndex] : []
  return [...observed.older, ...rolled]
    .filter(({ name }) => name !== situation.moves.move?.source)
    .flatMap((index) => {
      const differences = compareIndex(situation, index).filter(({ path }) => !isOfPolicy(path))
      const isFixed = differences.some(({ kind }) => kind === 'fixed')
      return isFixed ? [planReindex(situation, observed, index, differences)] : []
    })
}

/** What a lifecycle policy changes in an index that is not written to any more: it shrinks, is downsampled, or moves into a snapshot. */
function isOfPolicy(path: string): boolean {
  return /^settings\.index\.(?:number_of_(?:routing_)?shards$|store\.|downsample\.)/.test(path)
}

function planWriteIndex(
  situation: SeriesSituation,
  observed: ObservedSeries,
  index: ObservedIndex,
): readonly ElasticsearchChange[] {
  const differences = compareIndex(situation, index)
  if (differences.length === 0) return []
  if (differences.some(({ kind }) => kind === 'fixed')) {
    const moves = situation.reindex && observed.type === 'alias'
    return [
      moves ? planReindex(situation, observed, index, differences) : rollOver(situation, observed, index, differences),
    ]
  }
  return [
    ...changeMappings(
      situation,
      index,
      differences.filter(({ path }) => isMapping(path)),
    ),
    ...changeSettings(
      situation,
      index,
      differences.filter(({ path }) => !isMapping(path)),
    ),
  ]
}

function isMapping(path: string): boolean {
  return path.startsWith('mappings.')
}

function createSeries({ name, template }: SeriesSituation): ElasticsearchChange {
  if (template.source.series.type === 'streams') {
    const resource = { kind: 'data stream', name }
    const summary = `create data stream ${name}`
    return harmless({ resource, action: 'create', summary, differences: [] }, { type: 'create-stream', name })
  }
  const index = firstIndex(name)
  return harmless(
    {
      resource: { kind: 'write alias', name },
      action: 'create',
      summary: `create index ${index}, written through alias ${name}`,
      differences: [],
    },
    { type: 'create-index', name: index, alias: name },
  )
}

function pointAlias({ name }: SeriesSituation, observed: ObservedSeries): readonly ElasticsearchChange[] {
  const newest = observed.indices.at(-1)
  if (newest === undefined) return []
  return [
    harmless(
      {
        resource: { kind: 'write alias', name },
        action: 'update',
        summary: `set the write index of alias ${name} to ${newest}`,
        differences: [{ path: 'is_write_index', actual: null, declared: newest }],
      },
      { type: 'point-alias', alias: name, index: newest },
    ),
  ]
}

function rollOver(
  situation: SeriesSituation,
  observed: ObservedSeries,
  index: ObservedIndex,
  differences: readonly IndexDifference[],
): ElasticsearchChange {
  const { name } = situation
  const fixed = shortPaths(differences.filter(({ kind }) => kind === 'fixed'))
  const loss = situation.reindex && observed.type === 'stream' ? null : judgeRollover(situation, observed, differences)
  return {
    change: {
      resource: { kind: 'write index', name },
      action: 'replace',
      summary: `roll over ${name}: ${fixed} cannot change in ${index.name}, which stays unchanged`,
      differences: differences.map(withoutKind),
      loss,
    },
    operation: {
      write: { type: 'roll-over', series: observed.type, name, from: index.name },
      affected: observed.indices,
    },
  }
}

/** A rollover removes nothing; but afterwards documents of two kinds, or two copies of one, may be found. */
function judgeRollover(
  { name, template, facts, now }: SeriesSituation,
  observed: ObservedSeries,
  differences: readonly IndexDifference[],
): StoreLoss | null {
  const { series } = template.source
  const affected = describeIndices(
    observed.indices.flatMap((index) => facts.get(index) ?? []),
    {},
    now,
  )
  if (series.type === 'alias' && series.documents === 'updated') {
    const why = `Documents of \`${name}\` are written again under the same id: the new index will then have a second copy of each. \`--reindex\` moves them instead.`
    return { code: 'duplicate-documents', why, affected }
  }
  const types = differences.filter(({ path, actual }) => isMapping(path) && path.endsWith('.type') && actual !== null)
  if (types.length === 0) return null
  const fields = shortList(types.map(({ path, actual, declared }) => `${fieldOf(path)} from ${actual} to ${declared}`))
  const why = `The type of a field changes (${fields}): searches that sort or aggregate by it fail until the older indices are deleted or reindexed.`
  return { code: 'changed-type', why, affected }
}

function fieldOf(path: string): string {
  return path
    .replace(/^mappings\.properties\./, '')
    .replace(/\.type$/, '')
    .replaceAll(/\.(?:properties|fields)\./g, '.')
}

function changeMappings(
  { name, template }: SeriesSituation,
  index: ObservedIndex,
  differences: readonly IndexDifference[],
): readonly ElasticsearchChange[] {
  if (differences.length === 0) return []
  const paths = differences.map(({ path }) => path.replace(/^mappings\.(properties\.)?/, ''))
  return [
    harmless(
      {
        resource: { kind: 'write index', name },
        action: 'update',
        summary: `change the mappings of ${index.name}: ${shortList(paths)}`,
        differences: differences.map(withoutKind),
      },
      { type: 'put-mapping', index: index.name, body: template.merged.mappings },
    ),
  ]
}

function changeSettings(
  situation: SeriesSituation,
  index: ObservedIndex,
  differences: readonly IndexDifference[],
): readonly ElasticsearchChange[] {
  if (differences.length === 0) return []
  const keys = differences.map(({ path }) => path.replace(/^settings\./, ''))
  const values = mergedValues(situation, keys)
  const loss = judgePolicyChange(situation, index, keys)
  return [
    {
      change: {
        resource: { kind: 'write index', name: situation.name },
        action: 'update',
        summary: `change settings of ${index.name}: ${shortList(keys.map((key) => `${key} to ${String(values[key])}`))}`,
        differences: differences.map(withoutKind),
        loss,
      },
      operation: {
        write: {
          type: 'put-settings',
          index: index.name,
          body: values,
          changesPolicy: keys.includes(policyKey) && flattenSettings(index.settings).has(policyKey),
        },
        affected: loss === null ? [] : [index.name],
      },
    },
  ]
}

function mergedValues({ template }: SeriesSituation, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, template.merged.settings[key]]))
}

/** An index that gets another policy, or its first one, may be deleted sooner than before. */
function judgePolicyChange(
  situation: SeriesSituation,
  index: ObservedIndex,
  keys: readonly string[],
): StoreLoss | null {
  const policy = situation.template.source.policy
  if (!keys.includes(policyKey) || policy === null) return null
  const before = flattenSettings(index.settings).get(policyKey)
  const phases = situation.phasesSoon(policy) ?? {}
  const old = before === undefined ? null : situation.phasesNow(before)
  const facts = situation.facts.get(index.name)
  return judgePhases(old, phases, facts === undefined ? [] : [facts], situation.now)
}
