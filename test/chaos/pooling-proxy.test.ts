import { afterEach, describe, expect, test } from 'vitest'
import { openPoolingProxy, type Pooling, type PoolingProxy } from '../helpers/mysql/pooling-proxy.ts'
import { testServer } from '../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'
import { expectSentence } from './support/sentences.ts'

const openStage = withStages()
let proxy: PoolingProxy | undefined

afterEach(async () => {
  await proxy?.close()
  proxy = undefined
})

/** The second migration makes the plan ask the server about a table that is there: that must not touch it, either. */
const files = {
  'app/1_made.sql': migration('CREATE TABLE made (id INT PRIMARY KEY);\nINSERT INTO made VALUES (1);'),
  'app/2_altered.sql': migration('ALTER TABLE present ADD COLUMN added INT;'),
}

async function stageBehind(pooling: Pooling): Promise<{ readonly stage: Stage; readonly args: readonly string[] }> {
  const stage = await openStage({ files })
  await stage.query('CREATE TABLE present (id INT PRIMARY KEY)')
  proxy = await openPoolingProxy(`${testServer().url}/${stage.schema('app')}`, pooling)
  return { stage, args: ['migrate', '--url', `mysql://root@127.0.0.1:${proxy.port}`] }
}

const columns = (stage: Stage) =>
  stage.query(
    `SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${stage.schema('app')}' ORDER BY 1, 2`,
  )

describe.each<Pooling>(['rotating', 'latest', 'transaction'])('behind a proxy that pools: %s', (pooling) => {
  test.each([[[]], [['--no-probe']]])('a run is refused before anything is done (%s)', async (flags) => {
    const { stage, args } = await stageBehind(pooling)
    const run = await stage.run([...args, ...flags])
    expectSentence(run, [2], /^✗ The lock of `\w+` is not reliable: `GET_LOCK` is not held by this connection\.$/)
    expect(run.stderr).toMatch(/Why: [\s\S]*A proxy that pools connections/)
    expect(run.stderr).toContain('Code: LOCK_UNRELIABLE')
    expect(await columns(stage)).toEqual([['present', 'id']])
    expect(proxy?.texts.filter((text) => /made|present/.test(text) && !/^SHOW|^SELECT/.test(text))).toEqual([])
  })

  test('it leaves no lock behind in the pool', async () => {
    const { stage, args } = await stageBehind(pooling)
    expect((await stage.run([...args, '--no-probe'])).exitCode).toBe(2)
    // Straight to the server, while the pool's connections are still there.
    const direct = await stage.run(['migrate', '--lock-timeout', '0s'])
    expect(direct.exitCode, direct.stderr).toBe(0)
  })
})

test('a proxy that gives each client a connection of its own is as good as none', async () => {
  const { stage, args } = await stageBehind('connection')
  const run = await stage.run(args)
  expect(run.exitCode, run.stderr).toBe(0)
  expect(await columns(stage)).toEqual(expect.arrayContaining([['present', 'added']]))
})
