import type { RunEvent } from '../command/event.ts'

/** How long others waited for a table beside a definition, at most. */
export interface Stall {
  readonly table: string
  readonly milliseconds: number
  /** Why nobody saw it, as a clause: then it is as long as the definition took. Null where it was seen. */
  readonly why: string | null
}

/**
 * What reads of tables, one after another, prove about the waits of others: who began to read at any time before a read that was answered had its answer by then, too.
 * So nobody waited longer than the longest time between two answers. A short definition needs no read: nobody waited longer than it took.
 */
export class StallClock {
  readonly #tables: Map<string, { answered: number; longest: number }>
  #why: string | null = null

  /** @param now when the definition was sent */
  constructor(tables: readonly string[], now: number) {
    this.#tables = new Map(tables.map((table) => [table, { answered: now, longest: 0 }]))
  }

  /** A read of the table was answered. */
  answered(table: string, now: number): void {
    const seen = this.#tables.get(table)
    if (seen === undefined) return
    seen.longest = Math.max(seen.longest, now - seen.answered)
    seen.answered = now
  }

  /** Nobody reads any more: what follows is not seen. */
  giveUp(why: string): void {
    this.#why ??= why
  }

  /** The definition has ended. Null where it has no table. */
  end(now: number): Stall | null {
    const seen = [...this.#tables].map(([table, { answered, longest }]) => {
      return { table, milliseconds: Math.max(longest, now - answered), why: this.#why }
    })
    return seen.toSorted((a, b) => b.milliseconds - a.milliseconds)[0] ?? null
  }
}

/** The longer one. */
function longerStall(one: Stall | null, other: Stall | null): Stall | null {
  if (one === null || other === null) return one ?? other
  return other.milliseconds > one.milliseconds ? other : one
}

/** `others waited at most 0.03 s for `orders``. */
export function describeStall({ table, milliseconds, why }: Stall): string {
  const seconds = (milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 0)
  const unseen = why === null ? '' : `, as long as the statement took, because no read was measured: ${why}`
  return `others waited at most ${seconds} s for \`${table}\`${unseen}`
}

/** A shorter one is not worth a line: nobody notices it, and a busy machine makes readers wait for as long. Milliseconds. */
const shortest = 100

/** The longest stall of each database, from the events of a run. */
export class Stalls {
  readonly #longest = new Map<string, Stall>()

  observe(event: RunEvent): void {
    if (event.type !== 'others-waited') return
    const { database } = event.target
    this.#longest.set(database, longerStall(this.#longest.get(database) ?? null, event.stall) ?? event.stall)
  }

  of(database: string): Stall | null {
    return this.#longest.get(database) ?? null
  }

  /** One sentence a database, for the record of the run. */
  describe(): readonly string[] {
    return [...this.#longest].flatMap(([database, stall]) =>
      isWorthALine(stall) ? [`\`${database}\`: ${describeStall(stall)}.`] : [],
    )
  }
}

export function isWorthALine({ milliseconds }: Stall): boolean {
  return milliseconds >= shortest
}
