import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runClient, serverArguments } from '../../helpers/mysql/mysql-client.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const databases = ['app', 'user_db']
const files = {
  'app/0001_orders.sql': migration('CREATE TABLE orders (id INT PRIMARY KEY, owner INT);', 'DROP TABLE orders;'),
  'user_db/0001_users.sql': migration(
    'CREATE TABLE users (id INT PRIMARY KEY, mail INT UNIQUE);\nCREATE TABLE old_users (id INT PRIMARY KEY);',
    'DROP TABLE users, old_users;',
  ),
  'app/0002_visits.sql': migration(
    'CREATE TABLE visits (id INT PRIMARY KEY, CONSTRAINT of_old FOREIGN KEY (id) REFERENCES {{schema:user_db}}.old_users (id));',
    'DROP TABLE visits;',
  ),
}

function filesOf(stage: Stage): Record<string, string> {
  const names = databases.flatMap((database) =>
    readdirSync(join(stage.folder, 'migrations', database)).map((name) => `${database}/${name}`),
  )
  return Object.fromEntries(
    names.toSorted().map((name) => [name, readFileSync(join(stage.folder, 'migrations', name), 'utf8')]),
  )
}

interface ByHand {
  readonly app: readonly string[]
  readonly users: readonly string[]
}

/** Both databases as their migrations make them, and then changed by hand. */
async function openChanged(byHand: ByHand): Promise<Stage> {
  const stage = await openStage({ databases, files })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  await changeByHand(stage, byHand)
  return stage
}

async function changeByHand(stage: Stage, { app, users }: ByHand): Promise<void> {
  const here = (sql: string): string =>
    sql.replaceAll(/\{\{schema:(\w+)\}\}/g, (_, database: string) => `\`${stage.schema(database)}\``)
  for (const sql of users) await stage.query(here(sql), 'user_db')
  for (const sql of app) await stage.query(here(sql), 'app')
}

/** Changes both databases by hand, and saves what was changed. Returns the files. */
async function save(app: readonly string[], users: readonly string[]): Promise<Record<string, string>> {
  const stage = await openChanged({ app, users })
  const run = await stage.run(['schema', 'diff', '--from', 'files', '--to', 'live', '--save', 'by_hand'])
  expect(run, run.stderr).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['schema', 'diff', '--exit-code'])).toMatchObject({ exitCode: 0 })
  return filesOf(stage)
}

/** Applies the files where the others are applied, and takes them back. */
async function applyAndBack(saved: Record<string, string>): Promise<void> {
  const stage = await openStage({ databases, files })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  const before = await stage.run(['schema', 'dump'])
  for (const [name, text] of Object.entries(saved)) stage.write(name, text)
  const all = ['drop-table', 'drop-column', 'narrow-column', 'blocking-copy', 'blocking-lock'].flatMap((code) => [
    '--allow',
    code,
  ])
  const up = await stage.run(['migrate', ...all])
  expect(up, up.stdout + up.stderr).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['schema', 'diff', '--exit-code'])).toMatchObject({ exitCode: 0 })
  const added = Object.keys(saved).length - Object.keys(files).length
  const down = await stage.run(['rollback', '--steps', String(added), '--yes', ...all])
  expect(down, down.stdout + down.stderr).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['schema', 'dump'])).toEqual(before)
}

test('saved migrations of two databases require each other in the order in which views and foreign keys lead', async () => {
  const saved = await save(
    [
      'CREATE VIEW owners AS SELECT orders.id, users.name FROM orders JOIN {{schema:user_db}}.users ON users.id=owner',
      'ALTER TABLE visits DROP FOREIGN KEY of_old',
    ],
    ['ALTER TABLE users ADD COLUMN name VARCHAR(50)'],
  )
  expect(Object.keys(saved)).toHaveLength(5)
  expect(saved['app/0003_by_hand.sql']).toMatch(/^-- wwdb:requires user_db\/0002\n-- migrate:up\n/)
  expect(saved['user_db/0002_by_hand.sql']).toMatch(/^-- migrate:up\n/)
  await applyAndBack(saved)
})

