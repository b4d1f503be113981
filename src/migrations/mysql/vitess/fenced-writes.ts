import type { Asker } from '../../../mysql/connection.ts'

/** What writes to a journal need: the connection that runs users' statements, one beside it, the fence, and the journal's table. */
interface FencedParts {
  readonly connection: Asker
  readonly beside: () => Promise<Asker>
  /** Throws ToolError `LOCK_LOST`; then nothing of the transaction may be committed. */
  readonly fence: (connection: Asker) => Promise<void>
  readonly rollback: () => Promise<void>
  readonly table: string
}

interface RowKey {
  readonly pass: number
  readonly statement: number
}

/** Transactions that write to the journal of a keyspace, each with the fence of the lease before what it writes there. */
export class FencedWrites {
  readonly #parts: FencedParts

  constructor(parts: FencedParts) {
    this.#parts = parts
  }

  /** One transaction; it commits the data that ran before it, which is right where that is on the shard of the journal. */
  async write(statements: readonly string[]): Promise<void> {
    const { connection, fence, rollback } = this.#parts
    try {
      await fence(connection)
      for (const text of statements) await connection.ask(text)
    } catch (error) {
      await rollback()
      throw error
    }
    await connection.ask('COMMIT')
  }

  /**
   * Commits data on other shards than that of the journal, and only then writes what closes its rows. vtgate commits shard after shard, in the order in which the transaction came
   * to them, which a statement decides: were both in one transaction, the row could be closed and the data be gone. A run that ends between the first two leaves a row which says that the
   * commit had begun; only a person can tell then.
   */
  async writeBehindData(rows: readonly RowKey[], statements: readonly string[]): Promise<void> {
    await this.#markEntered(rows)
    await this.write([])
    await this.write(statements)
  }

  async #markEntered(rows: readonly RowKey[]): Promise<void> {
    const { beside, fence, table } = this.#parts
    const connection = await beside()
    await connection.ask('BEGIN')
    try {
      await fence(connection)
      for (const { pass, statement } of rows)
        await connection.ask(
          `UPDATE ${table} SET state='entered' WHERE pass=${pass} AND statement=${statement} AND state='open'`,
        )
      await connection.ask('COMMIT')
    } catch (error) {
      await connection.ask('ROLLBACK').catch(() => undefined)
      throw error
    }
  }
}
