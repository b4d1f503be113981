import { setTimeout as pause } from 'node:timers/promises'
import { Cluster } from 'ioredis'
import { expect } from 'vitest'
import { waitUntil } from '../../../src/sandbox/process.ts'

/** A client that counts up keys of a cluster, as an application does while its slots move. */
export interface ClusterWriter {
  /** Waits until so many more writes were confirmed. */
  readonly writes: (count: number) => Promise<void>
  /** Ends it, and reads every key: each must have what was confirmed last. Returns how many writes that were. */
  readonly check: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** @param keys how many there are; all of them are there when it begins. */
export async function startWriter(ports: readonly number[], keys: number): Promise<ClusterWriter> {
  const options = { redisOptions: { protocol: 2 as const }, scaleReads: 'master' as const, slotsRefreshTimeout: 5000 }
  const client = new Cluster(
    ports.map((port) => ({ host: '127.0.0.1', port })),
    options,
  )
  client.on('error', () => {})
  const confirmed = new Map<string, number>()
  const write = async (at: number): Promise<void> => {
    const key = `key:${at}`
    confirmed.set(key, await client.incr(key))
  }
  for (let at = 0; at < keys; at += 500)
    await Promise.all(Array.from({ length: Math.min(500, keys - at) }, (_, offset) => write(at + offset)))
  let ended = false
  let count = 0
  const failures: string[] = []
  const work = async (lane: number): Promise<void> => {
    for (let at = lane; !ended; at = (at + 7) % keys) {
      await write(at).then(
        () => {
          count += 1
        },
        (error: unknown) => failures.push(String(error)),
      )
      await pause(5)
    }
  }
  // Each lane has its own keys.
  const lanes = Array.from({ length: 7 }, (_, lane) => work(lane))
  const end = async (): Promise<void> => {
    ended = true
    await Promise.all(lanes)
  }
  return {
    writes: async (more) => {
      const wanted = count + more
      if (!(await waitUntil(async () => count >= wanted, 60_000)))
        throw new Error(`${count} writes: ${failures[0] ?? ''}`)
    },
    check: async () => {
      await end()
      expect(failures).toEqual([])
      const wrong: string[] = []
      for (const [key, value] of confirmed) {
        const found = Number(await client.get(key))
        if (found !== value) wrong.push(`${key} is ${found}, and was ${value}`)
      }
      expect(wrong).toEqual([])
      return count
    },
    stop: async () => {
      await end()
      client.disconnect()
    },
  }
}
