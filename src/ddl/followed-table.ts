import type { Table } from './table.ts'

/** Where a table comes from. */
interface Origin {
  /** Its name, as the statement writes it. */
  readonly name: string
  /** The file of the statement that created it; null for a table that a server described. */
  readonly madeIn: string | null
  /** True after code ran that cannot be read: it may contain rows from before the run. */
  readonly isForgotten: boolean
  /** False where no statement gave it a foreign key: of thousands of tables, few need to be read to find a parent's children. */
  readonly mayRefer: boolean
}

/**
 * The number of CREATE TABLEs that are kept parsed: the others are parsed again when they are needed, because thousands would fill the memory.
 */
const mostHeld = 1000

/** The tables that were read last. */
const held = new Map<FollowedTable, Table>()

/** Each change reads the one before it: a table with thousands of changes must not need as many nested calls. */
const longestChain = 64

/**
 * A table that statements created or changed. It is parsed when it is first needed: most tables of a long history never are.
 */
export class FollowedTable implements Origin {
  readonly type = 'table'
  readonly name: string
  readonly madeIn: string | null
  readonly isForgotten: boolean
  readonly mayRefer: boolean
  readonly #depth: number
  readonly #read: () => Table
  #table: Table | null = null
  #asNew: { readonly type: 'new'; readonly table: Table } | null = null

  private constructor({ name, madeIn, isForgotten, mayRefer }: Origin, depth: number, read: () => Table) {
    this.name = name
    this.madeIn = madeIn
    this.isForgotten = isForgotten
    this.mayRefer = mayRefer
    this.#depth = depth
    this.#read = read
  }

  /**
   * A table that a statement creates. A table that is based on another (LIKE), which may be based on a third, is read once.
   */
  static make(name: string, madeIn: string, text: string, read: () => Table): FollowedTable {
    const origin = { name, madeIn, isForgotten: false, mayRefer: addsReferences(text) }
    return new FollowedTable(origin, /\blike\b/i.test(text) ? 1 : 0, read)
  }

  /** The same table after a change. */
  static change(
    before: { readonly type: 'table'; readonly table: Table },
    change: (table: Table) => Table,
    origin: Partial<Origin> = {},
  ): FollowedTable {
    const [from, depth] =
      before instanceof FollowedTable
        ? [before, before.#depth + 1]
        : [{ name: before.table.name, madeIn: null, isForgotten: false, mayRefer: true }, 1]
    const after = new FollowedTable({ ...pickOrigin(from), ...origin }, depth, () => change(before.table))
    if (depth % longestChain === 0) after.#table = after.#read()
    return after
  }

  /** The same table after code that cannot be read: it may have more columns, and different rows. */
  static forget(before: { readonly type: 'table'; readonly table: Table }): FollowedTable {
    return FollowedTable.change(before, (table) => uncertain(table), { isForgotten: true })
  }

  get table(): Table {
    if (this.#table !== null) return this.#table
    if (this.#depth > 0) {
      this.#table = this.#read()
      return this.#table
    }
    const table = held.get(this) ?? this.#read()
    held.delete(this)
    held.set(this, table)
    const [oldest] = held.keys()
    if (held.size > mostHeld && oldest !== undefined) held.delete(oldest)
    return table
  }

  /** The same for the plan that creates it. */
  get asNew(): { readonly type: 'new'; readonly table: Table } {
    const read = (): Table => this.table
    this.#asNew ??= {
      type: 'new',
      get table() {
        return read()
      },
    }
    return this.#asNew
  }
}

const pickOrigin = ({ name, madeIn, isForgotten, mayRefer }: Origin): Origin => ({
  name,
  madeIn,
  isForgotten,
  mayRefer,
})

/** Whether a statement may give its table a foreign key. */
export function addsReferences(text: string): boolean {
  return /\breferences\b/i.test(text)
}

/** A table that may have more than this: then a missing column proves nothing. */
export function uncertain(table: Table): Table {
  return table.partial === true ? table : { ...table, partial: true }
}
