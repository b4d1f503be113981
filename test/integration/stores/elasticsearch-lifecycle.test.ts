import { afterAll, describe, expect, it } from 'vitest'
import { findDrift } from '../../../src/stores/find-drift.ts'
import type { StoreChange } from '../../../src/stores/store-plan.ts'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { declarationOf } from '../../helpers/elasticsearch/elasticsearch-text.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { openImportProject } from '../../helpers/stores/import-project.ts'

// Lifecycles are parsed and kept by the server's own code; on a node of the published jars, nothing carries them out.
const full = `
index_templates:
  audit: { data_streams: [audit], lifecycle: { data_retention: 30d } }
  other: { data_streams: [other] }
`

describe.runIf(isAvailable('elasticsearch'))('the lifecycle of a data stream without a policy', () => {
  const stage = withElasticsearch()
  const projects: { readonly close: () => void }[] = []
  afterAll(() => {
    for (const project of projects) project.close()
  })
  const open = (text = full) => stage().session(declarationOf(text))
  const short = (text: string): string => text.replaceAll(stage().prefix, '')
  const apply = async (text = full): Promise<readonly StoreChange[]> => {
    const session = open(text)
    const { changes } = await session.plan()
    for (const change of changes) await session.apply(change)
    expect((await session.plan()).changes).toEqual([])
    return changes
  }
  const said = (changes: readonly StoreChange[]) =>
    changes.map(({ summary, loss }) => [short(summary), loss?.code ?? null])
  const lifecycleOf = async (name: string) => {
    const { data_streams } = await stage().request('GET', `/_data_stream/${stage().prefix}${name}`)
    return data_streams[0].lifecycle
  }

  it('comes with a new data stream', async () => {
    await apply()
    expect(await lifecycleOf('audit')).toMatchObject({ enabled: true, data_retention: '30d' })
    expect(await lifecycleOf('other')).toBeUndefined()
    expect((await open().compare()).findings).toEqual([])
  })

  it('changes for one that exists, and asks where documents go sooner', async () => {
    const { prefix, request } = stage()
    await request('POST', `/${prefix}audit/_rollover`)
    const shorter = await apply(full.replace('30d', '7d'))
    expect(said(shorter)).toEqual([
      ['change index template audit for audit', null],
      ['change the lifecycle of audit: kept at least 7 days', 'shorter-retention'],
    ])
    // The index that takes the writes is never removed.
    expect(shorter[1]?.loss?.affected).toHaveLength(1)
    expect(said(await apply(full.replace('30d', '60d')))).toEqual([
      ['change index template audit for audit', null],
      ['change the lifecycle of audit: kept at least 60 days', null],
    ])
    const forever = full.replace('{ data_retention: 30d }', '{}')
    expect(said(await apply(forever))).toEqual([
      ['change index template audit for audit', null],
      ['change the lifecycle of audit: kept forever', null],
    ])
    const off = full.replace('{ data_retention: 30d }', '{ enabled: false, data_retention: 1d }')
    expect(said(await apply(off)).at(-1)).toEqual(['change the lifecycle of audit: switched off', null])
    expect(said(await apply()).at(-1)).toEqual([
      'change the lifecycle of audit: kept at least 30 days',
      'shorter-retention',
    ])
    const first = full.replace('[other] }', '[other], lifecycle: { data_retention: 9d } }')
    expect(said(await apply(first)).at(-1)?.[1]).toBe('shorter-retention')
    // What no file says any more stays as it is.
    expect(said(await apply())).toEqual([['change index template other for other', null]])
    expect(await lifecycleOf('other')).toMatchObject({ data_retention: '9d' })
  })

  it('asks before documents are replaced by summaries', async () => {
    const rounds = '{ data_retention: 30d, downsampling: [{ after: 1d, fixed_interval: 1h }] }'
    const { changes } = await open(full.replace('{ data_retention: 30d }', rounds)).plan()
    expect(said(changes).at(-1)).toEqual(['change the lifecycle of audit: kept at least 30 days', 'downsampling'])
  })

  it('is a difference where somebody shortened it by hand', async () => {
    const { prefix, request } = stage()
    await request('PUT', `/_data_stream/${prefix}audit/_lifecycle`, { data_retention: '1d' })
    const found = findDrift(await open().compare())
    expect(found).toMatchObject([{ code: 'STORE_DRIFT', resource: { kind: 'data stream', name: `${prefix}audit` } }])
    expect(found[0]?.differences).toEqual([{ path: 'lifecycle.data_retention', actual: '1d', declared: '30d' }])
    await apply()
  })

  it('is imported with its template, and named where only a stream has it', async () => {
    const { prefix, url } = stage()
    const project = openImportProject('elasticsearch', { url }, {})
    projects.push(project)
    const { answer } = await project.importAll('--only', `${prefix}*`)
    expect(answer.declared.map(({ kind, name }) => `${kind} ${short(name)}`).toSorted()).toEqual([
      'index template audit',
      'index template other',
    ])
    expect(answer.notDeclarable.map(({ resource: { name }, why }) => `${short(name)}: ${why}`)).toEqual([
      'other: It has a lifecycle that its template does not have.',
    ])
    expect(await project.changes()).toEqual([])
  })

  it.each([
    [
      'policies: { p: { phases: {} } }\nindex_templates: { a: { data_streams: [a], policy: p, lifecycle: {} } }',
      '`policy`',
    ],
    ['index_templates: { a: { write_alias: { name: a }, lifecycle: {} } }', 'needs data_streams'],
  ])('is a fault where it would do nothing: %s', (text, says) => {
    expect(() => declarationOf(text)).toThrow(says)
  })
})
