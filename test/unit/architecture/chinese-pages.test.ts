import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const project = resolve(import.meta.dirname, '../../..')
const read = (file: string): string => readFileSync(join(project, file), 'utf8')

/** The pages below a folder, by their paths in it. */
const pagesIn = (folder: string): readonly string[] =>
  readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md'))
    .toSorted()

/** Every translation with its source; the index of `docs/zh` and what `wwdb help` says of pages without one are none. */
const pages: readonly (readonly [page: string, source: string])[] = [
  ['README.zh-CN.md', 'README.md'],
  ...pagesIn('docs/zh')
    .filter((name) => name !== 'README.md' && name !== 'help.md')
    .map((name) => [`docs/zh/${name}`, `docs/${name}`] as const),
]

/** Words that once stood for one of the glossary, and the one that does. */
const otherWords: readonly (readonly [RegExp, string])[] = [
  [/逻辑数据库/, '逻辑库'],
  [/分片(?!数|集群)|碎片/, '分表'],
  [/种子|参照数据/, '基础数据'],
  [/流水表|日记账|日志账/, '日志表'],
  [/偏移(?!之和)|偏差/, '漂移'],
  [/隐患/, '风险'],
  [/压缩迁移|压扁/, '合并'],
  [/草稿库|暂存库/, '临时库'],
  [/轮转|旋转/, '轮换'],
  [/注册表/, '登记表'],
  [/保留状态/, '待删'],
  [/备库/, '从库'],
  [/孤立行|孤立记录/, '孤儿行'],
  [/退出代码|退出状态/, '退出码'],
]

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

test.each(['start', 'guides'])('every page of docs/%s has a Chinese page', (folder) => {
  expect(pagesIn(`docs/zh/${folder}`)).toEqual(pagesIn(`docs/${folder}`))
})

describe.each(pages)('%s', (page, source) => {
  const text = read(page)
  const [, named = '', digest = ''] = /^<!-- Translation of (\S+), as of (\w+) -->\n/.exec(text) ?? []

  test('names its source, and has its headings, its tables and its code', () => {
    expect(named).toBe(source)
    expect(outline(text)).toEqual(outline(read(source)))
    expect(countRows(text)).toBe(countRows(read(source)))
  })

  test('was read again since its source changed: its first line has the digest of the source', () => {
    expect(digest).toBe(digestOf(read(source)))
  })

  test('uses the words of the glossary', () => {
    const used = otherWords.filter(([other]) => other.test(text)).map(([other, word]) => `${other.exec(text)}: ${word}`)
    expect(used).toEqual([])
  })

  test('is listed in the index', () => {
    expect(read('docs/zh/README.md')).toContain(`(${relative('docs/zh', page)})`)
  })
})

test('what lint, doctor and the report say in Chinese uses the words of the glossary', () => {
  const files = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  const used = files.flatMap((name) => {
    const lines = read(`src/${name}`)
      .split('\n')
      .filter((line) => /\p{Script=Han}/u.test(line))
    return otherWords.flatMap(([other, word]) =>
      lines.flatMap((line) => other.exec(line)?.[0] ?? []).map((found) => `${name}: ${found}, for ${word}`),
    )
  })
  expect(used).toEqual([])
})
