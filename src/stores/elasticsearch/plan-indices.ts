import { ToolError } from '../../core/tool-error.ts'
import { type SaidFinding, toFixedFinding } from '../find-drift.ts'
import type { StoreDifference, StoreResource } from '../store-plan.ts'
import { type ElasticsearchChange, harmless } from './apply.ts'
import type { Desired } from './bodies.ts'
import { compareIndex, type IndexDifference } from './compare-indices.ts'
import { mergeSettings } from './compare-trees.ts'
import type { IndexDeclaration, TemplateContent } from './declaration.ts'
import type { ObservedIndices } from './index-ports.ts'
import { shortList, shortPaths, withoutKind } from './series-situation.ts'

/** An index that nothing rolls over, and what the server would make of its content. */
export interface DesiredIndex extends Desired<IndexDeclaration> {
  readonly content: TemplateContent
}

interface IndexPlan {
  readonly resource: StoreResource
  readonly changes: readonly ElasticsearchChange[]
}

/** An index that only its documents' move would bring to its declaration. */
export interface FixedIndex {
  readonly name: string
  readonly differences: readonly StoreDifference[]
  /** The differences that need it, shortened. */
  readonly fixed: string
}

/** Creates the index, or changes it in place. What cannot be changed there is left to {@link findFixed}. */
export function planIndex(index: DesiredIndex, { indices }: ObservedIndices): IndexPlan {
  const { name, body } = index
  const resource = { kind: 'index', name }
  const observed = indices.get(name)
  if (observed === undefined) {
    const change = { resource, action: 'create', summary: `create index ${name}`, differences: [] } as const
    return { resource, changes: [harmless(change, { type: 'create-plain-index', name, body })] }
  }
  const differences = compareContent(index, observed)
  if (differences.some(({ kind }) => kind === 'fixed')) return { resource, changes: [] }
  return { resource, changes: changeInPlace(index, differences) }
}

function changeInPlace(
  { name, source }: DesiredIndex,
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
  const make = (summary: string, of: readonly IndexDifference[]) =>
    ({ resource, action: 'update', summary, differences: of.map(withoutKind) }) as const
  return [
    ...(mappings.length === 0
      ? []
      : [
          harmless(make(`change the mappings of ${name}: ${shortList(paths)}`, mappings), {
            type: 'put-mapping',
            index: name,
            body: source.mappings,
          }),
        ]),
    ...(settings.length === 0
      ? []
      : [
          harmless(make(`change settings of ${name}: ${shortList(texts)}`, settings), {
            type: 'put-settings',
            index: name,
            body: values,
            changesPolicy: false,
          }),
        ]),
  ]
}

function compareContent(
  { source: { settings, mappings }, content }: DesiredIndex,
  observed: TemplateContent,
): readonly IndexDifference[] {
  return compareIndex({ template: { merged: { settings, mappings } }, simulation: content }, observed)
}

/** Indices with a difference that no change in place can remove. */
export function findFixed(indices: readonly DesiredIndex[], observed: ObservedIndices): readonly FixedIndex[] {
  return indices.flatMap((index) => {
    const found = observed.indices.get(index.name)
    const differences = found === undefined ? [] : compareContent(index, found)
    const fixed = differences.filter(({ kind }) => kind === 'fixed')
    if (fixed.length === 0) return []
    return [{ name: index.name, differences: differences.map(withoutKind), fixed: shortPaths(fixed) }]
  })
}

const howToMove =
  'Declare an index with another name and the new content, apply it, copy the documents with `POST _reindex`, and then let the alias lead to it. Or take the change back.'

/** @throws ToolError STORE_REFUSED, before anything is written. */
export function refuseFixed(fixed: readonly FixedIndex[], server: string): void {
  if (fixed.length === 0) return
  throw new ToolError(
    'STORE_REFUSED',
    fixed.map(({ name, fixed: paths }) => ({
      what: `Index \`${name}\` cannot become what is declared: ${paths} cannot be changed in an index that exists.`,
      where: { server },
      why: 'Its documents would have to move into a new index.',
      next: howToMove,
    })),
  )
}

/** The same for a comparison. */
export function noteFixed(fixed: readonly FixedIndex[], server: string): readonly SaidFinding[] {
  return fixed.map(({ name, differences, fixed: paths }) =>
    toFixedFinding({ store: 'elasticsearch', server }, { kind: 'index', name }, differences, {
      why: {
        en: `${paths} cannot be changed in an index that exists.`,
        zh: `已存在的索引不能更改 ${paths}。`,
      },
      next: {
        en: howToMove,
        zh: '请用另一个名称和新的内容声明一个索引，执行 apply，用 `POST _reindex` 复制文档，再让别名指向它；或者撤回这一更改。',
      },
    }),
  )
}
