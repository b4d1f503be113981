import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, test } from 'vitest'
import { noOptions } from '../../../src/stores/contract.ts'
import { readDeclarationDocument, readDeclarations } from '../../../src/stores/declare/read-declarations.ts'
import type { Declaration } from '../../../src/stores/elasticsearch/declaration.ts'
import { readDeclaration } from '../../../src/stores/elasticsearch/schema.ts'
import { applyAll, withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { openImportProject } from '../../helpers/stores/import-project.ts'

const document = readFileSync(new URL('../../../docs/guides/elasticsearch.md', import.meta.url), 'utf8')
const blocks = new Map(
  [...document.matchAll(/^```\w+ (\w+)\n(.*?)^```$/gms)].map(([, label = '', text = '']) => [label, text]),
)
const folder = mkdtempSync(join(tmpdir(), 'wwdb-document-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function textOf(label: string): string {
  const text = blocks.get(label)
  if (text === undefined) throw new Error(`the page has no block ${label}`)
  return text.trimEnd()
}

/** The cells of a table's rows that begin with a word in backquotes, which comes first. */
function rowsOf(heading: string): readonly (readonly string[])[] {
  const part = document.split(`## ${heading}\n`)[1]?.split(/^## /m)[0] ?? ''
  return [...part.matchAll(/^\| `(\w[\w-]*)` \| (.*) \|$/gm)].map(([, first = '', rest = '']) => [
    first,
    ...rest.split(' | '),
  ])
}

test('every fenced block of the page is an example that is tested', () => {
  const reindex = ['changed', 'kept', 'moved', 'after']
  expect([...blocks.keys()]).toEqual([
    'config',
    'declaration',
    'plan',
    'note',
    'indices',
    'made',
    ...reindex,
    'snapshots',
    'taken',
    'synonyms',
    'written',
    'access',
    'users',
    'passwordless',
  ])
  expect(document.match(/^```/gm)).toHaveLength(2 * blocks.size)
})

test('every code that can be allowed is documented', () => {
  const source = new URL('../../../src/stores/elasticsearch/', import.meta.url)
  const text = readdirSync(source)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(new URL(name, source), 'utf8'))
    .join('')
  const own = [...text.matchAll(/\bcode: '([a-z-]+)'/g)].map(([, code = '']) => code)
  // Of any store.
  const codes = [...own, 'removed-additions', 'removed-for-good']
  expect(
    rowsOf('What needs a flag')
      .map(([code]) => code)
      .toSorted(),
  ).toEqual([...new Set(codes)].toSorted())
})

describe.runIf(isAvailable('elasticsearch'))('the page about Elasticsearch', () => {
  const stage = withElasticsearch()

  it('shows the plan of its declaration, which then holds', async () => {
    writeFileSync(join(folder, 'a.yaml'), textOf('declaration'))
    const { documents, faults } = readDeclarations({ directory: folder, root: folder, variables: {} })
    expect(faults).toEqual([])
    const reading = readDeclaration(documents, { prefix: '' })
    if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
    const session = stage().session(reading.declaration)
    const { plan, after } = await applyAll(session)
    await session.close()
    const plain = (texts: readonly string[]): string => texts.join('\n').replaceAll(stage().prefix, '')
    expect(plain(plan.changes.map(({ summary }) => summary))).toBe(textOf('plan'))
    expect(plain(plan.notes)).toContain(textOf('note'))
    expect(after.changes).toEqual([])
  })

  it('is configured as it says', async () => {
    const environment = { WWDB_PREFIX: stage().prefix, ELASTICSEARCH_PASSWORD: 'of-this-test' }
    const project = openImportProject('elasticsearch', {}, environment)
    try {
      project.write('wwdb.config.json', textOf('config').replace('127.0.0.1:9200', new URL(stage().url).host))
      project.write('migrations/elasticsearch/all.yaml', textOf('snapshots'))
      const { exitCode, stdout } = await project.setup('plan')
      expect(stdout).toContain('create snapshot repository')
      expect(exitCode).toBe(0)
    } finally {
      project.close()
    }
  })

  it.each([
    ['indices and aliases', 'indices', 'made'],
    ['snapshots', 'snapshots', 'taken'],
    ['synonyms', 'synonyms', 'written'],
  ])('shows the plan of its %s', async (_what, label, plan) => {
    const file = readDeclarationDocument(textOf(label), 'a.yaml')
    const reading = 'value' in file ? readDeclaration([file], { prefix: '' }) : null
    if (reading?.type !== 'declaration') throw new Error(JSON.stringify([file, reading]))
    const session = stage().session(reading.declaration)
    const { changes } = await session.plan()
    await session.close()
    const summaries = changes.map(({ summary }) => summary.replaceAll(stage().prefix, ''))
    expect(summaries.join('\n')).toBe(textOf(plan))
  })

  it('moves documents as it says', async () => {
    const { prefix, request } = stage()
    for (const name of ['王伟', '李娜', '张敏']) await request('POST', `/${prefix}people/_doc?refresh=true`, { name })
    const declare = (text: string): Declaration => {
      writeFileSync(join(folder, 'a.yaml'), text)
      const reading = readDeclaration(readDeclarations({ directory: folder, root: folder, variables: {} }).documents, {
        prefix: '',
      })
      if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
      return reading.declaration
    }
    const people = /^ {2}people:\n(?: {4}.*\n)*/m
    const changed = people.exec(`${textOf('changed')}\n`)?.[0] ?? ''
    const declaration = declare(`${textOf('declaration')}\n`.replace(people, changed))
    // Sizes and dates are others each time.
    const plain = (lines: readonly string[]): string =>
      lines
        .join('\n')
        .replaceAll(prefix, '')
        .replaceAll(/[\d.]+ KiB/g, 'SIZE')
        .replaceAll(/20\d\d-\d\d-\d\d/g, 'DATE')
    const session = stage().session(declaration)
    expect(plain((await session.plan()).notes)).toContain(plain([textOf('kept')]))
    await session.close()
    const asked = stage().session(declaration, { options: { ...noOptions, reindex: true } })
    const { plan, after } = await applyAll(asked)
    expect(plain(plan.changes.map(({ summary }) => summary))).toBe(plain([textOf('moved')]))
    expect(after.changes).toEqual([])
    expect(plain(after.notes)).toContain(textOf('after'))
    expect((await request('GET', `/${prefix}people/_count`)).count).toBe(3)
    await asked.close()
  })

  it.each(rowsOf('Chinese text').filter(([choice]) => choice !== 'ik'))(
    'cuts by %s as the table says',
    async (choice = '', _ = '', terms = '') => {
      const analyzers: Readonly<Record<string, object>> = {
        smartcn: { analyzer: 'smartcn' },
        cjk: { tokenizer: 'standard', filter: ['cjk_width', 'lowercase', 'cjk_bigram'] },
        standard: { tokenizer: 'standard', filter: ['lowercase'] },
      }
      const { tokens } = await stage().request('POST', '/_analyze', {
        ...analyzers[choice],
        text: '企业微信实例连接超时',
      })
      expect(tokens.map((one: { readonly token: string }) => one.token).join(' ')).toBe(terms)
    },
  )
})
