import type { Redis } from 'ioredis'
import { ToolError } from '../../core/tool-error.ts'
import type { NodeConnection, RedisAccess } from './driver.ts'
import { readCluster } from './driver-read.ts'
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
  /** All primaries: they are told at once, where others hear it from the nodes. */
  readonly others: readonly NodeConnection[]
}

type Credentials = Pick<RedisAccess, 'user' | 'password' | 'timeout'>

/**
 * Moves one slot with its keys while clients write; a move that was interrupted anywhere goes on. The target takes new keys of it before the source
 * sends any, and owns it only once the source has no key of it left: a node that loses a slot deletes what it has of it.
 */
export async function moveSlot(move: SlotMove, access: Credentials): Promise<void> {
  const { slot, source, target, others } = move
  const [from, to] = [await source.use(observeSelf), await target.use(observeSelf)]
  const set = (node: NodeConnection, ...words: readonly string[]): Promise<unknown> =>
    node.use((client) => client.call('CLUSTER', 'SETSLOT', String(slot), ...words))
  if (!owns(to, slot)) {
    if (!owns(from, slot)) throw changed(move)
    await set(target, 'IMPORTING', from.id)
    await set(source, 'MIGRATING', to.id)
    await moveKeys(move, to, access)
    if (!(await isEmptied(move, to.id))) throw changed(move)
    await set(target, 'NODE', to.id)
  }
  for (const node of [source, ...others.filter(({ name }) => name !== source.name && name !== target.name)])
    await whereItCan(() => set(node, 'NODE', to.id))
}

/** What a node misses here, it hears from the others. */
async function whereItCan(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ToolError) || !['STORE_UNREACHABLE', 'STORE_REFUSED'].includes(error.code)) throw error
  }
}

/** Where a key is on both nodes, an interrupted request has left it: the source answers for it, so what the target has is older. */
async function moveKeys({ slot, source, target }: SlotMove, to: ObservedCluster, access: Credentials): Promise<void> {
  const ip = to.address.ip === '' ? await target.address() : to.address.ip
  const [user, password] = [access.user, access.password?.reveal() ?? null]
  const login = password === null ? [] : user === null ? ['AUTH', password] : ['AUTH2', user, password]
  const patience = String(Math.max(1000, Math.floor(access.timeout / 2)))
  for (let idle = 0; idle < mostIdle; idle += 1) {
    const isDone = await source.use(async (client) => {
      const keys = await client.callBuffer('CLUSTER', 'GETKEYSINSLOT', String(slot), String(keysAtOnce))
      if (!Array.isArray(keys) || keys.length === 0) return true
      const place = [ip, String(to.address.port), '', '0', patience]
      const answer = await client.call('MIGRATE', ...place, 'REPLACE', ...login, 'KEYS', ...(keys as Buffer[]))
      if (String(answer) !== 'NOKEY') idle = 0
      return false
    })
    if (isDone) return
  }
}

/** Asked in one transaction: the source still owns the slot, sends its clients to the target, and has no key of it. */
async function isEmptied({ slot, source }: SlotMove, target: string): Promise<boolean> {
  return source.use(async (client) => {
    const answers = await client
      .multi()
      .call('CLUSTER', 'NODES')
      .call('CLUSTER', 'COUNTKEYSINSLOT', String(slot))
      .exec()
    const [nodes, count] = (answers ?? []).map(([error, answer]) => {
      if (error !== null) throw error
      return String(answer)
    })
    const own = readCluster(nodes ?? '', '')
    return own.primary === null && own.openSlots.includes(`[${slot}->-${target}]`) && count === '0'
  })
}

function changed({ slot, source, target }: SlotMove): ToolError {
  return refuse(
    'REDIS_SLOT_CHANGED',
    source.name,
    `Slot ${slot} could not be moved from ${source.name} to ${target.name}.`,
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
    keys: await client.dbsize(),
  }))
  const serves = own.slots.length > 0 || own.openSlots.length > 0
  if (!serves && (keys === 0 || own.primary !== null)) return own
  throw refuse(
    'REDIS_NODE_NOT_EMPTY',
    leaving.name,
    `${leaving.name} is not removed: it still has ${serves ? 'slots' : `${keys} keys of its own`}.`,
    'Run the command again: it moves what is left first.',
  )
}
