import { type ElasticsearchChange, harmless } from './apply.ts'
import { compareIndex, type DesiredIndex, type IndexDifference } from './compare-indices.ts'
import { mergeSettings } from './compare-trees.ts'
import type { JsonObject, TemplateContent } from './declaration.ts'
import type { ObservedIndex } from './index-ports.ts'
import { findIndex } from './judge-source.ts'
import { findHandMade } from './keep-hand-made.ts'
import { hidden } from './moves.ts'
import { describeSize, noteAllKept } from './plan-kept.ts'
import type { IndexFacts, ObservedMoves, ObservedSeries, ServerWrite } from './ports.ts'
import type { Move } from './reindex-ports.ts'
import {
  isPolicyKey,
  judgePolicy,
  type SeriesSituation,
  shortList,
  shortPaths,
  withoutKind,
} from './series-situation.ts'

/** Values of a copy that differ from its template while it is filled. */
export const filling: JsonObject = {
  // A removed document leaves no mark, which would refuse one of a lower version.
  'index.gc_deletes': '0s',
  // Documents were through it when they were written.
  'index.final_pipeline': '_none',
  'index.refresh_interval': '-1',
  ...hidden,
}

/** What is copied, into which form, and how a plan says so. */
export interface Continuing extends DesiredIndex {
  readonly name: string
  readonly facts: ReadonlyMap<string, IndexFacts>
  /** Goes on, or begins again; without differences where the copy has taken the place already. */
  readonly again: (move: Move, differences: readonly IndexDifference[]) => ElasticsearchChange
}

/** What an index with a reindex under way needs: to go on, to begin again, or to give it up. `settled` where nothing else is needed for the write index. */
export function continueMove(
  wish: Continuing,
  series: Pick<ObservedSeries, 'indices' | 'writeIndex'>,
  moves: ObservedMoves,
): { readonly changes: readonly ElasticsearchChange[]; readonly settled: boolean } {
  const { move, sourceIndex, copyIndex } = moves
  if (move === null) return { changes: [], settled: false }
  const isSwitched = copyIndex !== null && series.indices.includes(move.copy) && !series.indices.includes(move.source)
  const source = series.indices.includes(move.source) ? sourceIndex : null
  const settled = [move.source, move.copy].some((name) => name === series.writeIndex?.name)
  if (isSwitched) return { changes: [wish.again(move, [])], settled }
  const differences = source === null ? [] : compareIndex(wish, source).filter(isFixed)
  const abandoned = giveUp(wish, move, moves)
  // A rollover, or a person, gave the name of a copy to an index that has documents of its own.
  const isTaken = series.indices.includes(move.copy) || (copyIndex !== null && copyIndex.aliases.length > 0)
  if (source === null || differences.length === 0 || isTaken) return { changes: [abandoned], settled: false }
  const isStale = copyIndex !== null && compareIndex(wish, copyIndex).some(isFixed)
  const again = wish.again(move, differences)
  return { changes: isStale ? [abandoned, again] : [again], settled }
}

/** The same of a data stream or alias. */
export function continueSeries(situation: SeriesSituation, series: ObservedSeries): ReturnType<typeof continueMove> {
  const again: Continuing['again'] = ({ source, copy }, differences) => moveIndex(situation, source, copy, differences)
  return continueMove({ ...situation, again }, series, situation.moves)
}

export function isFixed({ kind }: IndexDifference): boolean {
  return kind === 'fixed'
}

function giveUp(
  { name, facts }: Continuing,
  { source, copy }: Move,
  { sourceIndex, copyIndex }: ObservedMoves,
): ElasticsearchChange {
  const resource = { kind: 'index', name: copy }
  const isOurs = copyIndex !== null && copyIndex.aliases.length === 0
  const isLast = isOurs && sourceIndex === null
  const write = { type: 'abandon-copy', name, isLast } as const
  const make = (summary: string) => ({ resource, action: 'remove', summary, differences: [] }) as const
  if (!isOurs)
    return harmless(make(`forget the reindex of ${source}, which has no copy: an index ${copy} would stay`), write)
  if (!isLast) return harmless(make(`remove ${copy}, an unfinished copy that the declaration no longer needs`), write)
  const loss = {
    code: 'removed-index',
    why: `The index \`${source}\` of which it is a copy does not exist any more: its documents may be nowhere else.`,
    affected: [`${copy} (${describeSize(facts.get(copy))})`],
  } as const
  const change = { ...make(`remove ${copy}, an unfinished copy of ${source}, which is gone`), loss }
  return { change, operation: { write, affected: [copy] } }
}

