import { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { startRedis } from '../../helpers/redis/redis.ts'
import { startBareNodes } from '../../helpers/redis/redis-cluster.ts'
import { type ImportProject, openImportProject, takeOwnDeclarations } from '../../helpers/stores/import-project.ts'

const projects: ImportProject[] = []

function openProject(url: string, environment: Readonly<Record<string, string>> = {}): ImportProject {
  const project = openImportProject('redis', { url }, environment)
  projects.push(project)
  return project
}

afterAll(() => {
  for (const project of projects) project.close()
})

describe('an import of a Redis', () => {
  it('declares what the repository does: each plans nothing on what the other has made', async () => {
    const own = { WEWORK_REDIS_APP_PASSWORD: 'a1', WEWORK_REDIS_READER_PASSWORD: 'r1' }
    const known = { REDIS_WEWORK_APP_PASSWORD: 'a1', REDIS_WEWORK_READER_PASSWORD: 'r1' }
    const [made, copied] = await Promise.all([startBareNodes(), startBareNodes()])
    try {
      const repository = openProject(made.url, own)
      takeOwnDeclarations(repository, 'redis')
      expect(await repository.setup('apply')).toMatchObject({ exitCode: 0 })
      const imported = openProject(made.url, known)
      const { exitCode, answer } = await imported.importAll()
      expect({ exitCode, left: answer.notDeclarable }).toEqual({ exitCode: 0, left: [] })
      expect(imported.files()).toEqual(['cluster.yaml', 'settings.yaml', 'users.yaml'])
      expect(await imported.changes()).toEqual([])
      const copy = openProject(copied.url, known)
      for (const file of imported.files())
        copy.write(`migrations/redis/${file}`, imported.read(`migrations/redis/${file}`))
      expect(await copy.setup('apply')).toMatchObject({ exitCode: 0 })
      const back = openProject(copied.url, own)
      takeOwnDeclarations(back, 'redis')
      expect(await back.changes()).toEqual([])
    } finally {
      await Promise.all([made.stop(), copied.stop()])
    }
  })

  it('declares what somebody made by hand, and names what a file cannot declare', async () => {
    const node = await startRedis(['--save', '900 1 60 1000', '--maxmemory', '300mb', '--slowlog-max-len', '77'])
    const client = new Redis({ port: node.port, host: '127.0.0.1' })
    try {
      const user = (...words: readonly string[]) => client.call('ACL', 'SETUSER', ...words)
      await user('constructor', 'on', '>never-to-be-seen', '~a:*', '&news.*', '+@read', '-keys', '+config|get')
      await user('app.Capital', 'off', '>never-to-be-seen', '~*', '+@all')
      await user('open', 'on', 'nopass', '~*', '+get')
      await user('reader', 'on', '>never-to-be-seen', '%R~only:*', '+get')
      await user('名', 'on', '>never-to-be-seen', '+get')
      await user('two', 'on', '>never-to-be-seen', '+get', '(+set ~x)')
      const project = openProject(`redis://127.0.0.1:${node.port}`)
      const { exitCode, answer } = await project.importAll()
      expect(exitCode).toBe(1)
      expect(answer.notDeclarable.map(({ resource: { name } }) => name).toSorted()).toEqual(['open', 'two', '名'])
      expect(answer.declared.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['constructor', 'app.Capital', 'save', 'maxmemory', 'slowlog-max-len']),
      )
      expect(project.read('migrations/redis/settings.yaml')).toContain('limit: 300mb')
      expect(project.read('migrations/redis/users.yaml')).not.toContain('never-to-be-seen')
      expect(await project.changes()).toEqual([])
    } finally {
      client.disconnect()
      await node.stop()
    }
  })
})
