import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { startServer } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

async function killInTruncate(newIdentity: boolean) {
  const server = await startServer()
  const stage = await openStage({
    url: server.url,
    files: { 'app/1_empty.sql': migration('TRUNCATE TABLE filled;\nINSERT INTO filled VALUES (2);') },
  })
  await stage.query('CREATE TABLE filled (id INT PRIMARY KEY)')
  await stage.query('INSERT INTO filled VALUES (1)')
  const reader = await createConnection({ uri: `${server.url}/${stage.schema('app')}` })
  reader.on('error', () => {})
  await reader.query('START TRANSACTION')
  await reader.query('SELECT * FROM filled')
  const run = stage.start(['migrate', '--allow', 'TRUNCATE_TABLE'])
  await run.says('stderr', 'is blocked by')
  await server.kill()
  expect((await run.ended).exitCode).toBe(2)
  // The server makes itself a new UUID: the same data on what is another server, as after a failover.
  if (newIdentity) await rm(join(server.dataDirectory, 'auto.cnf'))
  await server.restart()
  const rows = async () => {
    const connection = await createConnection({ uri: `${server.url}/${stage.schema('app')}`, rowsAsArray: true })
    const [found] = await connection.query('SELECT id FROM filled')
    await connection.end()
    return found
  }
  return { server, stage, rows }
}

test('a TRUNCATE that the server died in is settled by the number of the table', async () => {
  const { server, stage, rows } = await killInTruncate(false)
  const next = await stage.run(['migrate', '--allow', 'TRUNCATE_TABLE'])
  expect(next.exitCode, next.stderr).toBe(0)
  expect(next.stderr).toContain('had not run')
  expect(await rows()).toEqual([[2]])
  await server.stop()
})

test('on another server it is not known whether a statement ran: the run stops and names both options', async () => {
  const { server, stage, rows } = await killInTruncate(true)
  const next = await stage.run(['migrate', '--allow', 'TRUNCATE_TABLE'])
  expect(next.exitCode).toBe(2)
  expect(next.stderr).toContain('started on another server')
  expect(next.stderr).toContain('wwdb repair --ran app/1:1')
  expect(next.stderr).toContain('wwdb repair --not-run app/1:1')
  expect(await rows()).toEqual([[1]])
  expect((await stage.run(['repair', '--not-run', 'app/1:1', '--yes'])).exitCode).toBe(0)
  expect((await stage.run(['migrate', '--allow', 'TRUNCATE_TABLE'])).exitCode).toBe(0)
  expect(await rows()).toEqual([[2]])
  await server.stop()
})
