import type { InBoth } from '../../core/in-both.ts'
import { ToolError } from '../../core/tool-error.ts'
import { judgeAdditions } from '../find-additions.ts'
import { type SaidFinding, toFixedFinding } from '../find-drift.ts'
import type { StoreDifference, StoreResource } from '../store-plan.ts'
import { type ElasticsearchChange, harmless } from './apply.ts'
import type { Desired } from './bodies.ts'
import { matches } from './check-names.ts'
import { additionsOf, compareIndex, type IndexDifference } from './compare-indices.ts'
import { flattenSettings, mergeSettings } from './compare-trees.ts'
import { explainUncopyable } from './copyable.ts'
import type { IndexDeclaration, IndexTemplate, TemplateContent } from './declaration.ts'
import type { ObservedIndex, ObservedIndices } from './index-ports.ts'
import { isClosed } from './judge-indices.ts'
import { type IndexSituation, planIndexMoves } from './plan-index-moves.ts'
import { isFixed } from './plan-reindex.ts'
import { shortList, shortPaths, withoutKind } from './series-situation.ts'

/** An index that nothing rolls over, and what the server would make of its content. */
export interface DesiredIndex extends Desired<IndexDeclaration> {
  readonly content: TemplateContent
}

export interface IndexPlan {
  readonly resource: StoreResource
  readonly changes: readonly ElasticsearchChange[]
  /** What the changes leave as it is; null for nothing. */
  readonly fixed: FixedIndex | null
}

/** An index that only its documents' move would bring to its declaration. */
export interface FixedIndex {
  readonly name: string
  readonly differences: readonly StoreDifference[]
  /** The differences that need it, shortened. */
  readonly fixed: string
  /** Why its documents cannot be copied, as a sentence; null where they can. */
  readonly uncopyable: string | null
  /** A block under which the server refuses the steps of a move; null for none. */
  readonly block: string | null
}

interface Surroundings extends Omit<IndexSituation, 'name' | 'declared' | 'content' | 'found'> {
  /** All that are declared. */
  readonly templates: readonly Pick<IndexTemplate, 'name' | 'series' | 'patterns'>[]
}

/** Creates the index, changes it in place, or moves its documents into a new one. What cannot be done is left as `fixed`. */
export function planIndex(index: DesiredIndex, { indices }: ObservedIndices, around: Surroundings): IndexPlan {
  const { name, body, source, content } = index
  const resource = { kind: 'index', name }
  const found = indices.get(name)
  if (found === undefined) {
    const change = { resource, action: 'create', summary: `create index ${name}`, differences: [] } as const
    return { resource, changes: [harmless(change, { type: 'create-plain-index', name, body })], fixed: null }
  }
  const differences = compareContent(index, found)
  const uncopyable = isClosed(found)
    ? 'It is closed.'
    : (explainUncopyable(found, content) ?? explainStreams(name, around.templates))
  const block = findBlock(found)
  const reindex = around.reindex && uncopyable === null && block === null
  const { changes, settled } = planIndexMoves(
    { ...around, name, declared: source, content, found, reindex },
    differences,
  )
  if (settled) return { resource, changes, fixed: null }
  const fixed = differences.filter(isFixed)
  if (fixed.length === 0)
    return { resource, changes: [...changeInPlace(index, found, differences), ...changes], fixed: null }
  const left = { name, differences: differences.map(withoutKind), fixed: shortPaths(fixed), uncopyable, block }
  return { resource, changes, fixed: left }
}

/** The server would refuse to make its copy, each time. */
function explainStreams(name: string, templates: Surroundings['templates']): string | null {
  const copy = `${name}-reindexed`
  const found = templates.find(
    ({ series, patterns }) => series.type === 'streams' && patterns.some((pattern) => matches(pattern, copy)),
  )
  return found === undefined
    ? null
    : `Its copy would be \`${copy}\`, a name of which index template \`${found.name}\` makes data streams: narrow its \`index_patterns\`.`
}

