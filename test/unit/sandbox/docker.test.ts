import { describe, expect, it } from 'vitest'
import { parseEngineAddress } from '../../../src/sandbox/docker-engine.ts'
import { containerName } from '../../../src/sandbox/mysql-container.ts'

describe('a Docker engine', () => {
  it.each([
    ['unix:///run/user/1000/docker.sock', { type: 'socket', path: '/run/user/1000/docker.sock' }],
    ['tcp://127.0.0.1:2375', { type: 'tcp', host: '127.0.0.1', port: 2375 }],
    ['ssh://build@host', null],
    ['', null],
  ])('is found where DOCKER_HOST says: %s', (text, address) => {
    expect(parseEngineAddress(text)).toEqual(address)
  })

  it('gets a container name that is its own for every folder, and allowed', () => {
    const name = containerName('/home/me/my shop/.wwdb/sandbox')
    expect(name).toMatch(/^wwdb-sandbox-myshop-[0-9a-f]{8}$/)
    expect(containerName('/home/you/my shop/.wwdb/sandbox')).not.toBe(name)
    expect(containerName('/')).toMatch(/^wwdb-sandbox-[0-9a-f]{8}$/)
  })
})
