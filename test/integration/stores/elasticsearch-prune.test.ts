import { afterAll, describe, expect, it } from 'vitest'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { openImportProject } from '../../helpers/stores/import-project.ts'

const all = `
policies:
  old-keep: { phases: { hot: { actions: { rollover: { max_age: 1d } } } } }
  own-keep: { phases: { hot: { actions: { rollover: { max_age: 2d } } } } }
  old-used: { phases: { hot: { actions: { rollover: { max_age: 1d } } } } }
component_templates:
  old-base: { mappings: { properties: { note: { type: keyword } } } }
  kept-base: { mappings: { properties: { note: { type: keyword } } } }
  shared-base: { settings: { number_of_replicas: 0 }, mappings: { properties: { note: { type: keyword } } } }
index_templates:
  old-logs: { composed_of: [old-base], policy: old-keep, data_streams: [old-logs] }
  other-logs: { policy: own-keep, data_streams: [other-logs] }
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
    const readNames = async (path: string): Promise<readonly string[]> => {
      const [list = []] = Object.values(await request('GET', path)).filter(Array.isArray)
      return list.map(({ name }: { readonly name: string }) => name.replace(prefix, '')).toSorted()
    }
    project.write('migrations/elasticsearch/all.yaml', all)
    expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
    await request('POST', `/${prefix}old-logs/_doc?refresh=true`, { '@timestamp': '2026-11-25T08:00:00Z', note: 'a' })
    await request('PUT', `/_ilm/policy/${prefix}by-hand`, { policy: { phases: {} } })
    const { [`${prefix}old-keep`]: made } = await request('GET', `/_ilm/policy/${prefix}old-keep`)
    const { phases, _meta } = made.policy
    await request('PUT', `/_ilm/policy/${prefix}copied`, { policy: { phases, _meta } })
    const foreign = `x${prefix}foreign`
    const using = { index_patterns: [`${foreign}-*`], composed_of: [`${prefix}shared-base`] }
    await request('PUT', `/_index_template/${foreign}`, using)
    project.write('migrations/elasticsearch/all.yaml', kept)
    expect(await summaries()).toEqual([])
    // A data stream stays, and with it everything that its next index is made of.
    expect(await summaries('--prune')).toEqual([])
    const named = await project.setup('verify', '--json')
    expect(named.stdout).toContain(`DELETE /_data_stream/${prefix}old-logs`)
    expect(named.stdout).toContain(`It is in use by data stream ${prefix}old-logs.`)
    for (const stream of ['old-logs', 'other-logs']) await request('DELETE', `/_data_stream/${prefix}${stream}`)
    const planned = [
      'removed-for-good: remove index template old-logs, which no file declares any more',
      'removed-for-good: remove index template other-logs, which no file declares any more',
      'removed-resource: remove lifecycle policy old-keep, which no file declares any more',
      'removed-resource: remove lifecycle policy own-keep, which no file declares any more',
    ]
    expect((await summaries('--prune')).toSorted()).toEqual(planned)
    // A template without a data stream does not come back: its code is known by the plan alone, to which the finding points.
    const found = await project.setup('verify', '--json')
    expect(found.stdout).toContain('run `wwdb setup plan --prune --only elasticsearch`')
    expect(found.stdout).not.toContain('--allow')
    const { stdout } = await project.setup('plan', '--prune')
    for (const flag of [
      'removed-for-good:elasticsearch/index-template/',
      'removed-resource:elasticsearch/lifecycle-policy/',
    ])
      expect(stdout).toContain(`--allow ${flag}${prefix}old-`)
    const refused = await project.setup('apply', '--prune', '--yes')
    expect(refused.exitCode).not.toBe(0)
    expect(refused.stderr).toContain('--allow removed-resource:')
    expect((await summaries('--prune')).toSorted()).toEqual(planned)
    // As a run that was killed after its first change leaves it.
    await request('DELETE', `/_index_template/${prefix}old-logs`)
    const half = await project.setup('apply', '--prune', '--yes', '--allow', 'removed-resource')
    expect(half.exitCode).not.toBe(0)
    expect(half.stderr).toContain('--allow removed-for-good:')
    const both = 'removed-for-good,removed-resource'
    const pruned = await project.setup('apply', '--prune', '--yes', '--allow', both)
    expect(pruned.stderr).toContain('Removed without a way back: index template')
    expect(pruned).toMatchObject({ exitCode: 0 })
    expect(await summaries('--prune')).toEqual([])
    expect(Object.keys(await request('GET', `/_ilm/policy/${prefix}*`)).toSorted()).toEqual(
      ['by-hand', 'copied', 'old-used'].map((name) => `${prefix}${name}`),
    )
    expect(await readNames(`/_index_template/${prefix}*`)).toEqual(['old-people', 'wide-logs'])
    expect(await readNames(`/_component_template/${prefix}*`)).toEqual(['kept-base', 'old-base', 'shared-base'])
    expect(await readNames(`/_data_stream/${prefix}*`)).toEqual(['wide-logs'])
    await request('DELETE', `/_index_template/${foreign}`)
    // What the foreign template has set free is removed by the next run.
    expect(await summaries('--prune')).toEqual([
      'removed-resource: remove component template shared-base, which no file declares any more',
    ])
  })
})
