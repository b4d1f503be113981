import { describe, expect, it } from 'vitest'
import { noOptions, type PlanOptions } from '../../../src/stores/contract.ts'
import type { Declaration, IndexTemplate } from '../../../src/stores/elasticsearch/declaration.ts'
import { sampleDeclaration, withTemplate } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'
import { startGuard } from '../../helpers/elasticsearch/elasticsearch-guard.ts'
import { applyAll, type ElasticsearchStage, makeStage } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { fill, living, readAll, startWriter } from '../../helpers/elasticsearch/elasticsearch-writer.ts'
import { isAvailable, testElasticsearch } from '../../helpers/servers/servers.ts'

const options: PlanOptions = { ...noOptions, reindex: true }

function withField(name: string, field: object): Declaration {
  return withTemplate(name, (template: IndexTemplate) => ({
    ...template,
    mappings: { properties: { ...(template.mappings['properties'] as object), level: field } },
  }))
}

const [text, keyword, number] = [{ type: 'text' }, { type: 'keyword' }, { type: 'long' }]

describe.runIf(isAvailable('elasticsearch'))('a reindex of an alias', () => {
  async function open(alias: string, work: (stage: ElasticsearchStage) => Promise<void>): Promise<void> {
    const stage = makeStage((await testElasticsearch()).url)
    try {
      const session = stage.session(withField(alias, text))
      await applyAll(session)
      await session.close()
      await work(stage)
    } finally {
      await stage.session(sampleDeclaration).clear()
    }
  }

  const indicesOf = async ({ request, prefix }: ElasticsearchStage, alias: string): Promise<readonly string[]> =>
    Object.keys(await request('GET', `/_alias/${prefix}${alias}`))
      .map((name) => name.slice(prefix.length))
      .toSorted()

  it('is said by a plan of a changed type, with what would move', async () => {
    await open('contacts', async (stage) => {
      await fill(stage, { alias: 'contacts', count: 1204 })
      const plain = stage.session(withField('contacts', keyword))
      const { changes, notes } = await plain.plan()
      expect(changes.at(-1)?.summary).toContain('roll over')
      expect(notes.join('\n')).toMatch(
        /1,204 documents, [\d.]+ KiB of `\w+contacts` would keep the old mapping .*--reindex/,
      )
      const asked = stage.session(withField('contacts', keyword), { options })
      const plan = await asked.plan()
      expect(plan.changes.at(-1)).toMatchObject({ action: 'replace', loss: null })
      expect(plan.changes.at(-1)?.summary.replaceAll(stage.prefix, '')).toMatch(
        /^reindex contacts-000001 into contacts-000002, which takes its place in contacts: 1,204 documents, [\d.]+ KiB, because properties\.level\.type cannot be changed in place$/,
      )
      await plain.close()
      await asked.close()
    })
  })

  it('loses and doubles nothing while documents are written, updated, deleted and created again', async () => {
    await open('contacts', async (stage) => {
      await fill(stage, { alias: 'contacts', count: 5000 })
      const writer = startWriter(stage, { alias: 'contacts', count: 5000 })
      const session = stage.session(withField('contacts', keyword), { options: { ...options, rate: 4000 } })
      const { after } = await applyAll(session)
      await writer.stop()
      await session.close()
      expect(after.changes).toEqual([])
      expect(writer.wrong).toEqual([])
      const { documents, doubles } = await readAll(stage, 'contacts')
      expect(doubles).toEqual([])
      expect(documents).toEqual(living(writer.documents))
      expect(writer.documents.size).toBeGreaterThan(5000)
      expect(await indicesOf(stage, 'contacts')).toEqual(['contacts-000002'])
      const { prefix, request } = stage
      const copy = (await request('GET', `/${prefix}contacts-000002`))[`${prefix}contacts-000002`]
      expect(copy.mappings.properties.level).toEqual(keyword)
      expect(copy.settings.index).toMatchObject({ refresh_interval: '5s' })
      expect(copy.settings.index.gc_deletes).toBeUndefined()
      expect(copy.settings.index.final_pipeline).toBeUndefined()
      expect(copy.mappings._meta ?? {}).toEqual({})
    })
  })

  it('leaves the index as it is where a document does not fit, and names the document', async () => {
    await open('contacts', async (stage) => {
      await fill(stage, { alias: 'contacts', count: 10 })
      const session = stage.session(withField('contacts', number), { options })
      await expect(applyAll(session)).rejects.toMatchObject({
        code: 'STORE_COPY_FAILED',
        faults: [{ why: expect.stringMatching(/^Document \d: .*level/) }],
      })
      await session.close()
      expect(await indicesOf(stage, 'contacts')).toEqual(['contacts-000001'])
      await stage.request('PUT', `/${stage.prefix}contacts/_doc/x`, { name: 'still written' })
      // The declaration is taken back: what was begun is removed.
      const back = stage.session(withField('contacts', text))
      const { plan, after } = await applyAll(back)
      expect(plan.changes.at(-1)?.summary).toContain('an unfinished copy')
      expect(after.changes).toEqual([])
      await expect(stage.request('GET', `/${stage.prefix}contacts-000002`)).rejects.toThrow(/404/)
      await back.close()
    })
  })

  it('begins again where the declaration changed meanwhile', async () => {
    await open('contacts', async (stage) => {
      await fill(stage, { alias: 'contacts', count: 10 })
      const failing = stage.session(withField('contacts', number), { options })
      await expect(applyAll(failing)).rejects.toMatchObject({ code: 'STORE_COPY_FAILED' })
      await failing.close()
      // What was begun goes on without being asked for again.
      const session = stage.session(withField('contacts', keyword))
      const { plan, after } = await applyAll(session)
      expect(plan.changes.map(({ action }) => action)).toEqual(['update', 'remove', 'replace'])
      expect(after.changes).toEqual([])
      expect((await readAll(stage, 'contacts')).documents.size).toBe(10)
      expect(await indicesOf(stage, 'contacts')).toEqual(['contacts-000002'])
      await session.close()
    })
  })

  it('does not fill an index that is there already', async () => {
    await open('contacts', async (stage) => {
      await fill(stage, { alias: 'contacts', count: 10 })
      await stage.request('PUT', `/${stage.prefix}contacts-000002`)
      const session = stage.session(withField('contacts', keyword), { options })
      await expect(applyAll(session)).rejects.toMatchObject({
        faults: [{ why: expect.stringContaining('exists already') }],
      })
      await session.close()
      expect(await indicesOf(stage, 'contacts')).toEqual(['contacts-000001'])
    })
  })

  /** Does something in the very moment in which writes are about to be blocked. */
  async function beforeTheBlock(
    stage: ElasticsearchStage,
    work: () => Promise<void>,
  ): Promise<{ readonly stage: ElasticsearchStage; readonly close: () => Promise<void> }> {
    let done = false
    const guard = await startGuard({
      url: stage.url,
      onChange: async (change) => {
        if (done || !change.includes('/_block/write')) return false
        done = true
        await work()
        return false
      },
    })
    return { stage: makeStage(guard.url, stage.prefix), close: guard.close }
  }

  it.each(['deleted', 'deleted and created again, with a lower version,'])(
    'has what was %s right before the last pass as the old index has it',
    async (what) => {
      await open('contacts', async (stage) => {
        const { prefix, request } = stage
        await fill(stage, { alias: 'contacts', count: 20 })
        await request('PUT', `/${prefix}contacts/_settings`, { 'index.gc_deletes': '0s' })
        for (const name of ['second', 'third']) await request('PUT', `/${prefix}contacts/_doc/7`, { name })
        const behind = await beforeTheBlock(stage, async () => {
          await request('DELETE', `/${prefix}contacts/_doc/7?refresh=true`)
          if (what === 'deleted') return
          const again = (): Promise<unknown> =>
            request('PUT', `/${prefix}contacts/_doc/7?version=1&version_type=external`, { name: 'created again' })
          // Until the server forgets the deletion, which it does a moment after it.
          while ((await again().catch(() => null)) === null) await request('POST', `/${prefix}contacts/_refresh`)
        })
        const session = behind.stage.session(withField('contacts', keyword), { options })
        await applyAll(session)
        await session.close()
        await behind.close()
        const { documents } = await readAll(stage, 'contacts')
        expect(documents.get('7')).toBe(what === 'deleted' ? undefined : 'created again')
        expect(documents.size).toBe(what === 'deleted' ? 19 : 20)
        if (what === 'deleted') return
        expect(await request('GET', `/${prefix}contacts/_doc/7`)).toMatchObject({ _version: 1 })
      })
    },
  )

  it('keeps the old index for seven days, and removes it where that is asked for and allowed', async () => {
    await open('contacts', async (stage) => {
      await fill(stage, { alias: 'contacts', count: 10 })
      const session = stage.session(withField('contacts', keyword), { options })
      await applyAll(session)
      await session.close()
      const prune = { ...noOptions, prune: true }
      const day = 86_400_000
      const early = stage.session(withField('contacts', keyword), { options: prune, now: Date.now() + 6 * day })
      const { changes, notes } = await early.plan()
      expect(changes).toEqual([])
      expect(notes.join('\n').replaceAll(stage.prefix, '')).toMatch(
        /`contacts-000001` was replaced by `contacts-000002` and takes no writes. It is kept until 20\d\d-/,
      )
      await early.close()
      const late = stage.session(withField('contacts', keyword), { options: prune, now: Date.now() + 8 * day })
      const { plan, after } = await applyAll(late)
      expect(plan.changes.map(({ action, loss }) => [action, loss?.code])).toEqual([['remove', 'removed-index']])
      expect(plan.changes[0]?.loss?.affected.join()).toMatch(/contacts-000001 \(10 documents, /)
      expect(after.changes).toEqual([])
      await expect(stage.request('GET', `/${stage.prefix}contacts-000001`)).rejects.toThrow(/404/)
      await late.close()
    })
  })

  it('brings an updated document that a rollover doubled to one state, the last one', async () => {
    await open('contacts', async (stage) => {
      const { prefix, request } = stage
      await fill(stage, { alias: 'contacts', count: 30 })
      await request('POST', `/${prefix}contacts/_rollover`)
      await request('PUT', `/${prefix}contacts/_doc/7`, { name: 'second', level: 'info' })
      await request('POST', `/${prefix}contacts/_rollover`)
      await request('PUT', `/${prefix}contacts/_doc/7`, { name: 'third', level: 'info' })
      await request('PUT', `/${prefix}contacts/_doc/8?refresh=true`, { name: 'third', level: 'info' })
      await request('PUT', `/${prefix}contacts-000001/_alias/everyone-${prefix}`)
      expect((await readAll(stage, 'contacts')).doubles.length).toBeGreaterThan(1)
      const session = stage.session(withField('contacts', keyword), { options })
      const { plan, after } = await applyAll(session)
      expect(plan.changes.slice(-3).map(({ summary }) => summary.replaceAll(prefix, ''))).toEqual([
        expect.stringMatching(/^reindex contacts-000003 into contacts-000004, /),
        expect.stringMatching(
          /^copy what only contacts-000002 has into contacts-000004, and take contacts-000002 out of contacts: 1 document, /,
        ),
        expect.stringMatching(/^copy what only contacts-000001 has into contacts-000004, /),
      ])
      expect(after.changes).toEqual([])
      const { documents, doubles } = await readAll(stage, 'contacts')
      expect(doubles).toEqual([])
      expect(documents.size).toBe(30)
      expect([documents.get('6'), documents.get('7'), documents.get('8')]).toEqual(['n6', 'third', 'third'])
      expect(await request('GET', `/${prefix}contacts/_doc/7`)).toMatchObject({ _source: { name: 'third' } })
      expect(await indicesOf(stage, 'contacts')).toEqual(['contacts-000004'])
      expect(Object.keys(await request('GET', `/_alias/everyone-${prefix}`))).toEqual([`${prefix}contacts-000004`])
      await request('PUT', `/${prefix}contacts/_doc/9`, { name: 'still written' })
      const checks = await session.verify()
      expect(checks.find(({ name }) => name.includes('exists once'))).toMatchObject({ state: 'good' })
      expect(after.notes.join('\n').replaceAll(prefix, '')).toMatch(
        /`contacts-000001` was replaced by `contacts-000004`/,
      )
      await session.close()
    })
  })

  it('leaves an older index in its alias where a document of it does not fit', async () => {
    await open('contacts', async (stage) => {
      const { prefix, request } = stage
      await fill(stage, { alias: 'contacts', count: 10 })
      await request('POST', `/${prefix}contacts/_rollover`)
      const session = stage.session(withField('contacts', number), { options })
      await expect(applyAll(session)).rejects.toMatchObject({
        code: 'STORE_COPY_FAILED',
        faults: [{ why: expect.stringMatching(/^Document \d: .*level/) }],
      })
      await session.close()
      expect(await indicesOf(stage, 'contacts')).toEqual(['contacts-000001', 'contacts-000003'])
      // With the declaration taken back, they fit.
      const back = stage.session(withField('contacts', keyword), { options })
      const { after } = await applyAll(back)
      await back.close()
      expect(after.changes).toEqual([])
      expect((await readAll(stage, 'contacts')).documents.size).toBe(10)
    })
  })

  it('moves the older indices of an alias, too, which then have one type', async () => {
    await open('messages', async (stage) => {
      const { prefix, request } = stage
      await fill(stage, { alias: 'messages', count: 30 })
      await request('POST', `/${prefix}messages/_rollover`)
      await request('PUT', `/${prefix}messages/_doc/late?refresh=true`, { name: 'late', level: 'info' })
      const session = stage.session(withField('messages', keyword), { options })
      const { plan, after } = await applyAll(session)
      expect(plan.changes.filter(({ action }) => action === 'replace')).toHaveLength(2)
      expect(after.changes).toEqual([])
      expect((await readAll(stage, 'messages')).documents.size).toBe(31)
      const checks = await session.verify()
      expect(checks.find(({ name }) => name.includes('one type'))).toMatchObject({ state: 'good' })
      expect(await indicesOf(stage, 'messages')).toEqual(['messages-000001-reindexed', 'messages-000003'])
      await session.close()
    })
  })
})
