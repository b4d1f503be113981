import { describe, expect, it } from 'vitest'
import type { StorePlan } from '../../src/stores/store-plan.ts'
import {
  emptyDeclaration,
  sampleDeclaration,
  withPhases,
  withTemplate,
} from '../helpers/elasticsearch/elasticsearch-declaration.ts'
import { drifts } from '../helpers/elasticsearch/elasticsearch-drifts.ts'
import { invalid } from '../helpers/elasticsearch/elasticsearch-refusals.ts'
import { applyAll, makeStage, withElasticsearch } from '../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable } from '../helpers/servers/servers.ts'
import { linesOf, verifySession } from '../helpers/stores/store-verification.ts'

const differences = (plan: StorePlan) => plan.changes.flatMap((change) => change.differences)
const lossCodes = (plan: StorePlan) => plan.changes.flatMap(({ loss }) => loss?.code ?? [])

describe.runIf(isAvailable('elasticsearch'))('a session of Elasticsearch', () => {
  const stage = withElasticsearch()

  it('makes everything in an order that the server takes, and then has nothing to do', async () => {
    const session = stage().session(sampleDeclaration)
    const { plan, after } = await applyAll(session)
    await session.close()
    const { prefix } = stage()
    expect(plan.changes.map(({ action, resource }) => `${action} ${resource.kind} ${resource.name}`)).toEqual([
      `create lifecycle policy ${prefix}logs`,
      `create component template ${prefix}chinese`,
      `create component template ${prefix}base`,
      `create index template ${prefix}system-logs`,
      `create index template ${prefix}messages`,
      `create index template ${prefix}contacts`,
      `create data stream ${prefix}system-logs`,
      `create write alias ${prefix}messages`,
      `create write alias ${prefix}contacts`,
    ])
    expect(lossCodes(plan)).toEqual([])
    expect(plan.notes.join('\n')).toContain('analyzes Chinese text with smartcn: analysis-ik is missing on the node')
    expect(plan.notes.join('\n')).toContain('at least 365 days and at most 366 days')
    expect(after.changes).toEqual([])
    expect(after.unchanged).toHaveLength(9)
    const { data_streams } = await stage().request('GET', `/_data_stream/${prefix}system-logs`)
    expect(data_streams[0]).toMatchObject({ ilm_policy: `${prefix}logs`, template: `${prefix}system-logs` })
    const { component_templates } = await stage().request('GET', `/_component_template/${prefix}chinese`)
    expect(component_templates[0].component_template._meta).toMatchObject({
      chinese_analysis: 'smartcn',
      managed_by: 'wwdb',
    })
  })

  it('names what it made and no file declares any more, and leaves it alone', async () => {
    await applyAll(stage().session(sampleDeclaration))
    const { templates, ...rest } = sampleDeclaration
    const kept = templates.filter(({ name }) => name !== 'system-logs')
    const session = stage().session({ ...rest, templates: kept })
    const plan = await session.plan()
    await session.close()
    expect(plan.changes).toEqual([])
    const { prefix, url } = stage()
    expect(plan.notes).toContain(
      `Not changed, because no file declares it: data stream ${prefix}system-logs, index template ${prefix}system-logs.`,
    )
    // Who comes without this prefix, or with another, made none of it.
    const stranger = makeStage(url, prefix.slice(0, 3)).session(emptyDeclaration)
    expect((await stranger.plan()).notes).toEqual([])
    await stranger.close()
  })

  it.each(drifts)('a plan finds and apply fixes a manual change: $name', async ({ drift, path, repairs }) => {
    const session = stage().session(sampleDeclaration)
    await applyAll(session)
    await drift(stage())
    const verification = await verifySession(session)
    expect(verification.asDeclared).toBe(false)
    expect(verification.findings.map(({ resource }) => resource.kind)).toEqual(
      repairs.map((one) => one.replace(/^\w+ /, '')),
    )
    if (path !== '') expect(linesOf(verification).join()).toContain(path)
    const { plan, after } = await applyAll(session)
    await session.close()
    if (path !== '') expect(differences(plan).map((difference) => difference.path)).toContain(path)
    expect(plan.changes.map(({ resource, action }) => `${action} ${resource.kind}`)).toEqual(repairs)
    expect(after.changes).toEqual([])
  })

  it('reports that everything is as declared only when it is, and names resources made by hand', async () => {
    const { prefix, request } = stage()
    const session = stage().session(sampleDeclaration)
    await applyAll(session)
    expect(await verifySession(session)).toMatchObject({ asDeclared: true, compared: 9, findings: [] })
    const name = `${prefix}by-hand`
    await request('PUT', `/_component_template/${name}`, { template: { settings: { number_of_replicas: 0 } } })
    await request('PUT', `/_ilm/policy/${name}`, { policy: { phases: { hot: { actions: {} } } } })
    const { findings, asDeclared } = await verifySession(session)
    expect(asDeclared).toBe(true)
    expect(findings).toMatchObject([
      { code: 'STORE_UNDECLARED', severity: 'warning', resource: { kind: 'component template', name } },
      { code: 'STORE_UNDECLARED', severity: 'warning', resource: { kind: 'lifecycle policy', name } },
    ])
    // As advised.
    for (const { next } of findings) await request('DELETE', /DELETE ([^\s`]+)/.exec(next)?.[1] ?? '')
    expect((await verifySession(session)).findings).toEqual([])
    await session.close()
  })

  it.each([
    [
      '2d',
      'shorter-retention',
      /kept 365 days|deleted 365 days after their rollover will be deleted 2 days after rollover/,
    ],
  ])('reports what a shorter age deletes', async (age, code, why) => {
    const session = stage().session(
      withPhases((phases) => ({
        ...phases,
        delete: { min_age: age, actions: { delete: {} } },
        warm: { min_age: '1d', actions: {} },
      })),
      { now: Date.now() + 3 * 86_400_000 },
    )
    const plan = await session.plan()
    await session.close()
    const loss = plan.changes[0]?.loss
    expect(loss).toMatchObject({ code, why: expect.stringMatching(why) })
    expect(loss?.affected).toContainEqual(
      expect.stringMatching(/system-logs.*\(\d documents?, created .*, 3 days ago; deleted at once\)/),
    )
    expect(loss?.affected).toHaveLength(2)
  })

  it.each([
    ['the delete phase', 'delete', 'removed-phase'],
    ['the warm phase', 'warm', 'removed-phase'],
  ])('reports that %s is removed', async (_, phase, code) => {
    const session = stage().session(withPhases(({ [phase]: gone, ...phases }) => phases))
    expect(lossCodes(await session.plan())).toEqual([code])
    await session.close()
  })

  it('rolls over only for what cannot change, and keeps the documents', async () => {
    const { prefix, request } = stage()
    const same = stage().session(sampleDeclaration)
    await applyAll(same)
    await same.close()
    await request('POST', `/${prefix}system-logs/_doc?refresh=true`, {
      '@timestamp': '2026-11-25T00:00:00Z',
      message: '企业微信',
    })
    const session = stage().session(withTemplate('system-logs', (one) => ({ ...one, settings: { codec: 'default' } })))
    const { plan, after } = await applyAll(session)
    await session.close()
    expect(plan.changes.map(({ action, resource }) => `${action} ${resource.kind}`)).toEqual([
      'update index template',
      'replace write index',
    ])
    expect(plan.changes.at(-1)?.summary).toMatch(
      /roll over .*system-logs: index.codec cannot change in \.ds-.*, which stays unchanged/,
    )
    expect(after.changes).toEqual([])
    const { count } = await request('GET', `/${prefix}system-logs/_count`)
    expect(count).toBe(1)
  })

  it('asks before a rollover that makes second copies, and before a field changes its type', async () => {
    const contacts = stage().session(withTemplate('contacts', (one) => ({ ...one, settings: { codec: 'default' } })))
    expect(lossCodes(await contacts.plan())).toEqual(['duplicate-documents'])
    await contacts.close()
    const retyped = { properties: { content: { type: 'keyword' } } }
    const messages = stage().session(withTemplate('messages', (one) => ({ ...one, mappings: retyped })))
    const plan = await messages.plan()
    expect(lossCodes(plan)).toEqual(['changed-type'])
    expect(plan.changes.at(-1)?.loss?.why).toContain('content from text to keyword')
    await messages.close()
  })

  it.each(invalid)('reports why the server refuses a template: $name', async ({ change, why }) => {
    const session = stage().session(withTemplate('system-logs', change))
    await expect(session.plan()).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      faults: [
        {
          what: expect.stringMatching(/^Elasticsearch at \S+ refused a request\.$/),
          why: expect.stringMatching(
            new RegExp(`^Put together index template ${stage().prefix}system-logs: .*${why.source}`, 's'),
          ),
        },
      ],
    })
    await session.close()
  })

  it('finds a Chinese sentence in a canary of its own and removes it', async () => {
    const session = stage().session(sampleDeclaration)
    await applyAll(session)
    const checks = await session.verify()
    await session.close()
    expect(checks.filter(({ state }) => state === 'bad')).toEqual([])
    expect(checks.at(-1)).toMatchObject({
      state: 'good',
      seen: expect.stringContaining('smartcn splits it into 企业 微 信 实例 连接'),
    })
    const { data_streams } = await stage().request(
      'GET',
      `/_data_stream/${stage().prefix}wwdb-canary-*?expand_wildcards=all`,
    )
    expect(data_streams).toEqual([])
  })

  it('removes the canary of a run that was killed, and leaves one that still works alone', async () => {
    const { prefix, request } = stage()
    const session = stage().session(sampleDeclaration)
    await applyAll(session)
    const ago = (minutes: number): string => `${prefix}wwdb-canary-${(Date.now() - minutes * 60_000).toString(36)}`
    const [abandoned, working] = [ago(11), ago(9)]
    for (const name of [abandoned, working]) {
      const body = { index_patterns: [name], data_stream: { hidden: true }, priority: 100_000 }
      await request('PUT', `/_index_template/${name}`, body)
      await request('PUT', `/_data_stream/${name}`)
    }
    const checks = await session.verify()
    await session.close()
    expect(checks.at(-1)?.seen).toContain(`removed ${abandoned} of an interrupted run`)
    const { data_streams } = await request('GET', `/_data_stream/${prefix}wwdb-canary-*?expand_wildcards=all`)
    expect(data_streams.map(({ name }: { readonly name: string }) => name)).toEqual([working])
    await request('DELETE', `/_data_stream/${working}`)
    await request('DELETE', `/_index_template/${working}`)
  })

  it('removes all that carries the prefix, and nothing without one', async () => {
    const session = stage().session(sampleDeclaration)
    await applyAll(session)
    const removed = await session.clear()
    expect(removed).toHaveLength(9)
    expect((await session.plan()).changes).toHaveLength(9)
    await session.close()
    const other = makeStage(stage().url, '').session(sampleDeclaration)
    await expect(other.clear()).rejects.toMatchObject({ code: 'STORE_PREFIX_MISSING', exitCode: 78 })
    await other.close()
  })
})
