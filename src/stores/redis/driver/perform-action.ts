import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { assertNever } from '../../../core/tool-error.ts'
import type { NodeAction } from '../ports.ts'
import type { ClusterSight, SlotRange } from '../sight.ts'
import { slotsOf } from '../slots.ts'
import type { NodeConnection } from './connection.ts'
import { readCluster, readInfo } from './read-replies.ts'

/** Slots that one command names: 6.2 takes no ranges. */
const slotsAtOnce = 2048

/**
 * Does one thing to one node; what is done already is left as it is.
 * @param other the node that is to be met.
 */
export async function performAction(
  action: NodeAction,
  node: NodeConnection,
  other: NodeConnection | null,
): Promise<void> {
  switch (action.type) {
    case 'add-slots':
      return node.use((client) => addSlots(client, action.slots))
    case 'set-epoch':
      return node.use((client) => setEpoch(client, action.epoch))
    case 'meet':
      return other === null ? undefined : meet(node, other)
    case 'replicate':
      return node.use((client) => replicate(client, action.primary))
    case 'configure':
      return node.use((client) => configure(client, action.settings))
    case 'set-user':
      return node.use((client) => setUser(client, action.user, action.rules))
    default:
      return assertNever(action)
  }
}

async function addSlots(client: Redis, slots: readonly SlotRange[]): Promise<void> {
  const { slots: own } = await lookAtSelf(client)
  const there = new Set(slotsOf(own))
  const missing = slotsOf(slots).filter((slot) => !there.has(slot))
  for (let start = 0; start < missing.length; start += slotsAtOnce) {
    await client.call('CLUSTER', 'ADDSLOTS', ...missing.slice(start, start + slotsAtOnce).map(String))
  }
}

/** A node that has an epoch, or has met others, keeps the one it has: that is no fault. */
async function setEpoch(client: Redis, epoch: number): Promise<void> {
  try {
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(epoch))
  } catch (error) {
    if (!/already non-zero|does not know any other node/.test(String(error))) throw error
  }
}

/** MEET takes addresses only: the one that the node gives out itself, else the one that its name stands for. */
async function meet(node: NodeConnection, other: NodeConnection): Promise<void> {
  const { address } = await other.use(lookAtSelf)
  const ip = address.ip === '' ? await other.use(() => other.address()) : address.ip
  await node.use((client) => client.call('CLUSTER', 'MEET', ip, String(address.port), String(address.busPort)))
}

async function replicate(client: Redis, primary: string): Promise<void> {
  if ((await lookAtSelf(client)).primary !== primary) await client.call('CLUSTER', 'REPLICATE', primary)
}

async function lookAtSelf(client: Redis): Promise<ClusterSight> {
  return readCluster(String(await client.call('CLUSTER', 'NODES')), '')
}

/**
 * Sets and writes to the configuration file in one transaction: whoever is killed leaves both or none. It is written once before, so that a file
 * that cannot be written stops everything while nothing is changed.
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

/** How users are kept on disk: in their own file, else in the configuration file; not at all where there is neither. */
export async function keepUsers(client: Redis): Promise<readonly [string, ...string[]][]> {
  const reply = await client.call('CONFIG', 'GET', 'aclfile')
  if (Array.isArray(reply) && String(reply[1] ?? '') !== '') return [['ACL', 'SAVE']]
  return (await canRewrite(client)) ? [['CONFIG', 'REWRITE']] : []
}

/** All in one transaction, sent at once. */
async function together(client: Redis, commands: readonly (readonly string[])[]): Promise<void> {
  const transaction = client.multi()
  for (const [name = '', ...words] of commands) transaction.call(name, ...words)
  const replies = await transaction.exec()
  for (const [error] of replies ?? []) if (error !== null) throw error
}
