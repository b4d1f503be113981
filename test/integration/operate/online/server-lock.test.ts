import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { holdCopy } from '../../../helpers/operate/pt-osc.ts'
import { isAvailable, type OwnServer, startServer } from '../../../helpers/servers/servers.ts'
import { migration, withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()

describe.runIf(isAvailable('pt-osc'))('a session that holds a lock of the whole server and does nothing', () => {
  // The lock would hold up every other file on a server that is shared.
  let server: OwnServer
  let other: Connection
  beforeAll(async () => {
    server = await startServer()
    other = await createConnection({ uri: server.url })
  })
  afterAll(async () => {
    await other?.end()
    await server?.stop()
  })

  test('is named where it keeps a copy from the place of its table, which is not locked for nothing; the next run swaps it', async () => {
    const stage = await openStage({
      url: server.url,
      files: {
        'app/0001_orders.sql': migration(
          'CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, n INT);\nINSERT INTO orders (n) VALUES (1), (2), (3);',
        ),
      },
      configuration: { online: { inplace: '0' }, guard: { budget: '2s' } },
    })
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    stage.write('app/0002_change.sql', migration('-- wwdb:online\nALTER TABLE orders MODIFY n BIGINT;', 'SELECT 1;'))
    const held = await holdCopy(stage.folder)
    const running = stage.run(['migrate', '--yes', '--drift', 'off', '--no-probe'], { environment: held.environment })
    await expect.poll(async () => (await stage.query('SHOW TRIGGERS')).length, { timeout: 30_000, interval: 5 }).toBe(3)
    await other.query('LOCK INSTANCE FOR BACKUP')
    await held.release()
    const run = await running
    await other.query('UNLOCK INSTANCE')
    const said = run.stderr.replace(/\s+/g, ' ')
    expect(said).toContain('could not take its place: another session holds a lock of the whole server')
    expect(said).toMatch(
      new RegExp(
        `blocked by connection ${other.threadId} of root from \\S+, which holds \`LOCK INSTANCE FOR BACKUP\`, in its state for \\d+ s`,
      ),
    )
    expect(run.exitCode).toBe(2)
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await stage.query('SELECT COUNT(*) FROM orders')).toEqual([[3]])
    expect((await stage.query("SHOW COLUMNS FROM orders LIKE 'n'"))[0]?.[1]).toBe('bigint')
  })
})
