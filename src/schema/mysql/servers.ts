import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { nameScratch } from '../../core/scratch-name.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { TableSnapshot } from '../../ddl/snapshot.ts'
import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import { isUnreachable } from '../../migrations/unreached.ts'
import type { Connection } from '../../mysql/connection.ts'
import { type Door, driverOf } from '../../mysql/door.ts'
import { placeOf } from '../../mysql/place.ts'
import { readSnapshot } from '../../mysql/read-snapshot.ts'
import { dropScratch } from '../../probe/mysql/drop-scratch.ts'
import {
  createScratchSchema,
  prepareScratch,
  readDefaults,
  type SchemaDefaults,
} from '../../probe/mysql/scratch-area.ts'
import { noCopies, scratchOf } from '../../probe/mysql/scratch-of.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import { type ReplayFacts, type SchemaSession, type ScratchSchemas, schemaServers, type TableRows } from '../ports.ts'
import { readFirstDefaults } from './first-defaults.ts'
import { findImplicitIn, readUnshown } from './implicit-indexes.ts'
import { readLiterals } from './read-rows.ts'
import { readTextRows } from './text-rows.ts'
import { readUpgradeFacts } from './upgrade-facts.ts'

/** Schemas as values, on real servers. */
export const driver = driverOf(schemaServers, (door) => ({
  open: (...request) => open(door, ...request),
  openScratch: (...request) => openScratch(door, ...request),
  readFacts: (...request) => readFacts(door, ...request),
  findImplicit: (...request) => findImplicit(door, ...request),
}))

async function open(door: Door, database: DatabaseConfig, timeouts: Timeouts): Promise<SchemaSession> {
  if (database.vitess !== undefined)
    return (await import('./keyspace-session.ts')).openKeyspace(door, database, timeouts)
  const { name, schema } = database
  const place = { ...placeOf(database, timeouts), session: database.session }
  const { target } = place
  const connection = await door.open(place, { writable: false, purpose: 'work' })
  return {
    target,
    read: (options) =>
      translatingErrors(target, () => readSnapshot(connection, { database: name, schema, ...options })),
    readRows: (table, columns, order) =>
      translatingErrors(target, () => readTextRows(connection, table, columns, order)),
    readUpgradeFacts: () => translatingErrors(target, () => readUpgradeFacts(connection)),
    close: () => connection.close(),
  }
}

/** A server's connection for scratch schemas, which holds their lock. */
interface ScratchServer {
  readonly connection: Connection
  readonly schemas: string[]
  /** Another connection like it. */
  readonly connect: () => Promise<Connection>
}

