import { expect, it } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { ClusterDeclaration } from '../../../src/stores/redis/declaration.ts'
import { checkNodes, evenParts, slotsOf } from '../../../src/stores/redis/members.ts'
import { planCluster } from '../../../src/stores/redis/plan-cluster.ts'
import { ModelCluster, type ModelNode } from '../../helpers/redis/redis-model.ts'

const still = { replicas: 0, separateHosts: false }

/** Primaries with equal shares that know each other, and others that know them and have no slot. */
function makeCluster(primaries: number, empty = 0, hostOf = (at: number) => `10.0.0.${at}`): ModelCluster {
  const cluster = new ModelCluster(Array.from({ length: primaries + empty }, (_, at) => hostOf(at)))
  evenParts(primaries).forEach((part, at) => {
    nodeOf(cluster, at).slots = new Set(slotsOf([part]))
  })
  for (const [at, node] of cluster.nodes.entries()) {
    node.epoch = at + 1
    for (const other of cluster.nodes) if (other !== node) node.known.add(other.id)
  }
  return cluster
}

function nodeOf(cluster: ModelCluster, at: number): ModelNode {
  return cluster.nodes[at] ?? expect.fail(`there is no node ${at}`)
}

function stepsOf(cluster: ModelCluster, declaration: ClusterDeclaration) {
  const { joining, moving } = planCluster(declaration, checkNodes(cluster.observe()))
  return [...joining, ...moving]
}

const summaries = (cluster: ModelCluster, declaration: ClusterDeclaration): readonly string[] =>
  stepsOf(cluster, declaration).map(({ change }) => change.summary)

function carryOut(cluster: ModelCluster, declaration: ClusterDeclaration): void {
  for (const { operation } of stepsOf(cluster, declaration)) for (const write of operation.writes) cluster.write(write)
}

function refusalOf(cluster: ModelCluster, declaration: ClusterDeclaration): string {
  try {
    stepsOf(cluster, declaration)
  } catch (error) {
    if (error instanceof ToolError) return `${error.code}: ${error.faults[0]?.what}`
    throw error
  }
  return expect.fail('it was planned')
}

for (const declaration of [still, { ...still, primaries: 3 }])
  it(`a marker that a killed run left on the source is removed where ${JSON.stringify(declaration)} is declared`, () => {
    const cluster = makeCluster(3)
    cluster.takeWithoutSource('10.0.0.0:7000', '10.0.0.1:7001', 5460)
    cluster.takeWithoutSource('10.0.0.0:7000', '10.0.0.1:7001', 5459)
    expect(summaries(cluster, declaration)[0]).toBe('close 2 slots on 10.0.0.0:7000, whose moves have ended: 5459-5460')
    for (let round = 0; round < 2; round++) carryOut(cluster, declaration)
    expect(cluster.nodes.flatMap(({ open }) => open)).toEqual([])
    expect(summaries(cluster, declaration)).toEqual([])
  })

it('a node that gave away its last slot, and still says so, is no primary too many', () => {
  const cluster = makeCluster(3, 1)
  nodeOf(cluster, 3).open = ['[7->-id-0]']
  const removing = { ...still, remove: ['10.0.0.3:7003'] }
  expect(summaries(cluster, removing)).toEqual([
    'close 1 slot on 10.0.0.3:7003, whose move has ended: 7',
    'remove 10.0.0.3:7003 from the cluster',
  ])
  carryOut(cluster, removing)
  expect(nodeOf(cluster, 3)).toMatchObject({ open: [] })
})

it('a move to a node that became a replica of the owner has ended', () => {
  const cluster = makeCluster(3, 3)
  for (const at of [3, 4, 5]) nodeOf(cluster, at).primary = `id-${at - 3}`
  nodeOf(cluster, 0).open = ['[7->-id-3]']
  const declaration = { replicas: 1, separateHosts: false }
  expect(summaries(cluster, declaration)).toEqual(['close 1 slot on 10.0.0.0:7000, whose move has ended: 7'])
})

it('keys went where the owner says that it sends them, whoever else takes the slot', () => {
  const cluster = makeCluster(3, 1)
  const declaration = { ...still, primaries: 4 }
  nodeOf(cluster, 1).open = ['[7-<-id-0]']
  nodeOf(cluster, 0).open = ['[7->-id-3]']
  nodeOf(cluster, 3).open = ['[7-<-id-0]']
  expect(summaries(cluster, declaration)[0]).toBe('finish moving 1 slot from 10.0.0.0:7000 to 10.0.0.3:7003: 7')
  for (let round = 0; round < 2; round++) carryOut(cluster, declaration)
  expect(cluster.nodes.flatMap(({ open }) => open)).toEqual([])
  expect(summaries(cluster, declaration)).toEqual([])
})

it('slots on their way are named where nothing declares that slots move', () => {
  for (const open of ['source', 'target', 'both']) {
    const cluster = makeCluster(3)
    cluster.beginMove('10.0.0.0:7000', '10.0.0.1:7001', 93)
    if (open === 'source') nodeOf(cluster, 1).open = []
    if (open === 'target') nodeOf(cluster, 0).open = []
    expect(refusalOf(cluster, still)).toBe(
      'REDIS_SLOTS_OPEN: Slots are on their way from 10.0.0.0:7000 to 10.0.0.1:7001, and the declaration moves none: 93.',
    )
    carryOut(cluster, { ...still, primaries: 3 })
    expect(cluster.nodes.flatMap((node) => node.open)).toEqual([])
  }
})

it('a node that takes a slot is chosen once: another one becomes the primary that is declared', () => {
  const cluster = makeCluster(3, 2, () => '10.0.0.1')
  nodeOf(cluster, 3).open = ['[7-<-id-0]']
  const declaration = { ...still, primaries: 5 }
  carryOut(cluster, declaration)
  expect(cluster.nodes.filter(({ slots }) => slots.size > 3000)).toHaveLength(5)
  expect(summaries(cluster, declaration)).toEqual([])
})

it('a primary with keys and without slots is refused: one that leaves, and one that would get slots', () => {
  const leaving = makeCluster(3, 1)
  nodeOf(leaving, 3).keys = 2
  expect(refusalOf(leaving, { ...still, remove: ['10.0.0.3:7003'] })).toBe(
    'REDIS_NODE_NOT_EMPTY: 10.0.0.3:7003 is to leave the cluster, and has 2 keys of its own.',
  )
  expect(refusalOf(leaving, { ...still, primaries: 4 })).toBe(
    'REDIS_NODE_NOT_EMPTY: 10.0.0.3:7003 serves no slot, and has 2 keys of its own.',
  )
  // Keys of a slot that is on its way there are not left over: the move is finished first.
  leaving.beginMove('10.0.0.0:7000', '10.0.0.3:7003', 7)
  expect(summaries(leaving, { ...still, remove: ['10.0.0.3:7003'] })[0]).toBe(
    'finish moving 1 slot from 10.0.0.0:7000 to 10.0.0.3:7003: 7',
  )
})
