import { afterAll, describe, expect, it } from 'vitest'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { openImportProject } from '../../helpers/stores/import-project.ts'

const all = `
policies:
  old-keep: { phases: { hot: { actions: { rollover: { max_age: 1d } } } } }
  old-used: { phases: { hot: { actions: { rollover: { max_age: 1d } } } } }
component_templates:
  old-base: { mappings: { properties: { note: { type: keyword } } } }
  kept-base: { mappings: { properties: { note: { type: keyword } } } }
index_templates:
  old-logs: { composed_of: [old-base], policy: old-keep, data_streams: [old-logs] }
  wide-logs: { index_patterns: ["wide-*"], composed_of: [old-base], data_streams: [wide-logs] }
  old-people: { policy: old-used, write_alias: { name: old-people } }
`
const kept = `
component_templates:
  kept-base: { mappings: { properties: { note: { type: keyword } } } }
`

describe.runIf(isAvailable('elasticsearch'))('setup apply --prune with Elasticsearch', () => {
  const stage = withElasticsearch()
  const projects: { readonly close: () => void }[] = []
  afterAll(() => {
    for (const project of projects) project.close()
  })

  it('removes what wwdb made and no file declares, each loss by its code, and nothing else', async () => {
    const { request, prefix, url } = stage()
    const project = openImportProject('elasticsearch', { url }, { WWDB_PREFIX: prefix })
    projects.push(project)
    const summaries = async (...words: readonly string[]) => {
      const { stdout } = await project.setup('plan', '--json', ...words)
      return JSON.parse(stdout).stores[0].plan.changes.map(
        ({ summary, loss }: { summary: string; loss: { code: string } | null }) =>
          `${loss?.code}: ${summary.replaceAll(prefix, '')}`,
      )
    }
    project.write('migrations/elasticsearch/all.yaml', all)
    expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
    await request('POST', `/${prefix}old-logs/_doc?refresh=true`, { '@timestamp': '2026-11-25T08:00:00Z', note: 'a' })
    await request('PUT', `/_ilm/policy/${prefix}by-hand`, { policy: { phases: {} } })
    project.write('migrations/elasticsearch/all.yaml', kept)
    expect(await summaries()).toEqual([])
    const planned = [
      'removed-documents: remove data stream old-logs, which no file declares any more',
      'removed-resource: remove index template old-logs, which no file declares any more',
      'removed-resource: remove index template old-people, which no file declares any more',
      'removed-resource: remove lifecycle policy old-keep, which no file declares any more',
    ]
    expect((await summaries('--prune')).toSorted()).toEqual(planned)
    expect((await project.setup('plan', '--prune')).stdout).toContain(
      '`wwdb setup apply --prune --allow removed-documents',
    )
    const refused = await project.setup('apply', '--prune', '--yes', '--allow', 'removed-resource')
    expect(refused.exitCode).not.toBe(0)
    expect(refused.stderr).toContain('--allow removed-documents')
    expect((await summaries('--prune')).toSorted()).toEqual(planned)
    // As a run that was killed after its first change leaves it.
    await request('DELETE', `/_data_stream/${prefix}old-logs`)
    const pruned = await project.setup('apply', '--prune', '--yes', '--allow', 'removed-resource')
    expect(pruned).toMatchObject({ exitCode: 0 })
    expect(await summaries('--prune')).toEqual([])
    const { stdout } = await project.setup('plan', '--prune')
    for (const name of ['by-hand', 'wide-logs', 'old-used', 'old-base']) expect(stdout).toContain(`${prefix}${name}`)
    expect(Object.keys(await request('GET', `/_ilm/policy/${prefix}*`)).toSorted()).toEqual([
      `${prefix}by-hand`,
      `${prefix}old-used`,
    ])
    const { data_streams: streams } = await request('GET', `/_data_stream/${prefix}*`)
    expect(streams.map(({ name }: { readonly name: string }) => name)).toEqual([`${prefix}wide-logs`])
  })
})
