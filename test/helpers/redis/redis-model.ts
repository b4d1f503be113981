import { rangesOf, slotsOf } from '../../../src/stores/redis/members.ts'
import type { KnownNode, NodeWrite, ObservedCluster, ObservedNode, SlotRange } from '../../../src/stores/redis/ports.ts'

/** A node as the model keeps it. */
export interface ModelNode {
  readonly node: string
  readonly host: string
  readonly id: string
  slots: Set<number>
  epoch: number
  primary: string | null
  /** As CLUSTER NODES shows them. */
  open: string[]
  keys: number
  /** Ids of all that it knows. */
  readonly known: Set<string>
}

/** Nodes of Redis Cluster in memory: what the real ones refuse, these refuse, too. Gossip needs no time. */
export class ModelCluster {
  readonly nodes: readonly ModelNode[]

  constructor(hosts: readonly string[]) {
    this.nodes = hosts.map((host, index) => ({
      node: `${host}:${7000 + index}`,
      host,
      id: `id-${index}`,
      slots: new Set(),
      epoch: 0,
      primary: null,
      open: [],
      keys: 0,
      known: new Set(),
    }))
  }

  observe(): readonly ObservedNode[] {
    const ranges = new Map(this.nodes.map((node) => [node.id, rangesOf(node.slots)]))
    return this.nodes.map((node) => this.#observationOf(node, ranges))
  }

  write(write: NodeWrite): void {
    const node = this.#find(write.node)
    switch (write.type) {
      case 'add-slots':
        for (const slot of slotsOf(write.slots)) {
          if (this.#seenBy(node).some((other) => other.slots.has(slot)))
            throw new Error(`ERR Slot ${slot} is already busy`)
          node.slots.add(slot)
        }
        return
      case 'set-epoch':
        if (node.known.size > 0)
          throw new Error('ERR The user can assign a config epoch only when the node does not know any other node.')
        if (node.epoch !== 0) throw new Error('ERR Node config epoch is already non-zero')
        node.epoch = write.epoch
        return
      case 'meet':
        this.#meet(node, this.#find(write.other))
        return
      case 'replicate':
        if (!node.known.has(write.primary)) throw new Error('ERR Unknown node')
        if (node.primary === null && (node.slots.size > 0 || node.keys > 0)) {
          throw new Error('ERR To set a master the node must be empty and without assigned slots.')
        }
        node.primary = write.primary
        return
      case 'move-slots':
        for (const slot of slotsOf(write.slots)) this.#moveSlot(node, this.#find(write.target), slot)
        return
      case 'close-slots':
        if (node.primary !== null) throw new Error('ERR Please use SETSLOT only with masters.')
        node.open = node.open.filter((one) => !write.markers.includes(one))
        return
      case 'forget': {
        const other = this.#find(write.other)
        if (other.slots.size + other.open.length > 0) throw new Error('it still has slots')
        if (node.primary === other.id) throw new Error("ERR Can't forget my master!")
        node.known.delete(other.id)
        return
      }
      case 'reset':
        if (node.slots.size + node.open.length > 0) throw new Error('it still has slots')
        node.known.clear()
        node.primary = null
        return
      default:
        throw new Error(`the model does no ${write.type}`)
    }
  }

  /** Interrupted: both nodes say that the slot is on its way. */
  beginMove(from: string, to: string, slot: number): void {
    const [source, target] = [this.#find(from), this.#find(to)]
    if (!source.slots.has(slot)) throw new Error(`ERR I'm not the owner of hash slot ${slot}`)
    if (source.primary !== null || target.primary !== null) throw new Error('ERR Please use SETSLOT only with masters.')
    if (!source.known.has(target.id)) throw new Error("ERR I don't know about node")
    source.open = [...source.open.filter((one) => !one.startsWith(`[${slot}-`)), `[${slot}->-${target.id}]`]
    target.open = [...target.open.filter((one) => !one.startsWith(`[${slot}-`)), `[${slot}-<-${source.id}]`]
  }

  /** Killed after the target took the slot: it says so to the source itself, which does not drop its marker for that. */
  takeWithoutSource(from: string, to: string, slot: number): void {
    this.beginMove(from, to, slot)
    const [source, target] = [this.#find(from), this.#find(to)]
    source.slots.delete(slot)
    target.slots.add(slot)
    target.open = target.open.filter((one) => !one.startsWith(`[${slot}-`))
  }

  /** A slot that was begun to another node has keys there: it must come to that one first. */
  #moveSlot(source: ModelNode, target: ModelNode, slot: number): void {
    const begun = source.open.find((one) => one.startsWith(`[${slot}->-`))
    if (begun !== undefined && begun !== `[${slot}->-${target.id}]`) throw new Error('its keys are on another node')
    this.beginMove(source.node, target.node, slot)
    source.slots.delete(slot)
    target.slots.add(slot)
    for (const node of [source, target]) node.open = node.open.filter((one) => !one.startsWith(`[${slot}-`))
  }

  /** Those that know each other make all that they know known. */
  #meet(one: ModelNode, other: ModelNode): void {
    const all = new Set([one.id, other.id, ...one.known, ...other.known])
    for (const node of this.nodes) if (all.has(node.id)) for (const id of all) if (id !== node.id) node.known.add(id)
  }

  #find(name: string): ModelNode {
    const node = this.nodes.find((one) => one.node === name)
    if (node === undefined) throw new Error(`${name} is no node of the model`)
    return node
  }

  #seenBy(node: ModelNode): readonly ModelNode[] {
    return this.nodes.filter(({ id }) => id === node.id || node.known.has(id))
  }

  #observationOf(node: ModelNode, ranges: ReadonlyMap<string, readonly SlotRange[]>): ObservedNode {
    const served = this.#seenBy(node).reduce((sum, { slots }) => sum + slots.size, 0)
    const cluster: ObservedCluster = {
      id: node.id,
      state: served === 16_384 ? 'ok' : 'fail',
      epoch: node.epoch,
      address: { ip: node.host, port: 7000, busPort: 17_000 },
      primary: node.primary,
      slots: ranges.get(node.id) ?? [],
      openSlots: node.open,
      others: this.#seenBy(node)
        .filter((other) => other !== node)
        .map((other) => toKnown(other, ranges.get(other.id) ?? [])),
      greeting: false,
    }
    return {
      type: 'observed',
      node: node.node,
      host: node.host,
      version: '8.0.6',
      role: node.primary === null ? 'primary' : 'replica',
      linked: node.primary === null ? null : true,
      keys: node.keys,
      usedMemory: 1_000_000,
      hasConfigurationFile: true,
      hasUserFile: false,
      settings: new Map(),
      users: new Map(),
      self: 'default',
      functions: { type: 'libraries', libraries: new Map() },
      persistence: {
        loading: false,
        lastSnapshotWorked: true,
        appendOnly: false,
        lastAppendWorked: true,
        lastRewriteWorked: true,
      },
      cluster,
    }
  }
}

function toKnown(node: ModelNode, slots: readonly SlotRange[]): KnownNode {
  return {
    id: node.id,
    address: node.node,
    role: node.primary === null ? 'primary' : 'replica',
    primary: node.primary,
    slots,
    health: 'well',
    connected: true,
  }
}
