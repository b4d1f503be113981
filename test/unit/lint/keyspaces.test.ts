import { expect, test, vi } from 'vitest'
import { configuration, withProjects } from '../../helpers/tool/project.ts'
import { runToolHere } from '../../helpers/tool/tool-here.ts'

/** The first run of the tool loads all of its sources. */
vi.setConfig({ testTimeout: 60_000 })

const project = withProjects()
const keyed = 'migrations/app/20260101000000_orders.sql'
const files = {
  [keyed]:
    '-- migrate:up\nCREATE TABLE orders (id BIGINT PRIMARY KEY, parent_id BIGINT, KEY parents (parent_id), FOREIGN KEY (parent_id) REFERENCES orders (id));\n\n-- migrate:down\nDROP TABLE orders;\n',
  'migrations/app/20260102000000_report.sql':
    '-- wwdb:when platform=mysql\n\n-- migrate:up\nCREATE PROCEDURE report() SELECT COUNT(*) FROM orders;\n\n-- migrate:down\nDROP PROCEDURE report;\n',
  'migrations/app/20260103000000_users.sql':
    '-- wwdb:when references=physical\n\n-- migrate:up\nALTER TABLE orders ADD COLUMN user_id BIGINT, ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES {{schema:users}}.users (id);\n\n-- migrate:down\nALTER TABLE orders DROP FOREIGN KEY of_user, DROP COLUMN user_id;\n',
  'migrations/users/20260101000000_clear.sql':
    '-- migrate:up\nCREATE TABLE users (id BIGINT PRIMARY KEY);\n\n-- migrate:down\nTRUNCATE TABLE users;\n',
}
const vitess = { journal: 'users' }

interface Answer {
  readonly findings: readonly { readonly code: string; readonly file: string; readonly message: string }[]
}

async function refusedIn(more: object, environment: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const config = configuration('mysql://user@127.0.0.1:1/app', more)
  const cwd = project({ 'wwdb.config.json': config, ...files })
  const { stdout, stderr } = await runToolHere(['lint', '--all', '--json'], { cwd, environment })
  expect(stderr).toBe('')
  const { findings }: Answer = JSON.parse(stdout)
  return findings.filter(({ code }) => code === 'VTGATE_REFUSES').map(({ file, message }) => `${file} ${message}`)
}

const key = expect.stringMatching(/20260101000000_orders\.sql CREATE TABLE does not run through vtgate\. .*foreign key/)
const clear = expect.stringMatching(/20260101000000_clear\.sql TRUNCATE TABLE does not run through vtgate\./)

test('files of a database that is a keyspace are judged for vtgate, and those of the others are not', async () => {
  expect(await refusedIn({ databases: { app: { vitess }, users: {} } })).toEqual([key])
  expect(await refusedIn({ databases: { app: {}, users: {} } })).toEqual([])
})

test('`lint.platform` judges every file for vtgate, or none', async () => {
  const databases = { app: {}, users: {} }
  expect(await refusedIn({ databases, lint: { platform: 'vitess' } })).toEqual([key, clear])
  expect(await refusedIn({ databases }, { WWDB_LINT_PLATFORM: 'vitess' })).toEqual([key, clear])
  expect(await refusedIn({ databases: { app: { vitess }, users: {} }, lint: { platform: 'mysql' } })).toEqual([])
})

test('a key to another database is found where the configuration asks for physical ones', async () => {
  const found = await refusedIn({ databases: { app: { vitess }, users: {} }, references: 'physical' })
  expect(found).toEqual([
    key,
    expect.stringContaining('`users`.`users`, which is not in the keyspace `app`'),
    expect.stringContaining('not even to drop it'),
  ])
})
