import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'
import { type Guard, type GuardOptions, startGuard } from '../../helpers/elasticsearch/elasticsearch-guard.ts'
import { platformFiles, platformSteps } from '../../helpers/elasticsearch/elasticsearch-platform.ts'
import { makeStage as makeElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { freePort } from '../../helpers/servers/ports.ts'
import { isAvailable, testElasticsearch } from '../../helpers/servers/servers.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'
import type { ToolRun } from '../../helpers/tool/tool.ts'

const password = 'hunter2-of-the-platform'
const certificates = join(import.meta.dirname, '../../fixtures/tls')
const lifecycles = 'migrations/elasticsearch/10-lifecycles.yaml'

describe.runIf(isAvailable('elasticsearch'))('wwdb setup with the platform’s Elasticsearch', () => {
  const openStage = withStages()
  const runs: ToolRun[] = []
  let node: string
  let stage: Stage
  beforeAll(async () => {
    node = (await testElasticsearch()).url
    const elasticsearch = { url: node.replace('http://', `http://wwdb:${password}@`) }
    const configuration = { stores: { elasticsearch } }
    stage = await openStage({ databases: ['app'], create: false, files: platformFiles, configuration })
  })
  afterAll(async () => {
    const session = makeElasticsearch(node, stage.prefix).session(emptyDeclaration)
    await session.clear()
    await session.close()
  })

  async function setup(words: string, environment: Readonly<Record<string, string>> = {}): Promise<ToolRun> {
    const run = await stage.run(['setup', ...words.split(' ')], { environment })
    runs.push(run)
    return run
  }

  /** Through a guard, which is gone afterwards. */
  async function guarded(words: string, options: Omit<GuardOptions, 'url'>, environment = {}): Promise<ToolRun> {
    const guard: Guard = await startGuard({ url: node, ...options })
    const url = guard.url.replace('://', `://wwdb:${password}@`)
    const run = await setup(words, { WWDB_STORES_ELASTICSEARCH_URL: url, ...environment })
    await guard.close()
    return run
  }

  it('shows what an empty server lacks, and writes nothing', async () => {
    const { exitCode, stdout } = await setup('plan')
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`create data stream ${stage.prefix}wework-system-logs`)
    expect(stdout).toContain('deleted after 365 days')
    expect(stdout).toContain('Chinese text analyzed by smartcn')
    expect((await setup('plan --exit-code')).exitCode).toBe(1)
  })

  it('makes everything, has nothing to do the second time, and finds a Chinese sentence', async () => {
    const changes: string[] = []
    const onChange = (change: string): boolean => {
      changes.push(change)
      return false
    }
    expect(await guarded('apply', { onChange })).toMatchObject({ exitCode: 0 })
    expect(changes).toHaveLength(platformSteps)
    expect(await guarded('apply', { onChange })).toMatchObject({ exitCode: 0 })
    expect(changes).toHaveLength(platformSteps)
    expect((await setup('plan --exit-code')).exitCode).toBe(0)
    const { exitCode, stdout } = await setup('verify')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('smartcn splits it into 企业')
    const answer = await stage.json(['setup', 'verify'])
    expect(answer.exitCode).toBe(0)
    expect((await stage.json(['setup', 'plan'])).exitCode).toBe(0)
  })

  it('refuses a shorter age until that is allowed', async () => {
    const { request } = makeElasticsearch(node, stage.prefix)
    await request('POST', `/${stage.prefix}wework-alerts/_doc?refresh=true`, {
      '@timestamp': '2026-01-01T00:00:00Z',
      alert_title: '磁盘空间不足',
    })
    const shorter = { WWDB_ES_KEEP: '60d' }
    const refused = await setup('apply', shorter)
    expect(refused.exitCode).toBe(2)
    expect(refused.stdout + refused.stderr).toContain('shorter-retention')
    expect(refused.stdout + refused.stderr).toMatch(/wework-alerts-.*\(1 document, created /)
    const name = `${stage.prefix}wework-logs`
    const age = async () => (await request('GET', `/_ilm/policy/${name}`))[name].policy.phases.delete.min_age
    expect(await age()).toBe('365d')
    expect(await setup('apply --allow shorter-retention --yes', shorter)).toMatchObject({ exitCode: 0 })
    expect(await age()).toBe('60d')
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
  })

  it('passes on the server’s own reason for what it does not take', async () => {
    const file = 'migrations/elasticsearch/50-wrong.yaml'
    stage.write(
      file,
      'index_templates: { wrong: { data_streams: [wrong], mappings: { properties: { a: { type: keywor } } } } }\n',
    )
    const { exitCode, stdout, stderr } = await setup('plan')
    stage.remove(file)
    expect(exitCode).toBe(2)
    expect(stdout + stderr).toContain('The mapper type [keywor] declared on field [a] does not exist')
  })

  it('names the place of what is declared wrongly, before it asks any server', async () => {
    stage.write(lifecycles, String(platformFiles[lifecycles]).replace(/min_age: "[^"]+"/, 'min_agee: 30d'))
    const { exitCode, stderr } = await setup('plan', { WWDB_STORES_ELASTICSEARCH_URL: 'http://127.0.0.1:1' })
    stage.write(lifecycles, String(platformFiles[lifecycles]))
    expect(exitCode).toBe(78)
    expect(stderr).toMatch(/10-lifecycles\.yaml:\d+:9/)
    expect(stderr).toContain('Did you mean `min_age`?')
    const prefixed = await setup('plan', { WWDB_PREFIX: 'PR_1_' })
    expect(prefixed).toMatchObject({
      exitCode: 78,
      stderr: expect.stringContaining('is not valid at the start of an Elasticsearch name'),
    })
  })

  it.each([
    ['a wrong password', 'plan', { users: { wwdb: 'another' } }, 69, 'rejected these credentials'],
    ['an authority that did not sign', 'plan', { certificate: 'here', ca: 'elsewhere' }, 69, 'TLS failed: '],
    ['an older server', 'plan', { version: '7.17.29' }, 2, 'Elasticsearch 7.17.29'],
    ['a reader', 'apply', { users: { wwdb: password }, readers: ['wwdb'] }, 2, 'is unauthorized for user [wwdb]'],
  ] as const)('says in one sentence what keeps it out: %s', async (_, words, options, exitCode, sentence) => {
    const ca = 'ca' in options ? { WWDB_STORES_ELASTICSEARCH_TLS_CA: join(certificates, `${options.ca}.pem`) } : {}
    const age = words === 'apply' ? { WWDB_ES_ROLLOVER: '2d' } : {}
    const run = await guarded(words, options, { ...ca, ...age })
    expect(run).toMatchObject({ exitCode })
    expect(run.stdout + run.stderr).toContain(sentence)
  })

  it('says in one sentence that nothing is there', async () => {
    const url = `http://wwdb:${password}@127.0.0.1:${await freePort()}`
    const run = await setup('apply', { WWDB_STORES_ELASTICSEARCH_URL: url })
    expect(run).toMatchObject({ exitCode: 69 })
    expect(run.stdout + run.stderr).toContain('Nothing is listening there.')
  })

  it('prints no secret anywhere', () => {
    expect(runs.length).toBeGreaterThan(12)
    for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain(password)
  })
})