test('what a database drops comes after the foreign key that held it in another', async () => {
  const saved = await save(['CREATE TABLE notes (id INT PRIMARY KEY)'], [])
  expect(Object.keys(saved)).toEqual([
    'app/0001_orders.sql',
    'app/0002_visits.sql',
    'app/0003_by_hand.sql',
    'user_db/0001_users.sql',
  ])
  const both = await save([], ['ALTER TABLE {{schema:app}}.visits DROP FOREIGN KEY of_old', 'DROP TABLE old_users'])
  expect(both['user_db/0002_by_hand.sql']).toMatch(/^-- wwdb:requires app\/0003\n/)
  expect(both['app/0003_by_hand.sql']).toMatch(/^-- migrate:up\n/)
  await applyAndBack(both)
})

test('databases that wait for each other get several migrations', async () => {
  const saved = await save(
    [
      'ALTER TABLE visits DROP FOREIGN KEY of_old',
      'ALTER TABLE visits MODIFY id BIGINT NOT NULL',
      'ALTER TABLE {{schema:user_db}}.old_users MODIFY id BIGINT NOT NULL',
      'ALTER TABLE visits ADD CONSTRAINT of_old FOREIGN KEY (id) REFERENCES {{schema:user_db}}.old_users (id)',
      'CREATE VIEW everyone AS SELECT id, name FROM {{schema:user_db}}.users',
    ],
    ['ALTER TABLE users ADD COLUMN name VARCHAR(50)', 'CREATE VIEW owned AS SELECT id FROM {{schema:app}}.orders'],
  )
  expect(Object.keys(saved)).toEqual([
    'app/0001_orders.sql',
    'app/0002_visits.sql',
    'app/0003_by_hand_before.sql',
    'app/0004_by_hand.sql',
    'app/0005_by_hand_after.sql',
    'user_db/0001_users.sql',
    'user_db/0002_by_hand.sql',
    'user_db/0003_by_hand_after.sql',
  ])
  expect(saved['user_db/0002_by_hand.sql']).toMatch(/^-- wwdb:requires app\/0003\n/)
  expect(saved['app/0005_by_hand_after.sql']).toMatch(/^-- wwdb:requires user_db\/0002\n/)
  await applyAndBack(saved)
})

