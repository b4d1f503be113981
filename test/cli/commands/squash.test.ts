import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const files = {
  'user_db/0001_users.sql': migration(
    `CREATE TABLE users (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL, score FLOAT, note VARBINARY(8));
INSERT INTO users (name, score, note) VALUES ('it''s', 0.1, x'00ff'), ('二', NULL, NULL), ('back\\\\slash {{table}}', 2, '');`,
    'DROP TABLE users;',
  ),
  'user_db/0002_age.sql': migration(
    'ALTER TABLE users ADD COLUMN age INT; UPDATE users SET age = 7 WHERE id = 1; DELETE FROM users WHERE id = 3;',
    'ALTER TABLE users DROP COLUMN age;',
    '-- wwdb:accept delete-all-rows its own row\n-- wwdb:accept update-all-rows its own row',
  ),
  'user_db/0003_more.mjs': `export async function up(knex) { await knex('users').insert({ id: 9, name: 'by code' }) }\n`,
  'user_db/0004_later.sql': migration('CREATE VIEW grown AS SELECT id FROM users WHERE age > 5;', 'DROP VIEW grown;'),
  'user_db/R__names.sql': migration('CREATE OR REPLACE VIEW names AS SELECT name FROM users;'),
  'app/0001_orders.sql': migration(
    'CREATE TABLE orders (id INT PRIMARY KEY, user_id BIGINT UNSIGNED, CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES {{schema:user_db}}.users (id));',
    'DROP TABLE orders;',
    '-- wwdb:requires user_db/0001',
  ),
  'app/0002_first.sql': migration(
    'INSERT INTO orders VALUES (1, 1);',
    'DELETE FROM orders;',
    '-- wwdb:requires user_db/0002',
  ),
  'app/0003_index.sql': migration(
    'ALTER TABLE orders ADD COLUMN paid DATE;',
    'ALTER TABLE orders DROP COLUMN paid;',
    '-- wwdb:requires user_db/0003',
  ),
}

