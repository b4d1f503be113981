import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runClient, serverArguments } from '../../helpers/mysql/mysql-client.ts'
import { selectLeftScratch } from '../../helpers/servers/schema.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const files = {
  'user_db/0001_users.sql': migration(
    `CREATE TABLE users (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'key', name VARCHAR(50) NOT NULL, email VARCHAR(100), KEY idx_name (name));
CREATE VIEW names AS SELECT id, name FROM users;`,
    'DROP VIEW names; DROP TABLE users;',
  ),
  'user_db/0002_trigger.sql':
    '-- migrate:up\nDELIMITER $$\nCREATE TRIGGER trim_name BEFORE INSERT ON users FOR EACH ROW BEGIN SET NEW.name = TRIM(NEW.name); END$$\nDELIMITER ;\n-- migrate:down\nDROP TRIGGER trim_name;\n',
  'app/0001_orders.sql': migration(
    'CREATE TABLE orders (id INT PRIMARY KEY, user_id BIGINT UNSIGNED, CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES {{schema:user_db}}.users (id));',
    'DROP TABLE orders;',
    '-- wwdb:requires user_db/0001',
  ),
}

/** As a DBA would, with the client of MySQL. */
async function execute(stage: Stage, sql: string): Promise<void> {
  const run = await runClient('mysql', [...serverArguments(stage.url), stage.schema('user_db')], sql)
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
}

