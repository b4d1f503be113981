import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

describe('a pause that lasts longer than wait_timeout', () => {
  let server: OwnServer

  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server?.stop())

  test('keeps the lock of the run, which goes on once the bound allows it', async () => {
    const queries = { gate: { sql: 'SELECT open FROM gates.gate', most: 0 } }
    const project = await stage({
      url: server.url,
      files: { 'app/0001_a.sql': tableMigration('a') },
      configuration: { throttle: { queries, every: '300ms' } },
    })
    await project.query('CREATE DATABASE gates')
    await project.query('CREATE TABLE gates.gate AS SELECT 0 AS open')
    expect(await project.run(['migrate', '--yes', '--no-probe'])).toMatchObject({ exitCode: 0 })
    await project.query('UPDATE gates.gate SET open = 1')
    // Of connections that are opened from now on.
    await project.query('SET GLOBAL wait_timeout=1')
    project.write('app/0002_b.sql', migration('ALTER TABLE a ADD COLUMN b INT;', 'ALTER TABLE a DROP COLUMN b;'))
    const going = project.run(['migrate', '--yes', '--no-probe', '--json'])
    const idle =
      "SELECT t.PROCESSLIST_TIME>3 FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.THREAD_ID=l.OWNER_THREAD_ID WHERE l.OBJECT_TYPE='USER LEVEL LOCK' AND l.OBJECT_NAME LIKE 'wwdb:%'"
    await expect.poll(() => project.query(idle), { timeout: 30_000 }).toEqual([[1]])
    await project.query('UPDATE gates.gate SET open = 0')
    const run = await going
    expect(run, run.stdout).toMatchObject({ exitCode: 0 })
    expect(run.stdout).toContain('"throttle-ended"')
    expect(await project.query('SHOW COLUMNS FROM a')).toHaveLength(2)
  }, 60_000)
})
