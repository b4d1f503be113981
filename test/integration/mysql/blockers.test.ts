import { createConnection } from 'mysql2/promise'
import { expect, test } from 'vitest'
import type { ServerConfig } from '../../../src/config/config.ts'
import { noServer } from '../../../src/config/server.ts'
import { type Connection, connect } from '../../../src/mysql/connection.ts'
import { findBlockers } from '../../../src/mysql/find-blockers.ts'
import { MonitorConnection } from '../../../src/mysql/monitor-connection.ts'
import { placeOf } from '../../../src/mysql/place.ts'
import { testDoor } from '../../helpers/mysql/test-door.ts'
import { withSchema } from '../../helpers/servers/schema.ts'
import { testServer } from '../../helpers/servers/servers.ts'

const schema = withSchema()

const open = (): Promise<Connection> => connect(server(), schema().name, 10_000)

function server(): ServerConfig {
  const url = new URL(testServer().url)
  return { ...noServer, user: 'root', host: url.hostname, port: Number(url.port) }
}

test('a statement that is only slow has no blockers, although another session has a transaction open', async () => {
  const [slow, beside] = [await open(), await open()]
  const stranger = await createConnection({ uri: schema().url })
  await stranger.query('CREATE TABLE busy (id INT PRIMARY KEY)')
  await stranger.query('START TRANSACTION')
  await stranger.query('INSERT INTO busy VALUES (1)')
  const sleeping = slow.ask('SELECT SLEEP(600)')
  expect(await findBlockers(beside, slow.raw.threadId)).toEqual([])
  await beside.ask(`KILL QUERY ${slow.raw.threadId}`)
  await sleeping
  await stranger.end()
  for (const connection of [slow, beside]) await connection.close()
})

test('a closed monitor connection is not opened again by a late query', async () => {
  const place = placeOf({ name: 'app', schema: schema().name, server: server() }, { connect: 10_000, lockWait: 5_000 })
  const monitor = new MonitorConnection(() => testDoor().openPinned(place, { purpose: 'work' }))
  const ids: number[] = []
  const ask = async (connection: Connection): Promise<void> => {
    ids.push(connection.raw.threadId)
    await connection.ask('DO 1')
  }
  await monitor.ask(ask)
  await monitor.close()
  await expect(monitor.ask(ask)).rejects.toThrow()
  expect(new Set(ids).size).toBe(1)
})

test('a statement that waits for another of the same run has no blockers', async () => {
  const [own, waiting, monitor] = [await open(), await open(), await open()]
  const stranger = await createConnection({ uri: schema().url })
  await own.ask('CREATE TABLE used (id INT PRIMARY KEY)')
  await own.ask('START TRANSACTION')
  await own.ask('SELECT * FROM used')
  const altering = waiting.ask('ALTER TABLE used ADD n INT')
  const waits = `SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID=${waiting.raw.threadId} AND STATE LIKE 'Waiting%'`
  await expect.poll(async () => Number((await monitor.ask(waits)).rows[0]?.[0])).toBe(1)
  expect(await findBlockers(monitor, waiting.raw.threadId)).toEqual([])

  await own.ask('COMMIT')
  await altering
  await stranger.query('START TRANSACTION')
  await stranger.query('SELECT * FROM used')
  const again = waiting.ask('ALTER TABLE used ADD m INT')
  await expect.poll(async () => Number((await monitor.ask(waits)).rows[0]?.[0])).toBe(1)
  expect(await findBlockers(monitor, waiting.raw.threadId)).toMatchObject([{ connectionId: stranger.threadId }])
  await stranger.query('COMMIT')
  await again
  for (const connection of [own, waiting, monitor]) await connection.close()
  await stranger.end()
})
