import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { ToolError } from '../../core/tool-error.ts'
import type { NodeConnection } from './connection.ts'
import { type Credentials, type KeyPath, KeySender } from './driver-move-keys.ts'
import { countKeys, readCluster, readInfo } from './driver-read.ts'
import { together } from './driver-transaction.ts'
import { refuse } from './errors.ts'
import { takenSlots } from './members.ts'
import type { ObservedCluster } from './ports.ts'

/** Requests for one slot in which no key is moved, until it is given up. */
const mostIdle = 20

/** Milliseconds for the replicas of the target to confirm its keys, at most. */
const longestWait = 2_000

interface SlotMove {
  readonly slot: number
  readonly source: NodeConnection
  readonly target: NodeConnection
  /** The same nodes, for requests that take longer than others. */
  readonly patient: Pick<KeyPath, 'source' | 'target' | 'whileBusy'>
}

/**
 * Moves one slot with its keys while clients write; a move that was interrupted anywhere goes on. The target takes new keys of it before the source
 * sends any, and owns it only once the source has no key of it left: a node that loses a slot deletes what it has of it. Other nodes hear of it from these two.
 * @returns whether all replicas of the target had confirmed its keys before it owned the slot.
 */
export async function moveSlot(move: SlotMove, access: Credentials): Promise<boolean> {
  const { slot, source, target } = move
  const from = await source.use(observeSelf)
  const take = async (client: Redis): Promise<ObservedCluster> => {
    const own = await observeSelf(client)
    if (owns(own, slot)) return own
    if (!owns(from, slot)) throw changed(move)
    await startImporting(client, slot, own, from)
    return own
  }
  const to = await target.use(take)
  let isConfirmed = true
  if (!owns(to, slot)) {
    const isSent = await moveKeys(move, to, access)
    const isBegun = to.openSlots.some((text) => text.startsWith(`[${slot}-`))
    if (isSent || isBegun) isConfirmed = await confirmReplicas(move, to, access.timeout)
    await target.use((client) => setSlot(client, slot, 'NODE', to.id))
  }
  if (owns(from, slot)) await source.use((client) => giveAway(client, slot, to.id))
  return isConfirmed
}

/**
 * In one transaction, with what else is wrong on the node about its owner: a marker that it gives the slot away, left from before, would stay when it owns the slot again, and turn its clients away; and a node
 * that takes slots does not hear who has them after a failover, and answers nothing at all while one has no owner.
 */
async function startImporting(client: Redis, slot: number, own: ObservedCluster, from: Owner): Promise<void> {
  const seen = own.others.find(({ id }) => id === from.id)
  const isUnheard = (one: number): boolean =>
    owns(from, one) && !owns(own, one) && !(seen !== undefined && owns(seen, one))
  const unheard = [...new Set([...takenSlots(own), slot])].filter(isUnheard)
  const isGiving = own.openSlots.some((text) => text.startsWith(`[${slot}->-`))
  await together(client, [
    ...unheard.map((one) => ['CLUSTER', 'SETSLOT', String(one), 'NODE', from.id]),
    ...(isGiving ? [['CLUSTER', 'SETSLOT', String(slot), 'STABLE']] : []),
    ['CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', from.id],
  ])
}

/**
 * Replication is asynchronous: without this, a target that fails right after it took the slot takes keys with it. From Redis 7 on WAIT looks only at what its own connection has written, and the
 * keys came on another one: here it makes the replicas say how far they are, for one more than there are, so that it always asks. A replica without a link has not confirmed.
 */
async function confirmReplicas({ target, patient }: SlotMove, own: ObservedCluster, timeout: number): Promise<boolean> {
  const known = own.others.filter(({ primary, health }) => primary === own.id && health !== 'failed').length
  if (known === 0) return true
  const { offset, linked } = await target.use(readOffsets)
  if (linked.length === 0) return false
  const isEven = (offsets: readonly number[]): boolean => offsets.filter((one) => one >= offset).length >= known
  if (isEven(linked)) return true
  const look = async (client: Redis): Promise<boolean> => {
    for (const end = Date.now() + Math.min(longestWait, timeout / 2); Date.now() < end; ) {
      await pause(2)
      if (isEven((await readOffsets(client)).linked)) return true
    }
    return false
  }
  const ask = (client: Redis): Promise<unknown> => client.call('WAIT', String(linked.length + 1), '1')
  const [isConfirmed] = await Promise.all([target.use(look), patient.target.use(ask)])
  return isConfirmed
}

/** How far the node is, and how far its replicas with a link are, as they last said. */
async function readOffsets(client: Redis): Promise<{ readonly offset: number; readonly linked: readonly number[] }> {
  const info = readInfo(await client.info('replication'))
  const replicas = [...info].filter(([name, value]) => /^slave\d+$/.test(name) && /\bstate=online\b/.test(value))
  return {
    offset: Number(info.get('master_repl_offset') ?? '0'),
    linked: replicas.map(([, value]) => Number(/\boffset=(\d+)/.exec(value)?.[1] ?? '0')),
  }
}

/**
 * Removes markers of moves that have ended. Behind a marker that a slot is given away the server hides one that it is taken: where the node has keys of a slot that is another one's,
 * that one stays, and the next plan finishes the move.
 */
export async function closeSlots(node: NodeConnection, markers: readonly string[]): Promise<void> {
  await node.use(async (client) => {
    const own = await observeSelf(client)
    for (const text of markers.filter((one) => own.openSlots.includes(one))) {
      const slot = Number(/\d+/.exec(text)?.[0])
      const owner = own.others.find((other) => owns(other, slot))
      const keys = Number(await client.call('CLUSTER', 'COUNTKEYSINSLOT', String(slot)))
      if (owner !== undefined && keys > 0) await startImporting(client, slot, own, owner)
      else await setSlot(client, slot, 'STABLE')
    }
  })
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
 * Returns when the source has no key of the slot and gets none any more: whether it had some. Where a key is on both nodes, an interrupted request has left it: the source
 * answers for it, so what the target has is older.
 */
async function moveKeys(move: SlotMove, to: ObservedCluster, access: Credentials): Promise<boolean> {
  const { slot, source, target, patient } = move
  const address = { ip: to.address.ip === '' ? await target.address() : to.address.ip, port: to.address.port }
  const sender = new KeySender({ ...patient, slot, address }, access)
  let isBegun = false
  let isSent = false
  for (let idle = 0; idle < mostIdle; idle += 1) {
    const left = await source.use(async (client) => {
      if (!isBegun) await setSlot(client, slot, 'MIGRATING', to.id)
      isBegun = true
      const keys = await listKeys(client, slot, sender.size)
      return keys.length === 0 && (await isEmptied(client, slot, to.id)) ? null : keys
    })
    if (left === null) return isSent
    isSent ||= left.length > 0
    if (left.length > 0 && (await sender.send(left))) idle = 0
  }
  throw changed(move)
}

async function listKeys(client: Redis, slot: number, most: number): Promise<readonly Buffer[]> {
  const keys = await client.callBuffer('CLUSTER', 'GETKEYSINSLOT', String(slot), String(most))
  return Array.isArray(keys) ? keys.filter((key) => key instanceof Buffer) : []
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

type Owner = Pick<ObservedCluster, 'id' | 'slots'>

function owns({ slots }: Owner, slot: number): boolean {
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
