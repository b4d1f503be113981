import { describe, expect, it } from 'vitest'
import { noOptions, type PlanOptions } from '../../../src/stores/contract.ts'
import type { Declaration } from '../../../src/stores/elasticsearch/declaration.ts'
import { sampleDeclaration, withTemplate } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'
import { type GuardOptions, startGuard } from '../../helpers/elasticsearch/elasticsearch-guard.ts'
import { applyAll, type ElasticsearchStage, makeStage } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { fill, readAll } from '../../helpers/elasticsearch/elasticsearch-writer.ts'
import { isAvailable, testElasticsearch } from '../../helpers/servers/servers.ts'

const options: PlanOptions = { ...noOptions, reindex: true }
const [text, keyword] = [{ type: 'text' }, { type: 'keyword' }]

function withField(field: object, settings: object = {}, mappings: object = {}): Declaration {
  return withTemplate('contacts', (template) => ({
    ...template,
    settings: { ...template.settings, ...settings },
    mappings: { ...mappings, properties: { level: field, name: { type: 'keyword' } } },
  }))
}

describe.runIf(isAvailable('elasticsearch'))('a reindex beside faults', () => {
  async function open(declaration: Declaration, work: (stage: ElasticsearchStage) => Promise<void>): Promise<void> {
    const stage = makeStage((await testElasticsearch()).url)
    try {
      const session = stage.session(declaration)
      await applyAll(session)
      await session.close()
      await fill(stage, { alias: 'contacts', count: 20 })
      await work(stage)
    } finally {
      await stage.session(sampleDeclaration).clear()
    }
  }

  const indicesOf = async ({ request, prefix }: ElasticsearchStage): Promise<readonly string[]> =>
    Object.keys(await request('GET', `/_alias/${prefix}contacts`))
      .map((name) => name.slice(prefix.length))
      .toSorted()

  /** Applies through a guard. */
  async function applyThrough(
    stage: ElasticsearchStage,
    declaration: Declaration,
    guarding: Omit<GuardOptions, 'url'>,
  ): Promise<void> {
    const guard = await startGuard({ url: stage.url, ...guarding })
    const session = makeStage(guard.url, stage.prefix).session(declaration, { options })
    try {
      await applyAll(session)
    } finally {
      await session.close()
      await guard.close()
    }
  }

  it('leaves an index alone that a rollover gave the name of its copy', async () => {
    await open(withField(text), async (stage) => {
      const { prefix, request } = stage
      const broken = { onChange: (change: string) => /PUT .*contacts-000002(?:$|\?)/.test(change) }
      await expect(applyThrough(stage, withField(keyword), broken)).rejects.toThrow()
      await request('POST', `/${prefix}contacts/_rollover`)
      await request('PUT', `/${prefix}contacts/_doc/3?refresh=true`, { name: 'newer', level: 'x' })
      await request('PUT', `/${prefix}contacts/_doc/only-here?refresh=true`, { name: 'new', level: 'x' })
      const session = stage.session(withField(keyword))
      const { plan, after } = await applyAll(session)
      await session.close()
      expect(plan.changes.map(({ summary }) => summary).join('\n')).toContain('forget the reindex of')
      expect(after.changes).toEqual([])
      const { docs } = await request('POST', `/${prefix}contacts-000002/_mget`, { ids: ['3', 'only-here'] })
      expect(docs).toMatchObject([{ _source: { name: 'newer' } }, { _source: { name: 'new' } }])
      expect(await indicesOf(stage)).toEqual(['contacts-000001', 'contacts-000002'])
    })
  })

  it('keeps numbers that JavaScript would round, and sees where only these differ', async () => {
    await open(withField(text, { 'index.gc_deletes': '0s' }), async (stage) => {
      const { prefix, request, url } = stage
      const put = async (id: string, number: string, version: number): Promise<void> => {
        const answer = await fetch(
          `${url}/${prefix}contacts/_doc/${id}?refresh=true&version=${version}&version_type=external`,
          {
            method: 'PUT',
            headers: { 'content-type': 'application/json' },
            body: `{"name":"n","level":"x","number":${number}}`,
          },
        )
        if (!answer.ok) throw new Error(await answer.text())
      }
      await put('big', '9007199254740993', 7)
      let done = false
      const again = async (change: string): Promise<boolean> => {
        if (done || !change.includes('/_block/write')) return false
        done = true
        await request('DELETE', `/${prefix}contacts/_doc/big?refresh=true`)
        // Until the server forgets the deletion. JavaScript takes both numbers for the same.
        const create = (): Promise<true | null> =>
          put('big', '9007199254740992', 7).then(
            () => true,
            () => null,
          )
        while ((await create()) === null) await request('POST', `/${prefix}contacts/_refresh`)
        return false
      }
      await applyThrough(stage, withField(keyword, { 'index.gc_deletes': '0s' }), { onChange: again })
      const answer = await (await fetch(`${url}/${prefix}contacts/_doc/big`)).text()
      expect(answer).toContain('"number":9007199254740992')
      expect(await indicesOf(stage)).toEqual(['contacts-000002'])
    })
  })

  it('does not run a pipeline on documents that are copied after a failed switch', async () => {
    await open(withField(text), async (stage) => {
      const { prefix, request } = stage
      const pipeline = `${prefix}stamp`
      await request('PUT', `/_ingest/pipeline/${pipeline}`, { processors: [] })
      try {
        const declaration = withField(keyword, { 'index.final_pipeline': pipeline })
        const stopped = { onChange: (change: string) => change.includes('/_aliases') }
        const failing = applyThrough(stage, declaration, stopped)
        await expect(failing).rejects.toMatchObject({
          faults: [{ next: expect.stringContaining('still refused') }],
        })
        // As the error says it.
        await request('PUT', `/${prefix}contacts-000001/_settings`, { 'index.blocks.write': null })
        await request('PUT', `/${prefix}contacts/_doc/later?refresh=true`, { name: 'later', level: 'x' })
        const readPipeline = async (): Promise<string> => {
          const name = `${prefix}contacts-000002`
          return (await request('GET', `/${name}`))[name].settings.index.final_pipeline
        }
        expect(await readPipeline()).toBe(pipeline)
        const seen = new Set<string>()
        const look = async (change: string): Promise<boolean> => {
          if (/_reindex/.test(change)) seen.add(await readPipeline())
          return false
        }
        await applyThrough(stage, declaration, { onChange: look })
        expect([...seen]).toEqual(['_none'])
        expect(await readPipeline()).toBe(pipeline)
        expect((await readAll(stage, 'contacts')).documents.get('later')).toBe('later')
      } finally {
        await stage.session(sampleDeclaration).clear()
        await request('DELETE', `/_ingest/pipeline/${pipeline}`)
      }
    })
  })

  it('ends well where the answer of the switch is lost after the server did it', async () => {
    await open(withField(text), async (stage) => {
      await applyThrough(stage, withField(keyword), { onChanged: (change) => change.includes('/_aliases') })
      expect(await indicesOf(stage)).toEqual(['contacts-000002'])
    })
  })

  it('reindexes again after a person went back to the old index', async () => {
    await open(withField(text), async (stage) => {
      const { prefix, request } = stage
      await applyThrough(stage, withField(keyword), {})
      await request('PUT', `/${prefix}contacts-000001/_settings`, { 'index.blocks.write': null })
      const alias = `${prefix}contacts`
      const back = [
        { remove: { index: `${prefix}contacts-000002`, alias } },
        { add: { index: `${prefix}contacts-000001`, alias, is_write_index: true } },
      ]
      await request('POST', '/_aliases', { actions: back })
      const session = stage.session(withField(text))
      expect((await applyAll(session)).after.changes).toEqual([])
      await session.close()
      await applyThrough(stage, withField(keyword), {})
      expect(await indicesOf(stage)).toEqual(['contacts-000003'])
      expect((await readAll(stage, 'contacts')).documents.size).toBe(20)
    })
  })

  it.each([
    ['is disabled', { enabled: false }, '_source.enabled: false'],
    ['excludes fields', { excludes: ['level'] }, '_source.excludes'],
  ])('is refused by the plan where _source %s', async (_, source, why) => {
    await open(withField(text, {}, { _source: source }), async (stage) => {
      const session = stage.session(withField(keyword, {}, { _source: source }), { options })
      await expect(session.plan()).rejects.toMatchObject({
        code: 'STORE_COPY_FAILED',
        faults: [{ why: expect.stringContaining(why), next: expect.stringContaining('without `--reindex`') }],
      })
      await session.close()
    })
  })

  it('names settings that were made by hand, as the copy does not have them', async () => {
    await open(withField(text), async (stage) => {
      await stage.request('PUT', `/${stage.prefix}contacts/_settings`, { 'index.max_result_window': 50_000 })
      const session = stage.session(withField(keyword), { options })
      const { notes } = await session.plan()
      const said = notes.join('\n').replaceAll(stage.prefix, '')
      expect(said).toContain('no file declares: `index.max_result_window` 50000.')
      expect(said).toContain('the server needs its size twice')
      await session.close()
    })
  })
})
