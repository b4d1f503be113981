import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ClusterDeclaration } from '../../../src/stores/redis/declaration.ts'
import { checkNodes, evenParts, slotsOf } from '../../../src/stores/redis/members.ts'
import { planCluster } from '../../../src/stores/redis/plan-cluster.ts'
import type { NodeWrite } from '../../../src/stores/redis/ports.ts'
import { ModelCluster, type ModelNode } from '../../helpers/redis/redis-model.ts'

/** A cluster of three primaries and three replicas, and so many nodes that know nobody. */
function makeCluster(bare: number): ModelCluster {
  const cluster = new ModelCluster(Array.from({ length: 6 + bare }, (_, at) => `10.0.0.${at}`))
  const members = cluster.nodes.slice(0, 6)
  evenParts(3).forEach((part, at) => {
    const node = members[at]
    if (node !== undefined) node.slots = new Set(slotsOf([part]))
  })
  for (const [at, node] of members.entries()) {
    node.epoch = at + 1
    for (const other of members) if (other !== node) node.known.add(other.id)
    if (at >= 3) node.primary = members[at - 3]?.id ?? null
  }
  return cluster
}

/** Single writes, slots one by one: where a run can be killed. */
function splitWrites(cluster: ModelCluster, declaration: ClusterDeclaration): readonly NodeWrite[] {
  const { joining, moving } = planCluster(declaration, checkNodes(cluster.observe()))
  return [...joining, ...moving].flatMap(({ operation }) =>
    operation.writes.flatMap((write): readonly NodeWrite[] =>
      write.type === 'move-slots'
        ? slotsOf(write.slots).map((slot) => ({ ...write, slots: [{ first: slot, last: slot }] }))
        : [write],
    ),
  )
}

/** Carries out so many writes; the next one is left half done where it moves a slot: begun, or without a word to the source. */
function cutAfter(cluster: ModelCluster, declaration: ClusterDeclaration, most: number): void {
  const writes = splitWrites(cluster, declaration)
  for (const write of writes.slice(0, most)) cluster.write(write)
  const next = writes[most]
  if (next?.type !== 'move-slots') return
  const slot = next.slots[0]?.first ?? 0
  if (most % 2 === 0) cluster.beginMove(next.node, next.target, slot)
  else cluster.takeWithoutSource(next.node, next.target, slot)
}

function expectEven(cluster: ModelCluster, primaries: number, gone: readonly string[]): void {
  const isGone = ({ node }: ModelNode): boolean => gone.includes(node)
  const owners = cluster.nodes.filter(({ slots }) => slots.size > 0)
  expect(owners).toHaveLength(primaries)
  expect(owners.reduce((sum, { slots }) => sum + slots.size, 0)).toBe(16_384)
  for (const owner of owners) {
    expect(Math.abs(owner.slots.size - 16_384 / primaries)).toBeLessThan(1)
    expect(cluster.nodes.filter(({ primary }) => primary === owner.id)).toHaveLength(1)
  }
  for (const node of cluster.nodes) {
    expect(node.open).toEqual([])
    for (const id of node.known) expect(gone).not.toContain(cluster.nodes.find((one) => one.id === id)?.node)
    if (isGone(node)) expect([node.known.size, node.slots.size]).toEqual([0, 0])
  }
}

const cuts = fc.array(fc.integer({ min: 0, max: 4200 }), { maxLength: 4 })

test('nodes that join get their share, and nodes that leave are empty, wherever runs are cut off and minds are changed', () => {
  fc.assert(
    fc.property(
      cuts,
      cuts,
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 2, maxLength: 2 }),
      (growing, shrinking, chosen) => {
        const cluster = makeCluster(2)
        const grow = { replicas: 1, separateHosts: false, primaries: 4 }
        for (const most of growing) cutAfter(cluster, grow, most)
        // Half of the time the growth is not finished before two of the nodes are declared to leave.
        if (growing.length % 2 === 0) {
          cutAfter(cluster, grow, Number.POSITIVE_INFINITY)
          expect(splitWrites(cluster, grow)).toEqual([])
          expectEven(cluster, 4, [])
        }
        const gone = chosen.map((at) => cluster.nodes[at]?.node ?? '')
        // A replica does not become primary by a plan: that is a failover.
        const able = cluster.nodes.filter(({ node, primary }) => primary === null && !gone.includes(node))
        fc.pre(able.length >= 3)
        const shrink = { replicas: 1, separateHosts: false, primaries: 3, remove: gone }
        for (const most of shrinking) cutAfter(cluster, shrink, most)
        // What turned out to be a replica or a primary of another shape settles within a few plans.
        for (let round = 0; round < 3; round++) cutAfter(cluster, shrink, Number.POSITIVE_INFINITY)
        expect(splitWrites(cluster, shrink)).toEqual([])
        expectEven(cluster, 3, gone)
      },
    ),
    { numRuns: 8 },
  )
}, 120_000)

test('without a number of primaries, slots move away from a node that leaves, and from no other', () => {
  const cluster = makeCluster(2)
  const [first, , , follower] = cluster.nodes
  if (first === undefined || follower === undefined) throw new Error('there are no nodes')
  const before = cluster.nodes.map(({ slots }) => new Set(slots))
  const declaration = { replicas: 1, separateHosts: false, remove: [first.node, follower.node] }
  for (let round = 0; round < 3; round++) cutAfter(cluster, declaration, Number.POSITIVE_INFINITY)
  expect(splitWrites(cluster, declaration)).toEqual([])
  for (const [at, node] of cluster.nodes.entries())
    if (node !== first) for (const slot of before[at] ?? []) expect(node.slots.has(slot)).toBe(true)
  expect(first.slots.size).toBe(0)
})
