import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const project = resolve(import.meta.dirname, '../../..')
const read = (file: string): string => readFileSync(join(project, file), 'utf8')

/** Every translation; the index of `docs/zh` has a page of its own and is not one. */
const pages = readdirSync(join(project, 'docs/zh'), { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.md') && name !== 'README.md')

/** The levels of the headings, in their order, and the blocks of code as they are. */
function outline(text: string): { readonly levels: readonly number[]; readonly code: readonly string[] } {
  const code = [...text.matchAll(/^```[\s\S]*?^```$/gm)].map(([block]) => block)
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '')
  return { levels: [...prose.matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length), code }
}

/** The rows of every table, counted: a row that was added to the source is missed otherwise. */
function countRows(text: string): number {
  return text.split('\n').filter((line) => line.startsWith('| ')).length
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)

describe.each(pages)('docs/zh/%s', (page) => {
  const text = read(`docs/zh/${page}`)
  const [, source = '', digest = ''] = /^<!-- Translation of (\S+), as of (\w+) -->\n/.exec(text) ?? []

  test('names its source, and has its headings, its tables and its code', () => {
    expect(source).toBe(`docs/${page}`)
    expect(outline(text)).toEqual(outline(read(source)))
    expect(countRows(text)).toBe(countRows(read(source)))
  })

  test('was read again since its source changed: its first line has the digest of the source', () => {
    expect(digest).toBe(digestOf(read(source)))
  })

  test('is listed in the index', () => {
    expect(read('docs/zh/README.md')).toContain(`(${page})`)
  })
})
