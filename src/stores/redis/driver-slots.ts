import type { Redis } from 'ioredis'
import { ToolError } from '../../core/tool-error.ts'
import type { NodeConnection, RedisAccess } from './connection.ts'
import { countKeys, readCluster, readInfo } from './driver-read.ts'
import { refuse } from './errors.ts'
import type { ObservedCluster } from './ports.ts'

/** Keys of one request: the node does nothing else meanwhile. */
const keysAtOnce = 50

/** Requests for one slot in which no key is moved, until it is given up. */
const mostIdle = 20

interface SlotMove {
  readonly slot: number
  readonly source: NodeConnection
  readonly target: NodeConnection
}

type Credentials = Pick<RedisAccess, 'user' | 'password' | 'timeout'>

/**
 * Moves one slot with its keys while clients write; a move that was interrupted anywhere goes on. The target takes new keys of it before the source
 * sends any, and owns it only once the source has no key of it left: a node that loses a slot deletes what it has of it. Other nodes hear of it from these two.
 */
export async function moveSlot(move: SlotMove, access: Credentials): Promise<void> {
  const { slot, source, target } = move
  const from = await source.use(observeSelf)
  const take = async (client: Redis): Promise<ObservedCluster> => {
    const own = await observeSelf(client)
    if (owns(own, slot)) return own
    if (!owns(from, slot)) throw changed(move)
    await setSlot(client, slot, 'IMPORTING', from.id)
    return own
  }
  const to = await target.use(take)
  if (!owns(to, slot)) {
    await moveKeys(move, to, access)
    await target.use((client) => setSlot(client, slot, 'NODE', to.id))
  }
  if (owns(from, slot)) await source.use((client) => giveAway(client, slot, to.id))
}

/** A node that hears of its last slot from the target first follows it at once: then it is no primary any more, and has nothing to give. */
async function giveAway(client: Redis, slot: number, target: string): Promise<void> {
  try {
    await setSlot(client, slot, 'NODE', target)
  } catch (error) {
    if (!/only with masters/.test(String(error))) throw error
  }
}

function setSlot(client: Redis, slot: number, ...words: readonly string[]): Promise<unknown> {
  return client.call('CLUSTER', 'SETSLOT', String(slot), ...words)
}

/**
 * Returns when the source has no key of the slot and gets none any more. Where a key is on both nodes, an interrupted request has left it: the source
 * answers for it, so what the target has is older.
 */
async function moveKeys(move: SlotMove, to: ObservedCluster, access: Credentials): Promise<void> {
  const { slot, source, target } = move
  const ip = to.address.ip === '' ? await target.address() : to.address.ip
  const [user, password] = [access.user, access.password?.reveal() ?? null]
  const login = password === null ? [] : user === null ? ['AUTH', password] : ['AUTH2', user, password]
  const patience = String(Math.max(1000, Math.floor(access.timeout / 2)))
  const words = [ip, String(to.address.port), '', '0', patience, 'REPLACE', ...login, 'KEYS']
  let isBegun = false
  for (let idle = 0; idle < mostIdle; idle += 1) {
    const isDone = await source.use(async (client) => {
      if (!isBegun) await setSlot(client, slot, 'MIGRATING', to.id)
      isBegun = true
      const keys = await client.callBuffer('CLUSTER', 'GETKEYSINSLOT', String(slot), String(keysAtOnce))
      if (!Array.isArray(keys) || keys.length === 0) return isEmptied(client, slot, to.id)
      if (String(await client.call('MIGRATE', ...words, ...(keys as Buffer[]))) !== 'NOKEY') idle = 0
      return false
    })
    if (isDone) return
  }
  throw changed(move)
}

/** Asked in one transaction: the node still owns the slot, sends its clients to the target, and has no key of it. */
async function isEmptied(client: Redis, slot: number, target: string): Promise<boolean> {
  const asked = client.multi().call('CLUSTER', 'NODES').call('CLUSTER', 'COUNTKEYSINSLOT', String(slot))
  const [nodes = '', count] = ((await asked.exec()) ?? []).map(([error, answer]) => {
    if (error !== null) throw error
    return String(answer)
  })
  const own = readCluster(nodes, '')
  return own.primary === null && own.openSlots.includes(`[${slot}->-${target}]`) && count === '0'
}

function changed({ slot, source: { name: from }, target: { name: to } }: SlotMove): ToolError {
  return refuse(
    'REDIS_SLOT_CHANGED',
    from,
    `Slot ${slot} could not be moved from ${from} to ${to}.`,
    'Run the command again when the cluster has one primary for each slot: it goes on from what is there then.',
    'Another node took its place meanwhile, or something else moves slots, too.',
  )
}

function owns({ slots }: ObservedCluster, slot: number): boolean {
  return slots.some(({ first, last }) => first <= slot && slot <= last)
}

async function observeSelf(client: Redis): Promise<ObservedCluster> {
  return readCluster(String(await client.call('CLUSTER', 'NODES')), '')
}

/** Lets a node forget one that has nothing left. */
export async function forgetNode(node: NodeConnection, leaving: NodeConnection): Promise<void> {
  const { id } = await requireEmpty(leaving)
  try {
    await node.use((client) => client.call('CLUSTER', 'FORGET', id))
  } catch (error) {
    if (!/Unknown node/.test(error instanceof ToolError ? (error.faults[0]?.why ?? '') : String(error))) throw error
  }
}

/** Lets a node that has nothing left forget the others. A replica loses its copy of what its primary has. */
export async function resetNode(leaving: NodeConnection): Promise<void> {
  await requireEmpty(leaving)
  await leaving.use((client) => client.call('CLUSTER', 'RESET', 'SOFT'))
}

/** @throws ToolError REDIS_NODE_NOT_EMPTY for a node that still serves a slot, or has keys of its own. */
async function requireEmpty(leaving: NodeConnection): Promise<ObservedCluster> {
  const { own, keys } = await leaving.use(async (client) => ({
    own: await observeSelf(client),
    keys: countKeys(readInfo(await client.info('keyspace'))),
  }))
  const serves = own.slots.length > 0 || own.openSlots.length > 0
  if (!serves && (keys === 0 || own.primary !== null)) return own
  const { name: node } = leaving
  throw refuse(
    'REDIS_NODE_NOT_EMPTY',
    node,
    `${node} is not removed: it still has ${serves ? 'slots' : `${keys} keys of its own`}.`,
    'Run the command again: it moves what is left first.',
  )
}
