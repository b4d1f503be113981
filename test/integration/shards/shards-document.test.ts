import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const document = readFileSync(fileURLToPath(new URL('../../../docs/guides/shards.md', import.meta.url)), 'utf8')

/** A fenced block: its language, what stands behind that, and its text. */
const blocks = [...document.matchAll(/^```(\w+)(?: ([^\n]+))?\n(.*?)^```$/gms)].map(([, language, label, text]) => ({
  language: language ?? '',
  label: label ?? '',
  text: text ?? '',
}))

const stage = withStages()

async function openProject(url: string): Promise<Stage> {
  const files = blocks.filter(({ label }) => label.startsWith('file='))
  const project = await stage({
    url,
    files: Object.fromEntries(files.map(({ label, text }) => [label.slice('file='.length), text])),
  })
  await project.query('CREATE TABLE owners (id BIGINT PRIMARY KEY)')
  await project.query('INSERT INTO owners VALUES (7), (8), (42), (100)')
  expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  return project
}

/** What differs from one run to the next: the schema's name, its server, times. */
function general(text: string, project: Stage): string {
  return text
    .replaceAll(`app in ${project.schema('app')} at`, 'app at')
    .replaceAll(project.schema('app'), 'app')
    .replaceAll(new URL(project.url).host, '127.0.0.1:3306')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '2026-11-24 20:17')
    .replaceAll(/[\d.]+ m?s\.$/gm, '1.8 s.')
}

describe.each(versionsInTurn(import.meta.url))('docs/guides/shards.md on MySQL %s', (version) => {
  it('shows what happens, from its first example to its last', async () => {
    const project = await openProject((await testServerOf(version)).url)
    for (const { language, label, text } of blocks) {
      if (label === 'by-hand') for (const statement of text.split(';\n').filter(Boolean)) await project.query(statement)
      if (language !== 'console') continue
      const [, command = '', output = ''] = /^\$ wwdb ([^\n]+)\n(.*)$/s.exec(text) ?? []
      const { stdout } = await project.run(command.split(' '))
      expect(general(stdout, project), command).toBe(output)
    }
  })
})

it('the page has no untested example', () => {
  expect(document.match(/^```(?!`)/gm)).toHaveLength(2 * blocks.length)
  const kinds = blocks.map(({ language, label }) =>
    label.startsWith('file=') ? 'file' : `${language} ${label}`.trim(),
  )
  expect(new Set(kinds)).toEqual(new Set(['file', 'sql by-hand', 'console', 'sh', 'sql grants']))
})
