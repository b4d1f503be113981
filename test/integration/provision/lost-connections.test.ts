import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attach, type ProvisionedEnvironment, provision } from '../../../src/testing/testing.ts'
import { type ProvisionStage, withProvisionStages } from '../../helpers/provision/provision-project.ts'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'

let server: OwnServer
// Registered before the stages are cleared away, so it runs after that.
afterAll(() => server.stop())
const open = withProvisionStages()
let stage: ProvisionStage
let environment: ProvisionedEnvironment
let table: string

beforeAll(async () => {
  server = await startServer()
  stage = await open({ server: server.url })
  environment = await provision({ cwd: stage.folder, url: server.url, server: 'given', name: stage.name() })
  table = `${environment.prefix}shop.log`
})

/** On a connection of its own, as others are ended here. */
async function ask(sql: string): Promise<readonly RowDataPacket[]> {
  const connection = await createConnection({ uri: server.url })
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    return rows
  } finally {
    await connection.end()
  }
}

const write = (): Promise<unknown> => ask(`INSERT INTO ${table} (text) VALUES ('of a test')`)

const sessionsOf = async (user: string): Promise<readonly number[]> => {
  const rows = await ask(
    `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER='${user}' AND ID<>CONNECTION_ID() ORDER BY ID`,
  )
  return rows.map((row) => Number(row['id']))
}

async function endSessions(ids: readonly number[]): Promise<void> {
  // One that ended by itself meanwhile cannot be ended.
  for (const id of ids) await ask(`KILL ${id}`).catch(() => undefined)
  const left = async (): Promise<readonly number[]> => (await sessionsOf('root')).filter((id) => ids.includes(id))
  await expect.poll(left).toEqual([])
}

test.each([
  ['all sessions were ended', async () => endSessions(await sessionsOf('root'))],
  ['one session was ended', async () => endSessions((await sessionsOf('root')).slice(-1))],
  ['the server was started again', () => server.restart()],
])('a restore and a reset open new connections where %s since the last ones', async (_, lose) => {
  await environment.reset()
  await write()
  await environment.snapshot('loaded')
  await environment.restore('loaded')
  await write()
  await lose()
  expect(await environment.restore('loaded')).toEqual({ restored: [table], dropped: [] })
  expect(await environment.restore('loaded')).toEqual({ restored: [], dropped: [] })
  expect(await environment.reset()).toEqual({ restored: [table], dropped: [] })
  expect(await environment.reset()).toEqual({ restored: [], dropped: [] })
  expect(await environment.restore('loaded')).toEqual({ restored: [table], dropped: [] })
})

test('a reset needs no prepared statement where the server has as many as it may', async () => {
  const worker = await attach(environment.name, { cwd: stage.folder, url: server.url })
  await ask('SET GLOBAL max_prepared_stmt_count=0')
  await worker.reset()
  await write()
  expect(await worker.reset()).toEqual({ restored: [table], dropped: [] })
  await ask('SET GLOBAL max_prepared_stmt_count=16382')
  expect(await worker.reset()).toEqual({ restored: [], dropped: [] })
  await write()
  expect(await worker.reset()).toEqual({ restored: [table], dropped: [] })
  await worker.close()
})

test('a reset works with the connections that its account may open, and leaves none of them open', async () => {
  await ask("CREATE USER few@'%' IDENTIFIED BY 'f3w' WITH MAX_USER_CONNECTIONS 2")
  await ask("GRANT ALL ON `wwdb\\_%`.* TO few@'%'")
  const url = new URL(server.url)
  url.username = 'few'
  url.password = 'f3w'
  const worker = await attach(environment.name, { cwd: stage.folder, url: url.href })
  await write()
  expect(await worker.reset()).toEqual({ restored: [table], dropped: [] })
  await worker.close()
  await expect.poll(() => sessionsOf('few')).toEqual([])
})
