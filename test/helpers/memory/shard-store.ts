import { crc32 } from 'node:zlib'
import { requireKey } from '../../../src/calendar/naming.ts'
import type { DatabaseConfig, Timeouts } from '../../../src/config/config.ts'
import { exitCodes } from '../../../src/core/exit-code.ts'
import type { Holder } from '../../../src/core/holder.ts'
import type { KeySource } from '../../../src/core/shard-family.ts'
import type { StopRequest } from '../../../src/core/stop-request.ts'
import type { Target } from '../../../src/core/target.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { ServerFacts } from '../../../src/mysql/facts.ts'
import { formatChecksum } from '../../../src/shards/mysql/row-text.ts'
import type {
  CreateOutcome,
  FamilyMove,
  RegistryChange,
  ShardServers,
  ShardStore,
  TableToCreate,
} from '../../../src/shards/ports.ts'
import { MemoryProcess, ProcessDied } from './process.ts'
import { Refused } from './server.ts'
import { MemoryShardConnection, type MemoryShardServer } from './shard-server.ts'
import { fingerprintOf, parseTable, printTable } from './table-text.ts'

export { MemoryProcess } from './process.ts'
export { MemoryShardConnection, MemoryShardServer } from './shard-server.ts'

/** The engine's `ShardStore` over a server in memory. What each call means is what shards/mysql makes of it: see the contract. */
class MemoryShardStore implements ShardStore {
  readonly target: Target
  readonly facts: ServerFacts
  readonly #process: MemoryProcess
  readonly #connection: MemoryShardConnection
  /** Whose lock fences the writes. */
  readonly #leader: number

  constructor(process: MemoryProcess, connection: MemoryShardConnection, target: Target, leader: number) {
    this.target = target
    this.#leader = leader
    this.#process = process
    this.#connection = connection
    const epochSeconds = Math.floor(connection.server.clock() / 1000)
    this.facts = {
      version: '8.0.30',
      uuid: 'memory',
      connectionId: connection.id,
      epochSeconds,
      foldsNames: false,
      notices: [],
      isReadOnly: false,
      differences: [],
      morePins: [],
    }
  }

  readClock = () => this.#ask(() => this.#connection.server.clock())

  lock = async (milliseconds: number, waiting: (holder: Holder | null, waited: number) => void) => {
    if (this.#leader !== this.#connection.id) return
    const { server, schema } = this.#connection
    const started = performance.now()
    while (!(await this.#ask(() => server.tryLock(this.#connection)))) {
      const holder = server.holderOf(schema)
      waiting(holder === null ? null : describeHolder(holder), performance.now() - started)
      if (holder?.orphaned) holder.finishOrphan()
      else await this.#waitForLock(milliseconds - (performance.now() - started))
    }
  }

  unlock = () => this.#ask(() => this.#connection.server.unlock(this.#connection))

  readRegistry = () => this.#ask(() => this.#schema.registry)

  /** This server has no fan-outs. */
  readCarriedVersions = () => this.#ask(() => new Map<string, number>())

  /** Nor triggers. */
  readTriggers = () => this.#ask(() => new Map<string, never[]>())

  createRegistry = () => this.#write(() => this.#schema.createRegistry())

  writeRegistry = (change: RegistryChange) =>
    this.#write(() => this.#schema.writeRegistry(change.shards, change.families, change.lastRunAt, change.findings))

  moveFamily = (move: FamilyMove) => this.#write(() => this.#schema.moveFamily(move))

  listTables = () => this.#ask(() => this.#schema.tables)

  readShapes = (names: readonly string[] | null, detail: 'fingerprint' | 'lines') =>
    this.#ask(() => {
      const tables = this.#schema.tables.filter(({ name, type }) => type === 'table' && this.#schema.has(name))
      const wanted = tables.filter(({ name }) => names === null || names.includes(name))
      return new Map(
        wanted.map(({ name }) => {
          const { fingerprint, lines } = this.#schema.shapeOf(name)
          return [name, { fingerprint, lines: detail === 'lines' ? lines : null }] as const
        }),
      )
    })

