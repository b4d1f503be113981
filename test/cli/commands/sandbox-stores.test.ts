import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Redis } from 'ioredis'
import { MongoClient } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { commandLine } from '../../../src/sandbox/process.ts'
import { readStores } from '../../../src/stores/sandbox/sandbox-stores.ts'
import { freePorts } from '../../helpers/servers/ports.ts'
import { testServer } from '../../helpers/servers/servers.ts'
import { withProjects } from '../../helpers/tool/project.ts'
import { runTool } from '../../helpers/tool/tool.ts'

const project = withProjects()
const port = await freePorts(41)
const folder = project({
  'wwdb.config.json': JSON.stringify({ databases: { app: { url: testServer().url } }, sandbox: { port } }),
})
const directory = join(folder, '.wwdb/sandbox')
const options = { cwd: folder }

afterAll(() => runTool(['sandbox', 'down', '--remove', '--yes'], options))

async function processes(): Promise<readonly number[]> {
  const stores = Object.values((await readStores(directory))?.stores ?? {})
  return stores.flatMap(({ nodes }) => nodes.flatMap(({ pid }) => pid ?? []))
}

async function living(pids: readonly number[]): Promise<number> {
  const lines = await Promise.all(pids.map(commandLine))
  return lines.filter((words) => words.length > 0).length
}

describe('a sandbox with stores', () => {
  it('comes up with those asked for, on ports above its own', async () => {
    const { exitCode, stdout } = await runTool(['sandbox', 'up', '--with', 'redis,mongodb', '--json'], options)
    expect(exitCode).toBe(0)
    const answer = JSON.parse(stdout) as {
      stores: readonly { store: string; state: string; ports: readonly number[] }[]
    }
    expect(answer.stores).toMatchObject([
      { store: 'mongodb', state: 'running', ports: [port + 20, port + 21, port + 22] },
      { store: 'redis', state: 'running', ports: Array.from({ length: 6 }, (_, index) => port + 10 + index) },
    ])
  })

  it('prints their addresses for a shell', async () => {
    const { stdout } = await runTool(['sandbox', 'env'], options)
    expect(stdout).toContain(`export WWDB_STORES_REDIS_PASSWORD_FILE='${directory}/stores.password'`)
    const password = readFileSync(join(directory, 'stores.password'), 'utf8').trim()
    expect(stdout).not.toContain(password)
    expect(readFileSync(join(directory, 'stores.token'), 'utf8')).toBe(`token-${password}\n`)
    expect(stdout).not.toContain((await readStores(directory))?.secret)
    expect(stdout).not.toContain('***')
    expect(stdout).toContain(`export WWDB_STORES_MONGODB_URL='mongodb://sandbox@127.0.0.1:${port + 20},`)
    expect(stdout).toContain(`export WWDB_STORES_REDIS_URL='redis://127.0.0.1:${port + 10},`)
    expect(stdout).toContain("export WWDB_MONGODB_REPLICA_SET='sandbox'")
    expect(stdout).not.toContain('INFLUXDB')
  })

  it('prints those of a project that declares some, and no others', async () => {
    const file = join(folder, 'migrations/redis/memory.yaml')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, 'memory:\n  eviction: noeviction\n')
    const { stdout } = await runTool(['sandbox', 'env'], options)
    expect(stdout).toContain('export WWDB_STORES_REDIS_URL=')
    expect(stdout).not.toContain('MONGODB')
    rmSync(join(folder, 'migrations'), { recursive: true })
  })

  it('refuses clients without the password', async () => {
    const redis = new Redis({ port: port + 10, enableReadyCheck: false })
    await expect(redis.config('GET', 'dir')).rejects.toThrow(/NOAUTH/)
    redis.disconnect()
    const mongodb = new MongoClient(`mongodb://127.0.0.1:${port + 20}/?directConnection=true`)
    await expect(mongodb.db('app').collection('rows').find().toArray()).rejects.toMatchObject({ code: 13 })
    await mongodb.close()
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
  })

  it('finds its servers again when it forgot them, and starts the one that died alone', async () => {
    const before = await processes()
    rmSync(join(directory, 'stores.json'))
    process.kill(before[0] ?? 0, 'SIGKILL')
    expect((await runTool(['sandbox', 'up', '--with', 'mongodb', '--with', 'redis'], options)).exitCode).toBe(0)
    const after = await processes()
    expect(await living(after)).toBe(9)
    expect(after.filter((pid) => before.includes(pid))).toHaveLength(8)
  })

  it('ends with all of them', async () => {
    const pids = await processes()
    const { exitCode, stdout } = await runTool(['sandbox', 'down'], options)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/redis +\S+, stopped/)
    expect(await living(pids)).toBe(0)
  })
})
