import { expect, test } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const template = (columns: string): string => `-- wwdb:period month
-- wwdb:name msg_{YYYYMM}
-- wwdb:premake 1 periods
-- wwdb:keep 1 months
-- wwdb:late 1 days
-- wwdb:share 100%
-- wwdb:archive none
CREATE TABLE {{table}} (${columns}) ENGINE=InnoDB;
`

const before = template('id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARCHAR(40)')
const after = template('id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARCHAR(40), more INT')
const change = '-- wwdb:shards msg\n-- migrate:up\nALTER TABLE {{table}} ADD COLUMN more INT;\n'

function tableOf(monthsAgo: number): string {
  const now = new Date()
  const day = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - monthsAgo, 1)).toISOString()
  return `msg_${day.slice(0, 7).replace('-', '')}`
}

async function openSealed() {
  const project = await stage({ files: { 'shard-templates/app/msg.sql': before } })
  await project.query(before.split('\n').at(-2)?.replace('{{table}}', tableOf(4)) ?? '')
  await project.query(`INSERT INTO ${tableOf(4)} (body) VALUES ('a'), ('b')`)
  for (const _ of ['adopt', 'seal'])
    expect(await project.run(['rotate', 'run', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await project.query("SELECT table_name,seal_rows FROM wwdb_shards WHERE state='sealed'")).toEqual([
    [tableOf(4), 2],
  ])
  project.write('shard-templates/app/msg.sql', after)
  project.write('app/0001_more.sql', change)
  return project
}

test('a fan-out changes a sealed shard: it is counted again, and its own change is no late write', async () => {
  const project = await openSealed()
  expect(await project.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  const said: string[] = []
  for (const _ of ['seal', 'hold']) {
    const run = await project.run(['rotate', 'run', '--yes'])
    expect(run.exitCode).toBe(0)
    said.push(run.stdout)
  }
  expect(said.join('\n')).not.toContain('rows changed after it was sealed')
  expect(await project.query('SELECT * FROM wwdb_shard_findings')).toEqual([])
  expect(await project.query("SELECT table_name,seal_rows FROM wwdb_shards WHERE state='held'")).toEqual([
    [tableOf(4), 2],
  ])
})

test('status counts the shards that the ledger has as done, also where the registry did not learn of them', async () => {
  const project = await openSealed()
  await project.query(`ALTER TABLE ${tableOf(0)} ADD COLUMN more INT`)
  expect((await project.run(['migrate', '--yes', '--no-probe'])).exitCode).toBe(2)
  const [[done]] = (await project.query(
    "SELECT COUNT(DISTINCT pass) FROM wwdb_shard_journal WHERE state='closed'",
  )) as [[number]]
  expect(done).toBeGreaterThan(0)
  await project.query('UPDATE wwdb_shards SET template_version=1')
  const { answer } = await project.json(['status'])
  expect(JSON.stringify(answer)).toContain(`"shards":{"done":${done},`)
})
