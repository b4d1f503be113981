import type { ElasticsearchChange } from './apply.ts'
import { digestContent } from './bodies.ts'
import type { IndexDifference } from './compare-indices.ts'
import { flattenSettings, mergeSettings } from './compare-trees.ts'
import type { JsonObject, TemplateContent } from './declaration.ts'
import type { ObservedIndex } from './index-ports.ts'
import { keepHandMade } from './keep-hand-made.ts'
import { describeSize, planKept } from './plan-kept.ts'
import { continueMove, filling, freeName, isFixed } from './plan-reindex.ts'
import type { ObservedMoves, ServerWrite } from './ports.ts'
import type { WantedMove } from './reindex-ports.ts'
import { policyKey, type SeriesSituation, shortPaths, withoutKind } from './series-situation.ts'

/** What planning knows about one index that nothing rolls over. */
export interface IndexSituation
  extends Pick<SeriesSituation, 'moves' | 'facts' | 'now' | 'reindex' | 'rate' | 'prune'> {
  readonly name: string
  /** As it is declared, and as the server would make it. */
  readonly declared: TemplateContent
  readonly content: TemplateContent
  /** The index that has the name, or that it leads to. */
  readonly found: ObservedIndex
  /** Names of the other declared indices. */
  readonly others: readonly string[]
}

export interface IndexMoves {
  readonly changes: readonly ElasticsearchChange[]
  /** Whether they bring the index to its declaration, so that nothing else is to be changed in it. */
  readonly settled: boolean
}

/** A reindex of an index, begun or asked for, and the removal of what was kept of earlier ones. */
export function planIndexMoves(situation: IndexSituation, differences: readonly IndexDifference[]): IndexMoves {
  const { name, declared, content, found, moves, facts } = situation
  const desired = { name, facts, template: { merged: declared }, simulation: content }
  const { changes, settled } = continueMove(
    { ...desired, again: (move, left) => moveIndex(situation, move, left) },
    { indices: [found.name], writeIndex: found },
    moves,
  )
  const kept = planKept({ ...situation, indices: [found.name] })
  if (settled) return { changes: [...changes, ...kept], settled }
  const isMoved = isAskedFor(situation) && differences.some(isFixed)
  const moved = isMoved ? [moveIndex(situation, chooseNames(situation), differences)] : []
  return { changes: [...changes, ...moved, ...kept], settled: isMoved }
}

function isAskedFor({ reindex, moves, declared, found }: IndexSituation): boolean {
  const form = digestContent(declared)
  return reindex || moves.wanted.some((one) => one.index === found.name && one.form === form)
}

type Names = Pick<Extract<ServerWrite, { readonly type: 'reindex' }>, 'source' | 'copy' | 'clone'>

/** The source goes where its name becomes an alias: a clone of it is kept. Later on, the name is one already. */
function chooseNames({ name, found, moves, others }: IndexSituation): Names {
  const taken = [found.name, ...others, ...moves.replacements, ...moves.kept.map(({ index }) => index)]
  return {
    source: found.name,
    copy: freeName(`${name}-reindexed`, taken),
    clone: found.name === name ? freeName(`${name}-replaced`, taken) : null,
  }
}

function moveIndex(
  situation: IndexSituation,
  { source, copy, clone }: Names,
  differences: readonly IndexDifference[],
): ElasticsearchChange {
  const { name, facts, rate } = situation
  const fixed = shortPaths(differences.filter(isFixed))
  const why = differences.length === 0 ? '' : `, because ${fixed} cannot be changed in place`
  const then = clone === null ? `to which ${name} then leads` : `of which ${source} then is an alias`
  const change = {
    resource: { kind: 'index', name },
    action: 'replace',
    summary: `reindex ${source} into ${copy}, ${then}: ${describeSize(facts.get(source))}${why}`,
    differences: differences.map(withoutKind),
  } as const
  return {
    change: { ...change, loss: null },
    operation: {
      write: {
        type: 'reindex',
        series: 'index',
        name,
        source,
        copy,
        clone,
        rate,
        wanted: [],
        besides: new Map(),
        ...settingsOf(situation, source),
      },
      affected: [source],
    },
  }
}

/** Settings while the copy is filled, and those after it. A lifecycle that somebody gave the index goes on with its age. */
function settingsOf({ declared, content, found, facts }: IndexSituation, source: string) {
  const isThere = found.name === source
  const { content: kept, dropped } = keepHandMade(declared, content, isThere ? found : content)
  const own = Object.entries(kept.settings).filter(([key, value]) => value !== null && !isBlock(key))
  const blocks = Object.entries(mergeSettings([declared.settings])).filter(([key]) => isBlock(key))
  const lifecycle = [...flattenSettings(isThere ? found.settings : {})].filter(
    ([key, value]) => key.startsWith('index.lifecycle.') && value !== 'null',
  )
  const follows = lifecycle.some(([key]) => key === policyKey)
  const since = facts.get(source)?.since
  const age: JsonObject = follows && since !== undefined ? { 'index.lifecycle.origination_date': since } : {}
  return {
    content: { settings: { ...Object.fromEntries(own), ...filling }, mappings: kept.mappings },
    during: filling,
    after: Object.fromEntries(Object.keys(filling).map((key) => [key, kept.settings[key] ?? null])),
    // Other blocks than that of writes would refuse what is still to be done.
    lifecycle: { ...age, ...Object.fromEntries(lifecycle), ...Object.fromEntries(blocks) },
    dropped,
  }
}

/** A copy with a block could not be filled. */
function isBlock(key: string): boolean {
  return key.startsWith('index.blocks.')
}

/** With the first of them, all that move: a run that is killed between two leaves the others to the next one. */
export function noteBesides(
  indices: readonly {
    readonly name: string
    readonly declared: TemplateContent
    readonly changes: readonly ElasticsearchChange[]
  }[],
): ReadonlyMap<string, WantedMove> {
  return new Map(
    indices.flatMap(({ name, declared, changes }) =>
      changes.flatMap(({ operation: { write } }) =>
        write.type === 'reindex' ? [[name, { index: write.source, form: digestContent(declared) }] as const] : [],
      ),
    ),
  )
}

/** No reindex is under way, and none is over. */
export const noMovesYet: ObservedMoves = {
  move: null,
  kept: [],
  wanted: [],
  sourceIndex: null,
  copyIndex: null,
  replacements: [],
}
