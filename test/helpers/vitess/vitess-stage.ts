import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import type { Stage, StageOptions } from '../tool/stage.ts'
import type { TestVitess } from './vitess-server.ts'

/** A project whose databases are the two keyspaces, and connections to ask what is there. */
export interface VitessStage extends Stage {
  /** Asks through vtgate. */
  readonly ask: (sql: string, keyspace?: string) => Promise<readonly (readonly unknown[])[]>
  /** Asks the MySQL server of each shard of a keyspace, in order. */
  readonly onShards: (sql: string, keyspace: string) => Promise<readonly (readonly (readonly unknown[])[])[]>
}

interface VitessOptions {
  readonly files: Readonly<Record<string, string>>
  readonly ddlStrategy?: 'vitess' | 'direct'
  readonly configuration?: object
}

/** @param open of `withStages` */
export async function openVitessStage(
  open: (options: StageOptions) => Promise<Stage>,
  vitess: TestVitess,
  { files, ddlStrategy = 'vitess', configuration = {} }: VitessOptions,
): Promise<VitessStage> {
  const own = { vitess: { journal: 'user_db', ddlStrategy } }
  const stage = await open({
    databases: ['user_db', 'message_db'],
    create: false,
    url: vitess.url,
    files,
    configuration: { prefix: '', databases: { user_db: own, message_db: own }, ...configuration },
  })
  return {
    ...stage,
    ask: (sql, keyspace = 'user_db') => asking(`${vitess.url}/${keyspace}`, (connection) => query(connection, sql)),
    onShards: (sql, keyspace) =>
      Promise.all(
        [...vitess.shards]
          .filter(([place]) => place.startsWith(`${keyspace}/`))
          .map(([place, server]) =>
            asking(`${server.url}/vt_${place.replace('/', '_')}`, (connection) => query(connection, sql)),
          ),
      ),
  }
}

/** Drops every table and view of each shard of both keyspaces, with journals and leases, and what their VSchemas say. */
export async function clearKeyspaces(vitess: TestVitess): Promise<void> {
  for (const keyspace of ['message_db', 'user_db'])
    await asking(`${vitess.url}/${keyspace}`, async (connection) => {
      // A test that failed may have left one, behind which those of the next would wait.
      await query(connection, 'ALTER VITESS_MIGRATION CANCEL ALL')
      await clearVschema(connection, keyspace)
    })
  for (const shard of vitess.shards.keys()) {
    await asking(`${vitess.url}/${encodeURIComponent(shard.replace('/', ':'))}`, async (connection) => {
      await query(connection, "SET @@ddl_strategy='direct'")
      const tables = (await query(connection, 'SHOW FULL TABLES')).map(([name, type]) => [String(name), type] as const)
      for (const [name, type] of tables.filter(([table]) => !table.startsWith('_vt_')))
        await query(connection, `DROP ${type === 'VIEW' ? 'VIEW' : 'TABLE'} \`${name}\``)
    })
  }
}

const refusal = (error: unknown): void => {
  // Of what is gone already, or was never in the VSchema.
  if (!(error instanceof Error && /does not contain|not defined|does not exist/.test(error.message))) throw error
}

async function clearVschema(connection: Connection, keyspace: string): Promise<void> {
  const drop = (text: string) => query(connection, `ALTER VSCHEMA ${text}`).catch(refusal)
  for (const [table] of await query(connection, 'SHOW VSCHEMA TABLES')) {
    await drop(`ON \`${table}\` DROP AUTO_INCREMENT`)
    if (keyspace === 'user_db') await drop(`DROP TABLE \`${table}\``)
    // The primary one last: no other may take its place.
    else
      for (const [, vindex] of (
        await query(connection, `SHOW VSCHEMA VINDEXES ON \`${table}\``).catch(() => [])
      ).toReversed())
        await drop(`ON \`${table}\` DROP VINDEX \`${vindex}\``)
  }
  for (const [owner, vindex] of await query(connection, 'SHOW VSCHEMA VINDEXES'))
    if (owner === keyspace) await drop(`DROP VINDEX \`${vindex}\``)
}

async function asking<T>(uri: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri, rowsAsArray: true, dateStrings: true })
  try {
    return await work(connection)
  } finally {
    await connection.end()
  }
}

async function query(connection: Connection, sql: string): Promise<readonly (readonly unknown[])[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql)
  return Array.isArray(rows) ? (rows as unknown as readonly (readonly unknown[])[]) : []
}
