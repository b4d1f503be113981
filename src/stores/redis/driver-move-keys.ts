import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { ToolError } from '../../core/tool-error.ts'
import type { NodeConnection, RedisAccess } from './connection.ts'
import { refuse } from './errors.ts'

/** Keys of one request: the node does nothing else meanwhile. */
const keysAtOnce = 50

/** How many times fewer keys there are after a request that took too long, and more after some that did not. */
const step = 5

/** Requests in a row that end in time, until they have more keys. */
const toGrow = 10

/** Requests with the same key alone. */
const mostTries = 2

/** Milliseconds that a target may take to do what an earlier request left to it. */
const longestRest = 60_000

/** Looks in a row that find nothing of it: the first ones may come before the target has read what was sent. */
const looks = 3

/** One node that sends keys to another. Its connections wait longer than others: a node that sends a large key answers nobody meanwhile. */
export interface KeyPath {
  readonly slot: number
  readonly source: NodeConnection
  readonly target: NodeConnection
  /** Where the source reaches the target. */
  readonly address: { readonly ip: string; readonly port: number }
  /** Says that both nodes may be silent until the work is done. */
  readonly whileBusy: <T>(work: () => Promise<T>) => Promise<T>
}

export type Credentials = Pick<RedisAccess, 'user' | 'password' | 'timeout'>

/** How long one request of MIGRATE may wait for the target, in milliseconds. */
interface Patience {
  readonly batch: number
  readonly single: number
  /** After so long the other nodes take one that is busy for a dead one. */
  readonly nodeTimeout: number
}

/** Sends keys, fewer at once after each request that took too long, down to single ones, and again more after each that did not. */
export class KeySender {
  readonly #path: KeyPath
  readonly #access: Credentials
  #size = keysAtOnce
  #failures = 0
  #successes = 0
  /** Read from the source with the first request. */
  #patience: Patience | null = null

  constructor(path: KeyPath, access: Credentials) {
    this.#path = path
    this.#access = access
  }

  /** How many keys the next request takes. */
  get size(): number {
    return this.#size
  }

  /**
   * @returns whether something may have moved: false where none of the keys exists any more.
   * @throws ToolError REDIS_KEY_NOT_MOVED where a key is not moved alone either.
   */
  async send(keys: readonly Buffer[]): Promise<boolean> {
    const answer = await this.#migrate(keys)
    if (!answer.startsWith('IOERR')) {
      this.#failures = 0
      this.#successes += 1
      if (this.#successes % toGrow === 0) this.#size = Math.min(keysAtOnce, this.#size * step)
      return answer !== 'NOKEY'
    }
    this.#successes = 0
    this.#size = Math.max(1, Math.floor(keys.length / step))
    await this.#path.whileBusy(() => untilRested(this.#path))
    if (keys.length === 1 && ++this.#failures >= mostTries) throw await this.#giveUp(answer, keys[0])
    return true
  }

  /** What the source answers: also an error of the connection between the nodes, in its words. */
  async #migrate(keys: readonly Buffer[]): Promise<string> {
    const { source, address, whileBusy } = this.#path
    const [user, password] = [this.#access.user, this.#access.password?.reveal() ?? null]
    const login = password === null ? [] : user === null ? ['AUTH', password] : ['AUTH2', user, password]
    return source.use(async (client) => {
      this.#patience ??= await readPatience(client)
      const time = keys.length === 1 ? this.#patience.single : this.#patience.batch
      const words = [address.ip, String(address.port), '', '0', String(time), 'REPLACE', ...login, 'KEYS']
      try {
        return String(await whileBusy(() => client.call('MIGRATE', ...words, ...keys)))
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('IOERR')) return error.message
        throw error
      }
    })
  }

  async #giveUp(answer: string, key: Buffer | undefined): Promise<ToolError> {
    const { slot, source, target, address } = this.#path
    const { single, nodeTimeout } = this.#patience ?? patienceOf(usualNodeTimeout)
    const what = key === undefined ? 'a key' : await source.use((client) => describeKey(client, key))
    const [from, to, place] = [source.name, target.name, `${address.ip}:${address.port}`]
    return refuse(
      'REDIS_KEY_NOT_MOVED',
      from,
      `A key of slot ${slot} could not be moved from ${from} to ${to}: ${what}.`,
      `Check that ${from} can connect to ${place}. For a large key, raise \`cluster-node-timeout\` on every node until the slots are moved: one key may take four fifths of it. From 512 MB on it also needs a larger \`proto-max-bulk-len\` on ${to}; or make several keys of it. Then run the command again: it goes on with this slot.`,
      `MIGRATE to ${place} reported this ${mostTries} times for the key alone: ${answer}. Each time it could wait for ${inSeconds(single)}: after ${inSeconds(nodeTimeout)} the other nodes take a busy node for a dead one.`,
    )
  }
}

function inSeconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`
}

/** Milliseconds of `cluster-node-timeout` where it is not set. */
const usualNodeTimeout = 15_000

async function readPatience(client: Redis): Promise<Patience> {
  const reply = await client.call('CONFIG', 'GET', 'cluster-node-timeout')
  return patienceOf(Number(Array.isArray(reply) ? (reply[1] ?? usualNodeTimeout) : usualNodeTimeout))
}

/** A node that waits for a large key answers nobody. It is back before its replica takes its place. */
function patienceOf(nodeTimeout: number): Patience {
  const batch = Math.min(5_000, Math.max(1_000, Math.floor(nodeTimeout / 3)))
  return { batch, single: Math.max(batch, Math.floor(nodeTimeout * 0.8)), nodeTimeout }
}

/**
 * A request that ended by IOERR may still be carried out by the target, which has it in its buffers. Were it later than the next one, it would put older values in the place of newer ones.
 * @throws ToolError REDIS_KEY_NOT_MOVED where the target does not come to an end.
 */
async function untilRested({ slot, source, target }: KeyPath): Promise<void> {
  const [from, to] = [source.name, target.name]
  let clear = 0
  for (const end = Date.now() + longestRest; Date.now() < end; await pause(100)) {
    const list = await target.use(async (client) => String(await client.call('CLIENT', 'LIST')))
    clear = /\bcmd=restore-asking\b/i.test(list) ? 0 : clear + 1
    if (clear === looks) return
  }
  throw refuse(
    'REDIS_KEY_NOT_MOVED',
    to,
    `The keys of slot ${slot} could not be moved: ${to} is still busy with keys that ${from} has sent to it.`,
    'Run the command again when its load is lower: it goes on with this slot.',
    `After ${inSeconds(longestRest)} a connection for RESTORE-ASKING was still open there.`,
  )
}

/** Never its name, which may be a secret. The rights to look are not needed for the move. */
async function describeKey(client: Redis, key: Buffer): Promise<string> {
  const ask = async (...words: readonly [string, ...(string | Buffer)[]]): Promise<string | null> => {
    const [command, ...rest] = words
    return client.call(command, ...rest).then(
      (answer) => (answer === null ? null : String(answer)),
      () => null,
    )
  }
  const [type, size] = [await ask('TYPE', key), await ask('MEMORY', 'USAGE', key)]
  const kind = type === null ? 'a key whose type the user may not read' : `a ${type}`
  return size === null
    ? `${kind}, of a size that the user may not read`
    : `${kind} of about ${(Number(size) / 1e6).toFixed(1)} MB`
}
