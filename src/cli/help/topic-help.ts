import type { Language } from '../../core/language.ts'
import { readPage } from '../../files/documentation.ts'
import { layoutRows, wrapText } from './layout.ts'
import { type Topic, topics } from './topics.ts'

/** A topic with the text of its page, laid out for a terminal. */
export function topicHelp(topic: Topic, width: number, language: Language = 'en'): string {
  return language === 'zh' ? topicInChinese(topic, width) : topicInEnglish(topic, width)
}

/** Translated pages have the same headings in the same order; what other pages say about topics is on a page of its own. */
function topicInChinese({ name, zh, page, headings }: Topic, width: number): string {
  const isTranslated = /^(?:start|guides)\//.test(page)
  const parts = divide(readPage(isTranslated ? `zh/${page}` : 'zh/help.md'))
  const english = isTranslated
    ? divide(readPage(page)).map(({ heading }) => heading)
    : parts.map(({ heading }) => heading)
  const shown = (isTranslated ? headings : [name]).flatMap((heading) => {
    const part = parts[english.indexOf(heading)]
    if (part === undefined) throw new Error(`the Chinese of ${page} has no part "${heading}"`)
    const title = heading === '' || headings.length === 1 || !isTranslated ? [] : ['', `${part.heading}：`]
    return [...title, '', ...layoutPart(part.lines, width)]
  })
  const where = isTranslated ? `docs/zh/${page}` : `docs/${page}`
  const whole = wrapText(`完整页面：wwdb 目录中的 ${where}${isTranslated ? '' : '（英文）'}。`, width)
  return `${[`${name}：${zh}`, ...shown, '', ...whole].join('\n')}\n`
}

function topicInEnglish({ name, summary, page, headings }: Topic, width: number): string {
  const parts = divide(readPage(page))
  const shown = headings.flatMap((heading) => {
    const part = parts.find((one) => one.heading === heading)
    if (part === undefined) throw new Error(`${page} has no heading "${heading}"`)
    const title = heading === '' || headings.length === 1 ? [] : ['', `${heading}:`]
    return [...title, '', ...layoutPart(part.lines, width)]
  })
  const whole = wrapText(`The whole page: docs/${page} in the folder of wwdb.`, width)
  return `${[`${name}: ${summary}`, ...shown, '', ...whole].join('\n')}\n`
}

/** All topics with a line for each: the answer of `wwdb help topics`. */
export function topicList(width: number, language: Language = 'en'): string {
  const rows = topics.map(({ name, summary, zh }) => ({ term: name, text: language === 'zh' ? zh : summary }))
  const [head, foot] =
    language === 'zh'
      ? ['主题：', '`wwdb help TOPIC --language zh` 解释其中一个。']
      : ['Topics:', '`wwdb help TOPIC` explains one.']
  return `${[head, ...layoutRows(rows, width), '', foot].join('\n')}\n`
}

interface Part {
  readonly heading: string
  readonly lines: readonly string[]
}

/**
 * Cuts a page at its headings; a heading inside a block of code does not count, and the title has no section of its
 * own.
 */
function divide(text: string): readonly Part[] {
  const parts: { heading: string; lines: string[] }[] = [{ heading: '', lines: [] }]
  let inCode = false
  for (const line of text.replace(/^(?:<!--.*-->\n\n)?# .*\n/, '').split('\n')) {
    if (line.startsWith('```')) inCode = !inCode
    const heading = inCode ? null : /^#{2,4} (.*)$/.exec(line)
    if (heading === null) parts.at(-1)?.lines.push(line)
    else parts.push({ heading: heading[1] ?? '', lines: [] })
  }
  return parts
}

/** Blocks of Markdown between blank lines: code, tables, lists and paragraphs. */
function layoutPart(lines: readonly string[], width: number): readonly string[] {
  const text = lines.join('\n').trim()
  const blocks = text.match(/^```[\s\S]*?^```$|^(?!```)(?:.+\n?)+/gm) ?? []
  return blocks
    .map((block) => layoutBlock(block.trimEnd(), width))
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index === 0 ? block : ['', ...block]))
}

function layoutBlock(block: string, width: number): readonly string[] {
  if (block.startsWith('```')) {
    const code = block.split('\n').slice(1, -1)
    return code.map((line) => `    ${line}`.trimEnd())
  }
  if (block.startsWith('|')) return layoutTable(block.split('\n').map(readCells), width)
  return divideItems(block).flatMap((item) => layoutItem(item, width))
}

/** A term with its meaning; the text of other columns follows their headings. */
function layoutTable([head = [], , ...cells]: readonly (readonly string[])[], width: number): readonly string[] {
  const rows = cells.map(([term = '', meaning = '', ...others]) => {
    const [colon, semicolon] = /\p{Script=Han}/u.test(meaning) ? ['：', '；'] : [': ', '; ']
    const said = others.map((cell, index) => (cell === '' ? '' : `${head[index + 2] ?? ''}${colon}${cell}`))
    return { term: term.replaceAll('`', ''), text: [meaning, ...said].filter((one) => one !== '').join(semicolon) }
  })
  return layoutRows(rows, width)
}

function readCells(line: string): readonly string[] {
  return line
    .replace(/^\| ?| ?\|$/g, '')
    .split(/ ?(?<!\\)\| ?/)
    .map(plain)
}

/** A paragraph, or the items of a list; a paragraph may end where a list begins. */
function divideItems(block: string): readonly string[] {
  return block.split(/\n(?=\s*(?:- |\d+\. ))/)
}

function layoutItem(item: string, width: number): readonly string[] {
  const [, indent = '', mark = ''] = /^(\s*)(- |\d+\. )?/.exec(item) ?? []
  const text = withoutTests(plain(item.slice(indent.length + mark.length).replaceAll(/\s*\n\s*/g, ' ')))
  if (text === '') return []
  const hanging = indent + ' '.repeat(mark.length)
  return wrapText(text, width - hanging.length).map((line, index) => (index === 0 ? indent + mark : hanging) + line)
}

/** Inline marks that a terminal cannot show; backticks stay, as in all help. */
function plain(text: string): string {
  return text
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('**', '')
    .replaceAll(/(?<![\w`])\*([^*`]+)\*(?!\w)/g, '$1')
    .replaceAll('\\|', '|')
}

/** What a page says about its own examples does not apply here. */
function withoutTests(text: string): string {
  const sentences = text.split(/(?<=\.) (?=[A-Z`])/)
  return sentences.filter((sentence) => !/\bon this page\b/.test(sentence)).join(' ')
}