async function findImplicit(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  tables: readonly TableSnapshot[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (!tables.some(({ foreignKeys }) => foreignKeys.length > 0)) return new Map()
  if (database.vitess !== undefined) throw noCopies(database)
  const { schema } = database
  const { target } = placeOf(database, timeouts)
  const lock = nameScratch()
  const connection = await openServer(door, database, timeouts)
  try {
    return await translatingErrors(target, async () => {
      await prepareScratch(connection, lock)
      await createScratchSchema(connection, target, lock, await readDefaults(connection, schema))
      return findImplicitIn(connection, lock, schema, tables)
    })
  } finally {
    await dropScratch(connection, lock, [lock])
    await connection.close()
  }
}

type Beginning = 'first' | 'present'

async function openScratch(
  door: Door,
  given: readonly DatabaseConfig[],
  timeouts: Timeouts,
  begin: Beginning,
): Promise<ScratchSchemas> {
  const lock = nameScratch()
  const servers = new Map<string, ScratchServer>()
  const close = async (): Promise<void> => {
    for (const { connection, schemas, connect } of servers.values()) {
      await dropScratch(connection, lock, schemas, connect)
      await connection.close()
    }
  }
  try {
    const renamed = given.map((database, index) => ({ ...scratchOf(database), schema: `${lock}_${index}` }))
    const unreached = await createSchemas(door, servers, given, lock, timeouts, begin)
    const [first] = unreached
    if (first !== undefined && unreached.length === given.length) throw first.error
    return {
      databases: renamed,
      unreached,
      run: async (name, text) => {
        const { connection, schema } = scratchPlaceOf(servers, renamed, name)
        await connection.ask(`USE ${quoteName(schema)}`)
        await connection.run(text)
      },
      readRows: async ({ database: name, objects }) => {
        const { connection, schema } = scratchPlaceOf(servers, renamed, name)
        const rows: TableRows[] = []
        for (const table of objects)
          if (table.type === 'table') rows.push(await readLiterals(connection, schema, table))
        return rows
      },
      readUnshown: async (snapshot, isLeft) => {
        const { connection, schema } = scratchPlaceOf(servers, renamed, snapshot.database)
        return readUnshown(connection, schema, snapshot, isLeft)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Opens each server once, into `servers`, and creates a schema there for each database. Returns the databases whose servers were not
 * reached.
 */
async function createSchemas(
  door: Door,
  servers: Map<string, ScratchServer>,
  given: readonly DatabaseConfig[],
  lock: string,
  timeouts: Timeouts,
  begin: Beginning,
): Promise<ScratchSchemas['unreached']> {
  const lost = new Map<string, ToolError>()
  const unreached: { readonly database: DatabaseConfig; readonly error: ToolError }[] = []
  for (const [index, own] of given.entries()) {
    const database = scratchOf(own)
    const { label } = database.server
    const { target } = placeOf(database, timeouts)
    const place =
      lost.get(label) ?? servers.get(label) ?? (await orUnreached(() => openScratchServer(door, database, timeouts)))
    if (place instanceof ToolError) {
      lost.set(label, place)
      unreached.push({ database, error: place })
      continue
    }
    const isNew = !servers.has(label)
    servers.set(label, place)
    const { connection, schemas } = place
    const scratch = `${lock}_${index}`
    if (isNew) await translatingErrors(target, () => prepareScratch(connection, lock))
    const defaults = await orUnreached(() => readBeginning(door, connection, own, timeouts, begin))
    if (defaults instanceof ToolError) {
      unreached.push({ database, error: defaults })
      continue
    }
    await translatingErrors(target, () => createScratchSchema(connection, target, scratch, defaults))
    schemas.push(scratch)
  }
  return unreached
}

/** The defaults that a scratch schema begins with. @param connection to the server of the scratch schema, which is that of the database unless this is a keyspace */
async function readBeginning(
  door: Door,
  connection: Connection,
  database: DatabaseConfig,
  timeouts: Timeouts,
  begin: Beginning,
): Promise<SchemaDefaults | null> {
  if (database.vitess !== undefined) {
    const { readKeyspaceDefaults } = await import('./keyspace-defaults.ts')
    return readKeyspaceDefaults(door, database, timeouts, begin)
  }
  const { schema } = database
  const read = begin === 'first' ? readFirstDefaults : readDefaults
  return translatingErrors(placeOf(database, timeouts).target, () => read(connection, schema))
}

/** Settings that affect definitions. Settings that a version does not have are not listed. */
const decisive = [
  'auto_increment_increment',
  'character_set_server',
  'collation_server',
  'default_collation_for_utf8mb4',
  'default_storage_engine',
  'default_table_encryption',
  'disabled_storage_engines',
  'event_scheduler',
  'explicit_defaults_for_timestamp',
  'innodb_default_row_format',
  'innodb_file_per_table',
  'innodb_strict_mode',
  'lower_case_table_names',
  'restrict_fk_on_non_standard_key',
  'show_create_table_verbosity',
  'show_gipk_in_create_table_and_information_schema',
  'sql_generate_invisible_primary_key',
  'sql_mode',
  'sql_quote_show_create',
  'sql_require_primary_key',
  'time_zone',
  'version',
  'version_comment',
]

async function readFacts(door: Door, given: readonly DatabaseConfig[], timeouts: Timeouts): Promise<ReplayFacts> {
  const labelOf = (database: DatabaseConfig): string => scratchOf(database).server.label
  const labels = [...new Set(given.map(labelOf))]
  const read = await Promise.all(
    labels.map((label) =>
      readServerFacts(
        door,
        given.filter((database) => labelOf(database) === label),
        timeouts,
      ),
    ),
  )
  return { facts: read.flatMap(({ facts }) => facts) }
}

/** Reads the facts of a server from the databases on it. */
async function readServerFacts(door: Door, given: readonly DatabaseConfig[], timeouts: Timeouts): Promise<ReplayFacts> {
  const [first] = given.map(scratchOf)
  if (first === undefined) return { facts: [] }
  const { target } = placeOf(first, timeouts)
  const connection = await openServer(door, first, timeouts)
  const settings = decisive.map(quoteString).join(',')
  try {
    return await translatingErrors(target, async () => {
      const answers = await connection.askAll(
        `SELECT CURRENT_USER();SHOW GLOBAL VARIABLES WHERE Variable_name IN (${settings})`,
      )
      const facts = answers.flatMap(({ rows }) => rows.map((row) => row.map(String).join(' ')).toSorted())
      const schemas: string[] = []
      for (const database of given) {
        const defaults = await readBeginning(door, connection, database, timeouts, 'first')
        schemas.push([database.schema, defaults?.charset, defaults?.collation].join(' '))
      }
      return { facts: [...facts, ...schemas] }
    })
  } finally {
    await connection.close()
  }
}

async function openScratchServer(door: Door, database: DatabaseConfig, timeouts: Timeouts): Promise<ScratchServer> {
  const connect = (): Promise<Connection> => openServer(door, database, timeouts)
  return { connection: await connect(), schemas: [], connect }
}

/** The error where the server is not reached. */
async function orUnreached<T>(work: () => Promise<T>): Promise<T | ToolError> {
  try {
    return await work()
  } catch (error) {
    if (isUnreachable(error)) return error
    throw error
  }
}

function openServer(door: Door, database: DatabaseConfig, timeouts: Timeouts): Promise<Connection> {
  const place = { ...placeOf(database, timeouts, null), session: database.session }
  return door.open(place, { writable: false, purpose: 'scratch' })
}

function scratchPlaceOf(
  servers: ReadonlyMap<string, ScratchServer>,
  databases: readonly DatabaseConfig[],
  name: string,
): { readonly connection: Connection; readonly schema: string } {
  const database = databases.find((one) => one.name === name)
  const server = servers.get(database?.server.label ?? '')
  if (database === undefined || server === undefined) throw new Error(`${name} has no scratch schema`)
  return { connection: server.connection, schema: database.schema }
}
