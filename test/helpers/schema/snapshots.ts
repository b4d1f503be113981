import { compareSnapshots, type ObjectDifference } from '../../../src/ddl/compare-snapshots.ts'
import type { SchemaSnapshot } from '../../../src/ddl/snapshot.ts'
import { type Connection, connect } from '../../../src/mysql/connection.ts'
import { pinMonitor } from '../../../src/mysql/pinned-session.ts'
import { readSnapshot } from '../../../src/mysql/read-snapshot.ts'
import { makeObjects } from '../../../src/schema/render-sql.ts'
import { databaseOf } from '../migrations/engine.ts'
import { createSchema, type TestSchema } from '../servers/schema.ts'
import type { TestServer } from '../servers/servers.ts'

/** A schema of a test server with the driver's own connection. */
export interface SnapshotFixture {
  readonly schema: TestSchema
  readonly connection: Connection
  /** Runs statements one by one. */
  readonly make: (statements: readonly string[]) => Promise<void>
  readonly read: () => Promise<SchemaSnapshot>
  /** Drops everything in the schema. */
  readonly empty: () => Promise<void>
  readonly close: () => Promise<void>
}

export async function openSnapshotFixture(server: TestServer): Promise<SnapshotFixture> {
  const schema = await createSchema('t', server)
  const { hostname, port } = new URL(server.url)
  const place = { ...databaseOf('app').server, user: 'root', host: hostname, port: Number(port) }
  const connection = await connect(place, schema.name, 10_000)
  await connection.ask(pinMonitor(5000))
  const make = async (statements: readonly string[]): Promise<void> => {
    for (const text of statements) {
      try {
        await connection.run(text)
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : String(error)}: ${text}`)
      }
    }
  }
  return {
    schema,
    connection,
    make,
    read: async () => {
      const { snapshot, hidden } = await readSnapshot(connection, {
        database: 'app',
        schema: schema.name,
        databases: new Map(),
        isLeftOut: ({ type, name, table }) =>
          (table ?? (type === 'table' || type === 'view' ? name : '')).startsWith('wwdb_'),
      })
      if (hidden.length > 0) throw new Error(`hidden: ${JSON.stringify(hidden)}`)
      return snapshot
    },
    empty: async () => {
      await make([`DROP DATABASE \`${schema.name}\``, `CREATE DATABASE \`${schema.name}\``, `USE \`${schema.name}\``])
    },
    close: async () => {
      await connection.close()
      await schema.drop()
    },
  }
}

/** The statements that make a snapshot again. */
export function statementsOf(snapshot: SchemaSnapshot): readonly string[] {
  return makeObjects(snapshot.objects, { definers: false }).map(({ text }) => text)
}

/** Differences for a failure's message, without the whole objects. */
export function describeDifferences(wanted: SchemaSnapshot, found: SchemaSnapshot): readonly unknown[] {
  const show = ({ type, name, change, parts, wanted: one, found: other }: ObjectDifference): unknown => ({
    object: `${type} ${name}`,
    change,
    parts,
    texts: type === 'table' ? [] : [one, other],
  })
  return compareSnapshots(wanted, found).map(show)
}
