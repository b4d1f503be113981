import { createConnection } from 'mysql2/promise'
import { expect, test, vi } from 'vitest'
import { openWireProxy } from '../../helpers/mysql/wire-proxy.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

test('drift by replay leaves a database out that a run changes between its look at the journal and its look at the tables', async () => {
  const stage = await openStage({
    files: { 'app/0001_a.sql': migration('CREATE TABLE a (id INT PRIMARY KEY);', 'DROP TABLE a;') },
  })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  stage.write('app/0002_b.sql', migration('CREATE TABLE b (id INT PRIMARY KEY);', 'DROP TABLE b;'))
  let ran = false
  const live = `information_schema.SCHEMATA WHERE SCHEMA_NAME='${stage.schema('app')}'`
  const proxy = await openWireProxy(Number(new URL(stage.url).port), async ({ text }, moment) => {
    if (moment === 'before' && !ran && text.includes(live)) {
      ran = true
      expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    }
    return 'pass'
  })
  const run = await stage.run(['drift', '--replay', '--url', `mysql://root@127.0.0.1:${proxy.port}`])
  await proxy.close()
  expect(ran).toBe(true)
  expect(run.exitCode, run.stdout + run.stderr).toBe(0)
  expect(run.stderr).toContain('`app` is skipped: a run changed it meanwhile.')
  expect(run.stdout).toContain('No database was compared.')
  expect(await stage.run(['drift', '--replay'])).toMatchObject({ exitCode: 0, stderr: '' })
})

test('drift finds nothing while a fan-out is under way, nor after it', async () => {
  const template = (columns: string): string =>
    `-- wwdb:period month\n-- wwdb:name events_{YYYYMM}\n-- wwdb:view events_recent 2 periods\nCREATE TABLE {{table}} (\n  id BIGINT NOT NULL PRIMARY KEY${columns}\n) ENGINE=InnoDB;\n`
  const stage = await openStage({
    files: {
      'app/0001_a.sql': migration('CREATE TABLE a (id INT PRIMARY KEY);', 'DROP TABLE a;'),
      'shard-templates/app/events.sql': template(''),
    },
  })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  const rotated = await stage.run(['rotate', 'run', '--yes'])
  expect(rotated, rotated.stderr).toMatchObject({ exitCode: 0 })
  const shards = (await stage.tables()).filter((name) => /^events_\d/.test(name))
  expect(shards.length).toBeGreaterThan(1)
  stage.write('shard-templates/app/events.sql', template(',\n  note INT NULL'))
  const [up, down] = ['ALTER TABLE {{table}} ADD COLUMN note INT NULL;', 'ALTER TABLE {{table}} DROP COLUMN note;']
  stage.write('app/0002_note.sql', migration(up, down, '-- wwdb:shards events'))
  stage.write('app/0003_b.sql', migration('ALTER TABLE a ADD COLUMN b INT;', 'ALTER TABLE a DROP COLUMN b;'))
  const reader = await createConnection({ uri: stage.url, database: stage.schema('app') })
  try {
    await reader.query('BEGIN')
    await reader.query(`SELECT * FROM ${shards.at(-1)}`)
    const run = stage.run(['migrate'])
    const waiting = `SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE='Waiting for table metadata lock' AND DB='${stage.schema('app')}'`
    await vi.waitUntil(async () => Number((await stage.query(waiting))[0]?.[0]) > 0, { timeout: 30_000, interval: 20 })
    const drift = await stage.run(['drift'])
    expect(drift, drift.stdout + drift.stderr).toMatchObject({ exitCode: 0 })
    expect(await stage.json(['status'])).toMatchObject({ answer: { targets: [{ drift: 0 }] } })
    await reader.query('COMMIT')
    const ended = await run
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 })
  } finally {
    await reader.end()
  }
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
})
