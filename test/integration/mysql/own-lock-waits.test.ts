import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shopFiles } from '../../helpers/seeds/seed-stage.ts'
import { testServer } from '../../helpers/servers/servers.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const open = withStages()
let other: Connection

beforeAll(async () => {
  other = await createConnection({ uri: testServer().url })
})
afterAll(() => other?.end())

const things = (column: string): string =>
  `-- wwdb:keys app.categories(id)\n-- wwdb:name things_{key}\nCREATE TABLE {{table}} (\n  id BIGINT NOT NULL PRIMARY KEY${column}\n) ENGINE=InnoDB;\n`

/** Migrated, seeded and rotated: every table of wwdb is there. */
async function prepare(): Promise<Stage> {
  const stage = await open({
    files: { ...shopFiles, 'shard-templates/app/things.sql': things('') },
    configuration: { timeouts: { lockWait: '1s' } },
  })
  for (const args of [['migrate'], ['seed'], ['rotate', 'run', '--yes']])
    expect(await stage.run(args)).toMatchObject({ exitCode: 0 })
  return stage
}

/** Runs the tool while another session has a table for itself. */
async function runBeside(stage: Stage, table: string, args: readonly string[]) {
  await other.query(`LOCK TABLES \`${stage.schema('app')}\`.\`${table}\` WRITE`)
  try {
    return await stage.run(args)
  } finally {
    await other.query('UNLOCK TABLES')
  }
}

const named = (): RegExp => new RegExp(`blocked by connection ${other.threadId} of root`)

test('a session that holds the record of seeded rows is named in the error', async () => {
  const stage = await prepare()
  const run = await runBeside(stage, 'wwdb_seed_rows', ['seed'])
  expect(run.exitCode).toBe(2)
  expect(run.stderr).toContain('A statement of wwdb itself gave up waiting for a lock.')
  expect(run.stderr.replace(/\s+/g, ' ')).toMatch(named())
  expect(await stage.run(['seed'])).toMatchObject({ exitCode: 0 })
})

test('a session that holds the record of runs is named in the warning, and the run does what it was asked to', async () => {
  const stage = await prepare()
  stage.write('app/0002_more.sql', '-- migrate:up\nALTER TABLE orders ADD COLUMN more INT;\n')
  const run = await runBeside(stage, 'wwdb_runs', ['migrate'])
  expect(run.exitCode).toBe(0)
  expect(run.stderr).toContain('could not be recorded in `wwdb_runs`')
  expect(run.stderr.replace(/\s+/g, ' ')).toMatch(named())
})

test('a session that holds the ledger of a fan-out is named in the error', async () => {
  const stage = await prepare()
  stage.write('shard-templates/app/things.sql', things(',\n  more INT NULL'))
  stage.write(
    'app/0002_more.sql',
    '-- wwdb:shards things\n-- migrate:up\nALTER TABLE {{table}} ADD COLUMN more INT NULL;\n-- migrate:down\nALTER TABLE {{table}} DROP COLUMN more;\n',
  )
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  stage.write('shard-templates/app/things.sql', things(',\n  more INT NULL,\n  most INT NULL'))
  stage.write(
    'app/0003_most.sql',
    '-- wwdb:shards things\n-- migrate:up\nALTER TABLE {{table}} ADD COLUMN most INT NULL;\n-- migrate:down\nALTER TABLE {{table}} DROP COLUMN most;\n',
  )
  const run = await runBeside(stage, 'wwdb_shard_changes', ['migrate'])
  expect(run.exitCode).toBe(2)
  expect(run.stderr.replace(/\s+/g, ' ')).toMatch(named())
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
})
