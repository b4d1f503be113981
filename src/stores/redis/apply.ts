import { setTimeout as pause } from 'node:timers/promises'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { PlannedChange, StoreContext } from '../contract.ts'
import type { ClusterDeclaration, Declaration } from './declaration.ts'
import { checkNodes, findDisagreement, findLackingReplicas, findStrangers, slotsOf } from './members.ts'
import { observedNodes } from './observe.ts'
import { servingMembers } from './plan-moves.ts'
import type { NodeWrite, RedisDriver } from './ports.ts'

/**
 * - `acquainted` every node knows all others
 * - `agreed` they also see the same slots and find each other well
 * - `settled` every primary also has its replicas
 */
type Until = 'at-once' | 'acquainted' | 'agreed' | 'settled'

/** One change of the nodes. */
export interface Operation {
  readonly writes: readonly NodeWrite[]
  /** What every node must agree on before the operation is complete. */
  readonly until: Until
}

/** A change for people with its operation. */
export type RedisChange = PlannedChange<Operation>

/** Milliseconds that nodes may take to agree. */
const defaultTimeout = 90_000

/** Milliseconds between two observations of all nodes. */
const interval = 200

/**
 * Milliseconds between two attempts at the same writes. For a minute after CLUSTER FORGET, nodes remove the forgotten one again, and from 7.2 on they ask
 * each other to do so: a CLUSTER MEET in that time has no effect.
 */
const renewal = 10_000

type Agreement = Exclude<Until, 'at-once'>

type Context = StoreContext<Declaration, RedisDriver>

/**
 * Writes to the nodes, and waits until they agree where that takes time.
 * @throws ToolError REDIS_NODES_APART with what is still missing after the timeout; STOPPED.
 */
export async function applyOperation(context: Context, { operation }: RedisChange): Promise<void> {
  const { until } = operation
  const write = async (): Promise<void> => {
    for (const one of operation.writes) {
      if (one.type === 'move-slots') await moveSlots(context, one)
      else await context.driver.write(one)
    }
  }
  await write()
  const { cluster } = context.declaration
  if (until === 'at-once' || cluster === null) return
  await waitUntilAgreed(context, until, cluster, write)
}

type SlotWrite = Extract<NodeWrite, { readonly type: 'move-slots' }>

/** Slots between two reports. */
const reported = 500

/** One slot after the other: a stop ends between two of them. */
async function moveSlots({ driver, run }: Context, write: SlotWrite): Promise<void> {
  const slots = slotsOf(write.slots)
  let unconfirmed = 0
  for (const [done, slot] of slots.entries()) {
    if (run.stop.requested) throw stopped('moving slots')
    if (done > 0 && done % reported === 0)
      run.report(`Moved ${done} of ${slots.length} slots from ${write.node} to ${write.target}.`)
    const outcome = await driver.write({ ...write, slots: [{ first: slot, last: slot }] })
    unconfirmed += outcome.unconfirmed
    if (outcome.unconfirmed > 0 && unconfirmed === outcome.unconfirmed)
      run.report(`Slot ${slot} moved to ${write.target} before all of its replicas had confirmed the keys.`)
  }
  if (unconfirmed > 1)
    run.report(
      `${unconfirmed} of ${slots.length} slots moved to ${write.target} before all of its replicas had confirmed the keys.`,
    )
}

/** Waits until every node knows all others, or until all agree and every replica is linked; writes again from time to time. */
async function waitUntilAgreed(
  { driver, run }: Context,
  until: Agreement,
  cluster: ClusterDeclaration,
  write: () => Promise<void>,
): Promise<void> {
  const timeout = run.waitTimeout ?? defaultTimeout
  const end = run.now() + timeout
  let rounds = 0
  let written = run.now()
  for (;;) {
    const missing = await findMissing(until, cluster, driver)
    if (missing.length === 0) return
    if (run.stop.requested) throw stopped('waiting for the nodes')
    if (run.now() > end) throw apart(until, missing, driver, timeout)
    const others = missing.length > 1 ? `, and ${missing.length - 1} more` : ''
    if (rounds++ % 25 === 0) run.report(`Waiting: ${missing[0]}${others}.`)
    await pause(interval)
    if (run.now() - written < renewal) continue
    await write()
    written = run.now()
  }
}

async function findMissing(
  until: Agreement,
  cluster: ClusterDeclaration,
  driver: RedisDriver,
): Promise<readonly string[]> {
  const nodes = await driver.observe([])
  const silent = nodes.flatMap((node) => (node.type === 'unreachable' ? [`${node.node} does not answer`] : []))
  if (silent.length > 0) return silent
  // Right after a failover two nodes may claim the same slots for an instant.
  const members = servingMembers(cluster, checkNodes(observedNodes(nodes), { sharedSlots: 'pass' }))
  if (until === 'agreed') return findDisagreement(members)
  if (until === 'settled')
    return [...findDisagreement(members), ...findLackingReplicas(cluster, members).map(({ en }) => en)]
  return [
    ...findStrangers(members).map(({ member, unknown }) => `${member.node} does not know ${unknown.node}`),
    ...members.filter(({ cluster: { greeting } }) => greeting).map(({ node }) => `${node} is in handshake`),
  ]
}

function apart(until: Agreement, missing: readonly string[], driver: RedisDriver, timeout: number): ToolError {
  const seconds = Math.round(timeout / 1000)
  const next =
    until === 'acquainted'
      ? 'Open the cluster bus port of each node (its port plus 10,000) between the machines; behind NAT or in containers set cluster-announce-ip, cluster-announce-port and cluster-announce-bus-port. Then run the command again.'
      : 'Check the log of the listed node; a replica needs the port, user and password of its primary (masterauth). Then run the command again.'
  return new ToolError('REDIS_NODES_APART', {
    what: `The nodes did not become one cluster within ${seconds} s.`,
    where: { server: driver.names.join(',') },
    why: `${missing.slice(0, 6).join('; ')}${missing.length > 6 ? `; and ${missing.length - 6} more` : ''}.`,
    next,
  })
}

function stopped(what: string): ToolError {
  const next = 'Run the command again: it continues where this run ended.'
  return new ToolError('STOPPED', { what: `Stopped while ${what}.`, next }, { exitCode: exitCodes.interrupted })
}
