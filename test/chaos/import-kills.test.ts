import { readdirSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedis, type TestRedis } from '../helpers/redis/redis.ts'
import { isAvailable } from '../helpers/servers/servers.ts'
import { type ImportProject, openImportProject } from '../helpers/stores/import-project.ts'
import { listDiskPoints, runOnDisk } from './support/dying-disk.ts'
import { isSoak, longest, randomFrom, sample, seed } from './support/seed.ts'

const random = randomFrom(seed)

describe.runIf(isAvailable('redis'))('an import that is killed', () => {
  let node: TestRedis
  let project: ImportProject
  const command = ['setup', 'import', 'redis'] as const
  beforeAll(async () => {
    node = await startRedis()
    const client = new Redis({ port: node.port, host: '127.0.0.1' })
    await client.call('FUNCTION', 'LOAD', "#!lua name=shop\nredis.register_function('take', function() return 1 end)")
    await client.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~a:*', '+get')
    client.disconnect()
    project = openImportProject('redis', { url: `redis://127.0.0.1:${node.port}` })
  })
  afterAll(async () => {
    project?.close()
    await node?.stop()
  })
  const folder = (): string => join(project.folder, 'migrations', 'redis')
  const begin = (): void => rmSync(folder(), { recursive: true, force: true })
  const drafts = (): readonly string[] => project.files().filter((name) => name.endsWith('.part'))
  const declarations = (): Readonly<Record<string, string>> =>
    Object.fromEntries(
      project
        .files()
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => [name, project.read(`migrations/redis/${name}`)]),
    )

  it(
    `leaves only whole files, and the next one writes the others (seed ${seed})`,
    async () => {
      begin()
      const { run, writes } = await runOnDisk(project, command, null)
      expect(run).toMatchObject({ signal: null })
      const whole = declarations()
      expect(Object.keys(whole).length).toBeGreaterThan(1)
      const own = listDiskPoints(writes).filter(({ what }) => what.includes('migrations/redis'))
      expect(own.length).toBeGreaterThan(6)
      const halves = own.filter(({ moment }) => moment === 'half')
      let left = 0
      for (const point of isSoak ? own : [...sample(own, 3, random), ...sample(halves, 1, random)]) {
        begin()
        const { run: killed } = await runOnDisk(project, command, point)
        expect(killed.signal).toBe('SIGKILL')
        for (const [name, text] of Object.entries(declarations())) expect(text).toBe(whole[name])
        left += drafts().length
        expect(await project.setup('import', 'redis')).toMatchObject({ signal: null })
        expect(declarations()).toEqual(whole)
        expect(await project.changes()).toEqual([])
      }
      expect(left).toBeGreaterThan(0)
    },
    longest,
  )

  it('has what it left swept by the first one a day later, which says so', async () => {
    begin()
    const { writes } = await runOnDisk(project, command, null)
    const [half] = listDiskPoints(writes).filter(
      ({ what, moment }) => moment === 'half' && what.includes('migrations/redis'),
    )
    begin()
    await runOnDisk(project, command, half ?? null)
    const [draft = ''] = drafts()
    expect(drafts()).toHaveLength(1)
    const early = await project.setup('import', 'redis')
    expect(early.stderr).not.toContain(draft)
    expect(readdirSync(folder())).toContain(draft)
    const old = new Date(Date.now() - 25 * 3_600_000)
    utimesSync(join(folder(), draft), old, old)
    expect((await project.setup('import', 'redis', '--dry-run')).stderr).not.toContain(draft)
    expect(readdirSync(folder())).toContain(draft)
    expect((await project.setup('import', 'redis')).stderr.replaceAll(/\s+/g, ' ')).toContain(draft)
    expect(readdirSync(folder())).not.toContain(draft)
  })
})
