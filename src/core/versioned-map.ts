/** The value of a key from some version on; undefined once it is deleted. */
interface Change<Value> {
  readonly at: number
  readonly held: { readonly value: Value } | undefined
}

/** The changes of each key, in order, shared by all versions. */
interface Log<Key, Value> {
  readonly changes: Map<Key, Change<Value>[]>
  /** The version that this log continues, where that version has another log. */
  readonly base: VersionedMap<Key, Value> | null
  last: number
}

/** A lookup reads at most this many logs; then a new log gets all entries. */
const deepest = 8

/**
 * A map that never changes: each change gives another version, and all versions share one log. Keeping the version before
 * each of 20,000 statements keeps 20,000 numbers; copies of a Map would be 200 million entries.
 */
class VersionedMap<Key, Value> implements ReadonlyMap<Key, Value> {
  readonly #log: Log<Key, Value>
  readonly #at: number
  readonly size: number

  constructor(log: Log<Key, Value>, at: number, size: number) {
    this.#log = log
    this.#at = at
    this.size = size
  }

  get(key: Key): Value | undefined {
    return this.#find(key)?.value
  }

  has(key: Key): boolean {
    return this.#find(key) !== undefined
  }

  *entries(): MapIterator<[Key, Value]> {
    const { changes, base } = this.#log
    for (const key of changes.keys()) {
      const held = this.#find(key)
      if (held !== undefined) yield [key, held.value]
    }
    for (const entry of base?.entries() ?? []) if (!changes.has(entry[0])) yield entry
  }

  *keys(): MapIterator<Key> {
    for (const [key] of this.entries()) yield key
  }

  *values(): MapIterator<Value> {
    for (const [, value] of this.entries()) yield value
  }

  forEach(visit: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this)
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries()
  }

  /**
   * The next version. Only the newest version continues its log; a change of an older one begins another log on top of it.
   */
  change(key: Key, held: Change<Value>['held']): VersionedMap<Key, Value> {
    const log = this.#log
    if (log.last !== this.#at) return this.#fork().change(key, held)
    const size = this.size + (held === undefined ? 0 : 1) - (this.has(key) ? 1 : 0)
    log.last += 1
    const changes = log.changes.get(key)
    if (changes === undefined) log.changes.set(key, [{ at: log.last, held }])
    else changes.push({ at: log.last, held })
    return new VersionedMap(log, log.last, size)
  }

  #fork(): VersionedMap<Key, Value> {
    let depth = 0
    for (let base = this.#log.base; base !== null; base = base.#log.base) depth += 1
    if (depth >= deepest) return startLog(this)
    return new VersionedMap({ changes: new Map(), base: this, last: 0 }, 0, this.size)
  }

  /** The last change up to this version; most keys have one. */
  #find(key: Key): Change<Value>['held'] {
    const { changes: all, base } = this.#log
    const changes = all.get(key) ?? []
    let [low, high] = [0, changes.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((changes[middle]?.at ?? 0) <= this.#at) low = middle + 1
      else high = middle
    }
    // Earlier entries are in the log below.
    if (low === 0) return base === null ? undefined : base.#find(key)
    return changes[low - 1]?.held
  }
}

function startLog<Key, Value>(map: Iterable<readonly [Key, Value]>): VersionedMap<Key, Value> {
  const changes = new Map<Key, Change<Value>[]>()
  for (const [key, value] of map) changes.set(key, [{ at: 0, held: { value } }])
  return new VersionedMap({ changes, base: null, last: 0 }, 0, changes.size)
}

function versioned<Key, Value>(map: ReadonlyMap<Key, Value>): VersionedMap<Key, Value> {
  return map instanceof VersionedMap ? map : startLog(map)
}

/** The map with this entry; the given map does not change. */
export function withEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
  return versioned(map).change(key, { value })
}

/** The map without these keys; the given map does not change. */
export function withoutKeys<Key, Value>(map: ReadonlyMap<Key, Value>, keys: readonly Key[]): ReadonlyMap<Key, Value> {
  return keys.reduce(
    (before: ReadonlyMap<Key, Value>, key) => (before.has(key) ? versioned(before).change(key, undefined) : before),
    map,
  )
}