describe('drift --accept', () => {
  const view = {
    app: [
      'CREATE VIEW owners AS SELECT orders.id, users.name FROM orders JOIN {{schema:user_db}}.users ON users.id=owner',
    ],
    users: ['ALTER TABLE users ADD COLUMN name VARCHAR(50)'],
  }
  const dropped = {
    app: [],
    users: ['ALTER TABLE {{schema:app}}.visits DROP FOREIGN KEY of_old', 'DROP TABLE old_users'],
  }
  const isQuiet = async (stage: Stage): Promise<void> => {
    for (const words of [['drift'], ['drift', '--replay'], ['status', '--exit-code']]) {
      const run = await stage.run(words)
      expect(run, words.join(' ') + run.stdout + run.stderr).toMatchObject({ exitCode: 0 })
    }
  }

  test.each([
    ['a view', view],
    ['a foreign key', dropped],
  ])(
    'writes the files that schema diff --save writes of %s that leads from one database to another',
    async (_, all) => {
      const stage = await openChanged(all)
      const accept = await stage.run(['drift', '--accept', 'by_hand'])
      expect(accept, accept.stderr).toMatchObject({ exitCode: 0 })
      const accepted = filesOf(stage)
      expect(accepted).toEqual(await save(all.app, all.users))
      expect(Object.values(accepted).join('')).toContain('wwdb:requires')
      await isQuiet(stage)
    },
  )

  test.each([
    ['a view', view, ['user_db', 'app'], 'app/0003_by_hand.sql', 'user_db/0002'],
    ['a foreign key', dropped, ['app', 'user_db'], 'user_db/0002_by_hand.sql', 'app/0003'],
  ])(
    'that is stopped between two databases of %s states the order all the same',
    async (_, all, order, file, first) => {
      const stage = await openChanged(all)
      for (const database of order) {
        const accept = await stage.run(['drift', '--accept', 'by_hand', '-t', database])
        expect(accept, accept.stderr).toMatchObject({ exitCode: 0 })
      }
      expect(filesOf(stage)[file]).toMatch(new RegExp(`^-- wwdb:requires ${first}\n`))
      await isQuiet(stage)
    },
  )

  test('refuses databases that wait for each other, and the way that it names accepts them', async () => {
    const stage = await openChanged({
      app: [
        'CREATE VIEW everyone AS SELECT id, name FROM {{schema:user_db}}.users',
        'ALTER TABLE orders ADD total INT',
      ],
      users: ['ALTER TABLE users ADD name VARCHAR(50)', 'CREATE VIEW owned AS SELECT id FROM {{schema:app}}.orders'],
    })
    const refused = await stage.run(['drift', '--accept', 'by_hand'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('`app` and `user_db` depend on each other')
    expect(refused.stderr).toContain('wwdb schema diff --from applied --to live --save by_hand')
    expect(filesOf(stage)).toEqual(files)
    const save = await stage.run(['schema', 'diff', '--from', 'applied', '--to', 'live', '--save', 'by_hand'])
    expect(save, save.stderr).toMatchObject({ exitCode: 0 })
    for (const file of Object.keys(filesOf(stage)).filter((one) => one.includes('by_hand'))) {
      const [database = '', version = ''] = file.split(/[/_](?=\d)|(?<=\d)_/)
      const mark = await stage.run(['mark', version, '--applied', '-t', database])
      expect(mark, mark.stderr).toMatchObject({ exitCode: 0 })
    }
    await isQuiet(stage)
  })
})

describe('drift --revert', () => {
  const allow = ['--allow', 'drop-table', '--allow', 'drop-column']

  test.each([
    {
      what: 'a view reads a column of another one',
      app: ['CREATE VIEW owners AS SELECT mail FROM {{schema:user_db}}.users'],
      users: [],
      byHand: { app: ['DROP VIEW owners'], users: ['ALTER TABLE users RENAME COLUMN mail TO post'] },
      names: ['users.mail=post'],
    },
    {
      what: 'a foreign key leads to a table of another one',
      app: [],
      users: [],
      byHand: {
        app: [
          'ALTER TABLE orders ADD CONSTRAINT of_extra FOREIGN KEY (owner) REFERENCES {{schema:user_db}}.extra (id)',
        ],
        users: ['CREATE TABLE extra (id INT PRIMARY KEY)'],
      },
      names: [],
    },
    {
      what: 'each holds on to what the other one changes',
      app: ['CREATE VIEW everyone AS SELECT id, mail FROM {{schema:user_db}}.users'],
      users: ['CREATE VIEW owned AS SELECT id, owner FROM {{schema:app}}.orders'],
      byHand: {
        app: ['DROP VIEW everyone', 'ALTER TABLE orders RENAME COLUMN owner TO possessor'],
        users: ['DROP VIEW owned', 'ALTER TABLE users RENAME COLUMN mail TO post'],
      },
      names: ['users.mail=post', 'orders.owner=possessor'],
    },
  ])(
    'takes back what was changed in two databases where $what, as its SQL does',
    async ({ app, users, byHand, names }) => {
      const saying = (flag: string): readonly string[] => names.flatMap((name) => [flag, name])
      const stage = await openChanged({ app, users })
      if (app.length > 0)
        expect(await stage.run(['drift', '--accept', 'views', '-t', 'app'])).toMatchObject({ exitCode: 0 })
      if (users.length > 0)
        expect(await stage.run(['drift', '--accept', 'views', '-t', 'user_db'])).toMatchObject({ exitCode: 0 })
      const before = await stage.run(['schema', 'dump'])
      await changeByHand(stage, byHand)
      const { stdout: sql } = await stage.run(['drift', '--sql', ...saying('--not-renamed')])
      expect(await runClient('mysql', serverArguments(stage.url), sql)).toMatchObject({ exitCode: 0, stderr: '' })
      expect(await stage.run(['schema', 'dump'])).toEqual(before)
      await changeByHand(stage, byHand)
      const revert = await stage.run(['drift', '--revert', '--yes', ...allow, ...saying('--rename')])
      expect(revert, revert.stdout + revert.stderr).toMatchObject({ exitCode: 0 })
      expect(await stage.run(['schema', 'dump'])).toEqual(before)
      expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
    },
  )
})