const page = readFileSync(new URL('../../../docs/guides/squash.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/^wwdb (.+?)(?: +#.*)?$/gm)].map(([, words = '']) => words.split(' '))

const databases = ['user_db', 'app']

/** Another set of databases of the same project. */
function environmentOf(stage: Stage, name: string) {
  const prefix = `${stage.prefix}${name}_`
  const environment = { WWDB_PREFIX: prefix }
  const run = (...args: string[]) => stage.run(args, { environment })
  return {
    prefix,
    run,
    create: () => run('db', 'create'),
    migrate: async (...args: string[]) => {
      const ended = await run('migrate', '--allow', 'drop-column', ...args)
      expect(ended, ended.stderr).toMatchObject({ exitCode: 0 })
      return ended
    },
    content: async () => [
      (await run('schema', 'dump')).stdout.replaceAll(prefix, ''),
      await stage.query(`SELECT *, HEX(note) FROM \`${prefix}user_db\`.users ORDER BY id`),
      await stage.query(`SELECT * FROM \`${prefix}app\`.orders ORDER BY id`),
    ],
    journal: async (database: string) =>
      (
        await stage.query(
          `SELECT version, name, kind, class FROM \`${prefix}${database}\`.wwdb_journal WHERE pass > 0 ORDER BY pass, statement`,
        )
      ).map((row) => row.join(' ')),
  }
}

describe('wwdb squash', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ databases, files, create: false, configuration: { references: 'physical' } })
  })

  test('leaves fresh, lagging and current databases equal, and each runs what it lacks alone', async () => {
    const [current, lagging, fresh] = ['current', 'lagging', 'fresh'].map((name) => environmentOf(stage, name))
    if (current === undefined || lagging === undefined || fresh === undefined) return
    for (const one of [current, lagging, fresh]) await one.create()
    await current.migrate()
    await lagging.migrate('--steps', '3')
    expect(await stage.run(['validate', '--write-sum'])).toMatchObject({ exitCode: 0 })

    const dry = await current.run('squash', '--to', '3', '--dry-run')
    expect(dry, dry.stderr).toMatchObject({ exitCode: 0 })
    expect(readdirSync(join(stage.folder, 'migrations/user_db'))).toContain('0001_users.sql')
    expect(await current.run('squash', '--to', '3')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--yes'),
    })
    const run = await current.run('squash', '--to', '3', '--yes')
    expect(run, run.stderr).toMatchObject({ exitCode: 0 })
    expect(readdirSync(join(stage.folder, 'migrations/user_db'))).toEqual([
      '0003_squashed.sql',
      '0004_later.sql',
      'R__names.sql',
      'squashed',
      'wwdb.sum',
    ])
    expect(readFileSync(join(stage.folder, 'migrations/user_db/0003_squashed.sql'), 'utf8')).toMatchInlineSnapshot(`
      "-- wwdb:squashes 0001 0002 0003
      -- migrate:up
      CREATE TABLE \`users\` (
        \`id\` bigint unsigned NOT NULL AUTO_INCREMENT,
        \`name\` varchar(50) NOT NULL,
        \`score\` float DEFAULT NULL,
        \`note\` varbinary(8) DEFAULT NULL,
        \`age\` int DEFAULT NULL,
        PRIMARY KEY (\`id\`)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

      INSERT INTO \`users\` (\`id\`, \`name\`, \`score\`, \`note\`, \`age\`) VALUES
        (1, 'it''s', 0.10000000149011612, 0x00FF, 7),
        (2, '二', NULL, NULL, NULL),
        (9, 'by code', NULL, NULL, NULL);
      "
    `)
    expect(readFileSync(join(stage.folder, 'migrations/app/0003_squashed.sql'), 'utf8')).toContain(
      '-- wwdb:requires user_db/0003\n',
    )
    expect(await stage.run(['validate'])).toMatchObject({ exitCode: 0 })

    expect((await lagging.run('status')).stdout).toContain('5 pending migrations in 2 databases')
    expect((await current.run('status')).stdout).toContain('2 pending migrations in 2 databases')
    for (const one of [current, lagging, fresh]) await one.migrate()
    expect(await lagging.content()).toEqual(await current.content())
    expect(await fresh.content()).toEqual(await current.content())
    expect(await fresh.journal('app')).toEqual([
      '0003 squashed squash definition',
      '0003 squashed squash data',
      '0003 squashed squash definition',
    ])
    expect((await current.journal('app')).at(-1)).toBe('0003 squashed squash record')
    for (const one of [current, lagging, fresh]) {
      expect(await one.run('status', '--exit-code')).toMatchObject({ exitCode: 0 })
      expect((await one.migrate()).stdout).toContain('2 with nothing to do')
    }
  })

  test('is taken back by --undo, and what the squashed file made stays as it is', async () => {
    const fresh = environmentOf(stage, 'fresh')
    const before = await fresh.content()
    const undone = await stage.run(['squash', '--undo', '--yes'])
    expect(undone, undone.stderr).toMatchObject({ exitCode: 0 })
    expect(readdirSync(join(stage.folder, 'migrations/app'))).toEqual([
      '0001_orders.sql',
      '0002_first.sql',
      '0003_index.sql',
      'wwdb.sum',
    ])
    expect(existsSync(join(stage.folder, 'migrations/user_db/squashed'))).toBe(false)
    expect(await stage.run(['validate'])).toMatchObject({ exitCode: 0 })
    for (const name of ['fresh', 'lagging', 'current']) {
      const one = environmentOf(stage, name)
      expect(await one.run('status', '--exit-code')).toMatchObject({ exitCode: 0 })
      await one.migrate()
    }
    expect(await fresh.content()).toEqual(before)
    expect(await stage.run(['squash', '--undo', '--yes'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no squash'),
    })
  })

  test('once the folder is deleted, continues for databases that are past it and stops those that are not', async () => {
    const late = environmentOf(stage, 'late')
    await late.create()
    await late.migrate('--steps', '2')
    expect(
      await stage.run(['squash', '--to', '2', '--yes'], { environment: { WWDB_PREFIX: `${stage.prefix}current_` } }),
    ).toMatchObject({ exitCode: 0 })
    for (const name of databases) rmSync(join(stage.folder, 'migrations', name, 'squashed'), { recursive: true })
    const current = environmentOf(stage, 'current')
    await current.migrate()
    const stopped = await late.run('migrate')
    expect(stopped).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('folder `squashed` with their files is gone'),
    })
    const next = await current.run('squash', '--to', '3', '--yes')
    expect(next, next.stderr).toMatchObject({ exitCode: 0 })
    await current.migrate()
    const fresh = environmentOf(stage, 'second')
    await fresh.create()
    await fresh.migrate()
    expect(await fresh.content()).toEqual(await current.content())
  })

  test('does what the examples of its page say, one after the other', async () => {
    const other = await openStage({ databases, files, create: false, configuration: { references: 'physical' } })
    expect(examples).toHaveLength(4)
    for (const words of examples) {
      const run = await other.run([...words, '--yes'])
      expect(run, run.stderr).toMatchObject({ exitCode: 0 })
    }
    expect(existsSync(join(other.folder, 'migrations/app/0001_orders.sql'))).toBe(true)
  })

  test.each([
    ['app/0002_when.sql', migration('SELECT 1;', undefined, '-- wwdb:when environment=test'), 'wwdb:when'],
    ['app/0002_user.sql', migration("CREATE USER 'x'@'localhost';"), 'changes more than the schema: CREATE USER'],
    ['app/0002_code.mjs', "import { a } from './a.js'\nexport async function up() { a() }\n", 'by a relative path'],
  ])('refuses %s with the reason', async (file, text, reason) => {
    const first = migration('CREATE TABLE t (id INT PRIMARY KEY);')
    const other = await openStage({ files: { 'app/0001_t.sql': first, [file]: text }, create: false })
    expect(await other.run(['squash', '--to', '2', '--yes'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(reason),
    })
    expect(existsSync(join(other.folder, 'migrations', file))).toBe(true)
  })
})