/** Moves the documents of an index into a new one that has the template's form. */
export function planReindex(
  situation: SeriesSituation,
  series: ObservedSeries,
  index: ObservedIndex,
  differences: readonly IndexDifference[],
): ElasticsearchChange {
  // A data stream names its indices itself, and writes to the next one when this one is copied.
  const isWriteIndex = series.type === 'alias' && series.writeIndex?.name === index.name
  const { replacements } = situation.moves
  const copy = isWriteIndex
    ? nextName(situation.name, [...series.indices, ...replacements])
    : freeName(`${index.name}-reindexed`, replacements)
  return moveIndex(situation, index.name, copy, differences)
}

/** Where a person went back to the old index, the one that replaced it has its name still. */
export function freeName(name: string, taken: readonly string[]): string {
  let free = name
  for (let number = 2; taken.includes(free); number += 1) free = `${name}-${number}`
  return free
}

/** The name that a rollover would give. */
function nextName(alias: string, indices: readonly string[]): string {
  const numbers = indices.flatMap((name) => {
    const number = /^-(\d+)$/.exec(name.slice(alias.length))?.[1]
    return name.startsWith(alias) && number !== undefined ? [Number(number)] : []
  })
  return `${alias}-${String(Math.max(0, ...numbers) + 1).padStart(6, '0')}`
}

function moveIndex(
  situation: SeriesSituation,
  source: string,
  copy: string,
  differences: readonly IndexDifference[],
): ElasticsearchChange {
  const { name, facts, rate, observed, moves } = situation
  const index = findIndex(observed, moves, source)
  const why =
    differences.length === 0 ? '' : `, because ${shortPaths(differences.filter(isFixed))} cannot be changed in place`
  const change = {
    resource: { kind: 'write index', name: source },
    action: 'replace',
    summary: `reindex ${source} into ${copy}, which takes its place in ${name}: ${describeSize(facts.get(source))}${why}`,
    differences: differences.map(withoutKind),
    // One that has taken its place was allowed to before; its source is out of its policy.
    loss: index === null || differences.length === 0 ? null : judgePolicy(situation, index),
  } as const
  const dropped = index === null ? [] : findHandMade([situation.simulation.settings], index.settings)
  const write: ServerWrite = {
    type: 'reindex',
    series: situation.template.source.series.type === 'streams' ? 'stream' : 'alias',
    name,
    source,
    copy,
    clone: null,
    rate,
    wanted: [],
    besides: new Map(),
    dropped,
    ...settingsOf(situation, source, copy),
  }
  return { change, operation: { write, affected: [source] } }
}

/** Copies what only older indices have into the one that is written to, the newest of them first: of a document that several have, its state is the last one. */
export function planMerges(situation: SeriesSituation, series: ObservedSeries): readonly ElasticsearchChange[] {
  const { name, rate, facts, moves } = situation
  const write = series.writeIndex
  if (write === null) return []
  const isMoving = moves.move !== null && [moves.move.source, moves.move.copy].includes(write.name)
  const move = isMoving ? moves.move : null
  const isFixedNow = compareIndex(situation, write).some(isFixed)
  const next = isFixedNow ? nextName(name, [...series.indices, ...moves.replacements]) : write.name
  const into = move?.copy ?? next
  const older = series.indices.filter((index) => index !== write.name && index !== move?.source && index !== into)
  return older.toReversed().map((source) => ({
    change: {
      resource: { kind: 'index', name: source },
      action: 'replace',
      summary: `copy what only ${source} has into ${into}, and take ${source} out of ${name}: ${describeSize(facts.get(source))}`,
      differences: [],
      loss: null,
    },
    operation: { write: { type: 'merge', name, source, into, rate }, affected: [source] },
  }))
}

