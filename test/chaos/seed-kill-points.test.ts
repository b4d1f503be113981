import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { moments, type WireCommand } from '../helpers/mysql/wire-proxy.ts'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { withDatabase } from './support/database.ts'
import { type Fixture, openFixture } from './support/fixture.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { type Fault, inject, type KillPoint, recordCommands } from './support/inject.ts'
import { isSoak, longest, randomFrom, sample, seed } from './support/seed.ts'

const versions = versionsInTurn(import.meta.url)
const launcher = withFrozenTool()

console.error(`Seed chaos: seed ${seed}; SOAK_SEED=${seed} repeats the choice of points`)

const setUp = `
CREATE TABLE roles (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE, title VARCHAR(40) NOT NULL,
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6));
CREATE TABLE rights (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, role_id BIGINT UNSIGNED NOT NULL, code VARCHAR(20) NOT NULL,
  UNIQUE KEY (role_id, code), FOREIGN KEY (role_id) REFERENCES roles (id));
CREATE TABLE counts (n INT NOT NULL);
INSERT INTO roles (name, title) VALUES ('people', 'made by people');
`

const roles = (rows: string): string => `table: roles\nkey: name\nchangedByHand: overwrite\nrows:\n${rows}`
const rights = (rows: string): string =>
  `table: rights\nkey: [role, code]\nreferences: { role: { table: roles, key: name } }\nrows:\n${rows}`

const files = {
  'old.config.json': JSON.stringify({
    databases: { app: { url: '$' + '{APP_URL}', migrations: 'migrations/app', seeds: 'old' } },
  }),
  'migrations/app/.keep': '',
  'old/roles.yaml': roles(
    '  - { name: admin, title: Old }\n  - { name: gone, title: Gone }\n  - { name: same, title: Same }\n',
  ),
  'old/rights.yaml': rights('  - { role: gone, code: a }\n  - { role: admin, code: a }\n'),
  'seeds/app/roles.yaml': roles(
    '  - { name: admin, title: New }\n  - { name: same, title: Same }\n  - { name: fresh, title: Fresh }\n  - { name: hand, title: Hand }\n',
  ),
  'seeds/app/rights.yaml': rights(
    '  - { role: admin, code: a }\n  - { role: fresh, code: a }\n  - { role: fresh, code: b }\n',
  ),
  'seeds/app/count.sql': 'INSERT INTO counts VALUES (1);\nUPDATE counts SET n = n + 1;\n',
}

const args = ['seed', '--prune', '--yes']

/** A schema that an older version of the seeds was in, and that people changed since. */
async function prepare(fixture: Fixture): Promise<string> {
  const schema = await fixture.createSchema(setUp)
  expect(await fixture.run(['seed', '--config', 'old.config.json'], schema)).toMatchObject({ exitCode: 0 })
  await withDatabase(fixture.urlOf(schema), (database) =>
    database.run(
      `UPDATE roles SET title = 'by hand' WHERE name = 'same'; INSERT INTO roles (name, title) VALUES ('hand', 'by hand')`,
    ),
  )
  return schema
}

/** What a person sees of the seeds, without the numbers that a rolled back INSERT used up. */
async function readEnd(fixture: Fixture, schema: string): Promise<string> {
  return withDatabase(fixture.urlOf(schema), async (database) =>
    JSON.stringify([
      await database.rows('SELECT name, title FROM roles ORDER BY name'),
      await database.rows('SELECT r.name, x.code FROM rights x JOIN roles r ON r.id = x.role_id ORDER BY 1, 2'),
      await database.rows('SELECT n FROM counts'),
      await database.rows('SELECT table_name, inserted, COUNT(*) FROM wwdb_seed_rows GROUP BY 1, 2 ORDER BY 1, 2'),
    ]),
  )
}

