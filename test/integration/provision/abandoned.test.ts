import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { provision, provisionPool } from '../../../src/testing/testing.ts'
import { joinGroup, memberFlags } from '../../helpers/mysql/group-member.ts'
import { query, type Replication, startReplication } from '../../helpers/mysql/replica.ts'
import { type ProvisionStage, withProvisionStages } from '../../helpers/provision/provision-project.ts'
import type { OwnServer } from '../../helpers/servers/own-server.ts'
import { startServer } from '../../helpers/servers/servers.ts'
import { withProjects } from '../../helpers/tool/project.ts'
import { tableMigration } from '../../helpers/tool/stage.ts'

const open = withProvisionStages()
const project = withProjects()

/** Ends the connections by which this process holds the names, as a firewall or a kill does; returns when the names are free. */
async function letGo(connection: Connection, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const holder = async (): Promise<unknown> => {
      const [rows] = await connection.query<RowDataPacket[]>('SELECT IS_USED_LOCK(?) AS id', [`wwdb:set:${name}`])
      return rows[0]?.['id']
    }
    await connection.query('KILL ?', [await holder()])
    await expect.poll(holder, { timeout: 30_000 }).toBeNull()
  }
}

describe('what a run that lost its connection left', () => {
  let stage: ProvisionStage
  let connection: Connection

  beforeAll(async () => {
    stage = await open()
    connection = await createConnection({ uri: stage.url })
  })

  afterAll(() => connection.end())

  /** A test environment of a made-up name that nobody holds. */
  async function abandon(): Promise<string> {
    const { name } = await provision({ cwd: stage.folder, server: 'given' })
    await letGo(connection, [name])
    return name
  }

  const runNext = async (): Promise<void> => {
    await (await provision({ cwd: stage.folder, server: 'given' })).dispose()
  }

  const isThere = async (name: string): Promise<boolean> => (await stage.schemas(name)).length > 0

  test('is dropped by the next run of the same person', async () => {
    const name = await abandon()
    await runNext()
    expect(await isThere(name)).toBe(false)
  })

  test('is dropped with its snapshots; those of a run that lives stay', async () => {
    const alive = await provision({ cwd: stage.folder, server: 'given' })
    await alive.snapshot('full')
    const dead = await provision({ cwd: stage.folder, server: 'given' })
    await dead.snapshot('full')
    await letGo(connection, [dead.name])
    await runNext()
    const [rows] = await connection.query<RowDataPacket[]>('SELECT name FROM wwdb_provision.sets WHERE name IN (?)', [
      [dead.name, `snapshot/${dead.name}/full`, alive.name, `snapshot/${alive.name}/full`],
    ])
    expect(rows.map(({ name }) => name).sort()).toEqual([`snapshot/${alive.name}/full`, alive.name])
    expect(await alive.restore('full')).toEqual({ restored: [], dropped: [] })
    await alive.dispose()
  })

  test('stays while a session has one of its schemas selected', async () => {
    const name = await abandon()
    const program = await createConnection({ uri: stage.url, database: `wwdb_${name}_shop` })
    await runNext()
    expect((await program.query('SELECT COUNT(*) AS n FROM log'))[0]).toEqual([{ n: 1 }])
    await program.end()
    await runNext()
    expect(await isThere(name)).toBe(false)
  })

  test('stays where it is of another owner', async () => {
    const name = await abandon()
    await connection.query("UPDATE wwdb_provision.sets SET owner = 'somebody' WHERE name = ?", [name])
    await runNext()
    expect(await isThere(name)).toBe(true)
    expect(await stage.run(['provision', 'down', '--name', name, '--owner', 'somebody'])).toMatchObject({ exitCode: 0 })
  })

  test('goes by its number where a pool of its name has fewer workers than before', async () => {
    const name = stage.name()
    const options = { cwd: stage.folder, server: 'given', name } as const
    const { environments } = await provisionPool(3, options)
    await letGo(
      connection,
      environments.map((one) => one.name),
    )
    const pool = await provisionPool(1, options)
    expect(await isThere(`${name}_1`)).toBe(true)
    expect((await isThere(`${name}_2`)) || (await isThere(`${name}_3`))).toBe(false)
    await pool.dispose()
  })
})

describe('what a run that lost its connection left in a group', () => {
  let server: OwnServer

  beforeAll(async () => {
    server = await startServer({ flags: memberFlags(1, 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee') })
    await joinGroup(server)
  }, 240_000)

  afterAll(() => server?.stop())

  test('stays: another member has the registry without the locks', async () => {
    const cwd = project({
      'wwdb.config.json': JSON.stringify({ databases: { shop: { url: server.url } } }),
      'migrations/shop/0001_orders.sql': tableMigration('orders'),
    })
    const connection = await createConnection({ uri: server.url })
    const { name } = await provision({ cwd, server: 'given' })
    await letGo(connection, [name])
    await (await provision({ cwd, server: 'given' })).dispose()
    const [found] = await connection.query<RowDataPacket[]>('SHOW DATABASES LIKE ?', [`wwdb_${name}_shop`])
    expect(found).toHaveLength(1)
    await connection.end()
  })
})

describe('what a run that lost its connection left on a replica that was promoted', () => {
  let servers: Replication

  beforeAll(async () => {
    servers = await startReplication('9.7')
  })

  afterAll(() => servers?.stop())

  test('stays: its former source has the registry with the locks', async () => {
    const at = (url: string): string =>
      project({
        'wwdb.config.json': JSON.stringify({ databases: { shop: { url } } }),
        'migrations/shop/0001_orders.sql': tableMigration('orders'),
      })
    const given = await provision({ cwd: at(servers.source.url), server: 'given' })
    await servers.catchUp()
    for (const text of ['STOP REPLICA', 'SET GLOBAL super_read_only = OFF', 'SET GLOBAL read_only = OFF'])
      await query(servers.replica.url, text)
    await (await provision({ cwd: at(servers.replica.url), server: 'given' })).dispose()
    expect(await query(servers.replica.url, `SHOW DATABASES LIKE 'wwdb_${given.name}_shop'`)).toHaveLength(1)
    await given.dispose()
  })
})
