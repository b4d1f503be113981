import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runClient, serverArguments } from '../../helpers/mysql/mysql-client.ts'
import { type OwnServer, startServer, testServer } from '../../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const files = {
  'app/0001_first.sql': migration(
    `CREATE TABLE Users (id INT PRIMARY KEY, Name VARCHAR(40) NOT NULL);
CREATE TABLE Items (Id INT PRIMARY KEY, Owner INT, KEY Owned (Owner), CONSTRAINT Item_Owner FOREIGN KEY (Owner) REFERENCES Users (id));
INSERT INTO Users VALUES (1, 'Ada'), (2, 'Bob');
INSERT INTO Items VALUES (1, 1), (2, 2);`,
    'DROP TABLE Items;\nDROP TABLE Users;',
  ),
  'app/0002_code.sql': migration(
    `CREATE VIEW OwnedItems AS SELECT i.Id, u.Name, 'Users' AS Kind FROM Items i JOIN Users AS u ON u.id = i.Owner;
CREATE TRIGGER Items_Insert BEFORE INSERT ON Items FOR EACH ROW SET NEW.Owner = IFNULL(NEW.Owner, (SELECT MIN(id) FROM Users));
CREATE PROCEDURE CountUsers() SELECT COUNT(*) FROM Users;`,
    'DROP PROCEDURE CountUsers;\nDROP TRIGGER Items_Insert;\nDROP VIEW OwnedItems;',
  ),
  'seeds/app/users.yaml': 'table: Users\nkey: id\nrows:\n  - { id: 1, Name: Ada }\n  - { id: 3, Name: Cy }\n',
}

let server: OwnServer | null = null
beforeAll(async () => {
  const flags = ['--lower-case-table-names=1']
  server = await startServer({ flags, initialFlags: flags })
})
afterAll(async () => {
  await server?.stop()
})

/** Two databases with the same rows: one where names were written, and one that its dump was restored in. */
async function move(more: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const from = testServer().url
  const to = server?.url ?? ''
  const stage = await openStage({ files: { ...files, ...more } })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['seed'])).toMatchObject({ exitCode: 0 })
  const options = ['--routines', '--events', '--triggers', '--set-gtid-purged=OFF', '--databases', stage.schema('app')]
  const dump = await runClient('mysqldump', [...serverArguments(from), ...options])
  expect(dump.exitCode).toBe(0)
  expect(await runClient('mysql', serverArguments(to), dump.stdout)).toMatchObject({ exitCode: 0 })
  stage.write('wwdb.config.json', JSON.stringify({ url: to, prefix: stage.prefix, databases: { app: {} } }))
  return stage
}

/** Asks the server that the dump was restored in. */
async function ask(stage: Stage, sql: string): Promise<string> {
  const options = [...serverArguments(server?.url ?? ''), '--skip-column-names', stage.schema('app')]
  const { exitCode, stdout } = await runClient('mysql', options, sql)
  expect(exitCode).toBe(0)
  return stdout
}

const unchanged = { exitCode: 0, stdout: expect.stringContaining('nothing to do') }

