import type { Config, DatabaseConfig } from '../config/config.ts'
import { inOneSentence } from '../core/tool-error.ts'
import { isUnreachable } from '../migrations/unreached.ts'
import type { DeclaredKey, KeyEnd } from './declared-keys.ts'
import type { KeyColumn, KeyGroup, KeyReader, KeySide, KeyTable, OpenKeyReader } from './ports.ts'
import type { OrphanSample, ReferenceCheck, ReferenceEnd } from './reference-check.ts'

export interface OrphanRequest {
  readonly config: Config
  readonly keys: readonly DeclaredKey[]
  readonly openReader: OpenKeyReader
  /** At most this many samples per key. */
  readonly limit: number
  /** Is called before each key is checked. */
  readonly starting: (key: DeclaredKey, index: number) => void
}

/**
 * Two connections per server, opened when they are needed: one that reads the children's keys, and one that looks up
 * parents meanwhile. Databases of one server share them if they log in as the same user.
 */
class Readers {
  readonly #request: OrphanRequest
  readonly #open = new Map<string, KeyReader>()
  /** Servers that could not be used: the tool waits for each once, not once per key. */
  readonly #refused = new Map<string, unknown>()

  constructor(request: OrphanRequest) {
    this.#request = request
  }

  async of(role: 'child' | 'parent', database: DatabaseConfig): Promise<KeyReader> {
    const key = `${role} ${loginOf(database)}`
    const known = this.#open.get(key)
    if (known !== undefined) return known
    const { openReader, config } = this.#request
    const login = loginOf(database)
    if (this.#refused.has(login)) throw this.#refused.get(login)
    try {
      const reader = await openReader(database, config.timeouts)
      this.#open.set(key, reader)
      return reader
    } catch (error) {
      this.#refused.set(login, error)
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((reader) => reader.close()))
  }
}

function loginOf({ server }: DatabaseConfig): string {
  return JSON.stringify([server.label, server.user])
}

interface Findings {
  readonly rows: number
  readonly values: number
  readonly samples: readonly OrphanSample[]
}

/** What can be compared, or why there is nothing to compare. */
type Sides = { readonly child: KeySide; readonly parent: KeySide } | { readonly why: string }

function toEnd(end: KeyEnd, columns = end.columns): ReferenceEnd {
  const { database, logical, schema, table } = end
  return { database: logical, schema, server: database.server.label, table, columns }
}

/** `user_db.users` */
export function nameTable({ logical, schema, table }: KeyEnd): string {
  return `${logical ?? schema}.${table}`
}

async function readSide(reader: KeyReader, end: KeyEnd): Promise<KeySide | string> {
  return toSide(end, (await reader.describe(end.schema, [end.table])).get(end.table))
}

function toSide(end: KeyEnd, found: KeyTable | undefined): KeySide | string {
  if (found === undefined) {
    return `The table ${nameTable(end)} does not exist yet, or this user cannot see it.`
  }
  const names = end.columns.length === 0 ? found.primaryKey : end.columns
  const columns = names.map((name) => found.columns.find((one) => one.name.toLowerCase() === name.toLowerCase()))
  const missing = names.find((_, index) => columns[index] === undefined)
  if (missing !== undefined) return `${nameTable(end)} has no column ${missing} yet.`
  return { schema: end.schema, table: end.table, columns: columns.filter((column) => column !== undefined) }
}

async function readSides(readers: Readers, key: DeclaredKey): Promise<Sides> {
  const child = await readSide(await readers.of('child', key.child.database), key.child)
  if (typeof child === 'string') return { why: child }
  const parent = await readSide(await readers.of('parent', key.parent.database), key.parent)
  return pairSides(child, parent)
}

function pairSides(child: KeySide | string, parent: KeySide | string): Sides {
  if (typeof child === 'string') return { why: child }
  if (typeof parent === 'string') return { why: parent }
  if (child.columns.length === parent.columns.length) return { child, parent }
  return { why: `It has ${child.columns.length} columns, but references ${parent.columns.length}.` }
}

/** Only one server can join in one snapshot, and it may refuse to compare two columns of different collations. */
function canJoin(key: DeclaredKey, child: KeySide, parent: KeySide): boolean {
  const alike = (one: KeyColumn, other: KeyColumn | undefined): boolean => one.collation === other?.collation
  return (
    loginOf(key.child.database) === loginOf(key.parent.database) &&
    child.columns.every((column, index) => alike(column, parent.columns[index]))
  )
}

/** The child's keys without a parent, some thousand at a time, so that memory does not grow with the table. */
async function* readOrphans(
  readers: Readers,
  key: DeclaredKey,
  child: KeySide,
  parent: KeySide,
): AsyncGenerator<readonly KeyGroup[]> {
  const reader = await readers.of('child', key.child.database)
  if (canJoin(key, child, parent)) {
    yield* reader.readKeys(child, parent)
    return
  }
  // Children are read first, parents looked up later: a row that arrives together with its parent is never taken for an
  // orphan.
  const other = await readers.of('parent', key.parent.database)
  for await (const keys of reader.readKeys(child, null)) yield await other.findMissing(parent, keys)
}

async function countOrphans(orphans: AsyncIterable<readonly KeyGroup[]>, limit: number): Promise<Findings> {
  const samples: OrphanSample[] = []
  let [rows, values] = [0, 0]
  for await (const groups of orphans) {
    rows += groups.reduce((sum, group) => sum + group.rows, 0)
    values += groups.length
    const room = Math.max(0, limit - samples.length)
    samples.push(...groups.slice(0, room).map(({ texts, rows: count }) => ({ values: texts, rows: count })))
  }
  return { rows, values, samples }
}

async function checkKey(readers: Readers, key: DeclaredKey, limit: number): Promise<ReferenceCheck> {
  if (key.shards !== undefined) return checkShards(readers, key, key.shards, limit)
  const sides = await readSides(readers, key)
  return checkSides(readers, key, sides, limit)
}

async function checkSides(readers: Readers, key: DeclaredKey, sides: Sides, limit: number): Promise<ReferenceCheck> {
  const { name, file, line } = key
  const about = { name, child: toEnd(key.child), file, line, shards: null }
  if ('why' in sides) return { ...about, parent: toEnd(key.parent), state: 'unchecked', why: sides.why, ...nothing }
  const found = await countOrphans(readOrphans(readers, key, sides.child, sides.parent), limit)
  return toCheck(key, sides.parent, found)
}

function toCheck(key: DeclaredKey, parent: KeySide, found: Findings): ReferenceCheck {
  const { name, file, line } = key
  const parentColumns = parent.columns.map((column) => column.name)
  const state = found.rows === 0 ? 'clean' : 'orphaned'
  const about = { name, child: toEnd(key.child), file, line, shards: null }
  return { ...about, parent: toEnd(key.parent, parentColumns), state, why: null, ...found }
}

const nothing: Findings = { rows: 0, values: 0, samples: [] }

interface ShardSides {
  readonly key: DeclaredKey
  readonly sides: Sides
}

/** Each shard with what can be compared: all shards are described in one query, and the parent once. */
async function readShardSides(
  readers: Readers,
  key: DeclaredKey,
  tables: readonly string[],
): Promise<readonly ShardSides[]> {
  const { shards: _, ...single } = key
  const [reader, other] = [
    await readers.of('child', key.child.database),
    await readers.of('parent', key.parent.database),
  ]
  const found = await reader.describe(key.child.schema, tables)
  const parent = await readSide(other, key.parent)
  return tables.map((table) => {
    const child = { ...key.child, table }
    return { key: { ...single, child }, sides: pairSides(toSide(child, found.get(table)), parent) }
  })
}

/** Tables that one combined query proves to have no orphans. */
async function findClean(
  readers: Readers,
  key: DeclaredKey,
  shards: readonly ShardSides[],
): Promise<ReadonlySet<string>> {
  const joined = shards.flatMap(({ key: own, sides }) =>
    'why' in sides || !canJoin(own, sides.child, sides.parent) ? [] : [sides],
  )
  const [first] = joined
  if (first === undefined) return new Set()
  const reader = await readers.of('child', key.child.database)
  const children = joined.map(({ child }) => child)
  const dangling = await reader.findDangling(children, first.parent)
  return new Set(children.map(({ table }) => table).filter((table) => !dangling.has(table)))
}

/**
 * Checks shards together as far as they are on one server, the others one after another; the findings of all are
 * reported.
 */
async function checkShards(
  readers: Readers,
  key: DeclaredKey,
  tables: readonly string[],
  limit: number,
): Promise<ReferenceCheck> {
  const shards = tables.length === 0 ? [] : await readShardSides(readers, key, tables)
  const clean = await findClean(readers, key, shards)
  const checks: ReferenceCheck[] = []
  for (const { key: own, sides } of shards) {
    const isClean = !('why' in sides) && clean.has(own.child.table)
    checks.push(isClean ? toCheck(own, sides.parent, nothing) : await checkSides(readers, own, sides, limit))
  }
  const unchecked = checks.find(({ state }) => state === 'unchecked')
  const orphaned = checks.filter(({ state }) => state === 'orphaned')
  const { name, file, line } = key
  return {
    name,
    child: toEnd(key.child),
    parent: checks[0]?.parent ?? toEnd(key.parent),
    file,
    line,
    state: orphaned.length > 0 ? 'orphaned' : unchecked === undefined && tables.length > 0 ? 'clean' : 'unchecked',
    why: orphaned.length > 0 ? null : tables.length === 0 ? 'There is no shard yet.' : (unchecked?.why ?? null),
    rows: orphaned.reduce((sum, { rows }) => sum + rows, 0),
    values: orphaned.reduce((sum, { values }) => sum + values, 0),
    samples: orphaned.flatMap(({ samples }) => samples).slice(0, limit),
    shards: {
      checked: checks.filter(({ state }) => state !== 'unchecked').length,
      orphaned: orphaned.map(({ child, rows }) => ({ table: child.table, rows })),
    },
  }
}

/**
 * Checks every key for orphaned rows, one key after another. Rows with a NULL in the key have no parent on purpose. Writes nothing. A table
 * that does not exist yet is reported and is not an error; a key whose server cannot be used is not checked, and `isIncomplete` is then true.
 * Throws ToolError `SERVER_REFUSED`, `CONNECTION_LOST`.
 */
export async function findOrphans(
  request: OrphanRequest,
): Promise<{ readonly checks: readonly ReferenceCheck[]; readonly isIncomplete: boolean }> {
  const readers = new Readers(request)
  try {
    const checks: ReferenceCheck[] = []
    let isIncomplete = false
    for (const [index, key] of request.keys.entries()) {
      request.starting(key, index)
      try {
        checks.push(await checkKey(readers, key, request.limit))
      } catch (error) {
        if (!isUnreachable(error)) throw error
        isIncomplete = true
        const why = error.faults.map(inOneSentence).join(' ')
        checks.push(await checkSides(readers, key, { why }, request.limit))
      }
    }
    return { checks, isIncomplete }
  } finally {
    await readers.close()
  }
}
