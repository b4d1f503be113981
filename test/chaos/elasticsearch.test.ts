import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyDeclaration } from '../helpers/elasticsearch/elasticsearch-declaration.ts'
import { startGuard } from '../helpers/elasticsearch/elasticsearch-guard.ts'
import { platformFiles, platformSteps } from '../helpers/elasticsearch/elasticsearch-platform.ts'
import { makeStage as makeElasticsearch } from '../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable, testElasticsearch } from '../helpers/servers/servers.ts'
import { type Stage, withStages } from '../helpers/tool/stage.ts'
import { isSoak } from './support/seed.ts'

/** Whether the server has carried the change out when the tool dies at it. */
type Moment = 'before' | 'after'

describe.runIf(isAvailable('elasticsearch'))('wwdb setup that is killed while it changes Elasticsearch', () => {
  const openStage = withStages()
  const stages: Stage[] = []
  let node: string
  beforeAll(async () => {
    node = (await testElasticsearch()).url
  })
  afterAll(async () => {
    for (const { prefix } of stages) {
      const session = makeElasticsearch(node, prefix).session(emptyDeclaration)
      await session.clear()
      await session.close()
    }
  })

  const plain = `
ingest_pipelines: { words: { processors: [] } }
synonyms_sets: { goods: ["tv, television", "pc => computer"] }
cluster_settings: { indices.recovery.max_concurrent_file_chunks: 3 }
index_templates: { audit: { data_streams: [audit], lifecycle: { data_retention: 30d } } }
indices: { goods-1: { mappings: { properties: { name: { type: keyword } } } }, goods-2: {} }
snapshot_repositories: { backups: { type: fs, settings: { location: backups } } }
snapshot_policies: { nightly: { schedule: 0 30 1 * * ?, name: nightly, repository: backups } }
aliases: { goods: { indices: { goods-1: { filter: { term: { name: tea } } }, goods-2: { is_write_index: true } } } }
`
  /** A pipeline, a synonyms set, a setting, a repository, a policy of snapshots, a template, a data stream, two indices and an alias more than the platform has. */
  const allSteps = platformSteps + 10
  const files = { ...platformFiles, 'migrations/elasticsearch/50-plain.yaml': plain }

  const open = async (): Promise<Stage> => {
    const configuration = { stores: { elasticsearch: { url: node } } }
    const stage = await openStage({ databases: ['app'], create: false, files, configuration })
    stages.push(stage)
    return stage
  }

  /** Applies, and kills the tool at a change, counted from 0; false when it had fewer. */
  async function killAt(stage: Stage, change: number, moment: Moment, environment = {}): Promise<boolean> {
    let seen = 0
    let kill = (): void => {}
    const inject = (): boolean => {
      seen += 1
      if (seen !== change + 1) return false
      kill()
      return true
    }
    const guard = await startGuard({
      url: node,
      ...(moment === 'before' ? { onChange: inject } : { onChanged: inject }),
    })
    const run = stage.start(['setup', 'apply'], {
      environment: { WWDB_STORES_ELASTICSEARCH_URL: guard.url, ...environment },
    })
    kill = () => run.child.kill('SIGKILL')
    await run.ended
    await guard.close()
    return seen > change
  }

  /** The next run ends well, and the one after it has nothing to do. */
  async function expectConverged(stage: Stage, environment = {}): Promise<void> {
    expect(await stage.run(['setup', 'apply'], { environment })).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['setup', 'plan', '--exit-code'], { environment })).toMatchObject({ exitCode: 0 })
  }

  it('an apply that is killed again and again continues where it was', async () => {
    const stage = await open()
    let run = 0
    // Each run gets by some changes further, in a soak by fewer, before or after the server has them.
    const steps = isSoak ? [0, 1, 2] : [0, 3, 6]
    while (await killAt(stage, steps[run % 3] ?? 0, run % 2 === 0 ? 'before' : 'after')) {
      run += 1
      expect(run).toBeLessThan(3 * allSteps)
    }
    expect(run).toBeGreaterThan(4)
    await expectConverged(stage)
  })

  it.each(isSoak ? Array.from({ length: allSteps }, (_, change) => change) : [])(
    'converges after a kill at change %i',
    async (change) => {
      for (const moment of ['before', 'after'] as const) {
        const stage = await open()
        expect(await killAt(stage, change, moment)).toBe(true)
        await expectConverged(stage)
      }
    },
  )

  it.each(isSoak ? (['before', 'after'] as const) : (['after'] as const))(
    'rolls over once, killed %s the server did it',
    async (moment) => {
      const stage = await open()
      await expectConverged(stage)
      const file = 'migrations/elasticsearch/20-components.yaml'
      stage.write(file, String(platformFiles[file]).replace('codec: best_compression', 'codec: default'))
      // The first change is the component template, the second the rollover of system logs.
      expect(await killAt(stage, 1, moment)).toBe(true)
      await expectConverged(stage)
      const { request, prefix } = makeElasticsearch(node, stage.prefix)
      const { data_streams } = await request('GET', `/_data_stream/${prefix}wework-*`)
      expect(data_streams.map((one: { readonly indices: readonly object[] }) => one.indices.length)).toEqual([2, 2, 2])
    },
  )
})
