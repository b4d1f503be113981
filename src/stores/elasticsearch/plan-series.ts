import { judgeAdditions, withAdditions } from '../find-additions.ts'
import type { StoreLoss } from '../store-plan.ts'
import { type ElasticsearchChange, harmless } from './apply.ts'
import { digestContent } from './bodies.ts'
import { additionsOf, compareIndex, type IndexDifference } from './compare-indices.ts'
import { flattenSettings } from './compare-trees.ts'
import { explainUncopyable } from './copyable.ts'
import type { JsonObject } from './declaration.ts'
import { firstIndex } from './declaration.ts'
import type { ObservedIndex } from './index-ports.ts'
import { planKept } from './plan-kept.ts'
import { continueSeries, planMerges, planReindex } from './plan-reindex.ts'
import { describeIndices } from './policies.ts'
import type { ObservedSeries } from './ports.ts'
import { judgePolicy, policyKey, type SeriesSituation, shortList, shortPaths, withoutKind } from './series-situation.ts'

/** Creates the series, or brings its write index to its template: in place where that is possible, else by rollover. */
export function planSeries(situation: SeriesSituation): readonly ElasticsearchChange[] {
  const { observed } = situation
  if (observed === undefined) return [createSeries(situation)]
  if (observed.writeIndex === null) return pointAlias(situation, observed)
  const { changes, settled } = continueSeries(situation, observed)
  const older = planOlderIndices(situation, observed)
  return noteWanted(situation, [
    ...changes,
    ...(settled ? [] : planWriteIndex(situation, observed, observed.writeIndex, older)),
    ...older,
    ...planKept({ ...situation, indices: observed.indices }),
  ])
}

/** With each of them, which indices move. */
function noteWanted(
  { template }: SeriesSituation,
  changes: readonly ElasticsearchChange[],
): readonly ElasticsearchChange[] {
  const form = digestContent(template.merged)
  const sources = changes.flatMap(({ operation: { write } }) => (write.type === 'reindex' ? [write.source] : []))
  let left = sources.map((index) => ({ index, form }))
  return changes.map((one) => {
    const { write } = one.operation
    if (write.type !== 'reindex' && write.type !== 'roll-over') return one
    const wanted = left
    // Those before it have moved by then.
    if (write.type === 'reindex') left = left.filter(({ index }) => index !== write.source)
    return { ...one, operation: { ...one.operation, write: { ...write, wanted } } }
  })
}

/** Of an alias whose documents are updated, an older index may have an older state of a document that the newer one has. */
function planOlderIndices(situation: SeriesSituation, observed: ObservedSeries): readonly ElasticsearchChange[] {
  const { series } = situation.template.source
  const isUpdated = series.type === 'alias' && series.documents === 'updated'
  if (isUpdated) return situation.reindex ? planMerges(situation, observed) : []
  return planOlder(situation, observed)
}

/** Older indices take no writes, but are searched; the one that a data stream writes to is one of them after its rollover. */
function planOlder(situation: SeriesSituation, observed: ObservedSeries): readonly ElasticsearchChange[] {
  const rolled = observed.type === 'stream' && observed.writeIndex !== null ? [observed.writeIndex] : []
  const { reindex, moves, simulation, template } = situation
  const form = digestContent(template.merged)
  const isWanted = (name: string): boolean => moves.wanted.some((one) => one.index === name && one.form === form)
  return [...observed.older, ...rolled]
    .filter(({ name }) => name !== moves.move?.source && (reindex || isWanted(name)))
    .flatMap((index) => {
      const differences = findOutdated(situation, index)
      if (differences.length === 0) return []
      // One of a data stream stays as it is: the others need not wait for it.
      if (observed.type === 'stream' && explainUncopyable(index, simulation) !== null) return []
      return [planReindex(situation, observed, index, differences)]
    })
}

/** What an older index has otherwise than a new one would, where that is a reason to move its documents. */
function findOutdated(situation: SeriesSituation, index: ObservedIndex): readonly IndexDifference[] {
  const recodes = JSON.stringify(situation.phasesNow(situation.template.source.policy ?? '') ?? {}).includes(
    'index_codec',
  )
  const differences = compareIndex(situation, index).filter(
    ({ path }) => !isOfPolicy(path) && !(recodes && path === 'settings.index.codec'),
  )
  return differences.some(({ kind }) => kind === 'fixed') ? differences : []
}

/** Indices of a data stream whose documents stay where they are, though a reindex is asked for, as sentences. */
export function noteUncopied(situation: SeriesSituation): readonly string[] {
  const { observed, reindex, simulation } = situation
  if (!reindex || observed?.type !== 'stream') return []
  return [...observed.older, ...(observed.writeIndex === null ? [] : [observed.writeIndex])].flatMap((index) => {
    const why = findOutdated(situation, index).length === 0 ? null : explainUncopyable(index, simulation)
    return why === null ? [] : [`The documents of \`${index.name}\` stay in it. ${why}`]
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
  older: readonly ElasticsearchChange[],
): readonly ElasticsearchChange[] {
  const differences = compareIndex(situation, index)
  if (differences.length === 0) return []
  if (differences.some(({ kind }) => kind === 'fixed')) {
    const moves = situation.reindex && observed.type === 'alias'
    const isMoved = older.some(({ operation: { write } }) => write.type === 'reindex' && write.source === index.name)
    return [
      moves
        ? planReindex(situation, observed, index, differences)
        : rollOver(situation, observed, { index, differences, isMoved }),
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
  {
    index,
    differences,
    isMoved,
  }: { readonly index: ObservedIndex; readonly differences: readonly IndexDifference[]; readonly isMoved: boolean },
): ElasticsearchChange {
  const { name } = situation
  const fixed = shortPaths(differences.filter(({ kind }) => kind === 'fixed'))
  const loss = isMoved ? null : judgeRollover(situation, observed, differences)
  return {
    change: {
      resource: { kind: 'write index', name },
      action: 'replace',
      summary: `roll over ${name}: ${fixed} cannot change in ${index.name}, which stays unchanged`,
      differences: differences.map(withoutKind),
      loss,
    },
    operation: {
      write: { type: 'roll-over', series: observed.type, name, from: index.name, wanted: [] },
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
    {
      change: {
        resource: { kind: 'write index', name },
        action: 'update',
        summary: `change the mappings of ${index.name}: ${shortList(paths)}`,
        differences: differences.map(withoutKind),
        loss: judgeAdditions(additionsOf(differences)),
      },
      operation: {
        write: { type: 'put-mapping', index: index.name, body: template.merged.mappings },
        affected: [],
      },
    },
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
  const lost = keys.includes(policyKey) ? judgePolicy(situation, index) : null
  return [
    {
      change: {
        resource: { kind: 'write index', name: situation.name },
        action: 'update',
        summary: `change settings of ${index.name}: ${shortList(keys.map((key) => `${key} to ${String(values[key])}`))}`,
        differences: differences.map(withoutKind),
        loss: withAdditions(lost, additionsOf(differences)),
      },
      operation: {
        write: {
          type: 'put-settings',
          index: index.name,
          body: values,
          changesPolicy: keys.includes(policyKey) && flattenSettings(index.settings).has(policyKey),
        },
        affected: lost === null ? [] : [index.name],
      },
    },
  ]
}

function mergedValues({ template }: SeriesSituation, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, template.merged.settings[key]]))
}
