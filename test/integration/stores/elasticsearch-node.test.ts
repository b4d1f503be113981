import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'
import { applyAll, type ElasticsearchStage, makeStage } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable, startElasticsearch } from '../../helpers/servers/servers.ts'

/** What a node of its own alone can show: that nothing was written to it at all, what it lacks, that it is gone. */
describe.runIf(isAvailable('elasticsearch'))('an Elasticsearch without plugins and without other clients', () => {
  let node: Awaited<ReturnType<typeof startElasticsearch>>
  let stage: ElasticsearchStage
  beforeAll(async () => {
    node = await startElasticsearch({ plugins: false })
    stage = makeStage(node.url)
  })
  afterAll(() => node.stop())

  it('analyzes Chinese text with pairs of characters, and finds it', async () => {
    const session = stage.session(sampleDeclaration)
    const { plan } = await applyAll(session)
    const checks = await session.verify()
    await session.close()
    const note =
      'analyzes Chinese text with cjk: analysis-ik is missing on the node, analysis-smartcn is missing on the node.'
    expect(plan.notes.join('\n')).toContain(note)
    expect(checks.at(-1)).toMatchObject({
      state: 'good',
      seen: expect.stringContaining('cjk splits it into 企业 业微 微信'),
    })
  })

  it('can do with single characters when nothing better is wanted', async () => {
    const [chinese, ...others] = sampleDeclaration.components
    if (chinese?.chinese == null) throw new Error('the first component cuts Chinese text')
    const plain = { ...chinese, chinese: { ...chinese.chinese, preferred: ['ik'] as const } }
    const session = stage.session({ ...sampleDeclaration, components: [plain, ...others] })
    const plan = await session.plan()
    await session.close()
    expect(plan.notes.join('\n')).toContain(
      'analyzes Chinese text with standard: analysis-ik is missing on the node. It was cjk',
    )
    const rolled = plan.changes.filter(({ action }) => action === 'replace').map(({ resource }) => resource.name)
    expect(rolled).toEqual(['system-logs', 'messages', 'contacts'].map((name) => `${stage.prefix}${name}`))
  })

  it('is not written to by a plan, a second apply or a refused one', async () => {
    const state = async (): Promise<unknown> => (await stage.request('GET', '/_cluster/state/version')).state_uuid
    const before = await state()
    const session = stage.session(sampleDeclaration)
    const { plan } = await applyAll(session)
    await session.close()
    expect(plan.changes).toEqual([])
    expect(await state()).toBe(before)
  })

  it('is missed in one sentence when it is stopped', async () => {
    await node.stop()
    const session = stage.session(sampleDeclaration)
    const { port } = new URL(node.url)
    await expect(session.plan()).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
      exitCode: 69,
      faults: [{ what: `Elasticsearch at 127.0.0.1:${port} cannot be reached.`, why: 'Nothing is listening there.' }],
    })
    await session.close()
  })
})
