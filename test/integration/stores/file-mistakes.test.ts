import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedis, type TestRedis } from '../../helpers/redis/redis.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { type ImportProject, openImportProject } from '../../helpers/stores/import-project.ts'

describe.runIf(isAvailable('redis'))('a path that is a slip', () => {
  let node: TestRedis
  let project: ImportProject
  beforeAll(async () => {
    node = await startRedis()
    const client = new Redis({ port: node.port, host: '127.0.0.1' })
    await client.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~a:*', '+get')
    client.disconnect()
    project = openImportProject('redis', { url: `redis://127.0.0.1:${node.port}` })
    writeFileSync(join(project.folder, 'notes.txt'), 'mine')
  })
  afterAll(async () => {
    project?.close()
    await node?.stop()
  })
  const said = async (...words: readonly string[]) => {
    const { exitCode, stderr } = await project.setup(...words)
    return { exitCode, stderr: stderr.replaceAll(/\s+/g, ' ') }
  }

  it.each([
    ['that is a file', 'notes.txt', 78, '`notes.txt` is a file, and declarations are in a folder.'],
    ['below a file', 'notes.txt/below', 2, 'The declarations cannot be written.'],
  ])('%s ends an import into it with its reason', async (_, folder, exitCode, what) => {
    const answer = await said('import', 'redis', '--out', folder)
    expect(answer).toEqual({ exitCode, stderr: expect.stringContaining(what) })
    expect(answer.stderr).not.toContain('defect')
    expect(project.read('notes.txt')).toBe('mine')
  })

  it('ends a restore with the files that there are', async () => {
    const none = await said('restore', 'redis', 'nothing.yaml')
    expect(none).toEqual({ exitCode: 78, stderr: expect.stringContaining('`nothing.yaml` does not exist.') })
    expect(none.stderr).toContain('of redis, there is none in `.wwdb/removed`')
    mkdirSync(join(project.folder, '.wwdb', 'removed'), { recursive: true })
    for (const name of ['redis-2026-12-01T06-00-00-000Z.yaml', 'mongodb-2026-12-01T06-00-00-000Z.yaml'])
      writeFileSync(join(project.folder, '.wwdb', 'removed', name), '')
    const folder = await said('restore', 'redis', '.wwdb/removed')
    expect(folder).toEqual({
      exitCode: 78,
      stderr: expect.stringContaining('`.wwdb/removed` is a folder, not a file.'),
    })
    expect(folder.stderr).toContain('the latest of redis are `.wwdb/removed/redis-2026-12-01T06-00-00-000Z.yaml`.')
  })
})
