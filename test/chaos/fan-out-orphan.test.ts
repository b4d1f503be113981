import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { type Database, openDatabase, waitFor } from './support/database.ts'
import { fanOutSet, fanOutSetUp } from './support/fan-out-set.ts'
import { type Fixture, openFixture } from './support/fixture.ts'
import { withFrozenTool } from './support/frozen-tool.ts'

const versions = versionsInTurn(import.meta.url)
const launcher = withFrozenTool()
const shards = 6
const held = 'things_4'
/** An ALTER waits for readers longer than the test takes: with the guard it would wait for three seconds at most, and then be no orphan. */
const configuration = JSON.stringify({
  databases: { app: { url: '$' + '{APP_URL}', migrations: 'migrations/app' } },
  timeouts: { lockWait: '300s', lock: '300s' },
  guard: { transaction: 'none' },
})

describe.each(versions)('on MySQL %s', (version) => {
  let server: OwnServer
  let fixture: Fixture
  let schema: string
  let reader: Database
  let onlooker: Database

  beforeAll(async () => {
    server = await startServer({ version })
    fixture = await openFixture({
      server,
      launcher: launcher(),
      files: { ...fanOutSet, 'wwdb.config.json': configuration },
    })
    schema = await fixture.createSchema(fanOutSetUp(shards))
    reader = await openDatabase(fixture.urlOf(schema))
    onlooker = await openDatabase(fixture.urlOf(schema))
  })
  afterAll(async () => {
    await reader?.close()
    await onlooker?.close()
    await fixture?.close()
    await server?.stop()
  })

  const isWaiting = async (): Promise<boolean> =>
    (
      await onlooker.rows(
        `SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata lock' AND INFO LIKE 'ALTER TABLE \`${held}\`%'`,
      )
    ).length > 0

  test('an ALTER that a killed run left waiting in the server is waited for, and runs once', {
    timeout: 180_000,
  }, async () => {
    await reader.run(`START TRANSACTION; SELECT * FROM ${held}`)
    const killed = fixture.start(['migrate'], schema)
    await waitFor('the ALTER to wait for the reader', isWaiting)
    killed.child.kill('SIGKILL')
    await killed.ended
    expect(await isWaiting()).toBe(true)
    // To ask how the server would do it takes the locks, too: the question would wait twice for the reader, ten seconds each.
    const next = fixture.start(['migrate', '--no-probe'], schema)
    await next.says('stderr', 'orphaned')
    await reader.run('COMMIT')
    const run = await next.ended
    expect(run.exitCode, run.stderr).toBe(0)
    expect(run.stderr).toContain('ALTER TABLE things_4')
    const flags = await onlooker.rows(
      `SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='${schema}' AND COLUMN_NAME='flag'`,
    )
    expect(flags).toEqual([[String(shards)]])
    for (let key = 1; key <= shards; key += 1)
      expect(await onlooker.rows(`SELECT n FROM things_${key}`)).toEqual([['1']])
  })
})