/** Settings while the copy is filled, those after it, and the lifecycle, which begins when the alias is there. */
function settingsOf({ template, simulation, facts, observed, now }: SeriesSituation, source: string, copy: string) {
  const { settings } = template.merged
  const isStream = template.source.series.type === 'streams'
  const own = Object.entries(settings).filter(([key]) => isPolicyKey(key))
  const without = Object.fromEntries(own.map(([key]) => [key, null]))
  const isWritten = observed?.writeIndex?.name === source || observed?.writeIndex?.name === copy
  // A data stream has rolled over before.
  const since = isStream && isWritten ? now : facts.get(source)?.since
  const age =
    (isStream || (!isWritten && own.length > 0)) && since !== undefined
      ? {
          ...(own.length > 0 ? { 'index.lifecycle.indexing_complete': true } : {}),
          // The lifecycle of data streams counts from it, too.
          'index.lifecycle.origination_date': since,
        }
      : {}
  const during: JsonObject = { ...filling, ...without }
  return {
    content: isStream ? contentOf(simulation, during) : { settings: during, mappings: {} },
    during,
    after: Object.fromEntries(
      // The server hides what belongs to a data stream.
      Object.keys(filling)
        .filter((key) => !isStream || !(key in hidden))
        .map((key) => [key, settings[key] ?? null]),
    ),
    lifecycle: { ...Object.fromEntries(own), ...age },
  }
}

/** No template makes the copy of a data stream's index: its name must match none that makes data streams. The server adds the mark of data streams itself. */
function contentOf({ settings, mappings }: TemplateContent, during: JsonObject): TemplateContent {
  const { _data_stream_timestamp: _, ...own } = mappings
  const all = { ...mergeSettings([settings]), ...during }
  return { settings: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)), mappings: own }
}

/** What a person should know about documents that move, or that would. */
export function noteReindex(
  changes: readonly ElasticsearchChange[],
  facts: ReadonlyMap<string, IndexFacts>,
  moves: ReadonlyMap<string, ObservedMoves>,
): readonly string[] {
  const written = changes.map(({ operation }) => operation.write)
  const moved = written.filter((write) => write.type === 'reindex')
  const merged = written.filter((write) => write.type === 'merge')
  const rolled = written.flatMap((write) =>
    write.type === 'roll-over' && !moved.some(({ source }) => source === write.from)
      ? [{ ...write, size: facts.get(write.from) }]
      : [],
  )
  return [
    ...rolled.map(
      ({ series, name, from, size }) =>
        `${describeSize(size)} of \`${name}\` would keep the old mapping in \`${from}\`: \`wwdb setup apply --reindex\` moves them into ${series === 'alias' ? 'the new index instead of rolling over' : 'an index with the new one after the rollover'}.`,
    ),
    ...moved.map(
      ({ series, source, copy, clone }) =>
        `Searches and reads of \`${source}\` go on while it is reindexed into \`${copy}\`, and until \`${clone ?? source}\` is removed, the server needs its size twice${clone === null ? '' : ', in the last pass up to three times'}. ${series === 'stream' ? 'Writes by its name (an update by query) are' : 'Writes are'} refused only during the last pass, which copies what was written since the pass before and compares both indices.`,
    ),
    ...moved.flatMap(({ source, copy, clone }) =>
      clone === null
        ? []
        : [
            `\`${source}\` becomes an alias of \`${copy}\`: Elasticsearch gives a name to an index or to an alias, and one request takes it from the one and gives it to the other. The documents that it had are kept in \`${clone}\`, a clone that shares its files where the file system allows it.`,
          ],
    ),
    ...merged.map(
      ({ source, into }) =>
        `Of a document that both have, \`${into}\` has the state that counts. Writes that name \`${source}\` are refused from here on.`,
    ),
    ...moved.flatMap(({ source, copy, dropped }) =>
      dropped.length === 0
        ? []
        : [
            `\`${copy}\` does not get the settings of \`${source}\` that no file declares: ${shortList(dropped)}. Declare those that are needed.`,
          ],
    ),
    ...noteAllKept(moves),
  ]
}
