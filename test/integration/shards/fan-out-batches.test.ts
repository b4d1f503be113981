import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../chaos/support/database.ts'
import { createSchema } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type FanOutProject, openFanOutProject, outcomeOf, things } from '../../helpers/shards/fan-out-project.ts'

const count = ',\n  n TINYINT NOT NULL DEFAULT 0'
const keys = ['1', '2', '3', '4', '5', '6']

const migration = `-- wwdb:shards things
-- migrate:up
ALTER TABLE {{table}} ADD COLUMN flag INT NOT NULL DEFAULT 0;
-- wwdb:batch rows=40
UPDATE {{table}} SET n = n + 1, flag = flag + 1 WHERE id > 0;
-- migrate:down
ALTER TABLE {{table}} DROP COLUMN flag;
`

describe.each(versionsInTurn(import.meta.url))('a batch on every shard, MySQL %s', (version) => {
  const closings: (() => Promise<void> | void)[] = []
  let database: Database
  let project: FanOutProject

  beforeEach(async () => {
    const schema = await createSchema('fan', await testServerOf(version))
    database = await openDatabase(schema.url)
    const folder = mkdtempSync(join(tmpdir(), 'wwdb-fan-out-'))
    project = openFanOutProject(schema.url, folder)
    const { drop } = schema
    const { close } = database
    closings.push(close, drop, () => rmSync(folder, { recursive: true }))
    project.write('shard-templates/app/things.sql', things(count))
    await project.makeShards(keys)
    const ids = Array.from({ length: 101 }, (_, id) => `(${id}, 0)`).join(',')
    for (const key of keys) await database.run(`INSERT INTO things_${key} (id, n) VALUES ${ids}`)
    project.write('shard-templates/app/things.sql', things(`${count},\n  flag INT NOT NULL DEFAULT 0`))
    project.write('migrations/20260101000000_add_flag.sql', migration)
  })
  afterAll(async () => {
    for (const close of closings) await close()
  })

  const flags = async (key: string) => database.rows(`SELECT flag,COUNT(*) FROM things_${key} GROUP BY 1 ORDER BY 1`)
  const ledger = () =>
    database.rows(
      "SELECT state,COUNT(*),MIN(affected),MIN(details->>'$.batch.chunks') FROM wwdb_shard_journal WHERE class='batch' GROUP BY 1 ORDER BY 1",
    )

  test('each shard has its chunks and its checkpoint', async () => {
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'done', fault: null })
    for (const key of keys) {
      expect(await flags(key)).toEqual([
        ['0', '1'],
        ['1', '100'],
      ])
    }
    expect(await ledger()).toEqual([['closed', '6', '100', '3']])
  })

  test('a shard that fails half way continues at its row; the others stay as they are', async () => {
    await database.run('UPDATE things_4 SET n=127 WHERE id=73')
    expect(outcomeOf(await project.migrate({ errorBudget: 1 }))).toMatchObject({ state: 'failed' })
    const failures = project.events.filter(({ type }) => type === 'shard-failed')
    expect(JSON.stringify(failures)).toContain('at the row with `id` = 73.')
    expect((await ledger()).map(([state, shards]) => [state, shards])).toEqual([
      ['closed', '5'],
      ['entered', '1'],
    ])
    expect(await database.rows('SELECT MAX(id) FROM things_4 WHERE flag=1')).toEqual([['72']])
    await database.run('UPDATE things_4 SET n=7 WHERE id=73')
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'done', fault: null })
    for (const key of keys) {
      expect(await flags(key)).toEqual([
        ['0', '1'],
        ['1', '100'],
      ])
    }
    expect((await ledger()).map(([state, shards]) => [state, shards])).toEqual([['closed', '6']])
  })
})
