// An example of every answer of --json in docs/reference/output.md, from the samples that the reporters are tested with.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const page = 'docs/reference/output.md'
const begin = '<!-- Made by `npm run generate` from the samples of test/unit/terminal: answers -->'
const end = '<!-- End of answers -->'

/** As wide as a line of an example may be before it is broken. */
const width = 118

export async function answerExamples(root, jiti) {
  const { everyResult } = await jiti.import(join(root, 'test/unit/terminal/samples.ts'))
  const { toPlanDocument } = await jiti.import(join(root, 'src/migrations/plan-document.ts'))
  const { toResultBody } = await jiti.import(join(root, 'src/terminal/json/wire.ts'))
  const meanings = await readMeanings(root)
  const samples = new Map()
  for (const result of everyResult) if (!samples.has(result.kind)) samples.set(result.kind, result)
  const sections = [...samples]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([kind, result]) => {
      const answer = toResultBody(result, toPlanDocument)
      const example = layout(shorten(JSON.parse(JSON.stringify(answer))), '')
      const meaning = meanings.get(kind)
      if (meaning === undefined) throw new Error(`no interface of the kind ${kind} has a comment`)
      return `#### ${kind}\n\n${meaning} [Its schema](../../schemas/${kind}-result.schema.json).\n\n\`\`\`json\n${example}\n\`\`\``
    })
  const text = await readFile(join(root, page), 'utf8')
  const [before, , after] = text.split(new RegExp(`(?<=${begin})([\\s\\S]*?)(?=${end})`))
  if (after === undefined) throw new Error(`${page} has no place for the answers`)
  const kinds = [...samples.keys()]
    .toSorted()
    .map((kind) => `\`${kind}\``)
    .join(', ')
  const listed = before.replace(
    /(?<=^\| `KIND-result\.schema\.json` \| the answer of one kind: ).*(?= \|$)/m,
    () => kinds,
  )
  return new Map([[page, `${listed}\n\n${sections.join('\n\n')}\n\n${after}`]])
}

/** The first paragraph of the comment above each interface that has a kind. */
async function readMeanings(root) {
  const files = await readdir(join(root, 'src'), { recursive: true })
  const meanings = new Map()
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const text = await readFile(join(root, 'src', file), 'utf8')
    const found = text.matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n(?:export )?interface \w+[^{]*\{\n(?: *\/\*\*.*\n)? *readonly kind: '([\w-]+)'\n/g,
    )
    for (const [, comment, kind] of found) meanings.set(kind, paragraphOf(comment))
  }
  return meanings
}

function paragraphOf(comment) {
  const text = comment.replaceAll(/^ *\*? ?/gm, '').trim()
  const [first = ''] = text.split(/\n\n|\n@|\n- /)
  return first.replaceAll('\n', ' ').replace(/([^.])$/, '$1.')
}

/** One element of every list is enough to see its form. */
function shorten(value) {
  if (Array.isArray(value)) return value.slice(0, 1).map(shorten)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shorten(one)]))
}

/** What fits stays on one line. */
function layout(value, indent) {
  const line = spaced(value)
  if (typeof value !== 'object' || value === null || indent.length + line.length <= width) return line
  const inner = `${indent}  `
  const parts = Array.isArray(value)
    ? value.map((one) => inner + layout(one, inner))
    : Object.entries(value).map(([key, one]) => `${inner}${JSON.stringify(key)}: ${layout(one, inner)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return `${open}\n${parts.join(',\n')}\n${indent}${close}`
}

function spaced(value) {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const parts = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${spaced(one)}`)
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}