  shapeOf = (table: TableToCreate, siblings: readonly TableToCreate[]) =>
    this.#ask(() => {
      for (const sibling of siblings) parseTable(sibling.text)
      return fingerprintOf(parseTable(table.text))
    })

  /** One call for each table. */
  createTables = async (
    tables: readonly TableToCreate[],
    _connections: number,
    stop: StopRequest,
    report: (outcome: CreateOutcome) => void,
  ) => {
    const outcomes: CreateOutcome[] = []
    for (const { table, text, after } of inOrder(tables)) {
      if (stop.requested) break
      const parent = outcomes.find((one) => after.includes(one.table) && one.type === 'failed')
      const outcome: CreateOutcome =
        parent === undefined
          ? await this.#createOne(table, text)
          : { table, type: 'failed', why: `it refers to \`${parent.table}\`, which could not be created` }
      outcomes.push(outcome)
      report(outcome)
    }
    return outcomes
  }

  rename = (table: string, to: string) =>
    this.#write(() => {
      this.#refuseWhileRead([table, to])
      this.#schema.rename(table, to)
    })

  drop = (table: string) =>
    this.#write(() => {
      this.#refuseWhileRead([table])
      this.#schema.drop(table)
    })

  createView = (name: string, text: string) => this.#write(() => this.#schema.createView(name, text))

  readViewTables = (name: string) => this.#ask(() => this.#schema.tablesOfView(name))

  readDefinitions = (tables: readonly string[]) =>
    this.#ask(() => {
      const present = tables.filter((name) => this.#schema.tables.some((table) => table.name === name))
      return new Map(present.map((name) => [name, printTable(this.#schema.table(name))] as const))
    })

  definitionOf = (table: TableToCreate, _siblings: readonly TableToCreate[]) =>
    this.#ask(() => printTable(parseTable(table.text)))

  /** A row takes 16 KB here, and an empty table nothing. */
  readBytes = (tables: readonly string[]) =>
    this.#ask(() => {
      const present = tables.filter((name) => this.#schema.tables.some((table) => table.name === name))
      return new Map(present.map((name) => [name, this.#schema.table(name).rows.length * 16_384] as const))
    })

  readLimits = () =>
    this.#ask(() => ({ tableDefinitionCache: null, innodbOpenFiles: null, openFilesLimit: null, disk: null }))

  readColumns = (table: string) =>
    this.#ask(() => (this.#schema.hasTable(table) ? this.#schema.table(table).columns : []))

  isEmpty = (table: string) => this.#ask(() => this.#schema.table(table).rows.length === 0)

  measure = (table: string) =>
    this.#ask(() => {
      const { rows } = this.#schema.table(table)
      const sums = rows.map((row) => BigInt(crc32(row)))
      const digest = sums.reduce((all, one) => all ^ one, 0n)
      const sum = sums.reduce((all, one) => all + one, 0n)
      return { rows: rows.length, checksum: formatChecksum(digest, sum) }
    })

  close = async () => {
    if (!this.#connection.closed) this.#connection.close()
  }

  get #schema() {
    return this.#connection.server.schema(this.#connection.schema)
  }

  async #createOne(table: string, text: string): Promise<CreateOutcome> {
    try {
      return { table, type: await this.#call(() => this.#schema.create(parseTable(text)), true) }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return { table, type: 'failed', why: error.message }
    }
  }

  #refuseWhileRead(names: readonly string[]): void {
    const blockers = this.#schema.blockersOf(names)
    if (blockers.length === 0) return
    const why = `held by ${blockers.map(({ connectionId }) => `connection ${connectionId}`).join(', ')}`
    throw new ToolError('SHARD_BLOCKED', { what: `${names[0]} is in use`, why })
  }

  async #waitForLock(milliseconds: number): Promise<void> {
    const { server, schema } = this.#connection
    if (milliseconds <= 0)
      throw new ToolError('LOCK_HELD', { what: 'Another run holds the lock' }, { exitCode: exitCodes.busy })
    // Given back since it was asked for: no event would wake us.
    if (server.holderOf(schema) === null) return
    const timeout = AbortSignal.timeout(Math.ceil(milliseconds))
    await Promise.race([
      server.released(schema),
      new Promise<void>((resolve) => timeout.addEventListener('abort', () => resolve())),
    ])
  }

  #ask<T>(work: () => T): Promise<T> {
    return this.#translated(() => this.#call(work, false))
  }

  /** What only the holder of the lock may do. */
  #write<T>(work: () => T): Promise<T> {
    return this.#translated(() => this.#call(work, true))
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      throw new ToolError('SERVER_REFUSED', { what: 'The server said no', why: error.message }, { cause: error })
    }
  }

  /** Every call passes here, and may not survive it. A write that is hit `during` continues in the server alone. */
  async #call<T>(work: () => T, writes: boolean): Promise<T> {
    await Promise.resolve()
    this.#demandLife()
    const mishap = this.#process.nextMishap()
    const guarded = (): T => {
      if (writes && !this.#isFenced()) throw new ToolError('LOCK_LOST', { what: 'The lock was lost' })
      return work()
    }
    if (mishap === null) return guarded()
    if (mishap.endsWith('during') && writes) this.#connection.abandon(guarded)
    if (mishap.endsWith('after'))
      await Promise.resolve()
        .then(guarded)
        .catch(() => undefined)
    if (mishap.startsWith('die')) this.#process.die()
    else if (!this.#connection.orphaned) this.#connection.close()
    throw this.#lost()
  }

  #isFenced(): boolean {
    return this.#connection.server.holderOf(this.#connection.schema)?.id === this.#leader
  }

  #demandLife(): void {
    if (this.#process.dead || this.#connection.closed) throw this.#lost()
  }

  #lost(): Error {
    if (this.#process.dead) return new ProcessDied('the process is dead')
    return new ToolError('CONNECTION_LOST', { what: 'The connection was lost' })
  }
}

