// The list of all answers, from the views: each `src/<capability>/commands/*-view.ts` has the type of its answer and how it looks to people.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

const head = '// Made by `npm run generate` from the views of the answers; a test compares it. Do not edit it.'

/** Every view: its file, its name, and the type and the kind of its answer. */
function findViews(root) {
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => /-view\.ts$/.test(name)).toSorted()
  return files.flatMap((file) => {
    const text = readFileSync(join(root, 'src', file), 'utf8')
    return [...text.matchAll(/^export const (\w+): View<(\w+)>/gm)].map(([, view, type]) => {
      const kind = new RegExp(`^export interface ${type} \\{\\s+readonly kind: '([^']+)'`, 'm').exec(text)?.[1]
      if (kind === undefined)
        throw new Error(`src/${file} has a view of ${type}, and no interface ${type} that begins with its kind.`)
      return { file, view, type, kind }
    })
  })
}

/** The table of the views of all answers: a text by its path. */
export function answersText(root) {
  const views = findViews(root)
  const doubled = views.find(({ kind, type }, index) =>
    views.slice(0, index).some((other) => other.kind === kind || other.type === type),
  )
  if (doubled !== undefined) throw new Error(`src/${doubled.file}: ${doubled.type} (${doubled.kind}) is there twice.`)
  return new Map([['src/cli/views.generated.ts', writeTable(views)]])
}

function writeTable(views) {
  const lines = views.map(({ file, view, kind }) => {
    const key = /^\w+$/.test(kind) ? kind : `'${kind}'`
    return `  ${key}: async () => (await import('${pathFrom('cli', file)}')).${view},`
  })
  return `${head}
import type { Result } from '../command/result.ts'
import type { View } from '../terminal/view.ts'

/** How the answer of each kind looks to people, loaded when a person reads one. */
const views = {
${lines.join('\n')}
}

/** The view of an answer; null for one that is printed as it is. */
export async function loadView<Answer extends Result>({ kind }: Answer): Promise<View<Answer> | null> {
  if (kind === 'document' || kind === 'program') return null
  // The table has the view of a kind under that kind.
  return (views[kind] as () => Promise<View<Answer>>)()
}
`
}

function pathFrom(room, file) {
  const path = posix.relative(room, file)
  return path.startsWith('.') ? path : `./${path}`
}
