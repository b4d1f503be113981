import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEach, startBareNodes, type TestRedisCluster } from '../../helpers/redis/redis-cluster.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { runTool, type ToolRun } from '../../helpers/tool/tool.ts'

const document = readFileSync(new URL('../../../docs/guides/redis.md', import.meta.url), 'utf8')
const blocks = new Map(
  [...document.matchAll(/^```\w+ (\w+)\n(.*?)^```$/gms)].map(([, label = '', text = '']) => [label, text]),
)
const password = 'document-password'

function textOf(label: string): string {
  const text = blocks.get(label)
  if (text === undefined) throw new Error(`the page has no block ${label}`)
  return text
}

it('every fenced block of the page is an example that is tested', () => {
  expect([...blocks.keys()]).toEqual('config declaration plan loss functions verify'.split(' '))
  expect(document.match(/^```/gm)).toHaveLength(2 * blocks.size)
})

describe.runIf(isAvailable('redis'))('the page about Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-document-'))
  let cluster: TestRedisCluster

  beforeAll(async () => {
    cluster = await startBareNodes({ flags: ['--requirepass', password, '--masterauth', password] })
    write('migrations/redis/all.yaml', textOf('declaration'))
    const config = cluster.nodes.reduce(
      (text, { port }, index) => text.replace(`:700${index}`, `:${port}`),
      textOf('config'),
    )
    write('wwdb.config.json', config)
  })

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await cluster.stop()
  })

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }

  function setup(...words: readonly string[]): Promise<ToolRun> {
    const environment = { REDIS_PASSWORD: password, APP_PASSWORD: 'another-password' }
    return runTool(['setup', ...words], { cwd: folder, environment })
  }

  /** As the page has it: its own ports, version and time. */
  function asOnPage(text: string): string {
    const named = cluster.nodes.reduce(
      (page, { port }, index) => page.replaceAll(`:${port}`, `:700${index}`),
      text.trim(),
    )
    return named.replaceAll(/Redis \d+\.\d+\.\d+/gi, 'Redis 8.0.6').replaceAll(/[\d.]+ m?s\)/g, '500 ms)')
  }

  it('shows the plan for bare nodes, and the proof', async () => {
    expect(asOnPage((await setup('plan')).stdout)).toBe(textOf('plan').trim())
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect(asOnPage((await setup('verify')).stdout)).toBe(textOf('verify').trim())
  })

  it('shows what a change would lose', async () => {
    await onEach(cluster, async (client) => {
      await client.call('AUTH', password)
      await client.hset('session:1', 'user', '1').catch(() => null)
      await client.pexpire('session:1', 60_000).catch(() => null)
    })
    // The replica has it as well, after a moment.
    const plan = async (): Promise<string> => asOnPage((await setup('plan')).stdout)
    write('migrations/redis/all.yaml', textOf('declaration').replace('appendOnly: true', 'appendOnly: false'))
    await expect.poll(plan, { timeout: 20_000, interval: 500 }).toBe(textOf('loss').trim())
    expect((await setup('apply')).exitCode).toBe(2)
  })

  it('shows a library of functions, which is the same on every primary afterwards', async () => {
    write('migrations/redis/all.yaml', textOf('declaration'))
    write('migrations/redis/functions.yaml', textOf('functions'))
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await setup('plan', '--exit-code')).toMatchObject({ exitCode: 0 })
  })
})