function changeInPlace(
  { name, source }: DesiredIndex,
  { name: index }: ObservedIndex,
  differences: readonly IndexDifference[],
): readonly ElasticsearchChange[] {
  const resource = { kind: 'index', name }
  const isMapping = ({ path }: IndexDifference): boolean => path.startsWith('mappings.')
  const [mappings, settings] = [differences.filter(isMapping), differences.filter((one) => !isMapping(one))]
  const paths = mappings.map(({ path }) => path.replace(/^mappings\.(properties\.)?/, ''))
  const declared = mergeSettings([source.settings])
  const values = Object.fromEntries(
    settings.map(({ path }) => path.replace(/^settings\./, '')).map((key) => [key, declared[key]]),
  )
  const texts = Object.entries(values).map(([key, value]) => `${key} to ${String(value)}`)
  const make = (
    summary: string,
    of: readonly IndexDifference[],
    write: ElasticsearchChange['operation']['write'],
  ): readonly ElasticsearchChange[] => {
    if (of.length === 0) return []
    const loss = judgeAdditions(additionsOf(of))
    const change = { resource, action: 'update', summary, differences: of.map(withoutKind), loss } as const
    return [{ change, operation: { write, affected: [] } }]
  }
  return [
    ...make(`change the mappings of ${name}: ${shortList(paths)}`, mappings, {
      type: 'put-mapping',
      index,
      body: source.mappings,
    }),
    ...make(`change settings of ${name}: ${shortList(texts)}`, settings, {
      type: 'put-settings',
      index,
      body: values,
      changesPolicy: false,
    }),
  ]
}

function compareContent(
  { source: { settings, mappings }, content }: DesiredIndex,
  observed: TemplateContent,
): readonly IndexDifference[] {
  return compareIndex({ template: { merged: { settings, mappings } }, simulation: content }, observed)
}

/** A block of writes alone goes with the documents; under the others, the server refuses to block, to read or to clone. */
const others = ['read_only', 'read_only_allow_delete', 'read'].map((block) => `index.blocks.${block}`)

function findBlock({ settings }: ObservedIndex): string | null {
  const found = flattenSettings(settings)
  return others.find((key) => found.get(key) === 'true') ?? null
}

function howToMove({ name, uncopyable, block }: FixedIndex): InBoth {
  if (uncopyable === null && block !== null)
    return {
      en: `Lift \`${block}\` first, under which its documents cannot move: \`PUT /${name}/_settings\` with \`{"${block}": null}\`. Then run \`wwdb setup apply --reindex\`. Or take the change back.`,
      zh: `请先解除 \`${block}\`（有它时无法移动文档）：用 \`{"${block}": null}\` 发送 \`PUT /${name}/_settings\`，然后执行 \`wwdb setup apply --reindex\`；或者撤回这一更改。`,
    }
  if (uncopyable === null)
    return {
      en: 'Run `wwdb setup apply --reindex`, which moves its documents into a new index. Or take the change back.',
      zh: '请执行 `wwdb setup apply --reindex`，它把文档移入新索引；或者撤回这一更改。',
    }
  return {
    en: `${uncopyable} Open it with \`POST /${name}/_open\` if it is closed. Else declare an index with another name and the new content, write its documents again from where they come from, and let the alias lead to it. Or take the change back.`,
    zh: `${uncopyable} 若它已关闭，请用 \`POST /${name}/_open\` 打开它；否则请用另一个名称和新的内容声明一个索引，从来源重新写入文档，再让别名指向它；或者撤回这一更改。`,
  }
}

/** @throws ToolError STORE_REFUSED, before anything is written. */
export function refuseFixed(fixed: readonly FixedIndex[], server: string): void {
  if (fixed.length === 0) return
  throw new ToolError(
    'STORE_REFUSED',
    fixed.map((index) => ({
      what: `Index \`${index.name}\` cannot become what is declared: ${index.fixed} cannot be changed in an index that exists.`,
      where: { server },
      why: 'Its documents would have to move into a new index.',
      next: howToMove(index).en,
    })),
  )
}

/** The same for a comparison. */
export function noteFixed(fixed: readonly FixedIndex[], server: string): readonly SaidFinding[] {
  return fixed.map((index) =>
    toFixedFinding({ store: 'elasticsearch', server }, { kind: 'index', name: index.name }, index.differences, {
      why: {
        en: `${index.fixed} cannot be changed in an index that exists.`,
        zh: `已存在的索引不能更改 ${index.fixed}。`,
      },
      next: howToMove(index),
    }),
  )
}
