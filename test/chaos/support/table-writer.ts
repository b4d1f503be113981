import { type Database, openDatabase } from './database.ts'

/** What rows of a table must be by the log of the one who wrote them: `n` by `id`. */
export interface WriterLog {
  readonly rows: ReadonlyMap<number, number>
  /** Writes that the server refused for a reason that no kill explains. */
  readonly refused: readonly string[]
  readonly written: number
}

interface Write {
  readonly text: string
  readonly id: number
  /** Undefined where the row is gone after it. */
  readonly after: number | undefined
}

/** Lock waits and deadlocks: the statement was rolled back, and is not tried again. */
const rolledBack = [1205, 1213]

/** Milliseconds: a server that was killed comes back in seconds. */
const patience = 120_000

const selectRow = (table: string, id: number): string => `SELECT n FROM ${table} WHERE id = ${id}`

/**
 * Inserts, updates and deletes rows of a table without a pause, each in its own transaction, and keeps a log of what the server said. Updates are not idempotent. Where
 * the connection was lost, the row itself says whether the write was done: it must be as before it or as after it.
 */
export class TableWriter {
  readonly #url: string
  readonly #table: string
  readonly #random: () => number
  readonly #rows: Map<number, number>
  readonly #refused: string[] = []
  readonly #running: Promise<void>
  #database: Database | null = null
  #next: number
  #written = 0
  #isOver = false

  /** @param first rows 1 to this number are there, each with its own number for `n` */
  constructor(url: string, table: string, first: number, random: () => number) {
    this.#url = url
    this.#table = table
    this.#random = random
    this.#rows = new Map(Array.from({ length: first }, (_, at) => [at + 1, at + 1]))
    this.#next = first + 1
    this.#running = this.#run()
  }

  async stop(): Promise<WriterLog> {
    this.#isOver = true
    await this.#running
    return { rows: this.#rows, refused: this.#refused, written: this.#written }
  }

  async #run(): Promise<void> {
    while (!this.#isOver) await this.#write(this.#draw())
    await this.#database?.close().catch(() => undefined)
  }

  #draw(): Write {
    const kind = this.#random()
    const id = 1 + Math.floor(this.#random() * (this.#next - 1))
    const n = this.#rows.get(id)
    if (n === undefined || kind < 0.4) {
      const fresh = this.#next
      this.#next += 1
      return { text: `INSERT INTO ${this.#table} (id, n) VALUES (${fresh}, ${-fresh})`, id: fresh, after: -fresh }
    }
    if (kind < 0.8) return { text: `UPDATE ${this.#table} SET n = n + 100000 WHERE id = ${id}`, id, after: n + 100_000 }
    return { text: `DELETE FROM ${this.#table} WHERE id = ${id}`, id, after: undefined }
  }

  async #write(write: Write): Promise<void> {
    try {
      this.#database ??= await openDatabase(this.#url)
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return
    }
    try {
      await this.#database.run(write.text)
      this.#written += 1
      this.#keep(write)
    } catch (error) {
      const number = error instanceof Error && 'errno' in error ? Number(error.errno) : 0
      if (rolledBack.includes(number)) return
      // Numbers of the server are four digits; those of the system, where the connection was lost, are below 0.
      if (number >= 1000 && number < 10_000 && number !== 1053) this.#refused.push(`${write.text}: ${String(error)}`)
      else await this.#readAgain(write)
    }
  }

  #keep({ id, after }: Write): void {
    if (after === undefined) this.#rows.delete(id)
    else this.#rows.set(id, after)
  }

  /** Until a server answers, or none has for long: one that could not be started again must not hold the test up. */
  async #readAgain(write: Write): Promise<void> {
    for (const end = Date.now() + patience; ; ) {
      await this.#database?.close().catch(() => undefined)
      this.#database = null
      try {
        this.#database = await openDatabase(this.#url)
        const [row] = await this.#database.rows(selectRow(this.#table, write.id))
        const found = row === undefined ? undefined : Number(row[0])
        if (found === write.after) this.#keep(write)
        else if (found !== this.#rows.get(write.id))
          this.#refused.push(`${write.text}: after the connection was lost, the row is ${found}`)
        return
      } catch (error) {
        if (Date.now() > end) {
          this.#refused.push(`${write.text}: whether it was done could not be read: ${String(error)}`)
          this.#isOver = true
          return
        }
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
    }
  }
}
