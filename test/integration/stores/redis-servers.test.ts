import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { startRedisCluster } from '../../helpers/redis/redis-cluster.ts'

test('a test has a Redis Cluster of its own: each node sends to the one that has a key', async () => {
  const cluster = await startRedisCluster()
  const [first] = cluster.nodes
  const client = new Redis({ port: first?.port ?? 0, host: '127.0.0.1', protocol: 2 })
  try {
    expect(await client.set('user1000', '1')).toBe('OK')
    // Slot 12182 is the third node's.
    await expect(client.set('foo', '1')).rejects.toThrow(`MOVED 12182 127.0.0.1:${cluster.nodes[2]?.port}`)
  } finally {
    client.disconnect()
    await cluster.stop()
  }
})
