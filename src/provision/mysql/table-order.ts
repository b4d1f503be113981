import type { RecipeTable } from '../ports.ts'

const nameOf = ({ schema, table }: RecipeTable): string => `${schema}.${table}`

/**
 * Which table of a recipe is made next when several are made at a time. A CREATE TABLE with a foreign key locks its parent: two
 * children of one parent would only wait for each other, so the second comes when the first is there, and tables that nobody
 * waits for fill the time between. Parents come first, those of the longest line before others.
 */
export class TableOrder {
  #left: RecipeTable[]
  readonly #missing: Set<string>
  readonly #locked = new Set<string>()
  #running = 0

  constructor(tables: readonly RecipeTable[]) {
    const lines = measureLines(tables)
    const lineOf = (table: RecipeTable): number => lines.get(nameOf(table)) ?? 0
    this.#left = tables.toSorted(
      (one, other) => lineOf(other) - lineOf(one) || other.parents.length - one.parents.length,
    )
    this.#missing = new Set(tables.map(nameOf))
  }

  get isEmpty(): boolean {
    return this.#left.length === 0
  }

  /** Null where one that runs must be done first, and when none is left. */
  take(): RecipeTable | null {
    const ready = this.#left.find((table) => this.#isReady(table))
    // Tables that refer to each other in a ring are made in any order: keys are not checked meanwhile.
    const table = ready ?? (this.#running === 0 ? this.#left[0] : undefined)
    if (table === undefined) return null
    this.#left = this.#left.filter((other) => other !== table)
    for (const parent of table.parents) this.#locked.add(parent)
    this.#running += 1
    return table
  }

  done(table: RecipeTable): void {
    this.#missing.delete(nameOf(table))
    for (const parent of table.parents) this.#locked.delete(parent)
    this.#running -= 1
  }

  #isReady(table: RecipeTable): boolean {
    const own = nameOf(table)
    return table.parents.every((parent) => parent === own || !(this.#missing.has(parent) || this.#locked.has(parent)))
  }
}

/** How many tables come one after another from each on, by foreign keys. */
function measureLines(tables: readonly RecipeTable[]): ReadonlyMap<string, number> {
  const children = new Map<string, string[]>()
  for (const table of tables)
    for (const parent of table.parents) children.set(parent, [...(children.get(parent) ?? []), nameOf(table)])
  const lines = new Map<string, number>()
  const measure = (name: string, above: readonly string[]): number => {
    const known = lines.get(name)
    if (known !== undefined) return known
    const below = (children.get(name) ?? []).filter((child) => child !== name && !above.includes(child))
    const line = below.reduce((most, child) => Math.max(most, 1 + measure(child, [...above, name])), 0)
    lines.set(name, line)
    return line
  }
  for (const table of tables) measure(nameOf(table), [])
  return lines
}
