import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { command as help } from '../../../src/cli/commands/help.ts'
import { argumentChoices } from '../../../src/cli/completion/vocabulary.ts'
import { topicHelp, topicList } from '../../../src/cli/help/topic-help.ts'
import { topicNames, topics } from '../../../src/cli/help/topics.ts'
import { commandEntries, findCommand } from '../../../src/cli/registry.ts'
import { readPage } from '../../../src/files/documentation.ts'
import { offlineContext } from '../../helpers/tool/offline-context.ts'

async function answerTo(...command: readonly string[]): Promise<string> {
  const { result } = await help.run({ command }, offlineContext('/'))
  return result.content
}

describe.each(topics)('the topic $name', (topic) => {
  const text = topicHelp(topic, 80)

  test('is short, and has words of its page', () => {
    const lines = text.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(5)
    expect(lines.length).toBeLessThanOrEqual(75)
    const body = lines
      .slice(1, -1)
      .join(' ')
      .replace(/The whole page: .*/, '')
    const page = readPage(topic.page)
    expect((body.match(/[A-Za-z]{3,}/g) ?? []).filter((word) => !page.includes(word))).toEqual([])
  })

  test('has no marks of Markdown, and no line wider than the terminal but of code', () => {
    expect(text).not.toMatch(/\]\(|\*\*|^#|^\||```|\n\n\n| \n/m)
    expect(text.split('\n').filter((line) => line.length > 80 && !line.startsWith('    '))).toEqual([])
  })
})

/** The columns that a line takes: letters and signs of Chinese take two. */
const columnsOf = (line: string): number => line.length + (line.match(/[\u2e80-\u9fff\uff00-\uff60]/g)?.length ?? 0)

describe.each(topics)('the topic $name in Chinese', (topic) => {
  const text = topicHelp(topic, 80, 'zh')

  test('has no marks of Markdown, and no line wider than the terminal but of code', () => {
    expect(text).toContain(`${topic.name}：${topic.zh}`)
    expect(text).toMatch(/完整页面：/)
    expect(text).not.toMatch(/\]\(|\*\*|^#|^\||```|<!--|\n\n\n| \n/m)
    expect(text.split('\n').filter((line) => columnsOf(line) > 80 && !line.startsWith('    '))).toEqual([])
    expect(text.split('\n').filter((line) => /^\s*[，。；：、）]|（$/.test(line))).toEqual([])
  })

  test('has the names that the English has', () => {
    // The events of `json` are on the English page alone.
    const named = (words: string): ReadonlySet<string> => new Set(words.match(/`[^`\n]+`/g))
    const english = named(topicHelp(topic, 1000))
    const missing = [...english].filter((name) => !named(topicHelp(topic, 1000, 'zh')).has(name))
    expect(missing.length, missing.join(' ')).toBeLessThanOrEqual(topic.name === 'json' ? 30 : english.size / 5)
  })
})

test('the Chinese of pages without a translation was read again since the English changed: its first line has the digest', () => {
  const english = topics.filter(({ page }) => page.startsWith('reference/')).map((topic) => topicHelp(topic, 80))
  const digest = createHash('sha256').update(english.join('\n')).digest('hex').slice(0, 12)
  expect(readPage('zh/help.md').split('\n')[0]).toBe(`<!-- Of the topics that are English pages, as of ${digest} -->`)
})

test('a table is laid out as terms and their meanings', async () => {
  const text = await answerTo('exit-codes')
  expect(text).toMatch(/^ {2}75 +another run holds the lock, or heavy work waits; retry later$/m)
})

test('help lists the topics, and explains each', async () => {
  const whole = await answerTo()
  const list = await answerTo('topics')
  expect(list).toBe(topicList(100))
  for (const { name, summary } of topics) {
    expect(whole).toMatch(new RegExp(`Topics: [\\s\\S]*\\b${name}\\b`))
    expect(list).toMatch(new RegExp(`^ {2}${name} +${summary}$`, 'm'))
  }
})

test('a topic that is called like commands comes after these', async () => {
  const text = await answerTo('shards')
  expect(text).toMatch(/^wwdb shards: [\s\S]*shards check [\s\S]*^shards: families of identical tables$/m)
})

test('no topic has the name of a command that is no family', () => {
  expect(topicNames.filter((name) => findCommand(name) !== undefined)).toEqual([])
  expect(new Set(topicNames).size).toBe(topicNames.length)
})

test.each([
  ['hazrds', 'wwdb help hazards'],
  ['exit-code', 'wwdb help exit-codes'],
  ['migrat', 'wwdb help migrate'],
])('help %s suggests what is spelled alike', async (typed, suggestion) => {
  await expect(answerTo(typed)).rejects.toMatchObject({
    code: 'USAGE',
    faults: [
      { what: `There is neither a command nor a topic \`${typed}\`.`, next: expect.stringContaining(suggestion) },
    ],
  })
})

test('completion offers the topics after help', () => {
  const entry = commandEntries.find(({ name }) => name === 'help')
  expect(entry === undefined ? [] : argumentChoices(entry)).toEqual(expect.arrayContaining(['topics', ...topicNames]))
})
