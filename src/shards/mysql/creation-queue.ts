import type { CreateOutcome, TableToCreate } from '../ports.ts'

interface Waiting {
  readonly table: TableToCreate
  /** Parents that are not made yet. */
  left: number
}

/** Gives out tables, to several workers at once, so that each comes after those that it refers to. */
export class CreationQueue {
  readonly #ready: TableToCreate[] = []
  readonly #waiting = new Map<string, Waiting>()
  readonly #children = new Map<string, TableToCreate[]>()
  #idle: (() => void)[] = []
  #given = 0
  #running = 0
  #abandoned = false

  constructor(tables: readonly TableToCreate[]) {
    const names = new Set(tables.map((table) => table.table))
    for (const table of tables) {
      const parents = new Set(table.after.filter((name) => names.has(name) && name !== table.table))
      for (const parent of parents) {
        const children = this.#children.get(parent)
        if (children === undefined) this.#children.set(parent, [table])
        else children.push(table)
      }
      if (parents.size === 0) this.#ready.push(table)
      else this.#waiting.set(table.table, { table, left: parents.size })
    }
  }

  /** The next table whose parents are there; null when there will be none any more. */
  async next(): Promise<TableToCreate | null> {
    for (;;) {
      const table = this.#abandoned ? null : this.#choose()
      if (table !== undefined) return table
      await new Promise<void>((resolve) => this.#idle.push(resolve))
    }
  }

  /** What ended, and the tables that cannot be made because of it. */
  finish(outcome: CreateOutcome): readonly CreateOutcome[] {
    this.#running -= 1
    const ended = [outcome, ...this.#release(outcome)]
    this.#wake()
    return ended
  }

  /** Nothing more is given out. */
  abandon(): void {
    this.#abandoned = true
    this.#wake()
  }

  /** Undefined where one has to wait for others. Tables that wait for one another in a circle are the server's to refuse. */
  #choose(): TableToCreate | null | undefined {
    const table = this.#ready[this.#given]
    if (table !== undefined) {
      this.#given += 1
      this.#running += 1
      return table
    }
    if (this.#waiting.size === 0) return null
    if (this.#running > 0) return undefined
    for (const { table: stuck } of this.#waiting.values()) this.#ready.push(stuck)
    this.#waiting.clear()
    return this.#choose()
  }

  #release(parent: CreateOutcome): readonly CreateOutcome[] {
    return (this.#children.get(parent.table) ?? []).flatMap((child) => {
      const waiting = this.#waiting.get(child.table)
      if (waiting === undefined) return []
      waiting.left -= 1
      if (parent.type !== 'failed') {
        if (waiting.left === 0) this.#makeReady(child)
        return []
      }
      this.#waiting.delete(child.table)
      const why = `it refers to ${parent.table}, which could not be made`
      const outcome: CreateOutcome = { table: child.table, type: 'failed', why }
      return [outcome, ...this.#release(outcome)]
    })
  }

  #makeReady(table: TableToCreate): void {
    this.#waiting.delete(table.table)
    this.#ready.push(table)
  }

  #wake(): void {
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }
}
