import type { DatabaseConfig, Timeouts } from '../../../config/config.ts'
import { refuseChangedSession } from '../../../config/session.ts'
import type { VitessConfig } from '../../../config/vitess-config.ts'
import type { ShardFamily } from '../../../core/shard-family.ts'
import type { StopRequest } from '../../../core/stop-request.ts'
import type { Target } from '../../../core/target.ts'
import { ToolError } from '../../../core/tool-error.ts'
import { translatingVtgate } from '../../../migrations/mysql/vitess/errors.ts'
import { type InsideKeyspace, insideOfKeyspace } from '../../../migrations/mysql/vitess/inside-keyspace.ts'
import { openVtgateSession } from '../../../migrations/mysql/vitess/session.ts'
import type { Session } from '../../../migrations/ports.ts'
import type { Door } from '../../../mysql/door.ts'
import type { ServerFacts } from '../../../mysql/facts.ts'
import { keyspaceRegistry } from '../../../mysql/keyspace-tables.ts'
import { readIsSharded } from '../../../mysql/vschema.ts'
import {
  type CreateOutcome,
  noRegistryChange,
  type RegistryChange,
  type ShardStore,
  type TableToCreate,
} from '../../ports.ts'
import { KeyspaceRegistry } from '../../registry/keyspace-registry.ts'
import { holdName, nextHoldName, type Registry, type ShardRecord } from '../../shard.ts'
import { renameTable } from '../../step-statements.ts'
import { refuseFamily } from '../../vitess/refuse-family.ts'
import { readColumns, readTableDefinitions, readTriggers } from '../reading.ts'
import { ShardReader, type SpreadTable } from './at-shards.ts'
import { KeyspaceChanges } from './changes.ts'
import { halfDropped, lackingTable } from './differing.ts'
import { endBegun, finishBegun } from './finish-begun.ts'
import { makeTable } from './make-table.ts'
import { KeyspaceTrials } from './trials.ts'

/** Why rotation does not come here: `refuse` has refused the family before. */
const notHere = (what: string) => (): Promise<never> => Promise.reject(new Error(`a keyspace has no ${what}`))

interface Opened {
  readonly door: Door
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
  readonly session: Session
}

/** Shards as tables of a keyspace. Its lease is the lock, the registry is beside the journal, and definitions are given to Vitess. */
class VtgateShardStore implements ShardStore {
  readonly target: Target
  readonly facts: ServerFacts
  readonly fansOut = false
  readonly #opened: Opened
  readonly #inside: InsideKeyspace
  readonly #registry: KeyspaceRegistry
  readonly #changes: KeyspaceChanges
  readonly #reader: ShardReader
  readonly #trials: KeyspaceTrials
  /** As it was read last. */
  #records: readonly ShardRecord[] = []
  #tables: readonly SpreadTable[] = []
  #lastEvents: ReadonlyMap<string, string> = new Map()
  /** What an earlier run began with a shard and could not be ended, by the shard's own table. */
  readonly #left = new Map<string, ToolError>()

  constructor(opened: Opened) {
    const { session, door, database, timeouts } = opened
    this.target = session.target
    this.facts = session.facts
    this.#opened = opened
    this.#inside = insideOfKeyspace(session)
    const { connection, journal, shards, writes } = this.#inside
    const { schema } = session.target
    this.#registry = new KeyspaceRegistry(connection, keyspaceRegistry(journal, schema), (texts) => writes.write(texts))
    this.#changes = new KeyspaceChanges(this.#inside, this.#registry, session.target)
    this.#reader = new ShardReader(connection, { keyspace: schema, shards, version: session.facts.version })
    this.#trials = new KeyspaceTrials({ door, database, timeouts }, this.#reader, this.#changes)
  }

  lock: ShardStore['lock'] = (milliseconds, waiting) => this.#opened.session.lock(milliseconds, waiting)

  unlock = () => this.#opened.session.unlock()

