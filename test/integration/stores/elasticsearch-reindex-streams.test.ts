import { describe, expect, it, vi } from 'vitest'
import { noOptions, type PlanOptions } from '../../../src/stores/contract.ts'
import type { Declaration, IndexTemplate } from '../../../src/stores/elasticsearch/declaration.ts'
import { sampleDeclaration, withTemplate } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'
import {
  applyAll,
  type ElasticsearchStage,
  makeStage,
  withElasticsearch,
} from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { add, readAll, startAdding, streamIndices } from '../../helpers/elasticsearch/elasticsearch-writer.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

const options: PlanOptions = { ...noOptions, reindex: true }
const stream = 'system-logs'
const [text, keyword] = [{ type: 'text' }, { type: 'keyword' }]

function withField(field: object, settings: object = {}): Declaration {
  return withTemplate(stream, (template: IndexTemplate) => ({
    ...template,
    settings: { ...template.settings, ...settings },
    mappings: { properties: { ...(template.mappings['properties'] as object), shop: field } },
  }))
}

describe.runIf(isAvailable('elasticsearch'))('a reindex of a data stream', () => {
  const node = withElasticsearch()

  async function open(
    work: (stage: ElasticsearchStage) => Promise<void>,
    declaration = withField(text),
  ): Promise<void> {
    const stage = makeStage(node().url)
    try {
      const session = stage.session(declaration)
      await applyAll(session)
      await session.close()
      await work(stage)
    } finally {
      await stage.session(sampleDeclaration).clear()
    }
  }

  const rollOver = ({ prefix, request }: ElasticsearchStage): Promise<unknown> =>
    request('POST', `/${prefix}${stream}/_rollover`)

  it('is said by a plan, which would lose nothing', async () => {
    await open(async (stage) => {
      await add(stage, { stream, first: 0, count: 30 })
      const plain = stage.session(withField(keyword))
      const { changes, notes } = await plain.plan()
      expect(changes.at(-1)).toMatchObject({ action: 'replace', loss: { code: 'changed-type' } })
      expect(notes.join('\n').replaceAll(stage.prefix, '')).toMatch(
        /^30 documents, [\d.]+ KiB of `system-logs` would keep the old mapping in `\.ds-system-logs-[\d.]+-000001`: `wwdb setup apply --reindex` moves them into an index with the new one after the rollover\.$/m,
      )
      await plain.close()
      const asked = stage.session(withField(keyword), { options })
      const plan = await asked.plan()
      expect(plan.changes.slice(-2).map(({ summary, loss }) => [summary.replaceAll(stage.prefix, ''), loss])).toEqual([
        [expect.stringMatching(/^roll over system-logs: properties\.shop\.type cannot change in /), null],
        [
          expect.stringMatching(
            /^reindex (\.ds-\S+-000001) into \1-reindexed, which takes its place in system-logs: 30 documents, /,
          ),
          null,
        ],
      ])
      await asked.close()
    })
  })

  it('moves every older index and loses nothing while documents are added and older ones are changed', async () => {
    await open(async (stage) => {
      const { prefix, request } = stage
      await add(stage, { stream, first: 0, count: 3000 })
      await rollOver(stage)
      await add(stage, { stream, first: 3000, count: 2000 })
      const [first = ''] = await streamIndices(stage, stream)
      const writer = startAdding(stage, { stream, first: 5000 })
      const session = stage.session(withField(keyword), { options: { ...options, rate: 1500 } })
      const changing = changeOlder(stage, first)
      const { after } = await applyAll(session)
      await writer.stop()
      const changed = await changing
      expect(writer.wrong).toEqual([])
      expect(after.changes).toEqual([])
      const { documents, doubles } = await readAll(stage, stream)
      expect(doubles).toEqual([])
      expect([...documents.keys()].toSorted()).toEqual(
        [...Array(5000).keys(), ...writer.added]
          .map(String)
          .filter((id) => !changed.removed.includes(id))
          .toSorted(),
      )
      for (const id of changed.updated) expect(documents.get(id)).toBe('changed')
      const names = await streamIndices(stage, stream)
      expect(names.map((name) => name.replace(prefix, '').replace(/[\d.]+-0/, 'DATE-0'))).toEqual(
        expect.arrayContaining(['.ds-system-logs-DATE-000001-reindexed', '.ds-system-logs-DATE-000002-reindexed']),
      )
      expect(names.at(-1)).toMatch(/-000003$/)
      const copy = (await request('GET', `/${first}-reindexed`))[`${first}-reindexed`]
      expect(copy.mappings.properties.shop).toEqual(keyword)
      expect(copy.settings.index).toMatchObject({
        hidden: 'true',
        lifecycle: { name: `${prefix}logs`, indexing_complete: 'true', origination_date: expect.any(String) },
      })
      expect(copy.settings.index.final_pipeline).toBeUndefined()
      // The server takes what an index of a data stream must have.
      const found = await request('POST', `/${prefix}${stream}/_search`, {
        size: 0,
        aggs: { shops: { terms: { field: 'shop' } } },
      })
      expect(found._shards.failed).toBe(0)
      expect((await session.verify()).find(({ name }) => name.includes('one type'))).toMatchObject({ state: 'good' })
      await session.close()
    })
  })

  /** Updates and removals in an older index, which a data stream takes by the name of that index alone; refused while it is blocked. */
  async function changeOlder(
    { request }: ElasticsearchStage,
    index: string,
  ): Promise<{ readonly updated: readonly string[]; readonly removed: readonly string[] }> {
    const done = { updated: ['7', '8'], removed: ['9', '10'] }
    // The copy is there, so the task has begun.
    await vi.waitFor(() => request('GET', `/${index}-reindexed`), { interval: 20, timeout: 60_000 })
    for (const id of done.updated) {
      const { _seq_no, _primary_term } = await request('GET', `/${index}/_doc/${id}`)
      const condition = `if_seq_no=${_seq_no}&if_primary_term=${_primary_term}`
      const body = { '@timestamp': '2026-11-30T00:00:00Z', name: 'changed', shop: 'a' }
      await request('PUT', `/${index}/_doc/${id}?${condition}`, body)
    }
    for (const id of done.removed) await request('DELETE', `/${index}/_doc/${id}`)
    return done
  }

  it('keeps what it replaced out of the stream for seven days, and removes it where that is allowed', async () => {
    await open(async (stage) => {
      await add(stage, { stream, first: 0, count: 10 })
      const [old = ''] = await streamIndices(stage, stream)
      const session = stage.session(withField(keyword), { options })
      await applyAll(session)
      await session.close()
      await expect(stage.request('PUT', `/${old}/_doc/x`, { name: 'late' })).rejects.toThrow(/403/)
      // A search of all names finds each document once.
      const { count } = await stage.request('GET', `/*${stage.prefix}*/_count?q=shop:s3`)
      expect(count).toBe(1)
      const late = stage.session(withField(keyword), {
        options: { ...noOptions, prune: true },
        now: Date.now() + 8 * 86_400_000,
      })
      const { plan, after } = await applyAll(late)
      expect(plan.changes.map(({ action, loss }) => [action, loss?.code])).toEqual([['remove', 'removed-index']])
      expect(after.changes).toEqual([])
      await late.close()
      await expect(stage.request('GET', `/${old}`)).rejects.toThrow(/404/)
      expect((await readAll(stage, stream)).documents.size).toBe(10)
    })
  })

  it('moves what an earlier run was asked to move, also when the next one is not asked', async () => {
    await open(async (stage) => {
      await add(stage, { stream, first: 0, count: 10 })
      await rollOver(stage)
      await add(stage, { stream, first: 10, count: 10 })
      const asked = stage.session(withField(keyword), { options })
      const { changes } = await asked.plan()
      const rolled = changes.findIndex(({ summary }) => summary.startsWith('roll over'))
      for (const change of changes.slice(0, rolled + 1)) await asked.apply(change)
      await asked.close()
      // What was declared since, nobody asked to move.
      const other = stage.session(withField({ type: 'long' }))
      expect((await other.plan()).changes.filter(({ summary }) => summary.startsWith('reindex'))).toEqual([])
      await other.close()
      const plain = stage.session(withField(keyword))
      const { plan, after } = await applyAll(plain)
      expect(plan.changes.map(({ summary }) => summary.split(' ')[0])).toEqual(['reindex', 'reindex'])
      expect(after.changes).toEqual([])
      await plain.close()
      expect((await readAll(stage, stream)).documents.size).toBe(20)
    })
  })

  it('asks before an older index gets a policy that deletes it sooner', async () => {
    await open(async (stage) => {
      const { prefix, request } = stage
      await add(stage, { stream, first: 0, count: 10 })
      const [old = ''] = await streamIndices(stage, stream)
      await request('POST', `/${old}/_ilm/remove`).catch(() => undefined)
      await request('PUT', `/${old}/_settings`, { 'index.lifecycle.name': null })
      const session = stage.session(withField(keyword), { options })
      const moved = (await session.plan()).changes.find(({ summary }) => summary.startsWith('reindex'))
      expect(moved?.loss).toMatchObject({ code: 'shorter-retention', affected: [expect.stringContaining(prefix)] })
      await session.close()
    })
  })

  it('leaves alone what a policy made of an older index, and the documents of a time series', async () => {
    await open(async (stage) => {
      await add(stage, { stream, first: 0, count: 3 })
      await rollOver(stage)
      const shards = stage.session(withField(text, { number_of_shards: 2 }), { options })
      const { changes } = await shards.plan()
      // The next index has them; an older one may have shrunk.
      expect(changes.map(({ summary }) => summary).join('\n')).toMatch(/roll over/)
      expect(changes.filter(({ summary }) => summary.startsWith('reindex'))).toEqual([])
      await shards.close()
    })
    const series = (field: object): Declaration =>
      withTemplate(stream, (template) => ({
        ...template,
        policy: null,
        settings: { index: { mode: 'time_series', routing_path: ['shop'], codec: 'default' } },
        mappings: {
          properties: {
            '@timestamp': { type: 'date' },
            shop: { type: 'keyword', time_series_dimension: true },
            load: field,
          },
        },
      }))
    await open(
      async (stage) => {
        const session = stage.session(series({ type: 'long' }), { options })
        const { changes, notes } = await session.plan()
        expect(changes.at(-1)).toMatchObject({ action: 'replace', loss: { code: 'changed-type' } })
        expect(notes.join('\n').replaceAll(stage.prefix, '')).toMatch(
          /^The documents of `\.ds-system-logs-\S+-000001` stay in it\. It is a time series index, /m,
        )
        await session.close()
      },
      series({ type: 'double' }),
    )
  })
})
