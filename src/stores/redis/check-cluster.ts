import { asSaid, type InBoth } from '../../core/in-both.ts'
import type { StoreProof } from '../outcome.ts'
import { check } from '../outcome.ts'
import type { ClusterDeclaration } from './declaration.ts'
import type { Member } from './members.ts'
import {
  describeSlots,
  findLackingReplicas,
  findOtherMaps,
  findStrangers,
  rangesOf,
  sayUnwell,
  slotsOf,
} from './members.ts'
import { type ObservedNode, slotCount } from './ports.ts'

/**
 * What the nodes that answered report, each about itself and the others. One node's gossip proves nothing: after a double failure it says "ok" for a while.
 */
export function checkCluster(declaration: ClusterDeclaration, seen: readonly ObservedNode[]): readonly StoreProof[] {
  const members = seen.flatMap((node): readonly Member[] =>
    node.cluster === null ? [] : [{ ...node, cluster: node.cluster }],
  )
  const alone = seen
    .filter(({ cluster }) => cluster === null)
    .map(({ node }): InBoth => ({ en: `${node} is not in cluster mode`, zh: `${node} 没有启用集群模式` }))
  return [
    check(
      { en: 'every node reports that the cluster is up', zh: '每个节点都报告集群可用' },
      [
        ...alone,
        ...members
          .filter(({ cluster }) => cluster.state === 'fail')
          .map(({ node }) => ({ en: `${node} reports that it is down`, zh: `${node} 报告集群不可用` })),
      ],
      {
        good: { en: `${members.length} nodes say so`, zh: `${members.length} 个节点如此报告` },
        next: {
          en: 'Look at the slots and nodes below; the cluster is up again once all slots are served.',
          zh: '请查看槽和节点的检查结果；所有槽都有节点负责后，集群即恢复服务。',
        },
      },
    ),
    checkSlots(members),
    check({ en: 'the nodes agree on the slot assignment', zh: '各节点的槽分布一致' }, findOtherMaps(members), {
      good: { en: 'one map', zh: '槽分布相同' },
      next: {
        en: 'Wait a few seconds and retry; nodes that still disagree cannot reach each other.',
        zh: '请等几秒后再检查；仍不一致的节点之间网络不通。',
      },
    }),
    check(
      { en: 'no slot is migrating', zh: '没有正在迁移的槽' },
      members.flatMap(({ node, cluster }) => cluster.openSlots.map((slot) => asSaid(`${node}: ${slot}`))),
      {
        good: { en: 'none is open', zh: '没有迁移中的槽' },
        next: {
          en: 'Let the migration finish; one of an interrupted `wwdb setup apply` is finished by the next, with the same `primaries` and `remove`.',
          zh: '请等待迁移完成；被中断的 `wwdb setup apply` 留下的迁移，由下一次以相同的 `primaries` 和 `remove` 执行的运行完成。',
        },
      },
    ),
    checkAcquaintance(members),
    check(
      { en: 'every primary has its replicas', zh: '每个主节点都有从节点' },
      findLackingReplicas(declaration, members),
      {
        good: { en: `${declaration.replicas} each, linked`, zh: `各有 ${declaration.replicas} 个，复制连接正常` },
        next: {
          en: 'Restart the replica or repair its link; `wwdb setup plan --only redis` shows other options.',
          zh: '请重启该从节点或修复其复制连接；`wwdb setup plan --only redis` 会给出其他办法。',
        },
      },
    ),
    ...checkHosts(declaration, members),
  ]
}

function checkSlots(members: readonly Member[]): StoreProof {
  const served = new Set(members.flatMap(({ cluster }) => slotsOf(cluster.slots)))
  const owners = members.filter(({ cluster }) => cluster.slots.length > 0).length
  const missing = rangesOf(Array.from({ length: slotCount }, (_, slot) => slot).filter((slot) => !served.has(slot)))
  return check(
    { en: 'all 16,384 slots are served', zh: '16,384 个槽全部有节点负责' },
    missing.length === 0
      ? []
      : [
          {
            en: `by no reachable node: ${describeSlots(missing)}`,
            zh: `没有可达的节点负责这些槽：${describeSlots(missing)}`,
          },
        ],
    {
      good: { en: `by ${owners} primaries that answer`, zh: `由 ${owners} 个有应答的主节点负责` },
      next: {
        en: 'Restart the node that served them, or wait until its replica has taken over.',
        zh: '请重启负责这些槽的节点，或等待其从节点接管。',
      },
    },
  )
}

function checkAcquaintance(members: readonly Member[]): StoreProof {
  const ours = new Set(members.map(({ cluster }) => cluster.id))
  const findings: readonly InBoth[] = [
    ...findStrangers(members).map(({ member, unknown }) => ({
      en: `${member.node} does not know ${unknown.node}`,
      zh: `${member.node} 不认识 ${unknown.node}`,
    })),
    ...members.flatMap(({ node, cluster }) =>
      cluster.others.flatMap(({ id, address, health }) => {
        if (health !== 'well') return [sayUnwell(node, address, health)]
        if (ours.has(id)) return []
        const en = `${node} knows ${address}, which did not answer or is not configured`
        return [{ en, zh: `${node} 认识 ${address}，而它没有应答或不在配置中` }]
      }),
    ),
  ]
  const name = {
    en: 'every node knows all other nodes and considers them healthy',
    zh: '每个节点都认识其他节点，并认为它们正常',
  }
  return check(name, findings, {
    good: { en: `${members.length} nodes`, zh: `${members.length} 个节点` },
    next: {
      en: 'Start the listed nodes; remove one that is permanently gone with CLUSTER FORGET on every node.',
      zh: '请启动所列节点；已永久下线的节点，请在每个节点上用 CLUSTER FORGET 移除。',
    },
  })
}

function checkHosts({ separateHosts }: ClusterDeclaration, members: readonly Member[]): readonly StoreProof[] {
  if (!separateHosts) return []
  const beside = members.flatMap((replica) => {
    const primary = members.find(({ cluster }) => cluster.id === replica.cluster.primary)
    return primary !== undefined && primary.host === replica.host
      ? [
          {
            en: `${replica.node} is on the host of ${primary.node}`,
            zh: `${replica.node} 与 ${primary.node} 在同一主机`,
          },
        ]
      : []
  })
  return [
    check({ en: 'replicas are on other hosts than their primaries', zh: '从节点与主节点不在同一主机' }, beside, {
      good: { en: 'they are', zh: '均不在同一主机' },
      next: {
        en: 'Run `wwdb setup plan --only redis`: it shows whether they can be placed on different hosts.',
        zh: '请执行 `wwdb setup plan --only redis`，查看能否分散到不同主机。',
      },
    }),
  ]
}
