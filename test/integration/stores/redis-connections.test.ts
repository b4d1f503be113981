import { EventEmitter, once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectNode } from '../../../src/stores/redis/driver.ts'
import { startRedis, type TestRedis } from '../../helpers/redis/redis.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

describe.runIf(isAvailable('redis'))('the connection of a node', () => {
  let redis: TestRedis
  const connect = () => {
    const endpoint = { host: '127.0.0.1', port: redis.port }
    const access = { endpoints: [endpoint], user: null, password: null, secure: false, tls: null, timeout: 5_000 }
    return connectNode(access, endpoint.host, endpoint.port)
  }
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  it('is not taken from a command by an earlier one that fails later', async () => {
    const node = connect()
    const signals = new EventEmitter()
    const begun = once(signals, 'begun')
    const failing = node.use(async () => {
      const late = once(signals, 'late')
      signals.emit('begun')
      await late
      throw new Error('the connection is gone')
    })
    await begun
    await expect(node.use(() => Promise.reject(new Error('the connection is gone')))).rejects.toThrow()
    const answer = await node.use(async (client) => {
      signals.emit('late')
      await expect(failing).rejects.toThrow()
      return client.ping()
    })
    expect(answer).toBe('PONG')
    node.close()
  })
})
