import { describe, expect, it } from 'vitest'
import type { StoreSession } from '../../../src/stores/contract.ts'
import type { Declaration, IndexTemplate } from '../../../src/stores/elasticsearch/declaration.ts'
import { sampleDeclaration, withTemplate } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'
import {
  applyAll,
  type ElasticsearchStage,
  makeStage,
  withElasticsearch,
} from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable, testElasticsearch } from '../../helpers/servers/servers.ts'

function withField(name: string, field: object): Declaration {
  return withTemplate(name, (template: IndexTemplate) => ({
    ...template,
    mappings: { properties: { ...(template.mappings['properties'] as object), level: field } },
  }))
}

type Writer = (id: string, level: string) => Promise<unknown>

/** The check of `setup verify` whose name has these words. */
async function proofOf(session: StoreSession, words: string) {
  return (await session.verify()).find(({ name }) => name.includes(words))
}

/** What is declared first, and what stands in its place. */
const series = [
  ['a data stream', 'system-logs', 'changed-type'],
  ['an alias whose documents are added', 'messages', 'changed-type'],
  ['an alias whose documents are updated', 'contacts', 'duplicate-documents'],
] as const

describe.runIf(isAvailable('elasticsearch'))('a field whose type changed', () => {
  async function open(name: string, work: (stage: ElasticsearchStage, write: Writer) => Promise<void>): Promise<void> {
    const stage = makeStage((await testElasticsearch()).url)
    const before = stage.session(withField(name, { type: 'text' }))
    await applyAll(before)
    await before.close()
    const write: Writer = (id, level) =>
      stage.request('PUT', `/${stage.prefix}${name}/_create/${id}?refresh=true`, {
        '@timestamp': '2026-11-29T00:00:00Z',
        level,
      })
    try {
      await work(stage, write)
    } finally {
      await stage.session(sampleDeclaration).clear()
    }
  }

  it.each(series)('rolls over %s once, and is then as declared', async (_, name, loss) => {
    await open(name, async (stage, write) => {
      await write('1', 'info')
      const session = stage.session(withField(name, { type: 'keyword' }))
      const { plan, after } = await applyAll(session)
      expect(plan.changes.map(({ resource, loss: one }) => [resource.kind, one?.code ?? null])).toContainEqual([
        'write index',
        loss,
      ])
      expect(after.changes).toEqual([])
      await write('2', 'warn')
      const found = await stage.request('GET', `/${stage.prefix}${name}/_count`)
      expect(found.count).toBe(2)
      await session.close()
    })
  })

  it.each(series)('is named by verify as long as an older index of %s has the old type', async (_, name) => {
    await open(name, async (stage, write) => {
      await write('1', 'info')
      const session = stage.session(withField(name, { type: 'keyword' }))
      expect(await proofOf(session, 'one type')).toMatchObject({ state: 'good' })
      await applyAll(session)
      expect(await proofOf(session, 'one type')).toMatchObject({
        state: 'warning',
        seen: expect.stringMatching(new RegExp(`${name}: level is keyword in .*${name}.*, text in .*${name}`)),
      })
      await session.close()
    })
  })

  it('leaves an updated document in two indices of its alias, which verify says', async () => {
    await open('contacts', async (stage, write) => {
      await write('7', 'info')
      const session = stage.session(withField('contacts', { type: 'keyword' }))
      expect(await proofOf(session, 'exists once')).toMatchObject({ state: 'good', seen: '1 of 1 have one index' })
      await applyAll(session)
      await write('7', 'warn')
      expect((await stage.request('GET', `/${stage.prefix}contacts/_count`)).count).toBe(2)
      await expect(stage.request('GET', `/${stage.prefix}contacts/_doc/7`)).rejects.toThrow(/: 400 /)
      expect(await proofOf(session, 'exists once')).toMatchObject({
        state: 'warning',
        seen: expect.stringContaining('contacts has 2 indices'),
      })
      await session.close()
    })
  })
})

describe.runIf(isAvailable('elasticsearch'))('an index that refuses every document', () => {
  const stage = withElasticsearch()

  it.each([
    [
      'a pipeline that does not exist',
      'system-logs',
      { 'index.default_pipeline': 'nowhere' },
      'index.default_pipeline nowhere does not exist',
    ],
    ['a block', 'messages', { 'index.blocks.write': true }, 'index.blocks.write'],
  ])('is named by verify with its reason: %s', async (_, name, settings, reason) => {
    const session = stage().session(sampleDeclaration)
    await applyAll(session)
    expect(await proofOf(session, 'refuses writes')).toMatchObject({ state: 'good' })
    await stage().request('PUT', `/${stage().prefix}${name}/_settings`, settings)
    const write = stage().request('POST', `/${stage().prefix}${name}/_doc`, { '@timestamp': '2026-11-29T00:00:00Z' })
    await expect(write).rejects.toThrow()
    expect(await proofOf(session, 'refuses writes')).toMatchObject({
      state: 'bad',
      seen: expect.stringContaining(reason),
    })
    const undone = Object.fromEntries(Object.keys(settings).map((key) => [key, null]))
    await stage().request('PUT', `/${stage().prefix}${name}/_settings`, undone)
    await session.close()
  })
})
