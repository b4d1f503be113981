import type { StoreCheck } from '../outcome.ts'
import { check } from '../outcome.ts'
import type { ClusterDeclaration } from './declaration.ts'
import type { Member } from './members.ts'
import { describeSlots, findLackingReplicas, findOtherMaps, findStrangers, rangesOf, slotsOf } from './members.ts'
import { type ObservedNode, slotCount } from './ports.ts'

/** What the nodes that answered say, each of itself and of the others. One node's gossip proves nothing: after a double failure it says "ok" for a while. */
export function checkCluster(declaration: ClusterDeclaration, seen: readonly ObservedNode[]): readonly StoreCheck[] {
  const members = seen.flatMap((node): readonly Member[] =>
    node.cluster === null ? [] : [{ ...node, cluster: node.cluster }],
  )
  const alone = seen.filter(({ cluster }) => cluster === null).map(({ node }) => `${node} is not in cluster mode`)
  return [
    check(
      'every node reports that the cluster is up',
      [
        ...alone,
        ...members
          .filter(({ cluster }) => cluster.state === 'fail')
          .map(({ node }) => `${node} reports that it is down`),
      ],
      {
        good: `${members.length} nodes say so`,
        next: 'Look at the slots and nodes below; the cluster is up again once all slots are served.',
      },
    ),
    checkSlots(members),
    check('the nodes agree on the slot assignment', findOtherMaps(members), {
      good: 'one map',
      next: 'Wait a few seconds and retry; nodes that still disagree cannot reach each other.',
    }),
    check(
      'no slot is migrating',
      members.flatMap(({ node, cluster }) => cluster.openSlots.map((slot) => `${node}: ${slot}`)),
      {
        good: 'none is open',
        next: 'Let the migration finish; if it was interrupted, finish it with `redis-cli --cluster fix` after checking its keys.',
      },
    ),
    checkAcquaintance(members),
    check('every primary has its replicas', findLackingReplicas(declaration, members), {
      good: `${declaration.replicas} each, linked`,
      next: 'Restart the replica or repair its link; `wwdb setup plan --only redis` shows other options.',
    }),
    ...checkHosts(declaration, members),
  ]
}

function checkSlots(members: readonly Member[]): StoreCheck {
  const served = new Set(members.flatMap(({ cluster }) => slotsOf(cluster.slots)))
  const missing = rangesOf(Array.from({ length: slotCount }, (_, slot) => slot).filter((slot) => !served.has(slot)))
  return check(
    'all 16,384 slots are served',
    missing.length === 0 ? [] : [`by no reachable node: ${describeSlots(missing)}`],
    {
      good: `by ${members.filter(({ cluster }) => cluster.slots.length > 0).length} primaries that answer`,
      next: 'Restart the node that served them, or wait until its replica has taken over.',
    },
  )
}

function checkAcquaintance(members: readonly Member[]): StoreCheck {
  const ours = new Set(members.map(({ cluster }) => cluster.id))
  const findings = [
    ...findStrangers(members).map(({ member, unknown }) => `${member.node} does not know ${unknown.node}`),
    ...members.flatMap(({ node, cluster }) =>
      cluster.others.flatMap(({ id, address, health }) => {
        if (health !== 'well') return [`${node} considers ${address} ${health === 'failed' ? 'failed' : 'gone'}`]
        return ours.has(id) ? [] : [`${node} knows ${address}, which did not answer or is not configured`]
      }),
    ),
  ]
  return check('every node knows all other nodes and considers them healthy', findings, {
    good: `${members.length} nodes`,
    next: 'Start the listed nodes; remove one that is permanently gone with CLUSTER FORGET on every node.',
  })
}

function checkHosts({ separateHosts }: ClusterDeclaration, members: readonly Member[]): readonly StoreCheck[] {
  if (!separateHosts) return []
  const beside = members.flatMap((replica) => {
    const primary = members.find(({ cluster }) => cluster.id === replica.cluster.primary)
    return primary !== undefined && primary.host === replica.host
      ? [`${replica.node} is on the host of ${primary.node}`]
      : []
  })
  return [
    check('replicas are on other hosts than their primaries', beside, {
      good: 'they are',
      next: 'Run `wwdb setup plan --only redis`: it shows whether they can be placed on different hosts.',
    }),
  ]
}
