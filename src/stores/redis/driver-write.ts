import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { assertNever } from '../../core/tool-error.ts'
import type { NodeConnection, RedisAccess } from './connection.ts'
import { loadFunctions, removeFunctions } from './driver-functions.ts'
import { readCluster, readInfo } from './driver-read.ts'
import { closeSlots, forgetNode, moveSlot, resetNode } from './driver-slots.ts'
import { together } from './driver-transaction.ts'
import { slotsOf } from './members.ts'
import type { KeySample, NodeWrite, ObservedCluster, SampledKey, SlotRange, WriteOutcome, WriteProof } from './ports.ts'

/** Slots per command: 6.2 accepts no ranges. */
const slotsAtOnce = 2048

/** The nodes, by their names, and how one logs in to another. */
export interface WriteNodes {
  readonly find: (name: string) => NodeConnection
  /** Another connection to the same node, which waits longer for answers. */
  readonly findPatient: (name: string) => NodeConnection
  /** Says that these nodes may be silent until the work is done. */
  readonly whileBusy: <T>(names: readonly string[], work: () => Promise<T>) => Promise<T>
  readonly access: Pick<RedisAccess, 'user' | 'password' | 'timeout'>
}

type SlotWrite = Extract<NodeWrite, { readonly type: 'move-slots' }>

/** Makes one change on one node; what is done already is left as it is. */
export async function writeToNode(write: NodeWrite, nodes: WriteNodes): Promise<WriteOutcome> {
  if (write.type === 'move-slots') return moveSlots(write, nodes)
  await changeNode(write, nodes)
  return { unconfirmed: 0 }
}

async function moveSlots(write: SlotWrite, nodes: WriteNodes): Promise<WriteOutcome> {
  const { find, findPatient, whileBusy, access } = nodes
  const names = [write.node, write.target]
  const patient = {
    source: findPatient(write.node),
    target: findPatient(write.target),
    whileBusy: <T>(work: () => Promise<T>) => whileBusy(names, work),
  }
  let unconfirmed = 0
  for (const slot of slotsOf(write.slots)) {
    const move = { slot, source: find(write.node), target: find(write.target), patient }
    if (!(await moveSlot(move, access))) unconfirmed += 1
  }
  return { unconfirmed }
}

async function changeNode(write: Exclude<NodeWrite, SlotWrite>, { find }: WriteNodes): Promise<unknown> {
  const node = find(write.node)
  switch (write.type) {
    case 'add-slots':
      return node.use((client) => addSlots(client, write.slots))
    case 'set-epoch':
      return node.use((client) => setEpoch(client, write.epoch))
    case 'meet':
      return meet(node, find(write.other))
    case 'replicate':
      return node.use((client) => replicate(client, write.primary))
    case 'close-slots':
      return closeSlots(node, write.markers)
    case 'forget':
      return forgetNode(node, find(write.other))
    case 'reset':
      return resetNode(node)
    case 'configure':
      return node.use((client) => configure(client, write.settings))
    case 'load-functions':
      return node.use((client) => loadFunctions(client, write.code))
    case 'remove-functions':
      return node.use((client) => removeFunctions(client, write.library))
    case 'set-user':
      return node.use((client) => setUser(client, write.user, write.rules))
    default:
      return assertNever(write)
  }
}

async function addSlots(client: Redis, slots: readonly SlotRange[]): Promise<void> {
  const { slots: own } = await observeSelf(client)
  const there = new Set(slotsOf(own))
  const missing = slotsOf(slots).filter((slot) => !there.has(slot))
  for (let start = 0; start < missing.length; start += slotsAtOnce) {
    await client.call('CLUSTER', 'ADDSLOTS', ...missing.slice(start, start + slotsAtOnce).map(String))
  }
}

/** A node that has an epoch, or has met others, keeps the one it has: that is not an error. */
async function setEpoch(client: Redis, epoch: number): Promise<void> {
  try {
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(epoch))
  } catch (error) {
    if (!/already non-zero|does not know any other node/.test(String(error))) throw error
  }
}

