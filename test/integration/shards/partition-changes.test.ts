import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../chaos/support/database.ts'
import { createSchema, type TestSchema } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type FanOutProject, openFanOutProject, outcomeOf } from '../../helpers/shards/fan-out-project.ts'

const template = 'shard-templates/app/clicks.sql'
const file = 'migrations/20260101000000_add_flag.sql'
const versions = versionsInTurn(import.meta.url)

const clicks = (columns: string): string =>
  `-- wwdb:shards partition\n-- wwdb:period month\n-- wwdb:name clicks_{YYYYMM}\n-- wwdb:time at\n-- wwdb:late 0 days\n` +
  `CREATE TABLE {{table}} (\n  id BIGINT NOT NULL,\n  at DATETIME NOT NULL${columns},\n  PRIMARY KEY (id, at)\n) ENGINE=InnoDB;\n`

const addFlag = (algorithm: string): string => `-- wwdb:shards clicks
-- migrate:up
ALTER TABLE {{table}} ADD COLUMN flag INT NOT NULL DEFAULT 0${algorithm};
UPDATE {{table}} SET flag = flag + 1 WHERE id = 1;
-- migrate:down
ALTER TABLE {{table}} DROP COLUMN flag${algorithm};
`

describe.each(versions)('changes of a table with partitions on MySQL %s', (version) => {
  const closings: (() => Promise<void> | void)[] = []
  let schema: TestSchema
  let database: Database
  let project: FanOutProject

  beforeEach(async () => {
    schema = await createSchema('part', await testServerOf(version))
    database = await openDatabase(schema.url)
    const folder = mkdtempSync(join(tmpdir(), 'wwdb-partitions-'))
    project = openFanOutProject(schema.url, folder)
    const { drop } = schema
    const { close } = database
    closings.push(close, drop, () => rmSync(folder, { recursive: true }))
    project.write(template, clicks(''))
    await project.rotate()
    await database.run('INSERT INTO clicks VALUES (1, NOW()), (2, NOW() + INTERVAL 1 MONTH)')
  })
  afterAll(async () => {
    for (const close of closings) await close()
  })

  const versionsOf = () => database.rows('SELECT template_version,COUNT(*) FROM wwdb_shards GROUP BY 1')

  test('a migration runs once on the table, and every shard has its version', async () => {
    project.write(template, clicks(',\n  flag INT NOT NULL DEFAULT 0'))
    project.write(file, addFlag(', ALGORITHM=INPLACE'))
    const [step] = (await project.plan()).targets[0]?.steps ?? []
    expect(step?.fanOut).toMatchObject({ family: 'clicks', version: 2, total: 1, done: 0, proven: true })
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'done', fault: null })
    expect(await database.rows('SELECT id,flag FROM clicks ORDER BY id')).toEqual([
      ['1', '1'],
      ['2', '0'],
    ])
    expect(await versionsOf()).toEqual([['2', '4']])
    expect(await database.rows('SELECT state,COUNT(*) FROM wwdb_shard_journal GROUP BY 1')).toEqual([['closed', '2']])
    expect(await project.rotate()).toMatchObject({
      exitCode: 0,
      result: { families: [{ state: 'nothing-to-do', notes: [] }] },
    })
    expect(outcomeOf(await project.rollback())).toMatchObject({ state: 'done' })
    expect(await versionsOf()).toEqual([['1', '4']])
  })

  test('a change that may be INSTANT is refused, by the plan and by the run', async () => {
    project.write(template, clicks(',\n  flag INT NOT NULL DEFAULT 0'))
    for (const algorithm of ['', ', ALGORITHM=INSTANT', ', ALGORITHM=DEFAULT']) {
      project.write(file, addFlag(algorithm))
      await expect(project.plan()).rejects.toMatchObject({
        code: 'SHARD_INSTANT',
        faults: [{ where: { file, line: 3 }, next: expect.stringContaining('ALGORITHM=INPLACE') }],
      })
      await expect(project.migrate()).rejects.toMatchObject({ code: 'SHARD_INSTANT' })
    }
    expect(await versionsOf()).toEqual([['1', '4']])
  })

  test('checked, listed and located like tables; rows that came too late are named', async () => {
    const clean = await project.check()
    expect(clean).toMatchObject({ exitCode: 0, result: { targets: [{ families: [{ tables: 4, unexpected: [] }] }] } })
    await database.run("INSERT INTO clicks VALUES (3, '2020-01-01')")
    const found = await project.check()
    expect(found.exitCode).toBe(1)
    expect(found.result).toMatchObject({
      targets: [{ families: [{ unexpected: [{ table: expect.stringMatching(/^_closed_/) }] }] }],
    })
    expect(await project.list()).toMatchObject({
      result: { shards: { length: 4, 0: { state: 'live', partitionOf: 'clicks' } } },
    })
  })

  test('repaired once, so that its partitions can be exchanged', async () => {
    await database.run('ALTER TABLE clicks DROP PRIMARY KEY, ADD PRIMARY KEY (at, id)')
    await database.run('ALTER TABLE clicks ADD COLUMN stray INT, ALGORITHM=INPLACE')
    const repaired = await project.repair(['DROP_COLUMN'])
    expect(repaired.exitCode).toBe(0)
    expect(repaired.result).toMatchObject({ families: [{ failed: [], left: 0, repaired: { length: 4 } }] })
    expect(await database.rows("SHOW COLUMNS FROM clicks LIKE 'stray'")).toEqual([])
    await database.run(
      'CREATE TABLE other (id BIGINT NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (id, at)) ENGINE=InnoDB',
    )
    const [first] = await database.rows('SELECT table_name FROM wwdb_shards ORDER BY shard_key LIMIT 1')
    await database.run(`ALTER TABLE clicks EXCHANGE PARTITION ${first?.[0]} WITH TABLE other`)
  })
})
