import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type Connection, connect } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost } from '../../mysql/errors.ts'
import { pinMonitor } from '../../mysql/pinned-session.ts'
import { readSnapshot } from '../../mysql/read-snapshot.ts'
import { dropAbandoned, nameScratch } from '../../mysql/scratch-area.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import type { SchemaServers, SchemaSession, ScratchSchemas } from '../ports.ts'

/** Schemas as values, on real servers. */
export function createSchemaServers(): SchemaServers {
  return { open: openSession, openScratch }
}

async function openSession(database: DatabaseConfig, timeouts: Timeouts): Promise<SchemaSession> {
  const connection = await connect(database.server, database.schema, timeouts.connect)
  try {
    await connection.ask(pinMonitor(timeouts.lockWait))
  } catch (error) {
    connection.destroy()
    throw error
  }
  const { name, schema, server } = database
  return {
    target: { database: name, schema, server: server.label },
    read: (options) => readSnapshot(connection, { database: name, schema, ...options }),
    close: () => connection.close(),
  }
}

/** A server's connection for scratch schemas, which holds their lock. */
interface ScratchServer {
  readonly connection: Connection
  readonly schemas: Map<string, string>
}

async function openScratch(databases: readonly DatabaseConfig[], timeouts: Timeouts): Promise<ScratchSchemas> {
  const base = nameScratch()
  const servers = new Map<string, ScratchServer>()
  const close = async (): Promise<void> => {
    for (const server of servers.values()) await closeServer(server, base)
  }
  try {
    const renamed: DatabaseConfig[] = []
    for (const [index, database] of databases.entries()) {
      const server = servers.get(database.server.label) ?? (await openServer(database, timeouts, base))
      servers.set(database.server.label, server)
      const schema = `${base}_${index}`
      await createSchema(server, database, schema)
      renamed.push({ ...database, schema })
    }
    const placeOf = new Map(renamed.map((database) => [database.name, database]))
    return {
      databases: renamed,
      run: async (name, text) => {
        const database = placeOf.get(name)
        const server = servers.get(database?.server.label ?? '')
        if (database === undefined || server === undefined) throw new Error(`${name} has no scratch schema`)
        await server.connection.ask(`USE ${quoteName(database.schema)}`)
        await server.connection.run(text)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function openServer(database: DatabaseConfig, timeouts: Timeouts, base: string): Promise<ScratchServer> {
  const connection = await connect(database.server, null, timeouts.connect)
  await connection.ask(pinMonitor(timeouts.lockWait, database.session))
  // Keeps the trial out of the binary log where this user may; elsewhere replicas make and drop it, too.
  await connection.ask('SET SESSION sql_log_bin=0').catch((error: unknown) => {
    if (isConnectionLost(error)) throw error
  })
  await connection.ask(`SELECT GET_LOCK(${quoteString(base)},0)`)
  await dropAbandoned(connection)
  return { connection, schemas: new Map() }
}

/** With the character set of the target's own, where that is there. */
async function createSchema(
  { connection, schemas }: ScratchServer,
  database: DatabaseConfig,
  schema: string,
): Promise<void> {
  const { rows } = await connection.ask(
    `SELECT DEFAULT_CHARACTER_SET_NAME,DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME=${quoteString(database.schema)}`,
  )
  const [charset, collation] = rows[0] ?? ['utf8mb4', 'utf8mb4_0900_ai_ci']
  try {
    await connection.ask(`CREATE SCHEMA ${quoteName(schema)} CHARACTER SET ${charset} COLLATE ${collation}`)
  } catch (error) {
    if (!hasNumber(error, 1044, 1227)) throw error
    throw new ToolError(
      'SCRATCH_DENIED',
      {
        what: `The user of ${database.name} cannot create a scratch schema.`,
        where: { database: database.name, server: database.server.label },
        why: error instanceof Error ? error.message : String(error),
        next: 'GRANT ALL ON `wwdb\\_scratch\\_%`.* to the user.',
      },
      { cause: error },
    )
  }
  schemas.set(database.name, schema)
}

/** What stays behind after a failure is dropped by the next run; the failure must not be hidden. */
async function closeServer({ connection, schemas }: ScratchServer, base: string): Promise<void> {
  const drops = [...schemas.values()].map((schema) => `DROP SCHEMA IF EXISTS ${quoteName(schema)}`)
  const texts = ['SET SESSION foreign_key_checks=0', ...drops, `SELECT RELEASE_LOCK(${quoteString(base)})`]
  for (const text of texts) await connection.ask(text).catch(() => undefined)
  await connection.close()
}