describe('wwdb schema', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ databases: ['user_db', 'app'], files, configuration: { references: 'physical' } })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0, stderr: expect.any(String) })
  })

  test('dump prints the SQL of the databases, without tables of wwdb', async () => {
    const run = await stage.run(['schema', 'dump'])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout.replaceAll(stage.prefix, 'test_')).toMatchInlineSnapshot(`
      "-- user_db

      CREATE TABLE \`users\` (
        \`id\` bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'key',
        \`name\` varchar(50) NOT NULL,
        \`email\` varchar(100) DEFAULT NULL,
        PRIMARY KEY (\`id\`),
        KEY \`idx_name\` (\`name\`)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;

      CREATE VIEW \`names\` AS select \`users\`.\`id\` AS \`id\`,\`users\`.\`name\` AS \`name\` from \`users\`;

      SET SESSION sql_mode = 'ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES';

      DELIMITER $$

      CREATE TRIGGER \`trim_name\` BEFORE INSERT ON \`users\` FOR EACH ROW BEGIN SET NEW.name = TRIM(NEW.name); END$$

      DELIMITER ;

      SET SESSION sql_mode = DEFAULT;

      -- app

      CREATE TABLE \`orders\` (
        \`id\` int NOT NULL,
        \`user_id\` bigint unsigned DEFAULT NULL,
        PRIMARY KEY (\`id\`),
        KEY \`fk_user\` (\`user_id\`)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;

      ALTER TABLE \`orders\`
        ADD CONSTRAINT \`fk_user\` FOREIGN KEY (\`user_id\`) REFERENCES \`test_user_db\`.\`users\` (\`id\`);
      "
    `)
  })

  test('dump of the files is dump of the databases that they made, to the byte', async () => {
    const [live, fromFiles] = [
      await stage.run(['schema', 'dump']),
      await stage.run(['schema', 'dump', '--from', 'files']),
    ]
    expect(fromFiles).toEqual(live)
    expect(await stage.query(selectLeftScratch)).toEqual([])
  })

  test.each(['json', 'mermaid', 'dbml'])('dump --as %s', async (format) => {
    const run = await stage.run(['schema', 'dump', '--as', format])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    if (format === 'json') {
      expect(JSON.parse(run.stdout)).toMatchObject([{ database: 'user_db', format: 1 }, { database: 'app' }])
      return
    }
    expect(run.stdout).toMatchSnapshot()
  })

  test('dump --out writes a file that diff reads as the same schema', async () => {
    expect(await stage.run(['schema', 'dump', '-t', 'user_db', '--out', 'user.sql'])).toMatchObject({ exitCode: 0 })
    expect(readFileSync(join(stage.folder, 'user.sql'), 'utf8')).toContain('DELIMITER $$')
    const run = await stage.json(['schema', 'diff', '-t', 'user_db', '--to', 'file:user.sql', '--exit-code'])
    expect(run).toMatchObject({ exitCode: 0, answer: { differences: 0 } })
  })

  test('diff names what was changed by hand, and its SQL takes it back', async () => {
    await stage.query('ALTER TABLE users ADD COLUMN note TEXT, DROP KEY idx_name, MODIFY email VARCHAR(20)', 'user_db')
    await stage.query('CREATE OR REPLACE VIEW names AS SELECT id FROM users', 'user_db')
    await stage.query('DROP TRIGGER trim_name', 'user_db')
    const run = await stage.run(['schema', 'diff', '--exit-code'])
    expect(run).toMatchObject({ exitCode: 1, stderr: '' })
    expect(run.stdout).toMatchInlineSnapshot(`
      "user_db
        ✗ table users: column email is varchar(20) DEFAULT NULL, not varchar(100) DEFAULT NULL; column note is not expected; index idx_name is missing
        ✗ view names differs
        ✗ trigger trim_name is missing
          ! DROP_COLUMN: It removes \`note\` with the values of every row.
          ALTER TABLE \`users\`
            DROP COLUMN \`note\`,
            MODIFY COLUMN \`email\` varchar(100) DEFAULT NULL,
            ADD KEY \`idx_name\` (\`name\`);
          CREATE OR REPLACE VIEW \`names\` AS select \`users\`.\`id\` AS \`id\`,\`users\`.\`name\` AS \`name\` from \`users\`;
          SET SESSION sql_mode = 'ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES';
          CREATE TRIGGER \`trim_name\` BEFORE INSERT ON \`users\` FOR EACH ROW BEGIN SET NEW.name = TRIM(NEW.name); END;
          SET SESSION sql_mode = DEFAULT;
      3 objects of live differ from files.
      "
    `)
    const json = await stage.json(['schema', 'diff'])
    expect(json).toMatchObject({ exitCode: 0, answer: { kind: 'schema-diff', differences: 3 } })
    const sql = await stage.run(['schema', 'diff', '--sql'])
    await execute(stage, sql.stdout)
    expect((await stage.run(['schema', 'diff', '--exit-code'])).stdout).toBe(
      'No difference between live and files in 2 databases.\n',
    )
  })

  test('diff asks about renames and takes them by --rename', async () => {
    await stage.query('ALTER TABLE users RENAME COLUMN email TO mail', 'user_db')
    const guessed = await stage.run(['schema', 'diff'])
    expect(guessed.stdout).toContain('--rename users.mail=email')
    const sql = await stage.run(['schema', 'diff', '--sql', '--rename', 'users.mail=email'])
    expect(sql.stdout).toContain('RENAME COLUMN `mail` TO `email`')
    await execute(stage, sql.stdout)
    expect((await stage.run(['schema', 'diff', '--exit-code'])).stdout).toBe(
      'No difference between live and files in 2 databases.\n',
    )
  })

  test('a source that does not exist is refused with those that are', async () => {
    const run = await stage.run(['schema', 'diff', '--from', 'somewhere'])
    expect(run.exitCode).toBe(64)
    expect(run.stderr).toContain('Give live, files, applied, env:NAME or file:PATH.')
  })

  test('drift is silent where only migrations changed the databases, and leaves no scratch schema', async () => {
    stage.write(
      'migrations/user_db/0003_later.sql',
      migration('ALTER TABLE users ADD COLUMN later INT;', 'ALTER TABLE users DROP COLUMN later;'),
    )
    const run = await stage.run(['drift'])
    expect(run.exitCode).toBe(0)
    expect(run.stdout).toMatch(
      /^No difference between live and recorded in 2 databases\.\nNot compared: rows, .*\.\n$/s,
    )
    expect(await stage.query(selectLeftScratch)).toEqual([])
  })

  test('drift finds what was changed by hand, ends with 1, and its SQL takes it back', async () => {
    await stage.query('ALTER TABLE users ADD KEY by_hand (email), ALTER COLUMN name SET DEFAULT (UUID())', 'user_db')
    await stage.query('CREATE TABLE stray (id INT PRIMARY KEY)', 'user_db')
    await stage.query('CREATE TABLE _users_gho (id INT PRIMARY KEY)', 'user_db')
    await stage.query('DROP VIEW names', 'user_db')
    const run = await stage.run(['drift'])
    expect(run).toMatchObject({ exitCode: 1, stderr: '' })
    expect(run.stdout.replace(/DEFINER=`[^`]*`@`[^`]*`/, 'DEFINER=me')).toMatchInlineSnapshot(`
      "user_db
        ✗ table stray is not expected
        ✗ table users: column name is varchar(50) NOT NULL DEFAULT (uuid()), not varchar(50) NOT NULL; index by_hand is not expected
        ✗ view names is missing
          ! DROP_TABLE: It removes \`stray\` with all rows; only a backup can restore them.
          DROP TABLE \`stray\`;
          ALTER TABLE \`users\`
            DROP INDEX \`by_hand\`,
            MODIFY COLUMN \`name\` varchar(50) NOT NULL;
          CREATE DEFINER=me VIEW \`names\` AS select \`users\`.\`id\` AS \`id\`,\`users\`.\`name\` AS \`name\` from \`users\`;
        ! user_db: gh-ost left \`_users_gho\` (16 KiB); when no such tool runs, remove it in this order: \`DROP TABLE \`_users_gho\`\`
      3 objects of live differ from recorded.
      Next: \`wwdb drift --revert\` reverts this, \`wwdb drift --accept NAME\` keeps it as a migration, \`drift.ignore\` in the configuration ignores it for a time.
      Not compared: rows, shards, grants and accounts, AUTO_INCREMENT, histograms, the client character set and the database collation that stored code was created with, and tables of wwdb and of online schema change tools.
      "
    `)
    await execute(stage, (await stage.run(['drift', '--sql'])).stdout)
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
  })

  test('drift leaves out a database with a migration that stopped half way, and names it', async () => {
    const later = 'migrations/user_db/0004_stops.sql'
    stage.write(later, migration('ALTER TABLE users ADD COLUMN half INT;\nALTER TABLE users ADD KEY half (no_such());'))
    expect(await stage.run(['migrate', '--no-probe', '-t', 'user_db'])).toMatchObject({ exitCode: 2 })
    const run = await stage.run(['drift', '--replay'])
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('in 1 database.') })
    expect(run.stderr).toContain('`user_db` is skipped')
    expect(run.stderr).toContain('0004_stops')
    await stage.query('ALTER TABLE users DROP COLUMN half', 'user_db')
    stage.remove(later)
    expect(await stage.run(['repair', '--forget-missing', '-t', 'user_db', '--yes'])).toMatchObject({ exitCode: 0 })
  })

  test('drift refuses where the file of an applied migration is gone', async () => {
    stage.remove('migrations/user_db/0002_trigger.sql')
    stage.remove('migrations/user_db/0003_later.sql')
    const run = await stage.json(['drift', '--replay'])
    expect(run).toMatchObject({ exitCode: 2, answer: { type: 'error', code: 'SCHEMA_UNKNOWN' } })
  })
})

