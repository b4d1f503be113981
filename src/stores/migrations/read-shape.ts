import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { CodeDirection, CodeShape, CodeShapes, CodeStep, JournalEntry } from './ports.ts'

/** What user code is given in a walk. */
type ChangeDocuments = (documents: readonly unknown[], tools: Readonly<Record<string, unknown>>) => unknown

/** A collection whose documents are changed batch by batch. */
export interface Walk {
  readonly collection: string
  readonly filter: Readonly<Record<string, unknown>>
  /** The most documents of a batch. */
  readonly size: number
  readonly change: ChangeDocuments
}

/** What a file exports for one direction. */
export type CodePart =
  | {
      readonly type: 'function'
      readonly call: (...given: readonly unknown[]) => unknown
      readonly manner: 'transaction' | 'outside'
    }
  | { readonly type: 'walks'; readonly walks: readonly Walk[] }

const usualSize = 500
const largestSize = 10_000

type Exports = Readonly<Record<string, unknown>>

/** Both directions of what a file exports. @throws ToolError MODULE_INCOMPLETE. */
export function readShapes(module: unknown, file: string): CodeShapes {
  return { up: shapeOf(readPart(module, 'up', file)), down: shapeOf(readPart(module, 'down', file)) }
}

function shapeOf(part: CodePart | null): CodeShape | null {
  if (part === null) return null
  if (part.type === 'function') return { manner: part.manner, collections: [] }
  return { manner: 'batches', collections: part.walks.map(({ collection }) => collection) }
}

/** What the file exports for a direction; null where it exports nothing. @throws ToolError MODULE_INCOMPLETE. */
export function readPart(module: unknown, direction: CodeDirection, file: string): CodePart | null {
  const exported = findExports(module)
  const found = exported[direction]
  if (found === undefined || found === null) {
    if (direction === 'down') return null
    throw incomplete(file, 'The file exports no `up`.')
  }
  const { transaction } = exported
  if (transaction !== undefined && typeof transaction !== 'boolean')
    throw incomplete(file, '`transaction` is not true or false.')
  if (typeof found === 'function') {
    return {
      type: 'function',
      call: (...given) => found(...given),
      manner: transaction === false ? 'outside' : 'transaction',
    }
  }
  const list: readonly unknown[] = Array.isArray(found) ? found : [found]
  return { type: 'walks', walks: list.map((one) => readWalk(one, direction, file)) }
}

/** A walk that has passed documents goes on as the same walk, or its place would be taken for that of another one. Pure. */
export function findMisfit({ migration, shape }: CodeStep, entry: JournalEntry | null): readonly Fault[] {
  if (entry?.state !== 'open' || entry.collections === null || entry.documents === 0) return []
  const begun = entry.collections.join(', ')
  if (shape.manner === 'batches' && shape.collections.join(', ') === begun) return []
  return [
    {
      what: `${migration.version} was begun as a walk of ${begun}, and its file exports something else now.`,
      where: { file: migration.file },
      why: `It has changed ${entry.documents} documents there, and its position there does not apply to the other.`,
      next: `Export a walk of ${begun} again (its \`change\` may be corrected), and write what else is to be done as a new migration.`,
    },
  ]
}

/** Named exports, or the properties of the default export: of a CommonJS module Node finds only some of the names. */
function findExports(module: unknown): Exports {
  if (!isRecord(module)) return {}
  const inner = module['default']
  if (!isRecord(inner) || inner === module) return module
  return inner['up'] === undefined && module['up'] !== undefined ? module : findExports(inner)
}

function readWalk(given: unknown, direction: CodeDirection, file: string): Walk {
  const walk: Exports = isRecord(given) ? given : {}
  const { collection, filter = {}, size = usualSize, change } = walk
  if (typeof collection !== 'string' || collection === '' || typeof change !== 'function')
    throw incomplete(file, `\`${direction}\` is neither a function nor has a \`collection\` and a \`change\`.`)
  if (!isRecord(filter)) throw incomplete(file, `The \`filter\` of \`${direction}\` is not an object.`)
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > largestSize)
    throw incomplete(file, `The \`size\` of \`${direction}\` is not an integer from 1 to ${largestSize}.`)
  return { collection, filter, size, change: (documents, tools) => change(documents, tools) }
}

function isRecord(value: unknown): value is Exports {
  return typeof value === 'object' && value !== null
}

function incomplete(file: string, what: string): ToolError {
  return new ToolError('MODULE_INCOMPLETE', {
    what,
    where: { file },
    next: 'Export `up`: a function, `export async function up(db) { ... }`, or a walk, `export const up = { collection, filter, change }`.',
  })
}
