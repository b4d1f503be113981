import type { ObjectSnapshot } from '../ddl/snapshot.ts'

type Tables = ReadonlyMap<string, ObjectSnapshot>

/**
 * Reads what a run has created while the server works on the next statements, so that little is left for the end. This is only a shortcut: where
 * it fails, or a later statement may have changed an object, the end reads it.
 */
export class TablesReadAhead {
  readonly #readTables: (names: readonly string[]) => Promise<Tables>
  #read = new Map<string, ObjectSnapshot>()
  #last: Promise<void> = Promise.resolve()

  constructor(readTables: (names: readonly string[]) => Promise<Tables>) {
    this.#readTables = readTables
  }

  /** Does not wait. */
  read(names: readonly string[]): void {
    const into = this.#read
    this.#last = this.#last.then(async () => {
      const tables = into === this.#read ? await this.#readTables(names).catch(() => null) : null
      for (const [name, table] of tables ?? []) into.set(name, table)
    })
  }

  /** Reads in progress are forgotten, too. */
  forget(): void {
    this.#read = new Map()
  }

  async take(): Promise<Tables> {
    await this.#last
    return this.#read
  }
}