describe('wwdb baseline --from-live', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({
      databases: ['user_db', 'app'],
      files: { 'migrations/app/README.md': '' },
      configuration: { references: 'physical' },
    })
    await stage.query('CREATE TABLE users (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(50))', 'user_db')
    await stage.query('CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC BEGIN RETURN n * 2; END', 'user_db')
    const parent = `\`${stage.schema('user_db')}\`.users`
    await stage.query(
      `CREATE TABLE orders (id INT PRIMARY KEY, user_id BIGINT UNSIGNED, FOREIGN KEY (user_id) REFERENCES ${parent} (id))`,
      'app',
    )
  })

  test('shows the files and writes nothing with --dry-run', async () => {
    const run = await stage.run(['baseline', '0001', '--from-live', '--dry-run'])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).toContain('-- migrations/app/0001_baseline.sql\n-- wwdb:requires user_db/0001\n-- migrate:up')
    expect(await stage.run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })

  test('writes a first migration for each database, records it, and the files make what is there', async () => {
    expect(await stage.run(['baseline', '0001', '--from-live'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['schema', 'diff', '--exit-code'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
  })

  test('does the same once more after a run that was killed before it recorded anything', async () => {
    await stage.query('DROP TABLE wwdb_journal', 'app')
    const again = await stage.run(['baseline', '0001', '--from-live', '-t', 'app'])
    expect(again).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Wrote `migrations/app/0001_baseline.sql`.'),
    })
    expect(await stage.run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })

  test('refuses a database that has migrations already', async () => {
    stage.write('migrations/app/0002_more.sql', migration('CREATE TABLE more (id INT PRIMARY KEY);'))
    const run = await stage.json(['baseline', '0001', '--from-live', '-t', 'app'])
    expect(run).toMatchObject({ exitCode: 2, answer: { code: 'BASELINE_REFUSED' } })
  })
})

describe('wwdb schema by a user with few privileges', () => {
  let stage: Stage
  let url: string
  beforeAll(async () => {
    stage = await openStage({
      files: {
        'app/0001_t.sql': migration('CREATE TABLE t (id INT PRIMARY KEY);\nCREATE VIEW v AS SELECT id FROM t;'),
      },
    })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    const user = `few${process.pid}`
    await stage.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'w'`)
    await stage.query(`GRANT SELECT ON \`${stage.schema('app')}\`.* TO '${user}'@'%'`)
    url = stage.url.replace('root@', `${user}:w@`)
  })
  afterAll(() => stage.query(`DROP USER 'few${process.pid}'@'%'`))

  test('dump names the view that it may not read, and the privilege that reads it', async () => {
    const run = await stage.run(['schema', 'dump', '--url', url])
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(run.stderr).toContain('cannot read the definition of the view v')
    expect(run.stderr).toContain(`GRANT SELECT, SHOW VIEW ON \`${stage.schema('app')}\`.* to the user.`)
  })

  test('diff against files names the privilege for scratch schemas, and ends at once', async () => {
    const run = await stage.json(['schema', 'diff', '--url', url])
    expect(run).toMatchObject({ exitCode: 2, answer: { code: 'SCRATCH_DENIED' } })
  })
})
