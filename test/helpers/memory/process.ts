/** What a process holds open: closed when it dies, unless the server continues a statement of it alone. */
export interface AdoptedConnection {
  readonly orphaned: boolean
  readonly close: () => void
}

/**
 * What goes wrong at one call: the process dies or the connection breaks, before the server does what was asked, after
 * it did, or `during`: the server continues the statement alone, and keeps the lock as long.
 */
export type Mishap = `${'die' | 'lose'}-${'before' | 'during' | 'after'}`

/** No caller sees it but what a dead process would still run; none of that reaches the server. */
export class ProcessDied extends Error {}
export class ConnectionLost extends Error {}

/** One run of the tool: its sessions live and die together. Every call of a session has a number, from 1. */
export class MemoryProcess {
  calls = 0
  /** How many went wrong so far. */
  mishaps = 0
  dead = false
  /** Its statements are sent alone, the plain way. */
  readonly sendsAlone: boolean
  readonly #mishaps: ReadonlyMap<number, Mishap>
  readonly #connections: AdoptedConnection[] = []

  constructor(mishaps: Iterable<readonly [number, Mishap]> = [], sendsAlone = false) {
    this.sendsAlone = sendsAlone
    this.#mishaps = new Map(mishaps)
  }

  adopt(connection: AdoptedConnection): void {
    this.#connections.push(connection)
  }

  nextMishap(): Mishap | null {
    this.calls += 1
    const mishap = this.#mishaps.get(this.calls) ?? null
    if (mishap !== null) this.mishaps += 1
    return mishap
  }

  die(): void {
    this.dead = true
    for (const connection of this.#connections) if (!connection.orphaned) connection.close()
  }
}