/** MEET accepts only addresses: the one that the node itself announces, else the one that its name resolves to. */
async function meet(node: NodeConnection, other: NodeConnection): Promise<void> {
  const { address } = await other.use(observeSelf)
  const ip = address.ip === '' ? await other.use(() => other.address()) : address.ip
  await node.use((client) => client.call('CLUSTER', 'MEET', ip, String(address.port), String(address.busPort)))
}

async function replicate(client: Redis, primary: string): Promise<void> {
  if ((await observeSelf(client)).primary !== primary) await client.call('CLUSTER', 'REPLICATE', primary)
}

async function observeSelf(client: Redis): Promise<ObservedCluster> {
  return readCluster(String(await client.call('CLUSTER', 'NODES')), '')
}

/**
 * Sets and writes to the configuration file in one transaction: a killed run leaves both or none. The file is written once before, so that
 * an unwritable file stops everything before anything is changed.
 */
async function configure(client: Redis, settings: ReadonlyMap<string, string>): Promise<void> {
  const writing = await canRewrite(client)
  if (writing) await client.call('CONFIG', 'REWRITE')
  const commands = [...settings].map(([name, value]) => ['CONFIG', 'SET', name, value])
  await together(client, writing ? [...commands, ['CONFIG', 'REWRITE']] : commands)
  if (settings.get('appendonly') === 'yes') await firstRewrite(client)
}

async function canRewrite(client: Redis): Promise<boolean> {
  return (readInfo(await client.info('server')).get('config_file') ?? '') !== ''
}

/** Until the file exists, turning it on protects nothing. */
async function firstRewrite(client: Redis): Promise<void> {
  for (const end = Date.now() + 600_000; Date.now() < end; await pause(50)) {
    const info = readInfo(await client.info('persistence'))
    const busy = ['aof_rewrite_in_progress', 'aof_rewrite_scheduled'].some((name) => info.get(name) === '1')
    if (busy) continue
    if (info.get('aof_last_bgrewrite_status') === 'ok') return
    throw new Error('ERR the append-only file could not be written; the reason is in the log of the node')
  }
  throw new Error('ERR the append-only file was not complete after ten minutes')
}

async function setUser(client: Redis, user: string, rules: readonly string[]): Promise<void> {
  const keeping = await keepUsers(client)
  for (const words of keeping) await client.call(...words)
  await together(client, [['ACL', 'SETUSER', user, ...rules], ...keeping])
}

/** How users are stored on disk: in their own file, else in the configuration file; not at all where there is neither. */
export async function keepUsers(client: Redis): Promise<readonly [string, ...string[]][]> {
  const reply = await client.call('CONFIG', 'GET', 'aclfile')
  if (Array.isArray(reply) && String(reply[1] ?? '') !== '') return [['ACL', 'SAVE']]
  return (await canRewrite(client)) ? [['CONFIG', 'REWRITE']] : []
}

/** Keys that a SCAN checks before it answers: the server does nothing else meanwhile. */
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
 * Writes a key that this primary serves, waits for its replicas, reads it and removes it; it has a TTL in case the run dies here.
 * @param timeout milliseconds for the replicas.
 */
export async function proveWriting(
  client: Redis,
  prefix: string,
  replicas: number,
  inCluster: boolean,
  timeout: number,
): Promise<WriteProof> {
  const key = inCluster ? await findOwnKey(client, prefix) : `${prefix}wwdb:proof:${randomBytes(6).toString('hex')}`
  await client.set(key, 'proof', 'PX', 30_000)
  try {
    const acknowledged = replicas === 0 ? 0 : await client.wait(replicas, timeout)
    if ((await client.get(key)) !== 'proof') throw new Error('ERR a key that was just written does not exist')
    return { replicas: Math.min(acknowledged, replicas) }
  } finally {
    await client.del(key)
  }
}

/** A key whose slot this node serves; the server computes the slot of a key. */
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

/** Removes keys a few at a time, and lets the server free them in the background. */
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

/** A text as a pattern that matches only this text. */
function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]^]/g, '\\$&')
}
