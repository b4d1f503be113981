import type { Redis } from 'ioredis'
import { ToolError } from '../../core/tool-error.ts'
import type { LeaseClaim, LeaseHolder, LeasePlace } from '../lease.ts'
import type { NodeConnection } from './connection.ts'

/** A name is given with HELLO, which every user may send, and which also counts as use of the connection. */
function mark(client: Redis, name: string): Promise<unknown> {
  return client.call('HELLO', '2', 'SETNAME', name)
}

/** What the name of a connection says. */
interface Marked {
  readonly client: string
  readonly role: 'lock' | 'write'
  readonly owner: string
  readonly holder: string
  /** Milliseconds of its lease. */
  readonly lease: number
  /** Seconds since it was opened, and since its last command, by the node. */
  readonly age: number
  readonly idle: number
}

/** `wwdb-setup:lock:PREFIX:LEASE:OWNER:HOLDER`; names take no blanks. */
function nameOf(role: Marked['role'], prefix: string, { milliseconds, owner, holder }: LeaseClaim): string {
  return `wwdb-setup:${role}:${prefix}:${milliseconds}:${owner}:${encodeURIComponent(holder)}`
}

function readMarked(list: string, prefix: string): readonly Marked[] {
  return list.split('\n').flatMap((line) => {
    const values = new Map(
      line.split(' ').map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
    )
    const [tool, role, of, lease, owner = '', holder = ''] = (values.get('name') ?? '').split(':')
    if (tool !== 'wwdb-setup' || of !== prefix || (role !== 'lock' && role !== 'write')) return []
    const seconds = (key: string): number => Number(values.get(key) ?? 0)
    const client = values.get('id') ?? ''
    return [
      {
        client,
        role,
        owner,
        holder: decodeURIComponent(holder),
        lease: Number(lease),
        age: seconds('age'),
        idle: seconds('idle'),
      },
    ]
  })
}

/** Connections are counted in whole seconds: one more, so that none is ended early. */
function leftOf({ lease, idle }: Marked): number {
  return lease + 1000 - idle * 1000
}

/** The connections that hold the lock, and the name that marks those that write. */
export interface RedisLock extends LeasePlace {
  /** Marks a connection as the holder's before it writes; nothing where the lock is not held. */
  readonly markWriter: (client: Redis) => Promise<void>
  /** Until the work is done, these nodes may be silent: their connections are not renewed, and count as long as they are open. */
  readonly whileBusy: <T>(names: readonly string[], work: () => Promise<T>) => Promise<T>
  readonly close: () => void
}

/**
 * A connection to every node, with a name that only an applier has: whoever has named its own and then sees no other one holds the lock there. Of two that meet,
 * both go back. A connection that was silent for longer than its lease is ended by the one who takes over, and with it those its run writes on.
 * @param nodes for the lock alone: they are not used for anything else.
 */
export function lockConnections(nodes: readonly NodeConnection[], prefix: string): RedisLock {
  const lock = new ConnectionLock(nodes, prefix)
  return {
    take: (claim) => lock.take(claim),
    renew: (claim) => lock.renew(claim),
    release: () => lock.goBack(),
    read: () => lock.read(),
    markWriter: (client) => lock.markWriter(client),
    whileBusy: (names, work) => lock.whileBusy(names, work),
    close: () => lock.close(),
  }
}

class ConnectionLock {
  readonly #nodes: readonly NodeConnection[]
  readonly #prefix: string
  readonly #held = new Map<NodeConnection, Redis>()
  #writer: string | null = null
  #busy: readonly string[] = []

  constructor(nodes: readonly NodeConnection[], prefix: string) {
    this.#nodes = nodes
    this.#prefix = prefix
  }

  async take(claim: LeaseClaim): ReturnType<LeasePlace['take']> {
    for (const node of this.#nodes) {
      const other = await ifReachable(() => this.#takeOn(node, claim))
      if (other === null) continue
      await this.goBack()
      return { type: 'held', by: holderOf(other) }
    }
    this.#writer = nameOf('write', this.#prefix, claim)
    return { type: 'taken' }
  }

  /** The other holder on this node; null where there is none, and the name is this one's. */
  async #takeOn(node: NodeConnection, claim: LeaseClaim): Promise<Marked | null> {
    const holder = await this.#findOther(node, claim.owner)
    if (holder !== null) return holder
    await node.use(async (client) => {
      await mark(client, nameOf('lock', this.#prefix, claim))
      this.#held.set(node, client)
    })
    return this.#findOther(node, claim.owner)
  }

  async renew(claim: LeaseClaim): Promise<boolean> {
    const name = nameOf('lock', this.#prefix, claim)
    const alive = await Promise.all(
      [...this.#held].map(async ([node, client]) => {
        const isSilent = (): boolean => client.status === 'ready' && this.#busy.includes(node.name)
        if (client.status !== 'ready') return false
        // It may become busy while it is asked.
        return isSilent() || mark(client, name).then(() => true, isSilent)
      }),
    )
    return alive.length > 0 && alive.every((one) => one)
  }

  async read(): Promise<LeaseHolder | null> {
    for (const node of this.#nodes) {
      const locks = await ifReachable(async () => (await this.#look(node)).filter(({ role }) => role === 'lock'))
      const [first] = locks ?? []
      if (first !== undefined) return holderOf(first)
    }
    return null
  }

  async markWriter(client: Redis): Promise<void> {
    if (this.#writer !== null) await mark(client, this.#writer)
  }

  async whileBusy<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    this.#busy = names
    try {
      return await work()
    } finally {
      this.#busy = []
    }
  }

  /** A connection that is closed is listed for a moment: it loses its name first. */
  async goBack(): Promise<void> {
    await Promise.all([...this.#held.values()].map((client) => mark(client, 'wwdb-setup:free').catch(() => undefined)))
    this.close()
  }

  close(): void {
    for (const client of this.#held.values()) client.disconnect()
    for (const node of this.#nodes) node.close()
    this.#held.clear()
    this.#writer = null
  }

  #look(node: NodeConnection): Promise<readonly Marked[]> {
    return node.use(async (client) => readMarked(String(await client.call('CLIENT', 'LIST')), this.#prefix))
  }

  /** The holder on this node, after those whose time is over were ended. */
  async #findOther(node: NodeConnection, owner: string): Promise<Marked | null> {
    const others = (await this.#look(node)).filter((one) => one.owner !== owner)
    const over = others.filter((one) => one.role === 'lock' && leftOf(one) <= 0)
    for (const { client } of others.filter((one) => over.some((lock) => lock.owner === one.owner)))
      await node.use((own) => own.call('CLIENT', 'KILL', 'ID', client))
    return others.find((one) => one.role === 'lock' && !over.includes(one)) ?? null
  }
}

/** Null where the node does not answer: the plan names it, and nothing is written to it. */
async function ifReachable<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ToolError && error.code === 'STORE_UNREACHABLE') return null
    throw error
  }
}

function holderOf(marked: Marked): LeaseHolder {
  return { holder: marked.holder, heldFor: marked.age * 1000, left: leftOf(marked) }
}
