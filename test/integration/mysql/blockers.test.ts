import { createConnection } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { noServer } from '../../../src/config/server.ts'
import { findBlockers } from '../../../src/migrations/mysql/blockers.ts'
import { type Connection, connect } from '../../../src/mysql/connection.ts'
import { withSchema } from '../../helpers/schema.ts'
import { testServer } from '../../helpers/servers.ts'

const schema = withSchema()

test('a statement that waits for another of the same run is blocked by nobody who is named', async () => {
  const url = new URL(testServer().url)
  const open = (): Promise<Connection> =>
    connect({ ...noServer, user: 'root', host: url.hostname, port: Number(url.port) }, schema().name, 10_000)
  const [own, waiting, companion] = [await open(), await open(), await open()]
  const stranger = await createConnection({ uri: schema().url })
  await own.ask('CREATE TABLE used (id INT PRIMARY KEY)')
  await own.ask('START TRANSACTION')
  await own.ask('SELECT * FROM used')
  const altering = waiting.ask('ALTER TABLE used ADD n INT')
  const waits = `SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID=${waiting.raw.threadId} AND STATE LIKE 'Waiting%'`
  await expect.poll(async () => Number((await companion.ask(waits)).rows[0]?.[0])).toBe(1)
  expect(await findBlockers(companion, waiting.raw.threadId)).toEqual([])

  await own.ask('COMMIT')
  await altering
  await stranger.query('START TRANSACTION')
  await stranger.query('SELECT * FROM used')
  const again = waiting.ask('ALTER TABLE used ADD m INT')
  await expect.poll(async () => Number((await companion.ask(waits)).rows[0]?.[0])).toBe(1)
  expect(await findBlockers(companion, waiting.raw.threadId)).toMatchObject([{ connectionId: stranger.threadId }])
  await stranger.query('COMMIT')
  await again
  for (const connection of [own, waiting, companion]) await connection.close()
  await stranger.end()
})
