import { expect, test } from 'vitest'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const template = `-- wwdb:period month
-- wwdb:name messages_{YYYYMM}
-- wwdb:premake 2 periods
-- wwdb:keep 1 months
-- wwdb:late 0 days
-- wwdb:share 100%
-- wwdb:archive none
CREATE TABLE {{table}} (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB;
`

/** The table of a month so many before (or, below 0, after) this one. */
function monthOf(back: number): { readonly key: string; readonly table: string } {
  const now = new Date()
  const key = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7)
  return { key, table: `messages_${key.replace('-', '')}` }
}

/** With a shard of four months ago on hold; it had three rows. */
async function openHeld(): Promise<Stage> {
  const project = await stage({ files: { 'shard-templates/app/messages.sql': template } })
  const { table } = monthOf(4)
  await project.query(`CREATE TABLE ${table} (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB`)
  await project.query(`INSERT INTO ${table} VALUES (1), (2), (3)`)
  for (const _ of ['adopt', 'seal', 'hold'])
    expect(await project.run(['rotate', 'run', '--yes'])).toMatchObject({ exitCode: 0 })
  return project
}

const acknowledge = ['shards', 'repair', '--family', 'messages', '--acknowledge-loss']

test('a held table that was dropped by hand is a finding of every run until a person acknowledges it', async () => {
  const project = await openHeld()
  const { key, table } = monthOf(4)
  const [[held]] = (await project.query("SELECT hold_table FROM wwdb_shards WHERE state='held'")) as [[string]]
  await project.query(`DROP TABLE ${held}`)
  expect((await project.run(['shards', 'check'])).stdout).toContain(`in the registry, but gone: ${table} (held)`)
  for (const _ of ['first', 'second']) {
    const rotated = await project.json(['rotate', 'run'])
    expect(rotated).toMatchObject({ exitCode: 1, answer: { families: [{ family: 'messages', lost: [table] }] } })
    expect(JSON.stringify(rotated.answer)).toContain(`Its last count was 3 rows`)
    const check = await project.run(['shards', 'check', '--metrics', 'wwdb.prom'])
    expect(check.exitCode).toBe(1)
    expect(check.stdout).toContain(`rows are lost: \`${table}\` was dropped outside of wwdb while it was held; 3 rows`)
  }
  expect(await project.json(['shards', 'list', '--state', 'lost'])).toMatchObject({ answer: { shards: [{ table }] } })
  expect(await project.json([...acknowledge, key])).toMatchObject({ exitCode: 2, answer: { code: 'NOT_CONFIRMED' } })
  expect(await project.json([...acknowledge, '2020-01'])).toMatchObject({
    exitCode: 64,
    answer: { code: 'LOSS_UNKNOWN' },
  })
  expect(await project.run([...acknowledge, key, '--dry-run'])).toMatchObject({ exitCode: 64 })
  // As the finding advises.
  const done = await project.json([...acknowledge, key, '--reason', 'backup 117', '--yes'])
  expect(done).toMatchObject({ exitCode: 0, answer: { acknowledged: [{ table, key, rows: 3 }] } })
  expect(await project.query('SELECT kind,state,row_count,closed_reason FROM wwdb_shard_findings')).toEqual([
    ['loss', 'held', 3, 'backup 117'],
  ])
  expect(await project.run(['shards', 'check'])).toMatchObject({ exitCode: 0 })
  expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
})

test('so is a table in use, though it is made again; one of a month to come had no rows', async () => {
  const project = await openHeld()
  const [present, coming] = [monthOf(0), monthOf(-2)]
  await project.query(`DROP TABLE ${present.table}`)
  await project.query(`DROP TABLE ${coming.table}`)
  // Before any rotation saw it.
  expect(await project.run([...acknowledge, present.key, '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await project.json(['rotate', 'run'])).toMatchObject({
    exitCode: 0,
    answer: { families: [{ created: [present.table, coming.table], lost: [] }] },
  })
  await project.query(`DROP TABLE ${present.table}`)
  const rotated = await project.run(['rotate', 'run'])
  expect(rotated.exitCode).toBe(1)
  expect(rotated.stdout).toContain('it is created again, empty')
  expect(rotated.stdout.replaceAll(/\s+/g, ' ')).toContain(`--family messages --acknowledge-loss ${present.key}`)
  const check = await project.run(['shards', 'check'])
  expect(check.exitCode).toBe(1)
  expect(check.stdout).toContain('while it was live; its rows were never counted')
  expect(await project.run([...acknowledge, present.key, '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await project.run(['shards', 'check'])).toMatchObject({ exitCode: 0 })
})

test('a registry of an earlier wwdb, without the table of findings, is read and then completed', async () => {
  const project = await openHeld()
  await project.query('DROP TABLE wwdb_shard_findings')
  expect(await project.run(['shards', 'check'])).toMatchObject({ exitCode: 0 })
  expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  expect(await project.query('SELECT COUNT(*) FROM wwdb_shard_findings')).toEqual([[0]])
})