  refuse = (family: ShardFamily) =>
    this.#guard(async () => {
      const isSharded = (await readIsSharded(this.#inside.connection, this.target.schema)) === true
      const refusal = refuseFamily(family, isSharded)
      if (refusal === null) return null
      const { database, server } = this.target
      return new ToolError('SERVER_UNSUPPORTED', {
        what: `The family \`${family.name}\` cannot be kept in the keyspace \`${this.target.schema}\`.`,
        where: { database, server, file: family.template.file },
        ...refusal,
      })
    })

  readRegistry = () =>
    this.#guard(async (): Promise<Registry> => {
      const registry = await this.#registry.read(this.target)
      this.#lastEvents = await this.#registry.lastEvents()
      this.#records = registry.shards
      return registry
    })

  readTemplates = () => this.#guard(() => this.#registry.readTemplates())

  /** No migration changes all shards of a family here. */
  readCarriedVersions = async () => new Map<string, number>()

  /** Also ends what an earlier run began on some shards of the keyspace, before anything is concluded from its tables. What cannot be ended is the matter of that shard alone. */
  createRegistry = () =>
    this.#guard(async () => {
      await this.#registry.create()
      const { shards } = await this.#registry.read(this.target)
      const left = await endBegun(this.target, shards, {
        findChanging: this.#changes.findChanging,
        finish: (record) => this.#guard(() => finishBegun(record, this.#begunParts)),
      })
      this.#left.clear()
      for (const [table, error] of left) this.#left.set(table, error)
    })

  get #begunParts(): Parameters<typeof finishBegun>[1] {
    return {
      changes: this.#changes,
      listTables: () => this.#reader.listTables(),
      write: (record) => this.writeRegistry({ ...noRegistryChange, shards: [record] }),
      halfDropped: (record, table, gone, by) => halfDropped(this.target, record, { table, gone, by }),
    }
  }

  writeRegistry = (change: RegistryChange) =>
    this.#guard(async () => {
      await this.#registry.write(change, this.#opened.door.process.runner.runId ?? null)
      const isOld = (one: ShardRecord): boolean =>
        change.shards.some(({ family, key }) => family === one.family && key === one.key)
      this.#records = [...this.#records.filter((one) => !isOld(one)), ...change.shards]
    })

  moveFamily = notHere('families with another name')

  createTables = (
    tables: readonly TableToCreate[],
    _: number,
    stop: StopRequest,
    report: (outcome: CreateOutcome) => void,
  ) =>
    this.#guard(async () => {
      const outcomes: CreateOutcome[] = []
      const { definitions, vschemaTurns } = this.#inside
      const forget = stop.onKill(() => {
        if (!vschemaTurns.cancel()) void definitions.cancel().catch(() => undefined)
      })
      try {
        for (const table of tables) {
          if (stop.requested) break
          const outcome = await makeTable(this.#changes, this.#reader, table)
          outcomes.push(outcome)
          report(outcome)
        }
      } finally {
        forget()
      }
      return outcomes
    })

  rename = (table: string, to: string) => this.#guard(() => this.#changes.rename(table, to))

  drop = (table: string) => this.#guard(() => this.#changes.drop(table, this.#ownName(table)))

  createView = notHere('views over shards')

  define = notHere('definitions of partitions')

  moveRows = notHere('rows of partitions')

  /** Shards of the registry that some shards of the keyspace lack, and those with which an earlier run did not come to an end. */
  settle = async () => {
    const recorded = new Set(
      this.#records.flatMap(({ table, hold }) => [table, ...(hold === null ? [] : [hold.table])]),
    )
    const own = this.#tables.filter(({ name, lacking }) => lacking.length > 0 && recorded.has(name))
    return new Map([
      ...own.map((table) => [this.#ownName(table.name), this.#describeLacking(table)] as const),
      ...this.#left,
    ])
  }

  #describeLacking(table: SpreadTable): ToolError {
    const { name, lacking } = table
    const dropping = this.#records.find(({ state, hold }) => state === 'dropping' && hold?.table === name)
    if (dropping === undefined) return lackingTable(this.target, table, this.#tables)
    return halfDropped(this.target, dropping, { table: name, gone: lacking, by: null })
  }

  #ownName = (table: string): string => this.#records.find(({ hold }) => hold?.table === table)?.table ?? table

  describeCreation = ({ text, vschema = [] }: TableToCreate) => [...vschema.map((one) => one.text), text].join(';\n')

  describeRename = renameTable

  /** A DROP that Vitess was given in a hold of the same day may come late: it must not name this one. Each hold is an event, so the last one before it is told by no other. */
  nameHold = (record: ShardRecord, now: number) =>
    nextHoldName(holdName(record, now), this.#lastEvents.get(record.table) ?? '0')

  /** By the server of the first shard: the clocks of several servers would differ anyway. */
  readClock = () =>
    this.#guard(() =>
      this.#reader.first(async (connection) => {
        const { rows } = await connection.ask('SELECT CAST(UNIX_TIMESTAMP(SYSDATE(3))*1000 AS UNSIGNED)')
        return Number(rows[0]?.[0])
      }),
    )

  /** A table that some shards lack is not there before it is recorded: it is created where it is missing. */
  listTables = () =>
    this.#guard(async () => {
      this.#tables = await this.#reader.listTables()
      const recorded = new Set(this.#records.flatMap(({ table, hold }) => [table, hold?.table ?? table]))
      return this.#tables
        .filter(({ name, lacking }) => lacking.length === 0 || recorded.has(name))
        .map(({ lacking: _, ...table }) => table)
    })

  readPartitions = async () => new Map()

  readShapes: ShardStore['readShapes'] = (names, detail) =>
    this.#guard(() => this.#reader.readShapes(names, detail === 'lines'))

  shapeOf: ShardStore['shapeOf'] = (table) => this.#guard(() => this.#trials.shapeOf(table))

  definitionOf: ShardStore['definitionOf'] = (table) => this.#guard(() => this.#trials.definitionOf(table))

  readViewTables = async () => []

  readDefinitions = (tables: readonly string[]) =>
    this.#guard(() => this.#reader.first((connection, schema) => readTableDefinitions(connection, schema, tables)))

  readBytes = (tables: readonly string[]) =>
    tables.length === 0 ? Promise.resolve(new Map<string, number>()) : this.#guard(() => this.#reader.readBytes(tables))

  /** Each shard has limits of its own, which vtgate does not show. */
  readLimits = async () => ({ tableDefinitionCache: null, innodbOpenFiles: null, openFilesLimit: null, disk: null })

  requireShards = () => this.#guard(() => this.#changes.requireShards())

  readMisplaced = async () => []

  readTriggers = () => this.#guard(() => this.#reader.first(readTriggers))

  readColumns = (table: string) =>
    this.#guard(() => this.#reader.first((connection, schema) => readColumns(connection, schema, table)))

  isEmpty = (table: string) => this.#guard(() => this.#reader.isEmpty(table))

  /** What is left of a table that some shards have dropped, too. */
  measure = (table: string) => {
    const isDropping = this.#records.some(({ state, hold }) => state === 'dropping' && hold?.table === table)
    const lacking = isDropping ? (this.#tables.find(({ name }) => name === table)?.lacking ?? []) : []
    return this.#guard(() => this.#reader.measure(table, lacking))
  }

  close = async () => {
    await Promise.all([this.#opened.session.close(), this.#reader.close()])
  }

  #guard<T>(work: () => Promise<T>): Promise<T> {
    return translatingVtgate(this.target, work)
  }
}

/** Opens a store on a keyspace. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69), `SCHEMA_MISSING`, `SERVER_UNSUPPORTED`, `CONFIG_INVALID`. */
export async function openVtgateShardStore(
  door: Door,
  database: DatabaseConfig,
  vitess: VitessConfig,
  timeouts: Timeouts,
  writable: boolean,
): Promise<ShardStore> {
  const session = await openVtgateSession(door, database, vitess, timeouts)
  try {
    if (writable) refuseChangedSession(database, (await session.readJournal()).settings)
    return new VtgateShardStore({ door, database, timeouts, session })
  } catch (error) {
    await session.close()
    throw error
  }
}