/** Every row as it is, with its number and times. */
async function readRows(fixture: Fixture, schema: string): Promise<string> {
  return withDatabase(fixture.urlOf(schema), async (database) =>
    JSON.stringify([
      await database.rows('SELECT * FROM roles ORDER BY id'),
      await database.rows('SELECT * FROM rights ORDER BY id'),
      await database.rows(`SELECT version, state FROM wwdb_journal WHERE state <> 'closed'`),
    ]),
  )
}

async function readOldNumbers(fixture: Fixture, schema: string): Promise<string> {
  return withDatabase(fixture.urlOf(schema), async (database) =>
    JSON.stringify(
      await database.rows(`SELECT name, id FROM roles WHERE name IN ('people', 'admin', 'same', 'hand') ORDER BY id`),
    ),
  )
}

function listPoints(commands: readonly WireCommand[]): readonly KillPoint[] {
  return commands.flatMap(({ index }) => moments.map((moment) => ({ index, moment })))
}

/** Injects one fault, runs again, and says what is not as after an unharmed run. */
async function survive(fixture: Fixture, point: KillPoint, fault: Fault, expected: string): Promise<readonly string[]> {
  const schema = await prepare(fixture)
  const numbers = await readOldNumbers(fixture, schema)
  const { command } = await inject(fixture, args, schema, point, fault)
  const again = await fixture.run(args, schema)
  const end = await readEnd(fixture, schema)
  const rows = await readRows(fixture, schema)
  const third = await fixture.run(args, schema)
  const problems = [
    ...(again.exitCode === 0 ? [] : [`the next run ended with ${again.exitCode}: ${again.stderr}`]),
    ...(end === expected ? [] : [`ended as ${end}`]),
    ...((await readOldNumbers(fixture, schema)) === numbers ? [] : ['rows that were there have other numbers']),
    ...(third.stdout.includes('nothing to do') ? [] : [`a third run did something: ${third.stdout}`]),
    ...((await readRows(fixture, schema)) === rows ? [] : ['a third run changed rows, or left the journal open']),
  ]
  await fixture.dropSchema(schema)
  const where = `${fault} at ${point.moment} ${point.index}: ${command?.text.slice(0, 100)}`
  return problems.map((problem) => `${where}: ${problem}`)
}

describe.each(versions)('seeding on MySQL %s', (version) => {
  let server: OwnServer
  let fixture: Fixture
  let points: readonly KillPoint[]
  let expected: string

  beforeAll(async () => {
    server = await startServer({ version })
    fixture = await openFixture({ server, launcher: launcher(), files })
    const schema = await prepare(fixture)
    const { commands, run } = await recordCommands(fixture, args, schema)
    expect(run).toMatchObject({ exitCode: 0 })
    points = listPoints(commands)
    expected = await readEnd(fixture, schema)
    expect(JSON.parse(expected)).toEqual([
      [
        ['admin', 'New'],
        ['fresh', 'Fresh'],
        ['hand', 'Hand'],
        ['people', 'made by people'],
        ['same', 'Same'],
      ],
      [
        ['admin', 'a'],
        ['fresh', 'a'],
        ['fresh', 'b'],
      ],
      [['2']],
      [
        ['rights', '1', '3'],
        ['roles', '0', '1'],
        ['roles', '1', '3'],
      ],
    ])
  })
  afterAll(async () => {
    await fixture?.close()
    await server?.stop()
  })

  test.each([
    ['runner', 5],
    ['connection', 3],
    ['server', 1],
  ] as const)('comes to the same end after the death of the %s', { timeout: longest }, async (fault, count) => {
    const chosen = sample(points, count, randomFrom(seed + count))
    const failures: string[] = []
    for (const point of chosen) failures.push(...(await survive(fixture, point, fault, expected)))
    console.error(
      `seed on ${version}, ${fault}: ${isSoak ? 'every point' : 'a sample'}, ${chosen.length} of ${points.length}`,
    )
    expect(failures).toEqual([])
  })
})
