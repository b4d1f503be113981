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
        next: 'Look at the slots and nodes below; the cluster serves again once all slots are served.',
      },
    ),
    checkSlots(members),
    check('the nodes agree who has which slots', findOtherMaps(members), {
      good: 'one map',
      next: 'Wait some seconds and look again; nodes that stay apart cannot hear each other.',
    }),
    check(
      'no slot is on its way',
      members.flatMap(({ node, cluster }) => cluster.openSlots.map((slot) => `${node}: ${slot}`)),
      {
        good: 'none is open',
        next: 'Let the move finish; if it was broken off, finish it by `redis-cli --cluster fix` when its keys are known.',
      },
    ),
    checkAcquaintance(members),
    check('every primary has its replicas', findLackingReplicas(declaration, members), {
      good: `${declaration.replicas} each, linked`,
      next: 'Bring back the replica or repair its link; `wwdb setup plan --only redis` shows other options.',
    }),
    ...checkHosts(declaration, members),
  ]
}

function checkSlots(members: readonly Member[]): StoreCheck {
  const served = new Set(members.flatMap(({ cluster }) => slotsOf(cluster.slots)))
  const missing = rangesOf(Array.from({ length: slotCount }, (_, slot) => slot).filter((slot) => !served.has(slot)))
  return check(
    'all 16,384 slots are served',
    missing.length === 0 ? [] : [`by no node that answers: ${describeSlots(missing)}`],
    {
      good: `by ${members.filter(({ cluster }) => cluster.slots.length > 0).length} primaries that answer`,
      next: 'Bring back the node that served them, or wait until its replica has taken over.',
    },
  )
}

function checkAcquaintance(members: readonly Member[]): StoreCheck {
  const ours = new Set(members.map(({ cluster }) => cluster.id))
  const findings = [
    ...findStrangers(members).map(({ member, unknown }) => `${member.node} does not know ${unknown.node}`),
    ...members.flatMap(({ node, cluster }) =>
      cluster.others.flatMap(({ id, address, health }) => {
        if (health !== 'well') return [`${node} takes ${address} for ${health === 'failed' ? 'failed' : 'gone'}`]
        return ours.has(id) ? [] : [`${node} knows ${address}, which did not answer or is not named`]
      }),
    ),
  ]
  return check('every node knows all others, and takes them for well', findings, {
    good: `${members.length} nodes`,
    next: 'Start the nodes that are named; one that is gone for good is taken out by CLUSTER FORGET on every node.',
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
      next: 'Run `wwdb setup plan --only redis`: it says whether they can be spread.',
    }),
  ]
}
