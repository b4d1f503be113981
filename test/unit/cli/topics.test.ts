import { describe, expect, test } from 'vitest'
import { command as help } from '../../../src/cli/commands/help.ts'
import { argumentChoices } from '../../../src/cli/completion/vocabulary.ts'
import { topicHelp, topicList } from '../../../src/cli/help/topic-help.ts'
import { topicNames, topics } from '../../../src/cli/help/topics.ts'
import { commandEntries, findCommand } from '../../../src/cli/registry.ts'
import { readPage } from '../../../src/files/documentation.ts'
import { offlineContext } from '../../helpers/offline-context.ts'

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

test('a table is laid out as terms and their meanings', async () => {
  const text = await answerTo('exit-codes')
  expect(text).toMatch(/^ {2}75 +the lock is held by another run; try again later$/m)
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
  expect(text).toMatch(/^wwdb shards: [\s\S]*shards check [\s\S]*^shards: tables that exist many times$/m)
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