/** Those that others need first, first. */
function inOrder(tables: readonly TableToCreate[]): readonly TableToCreate[] {
  const rest = new Map(tables.map((table) => [table.table, table]))
  const sorted: TableToCreate[] = []
  const visit = (table: TableToCreate): void => {
    if (!rest.delete(table.table)) return
    for (const parent of table.after) {
      const found = rest.get(parent)
      if (found !== undefined) visit(found)
    }
    sorted.push(table)
  }
  for (const table of tables) visit(table)
  return sorted
}

function describeHolder({ id, orphaned }: MemoryShardConnection): Holder {
  return { connectionId: id, user: null, host: null, seconds: null, state: null, statement: null, orphaned }
}

/** A store of one process on one schema of a server. */
export function openMemoryShardStore(
  process: MemoryProcess,
  server: MemoryShardServer,
  target: Target,
  leader: number | null = null,
): ShardStore {
  const connection = new MemoryShardConnection(server, target.schema)
  process.adopt(connection)
  return new MemoryShardStore(process, connection, target, leader ?? connection.id)
}

/** The servers of a process: all databases live on one. Reading keys is a call like any other, and may be its last. */
export function memoryShardServers(server: MemoryShardServer, process = new MemoryProcess()): ShardServers {
  return {
    open: async (database: DatabaseConfig, _timeouts: Timeouts, _writable: boolean, leader?: number) => {
      const target = { database: database.name, schema: database.schema, server: database.server.label }
      return openMemoryShardStore(process, server, target, leader ?? null)
    },
    readKeys: async (database: DatabaseConfig, _timeouts: Timeouts, source: KeySource) => {
      const census = server.keysOf(database.schema, source.table)
      for (const key of [...(census?.present ?? []), ...(census?.deleted ?? [])]) requireKey(key)
      return census
    },
  }
}
