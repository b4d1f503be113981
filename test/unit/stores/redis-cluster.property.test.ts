import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ClusterDeclaration } from '../../../src/stores/redis/declaration.ts'
import { checkNodes, evenParts, slotsOf } from '../../../src/stores/redis/members.ts'
import * as steps from '../../../src/stores/redis/plan-cluster.ts'
import { ModelCluster } from '../../helpers/redis/redis-model.ts'

const declaration = { replicas: 1, separateHosts: false }

function planCluster(shape: ClusterDeclaration, members: Parameters<typeof steps.planCluster>[1]) {
  const { joining, moving } = steps.planCluster(shape, members)
  return [...joining, ...moving]
}

function carryOut(cluster: ModelCluster, shape = declaration, most = Number.POSITIVE_INFINITY): number {
  let done = 0
  for (const { operation } of planCluster(shape, checkNodes(cluster.observe()))) {
    for (const write of operation.writes) {
      if (done >= most) return done
      cluster.write(write)
      done += 1
    }
  }
  return done
}

function expectCluster(cluster: ModelCluster, shape = declaration): void {
  expect(planCluster(shape, checkNodes(cluster.observe()))).toEqual([])
  const owners = cluster.nodes.filter(({ slots }) => slots.size > 0)
  expect(owners.reduce((sum, { slots }) => sum + slots.size, 0)).toBe(16_384)
  expect(owners).toHaveLength(cluster.nodes.length / (1 + shape.replicas))
  for (const owner of owners) {
    expect(cluster.nodes.filter(({ primary }) => primary === owner.id)).toHaveLength(shape.replicas)
  }
}

const hosts = fc.array(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'), { minLength: 6, maxLength: 6 })

test('cut off after any number of actions, however often, it comes to the same end', () => {
  fc.assert(
    fc.property(hosts, fc.array(fc.nat(20), { maxLength: 6 }), (names, cuts) => {
      const cluster = new ModelCluster(names)
      for (const cut of cuts) carryOut(cluster, declaration, cut)
      carryOut(cluster)
      expectCluster(cluster)
    }),
    { numRuns: 15 },
  )
}, 60_000)

/** Half-made by other hands: parts of the slots, epochs, some that have met, some that follow already. */
const halfMade = fc.record({
  order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6, maxLength: 6 }),
  filled: fc.array(fc.integer({ min: 0, max: 5461 }), { minLength: 3, maxLength: 3 }),
  epochs: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  met: fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 8 }),
  following: fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { maxLength: 3 }),
})

test('every half-made state becomes one cluster, and no slot changes hands', () => {
  fc.assert(
    fc.property(hosts, halfMade, (names, { order, filled, epochs, met, following }) => {
      const cluster = new ModelCluster(names)
      const at = (place: number) => cluster.nodes[order[place] ?? 0] ?? expect.fail('no such node')
      evenParts(3).forEach((part, index) => {
        at(index).slots = new Set(slotsOf([part]).slice(0, filled[index]))
      })
      epochs.forEach((set, index) => {
        if (set) at(index).epoch = index + 1
      })
      for (const [one, other] of met)
        if (one !== other) cluster.write({ type: 'meet', node: at(one).node, other: at(other).node })
      for (const [replica, primary] of following) {
        const [follower, owner] = [at(3 + replica), at(primary)]
        if (follower.known.has(owner.id) && owner.slots.size > 0) follower.primary = owner.id
      }
      const before = cluster.nodes.map(({ slots }) => [...slots])
      carryOut(cluster)
      expectCluster(cluster)
      before.forEach((slots, index) => {
        expect(slots.filter((slot) => !cluster.nodes[index]?.slots.has(slot))).toEqual([])
      })
    }),
    { numRuns: 15 },
  )
}, 60_000)

test('replicas go to other hosts wherever that can be', () => {
  const spread = { replicas: 1, separateHosts: true }
  fc.assert(
    fc.property(fc.shuffledSubarray(['a', 'a', 'b', 'b', 'c', 'c'], { minLength: 6, maxLength: 6 }), (names) => {
      const cluster = new ModelCluster(names)
      carryOut(cluster, spread)
      expectCluster(cluster, spread)
      for (const { primary, host } of cluster.nodes) {
        if (primary !== null) expect(cluster.nodes.find(({ id }) => id === primary)?.host).not.toBe(host)
      }
    }),
    { numRuns: 15 },
  )
}, 60_000)
