import { setTimeout as pause } from 'node:timers/promises'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreSurroundings } from '../ports.ts'
import { findDisagreement, findLackingReplicas, findStrangers } from './agreement.ts'
import { checkNodes } from './check-nodes.ts'
import type { ClusterDeclaration } from './declaration.ts'
import type { RedisNodes } from './ports.ts'
import type { SeenNode } from './sight.ts'

/** Milliseconds between two looks at all nodes. */
const interval = 200

export interface Waiting {
  readonly nodes: RedisNodes
  readonly declaration: ClusterDeclaration
  readonly surroundings: StoreSurroundings
  /** Milliseconds that are waited at most. */
  readonly patience: number
  /** What is waited for, done again from time to time. */
  readonly again: () => Promise<void>
}

/**
 * Milliseconds between two attempts at the same. For a minute after CLUSTER FORGET nodes throw the forgotten one out again, and from 7.2 on they tell each
 * other to do so: a meeting in that time comes to nothing.
 */
const renewal = 10_000

/**
 * Waits until every node knows all others, or until all agree and every replica is linked.
 * @throws ToolError REDIS_NODES_APART with what is still missing when the time is over; STOPPED.
 */
export async function waitUntilAgreed(until: 'acquainted' | 'settled', waiting: Waiting): Promise<void> {
  const { surroundings, patience } = waiting
  const end = surroundings.now() + patience
  let said = 0
  let renewed = surroundings.now()
  for (;;) {
    const missing = await findMissing(until, waiting)
    if (missing.length === 0) return
    if (surroundings.stop.requested) throw stopped()
    if (surroundings.now() > end) throw apart(until, missing, waiting)
    if (said++ % 25 === 0)
      surroundings.say(`Waiting: ${missing[0]}${missing.length > 1 ? `, and ${missing.length - 1} more` : ''}.`)
    await pause(interval)
    if (surroundings.now() - renewed < renewal) continue
    await waiting.again()
    renewed = surroundings.now()
  }
}

async function findMissing(
  until: 'acquainted' | 'settled',
  { nodes, declaration }: Waiting,
): Promise<readonly string[]> {
  const sights = await nodes.look({ settings: [] })
  const unseen = sights.flatMap((sight) => (sight.type === 'unseen' ? [`${sight.node} does not answer`] : []))
  if (unseen.length > 0) return unseen
  const seen = sights.filter((sight): sight is SeenNode => sight.type === 'seen')
  // Right after a failover two nodes may claim the same slots for an instant.
  const members = checkNodes(seen, { sharedSlots: 'pass' })
  if (until === 'acquainted') {
    const strangers = findStrangers(members).map(
      ({ member, unknown }) => `${member.node} does not know ${unknown.node}`,
    )
    return [
      ...strangers,
      ...members.filter(({ cluster }) => cluster.greeting).map(({ node }) => `${node} shakes hands`),
    ]
  }
  return [...findDisagreement(members), ...findLackingReplicas(declaration, members)]
}

function apart(until: 'acquainted' | 'settled', missing: readonly string[], { nodes, patience }: Waiting): ToolError {
  const seconds = Math.round(patience / 1000)
  const next =
    until === 'acquainted'
      ? 'Open each node’s port for its neighbours (its port and 10,000) between the machines; behind NAT or in containers set cluster-announce-ip, cluster-announce-port and cluster-announce-bus-port. Then run again.'
      : 'Look at the log of the node that is named; a replica needs its primary’s port, user and password (masterauth). Then run again.'
  return new ToolError('REDIS_NODES_APART', {
    what: `The nodes did not become one cluster within ${seconds} s.`,
    where: { server: nodes.names.join(',') },
    why: `${missing.slice(0, 6).join('; ')}${missing.length > 6 ? `; and ${missing.length - 6} more` : ''}`,
    next,
  })
}

function stopped(): ToolError {
  const next = 'Run again: it goes on where this run ended.'
  return new ToolError(
    'STOPPED',
    { what: 'Stopped while waiting for the nodes.', next },
    { exitCode: exitCodes.interrupted },
  )
}
