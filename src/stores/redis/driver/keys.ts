import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { KeySample, SampledKey, WriteProof } from '../ports.ts'
import { readCluster } from './read-replies.ts'

/** Keys that a SCAN looks at before it answers: a server does nothing else meanwhile. */
const scanStep = 500

/** Rounds of SCAN without an end: a server full of other people's keys is not read to its end. */
const mostRounds = 200

/** Up to `limit` keys that begin with `prefix`, with types and lifetimes. */
export async function sampleKeys(client: Redis, prefix: string, limit: number): Promise<KeySample> {
  const found = new Set<string>()
  let cursor = '0'
  let rounds = 0
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', `${escapePattern(prefix)}*`, 'COUNT', scanStep)
    for (const key of keys) if (found.size < limit) found.add(key)
    cursor = next
    rounds += 1
  } while (cursor !== '0' && found.size < limit && rounds < mostRounds)
  return { keys: await describeKeys(client, [...found]), complete: cursor === '0' && found.size < limit }
}

/** A key that has expired meanwhile is left out. */
async function describeKeys(client: Redis, keys: readonly string[]): Promise<readonly SampledKey[]> {
  const answers = await Promise.all(
    keys.map(async (key) => ({ key, type: await client.type(key), ttl: await client.pttl(key) })),
  )
  return answers
    .filter(({ type, ttl }) => type !== 'none' && ttl !== -2)
    .map(({ key, type, ttl }) => ({ key, type, ttl: ttl < 0 ? null : ttl }))
}

/**
 * Writes a key that this primary serves, waits for its replicas, reads it and removes it; it expires should this be the last that is done.
 * @param patience milliseconds that replicas have.
 */
export async function proveWriting(
  client: Redis,
  prefix: string,
  replicas: number,
  inCluster: boolean,
  patience: number,
): Promise<WriteProof> {
  const key = inCluster ? await findOwnKey(client, prefix) : `${prefix}wwdb:proof:${randomBytes(6).toString('hex')}`
  await client.set(key, 'proof', 'PX', 30_000)
  try {
    const acknowledged = replicas === 0 ? 0 : await client.wait(replicas, patience)
    if ((await client.get(key)) !== 'proof') throw new Error('ERR a key that was just written is not there')
    return { replicas: Math.min(acknowledged, replicas) }
  } finally {
    await client.del(key)
  }
}

/** A key whose slot this node serves; the server says which slot a key has. */
async function findOwnKey(client: Redis, prefix: string): Promise<string> {
  const own = await ownSlots(client)
  for (let round = 0; round < 100; round += 1) {
    const keys = Array.from({ length: 100 }, () => `${prefix}wwdb:proof:${randomBytes(6).toString('hex')}`)
    const slots = await Promise.all(keys.map((key) => client.call('CLUSTER', 'KEYSLOT', key)))
    const index = slots.findIndex((slot) => own(Number(slot)))
    const key = keys[index]
    if (key !== undefined) return key
  }
  throw new Error('ERR no key was found whose slot this node serves')
}

async function ownSlots(client: Redis): Promise<(slot: number) => boolean> {
  const { slots } = readCluster(String(await client.call('CLUSTER', 'NODES')), '')
  return (slot) => slots.some(({ first, last }) => slot >= first && slot <= last)
}

/** Removes keys a few at a time, and lets the server free them when it has the time. */
export async function removeKeys(client: Redis, prefix: string): Promise<number> {
  let removed = 0
  let cursor = '0'
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', `${escapePattern(prefix)}*`, 'COUNT', scanStep)
    removed += (await Promise.all(keys.map((key) => client.unlink(key)))).reduce((sum, count) => sum + count, 0)
    cursor = next
  } while (cursor !== '0')
  return removed
}

/** A text as a pattern that matches it alone. */
function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]^]/g, '\\$&')
}