describe('a dump of a server that distinguishes `Users` and `users`, restored where they are one', () => {
  test('is the same schema: the change is named, nothing is proposed, and rows stay', async () => {
    const stage = await move()
    const moved = '`lower_case_table_names` 0, but on this server it is 1'
    const status = await stage.run(['status', '--exit-code'])
    expect(status).toMatchObject({ exitCode: 1, stdout: expect.stringContaining(moved) })
    expect((await stage.run(['doctor'])).stdout).toContain(moved)
    for (const args of [['drift'], ['drift', '--replay']]) {
      const drift = await stage.run(args)
      expect(drift).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('No difference') })
      expect(drift.stderr).toContain(moved)
    }
    expect(await stage.run(['drift', '--only', 'Users'])).toMatchObject({ exitCode: 64 })
    expect(await stage.run(['schema', 'diff'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['drift', '--revert', '--yes', '--allow', 'DROP_TABLE'])).toMatchObject(unchanged)
    expect(await stage.run(['drift', '--accept', 'moved', '--yes'])).toMatchObject(unchanged)
    expect(await stage.run(['seed', 'plan'])).toMatchObject(unchanged)
    expect(await ask(stage, 'SELECT COUNT(*) FROM users; SELECT COUNT(*) FROM items')).toBe('3\n2\n')
  })

  test('what was changed by hand there is found under its name there, taken back and accepted', async () => {
    const stage = await move()
    await ask(
      stage,
      `ALTER TABLE Users ADD COLUMN hand INT; ALTER TABLE Items ADD COLUMN hand INT;
CREATE OR REPLACE VIEW OwnedItems AS SELECT 1 AS One; CREATE TABLE Extra (id INT PRIMARY KEY); INSERT INTO Extra VALUES (1);`,
    )
    const drift = await stage.run(['drift'])
    expect(drift.stdout).toContain('table users: column hand is not expected')
    expect(drift.stdout).toContain('table items: column hand is not expected')
    expect(drift.stdout).toContain('view owneditems differs')
    expect(drift.stdout).toContain('RENAME TABLE `extra` TO `_hold_')
    expect(drift.stdout).not.toMatch(/is missing|DROP TABLE|FOREIGN KEY/)
    expect(drift.stdout).toContain('4 objects of live differ')
    for (const name of ['Users', 'users', 'USERS'])
      expect((await stage.run(['drift', '--only', name])).stdout).toContain('1 object of live')

    const reverted = ['drift', '--revert', '--only', 'Users', '--only', 'OwnedItems', '--yes', '--allow', 'DROP_COLUMN']
    expect(await stage.run(reverted)).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['drift', '--accept', 'mine', '--only', 'ITEMS', '--yes'])).toMatchObject({ exitCode: 0 })
    const left = await stage.run(['drift'])
    expect(left.stdout).toContain('table extra is not expected')
    expect(left.stdout).toContain('1 object of live differs')
    expect(await ask(stage, 'SELECT id, Name, COUNT(*) OVER () FROM users; SELECT COUNT(*) FROM OwnedItems')).toBe(
      '1\tAda\t3\n2\tBob\t3\n3\tCy\t3\n2\n',
    )
  })

  test('runs go on, under either spelling, and the record has the names of the server then', async () => {
    const stage = await move()
    stage.write(
      'app/0003_more.sql',
      migration(
        `ALTER TABLE Users ADD COLUMN More INT;
CREATE TABLE Third (Id INT PRIMARY KEY, CONSTRAINT Third_User FOREIGN KEY (Id) REFERENCES Users (id));`,
        'DROP TABLE Third;\nALTER TABLE Users DROP COLUMN More;',
      ),
    )
    stage.write('seeds/app/users.yaml', 'table: Users\nkey: id\nrows:\n  - { id: 4, Name: Dee }\n')
    const run = await stage.run(['migrate', '--yes'])
    expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('lower_case_table_names') })
    expect(await stage.run(['seed'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 inserted') })
    expect(await stage.run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['rollback', '--steps', '2', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({
      exitCode: 0,
      stderr: expect.not.stringContaining('lower_case'),
    })
    for (const args of [['drift'], ['drift', '--replay'], ['schema', 'diff']])
      expect(await stage.run(args)).toMatchObject({ exitCode: 0 })
    const recorded = await ask(stage, "SELECT name FROM wwdb_schema WHERE kind IN ('table', 'view') ORDER BY name")
    expect(recorded).toBe('items\nowneditems\nthird\nusers\n')
  })

  test('the setting is recorded by `repair --rebuild-record`, which the finding names', async () => {
    const stage = await move()
    const [command] = /`wwdb (repair [^`]*)`/.exec((await stage.run(['status'])).stdout)?.slice(1) ?? []
    expect(await stage.run(command?.split(' ') ?? [])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })
})

test('a dump of a server that ignores the case of names is the same schema where it counts, with tables spelled as the files do', async () => {
  const from = server?.url ?? ''
  const stage = await openStage({ url: from, files: { 'app/0001_first.sql': files['app/0001_first.sql'] } })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  const options = ['--set-gtid-purged=OFF', '--databases', stage.schema('app')]
  const dump = await runClient('mysqldump', [...serverArguments(from), ...options])
  const to = serverArguments(testServer().url)
  const spelled = `${dump.stdout}\nRENAME TABLE users TO Users, items TO Items;`
  expect(await runClient('mysql', to, spelled)).toMatchObject({ exitCode: 0 })
  const config = { url: testServer().url, prefix: stage.prefix, databases: { app: {} } }
  stage.write('wwdb.config.json', JSON.stringify(config))
  const drift = await stage.run(['drift'])
  expect(drift).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('No difference') })
  expect(drift.stderr).toContain('`lower_case_table_names` 1, but on this server it is 0')
  expect(await stage.run(['drift', '--revert', '--yes', '--allow', 'DROP_TABLE'])).toMatchObject(unchanged)

  stage.write('app/0002_more.sql', migration('ALTER TABLE Users ADD COLUMN More INT;'))
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
  const names = "SELECT name FROM wwdb_schema WHERE kind = 'table' ORDER BY name;\n"
  const { stdout } = await runClient('mysql', [...to, '--skip-column-names', stage.schema('app')], names)
  expect(stdout).toBe('Items\nUsers\n')
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('lower_case') })
  await runClient('mysql', [...to, '-e', `DROP DATABASE ${stage.schema('app')}`])
})
