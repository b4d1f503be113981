import type { Table } from './table.ts'

/** Where a table comes from. */
interface Origin {
  /** Its name, as the statement writes it. */
  readonly name: string
  /** The file of the statement that made it; null for one that a server described. */
  readonly madeIn: string | null
  /** True after code ran that cannot be read: it may contain rows from before the run. */
  readonly isForgotten: boolean
}

/** Reads of a CREATE TABLE are held for so many tables: the others are read again when they are asked for, as thousands would fill the memory. */
const mostHeld = 1000

/** The tables that were read last. */
const held = new Map<FollowedTable, Table>()

/** Each change reads the one before it: a table with thousands of them must not make a stack of as many calls. */
const longestChain = 64

/** A table that statements made or changed. It is read when it is first asked for: most tables of a long history never are. */
export class FollowedTable implements Origin {
  readonly type = 'table'
  readonly name: string
  readonly madeIn: string | null
  readonly isForgotten: boolean
  readonly #depth: number
  readonly #read: () => Table
  #table: Table | null = null
  #asNew: { readonly type: 'new'; readonly table: Table } | null = null

  private constructor({ name, madeIn, isForgotten }: Origin, depth: number, read: () => Table) {
    this.name = name
    this.madeIn = madeIn
    this.isForgotten = isForgotten
    this.#depth = depth
    this.#read = read
  }

  /** One that a statement makes. @param isCopy true where it stands on another table, which may stand on another in turn: it is read once */
  static make(name: string, madeIn: string, read: () => Table, isCopy = false): FollowedTable {
    return new FollowedTable({ name, madeIn, isForgotten: false }, isCopy ? 1 : 0, read)
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
        : [{ name: before.table.name, madeIn: null, isForgotten: false }, 1]
    const { name, madeIn, isForgotten } = { ...pickOrigin(from), ...origin }
    const after = new FollowedTable({ name, madeIn, isForgotten }, depth, () => change(before.table))
    if (depth % longestChain === 0) after.#table = after.#read()
    return after
  }

  /** The same table after code that cannot be read: it may have more columns, and other rows. */
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

  /** The same for the plan that makes it. */
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

const pickOrigin = ({ name, madeIn, isForgotten }: Origin): Origin => ({ name, madeIn, isForgotten })

/** A table that may have more than this: then a missing column proves nothing. */
export function uncertain(table: Table): Table {
  return table.complete ? { ...table, complete: false } : table
}
