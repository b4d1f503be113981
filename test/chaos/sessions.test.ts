import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { withDatabase } from './support/database.ts'
import { type Fixture, openFixture } from './support/fixture.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { inject, recordCommands } from './support/inject.ts'

const versions = versionsInTurn(import.meta.url)
const launcher = withFrozenTool()

const setUp = `
CREATE TABLE source (id INT NOT NULL PRIMARY KEY);
INSERT INTO source VALUES (1), (2), (3);
CREATE TABLE days (day DATE NOT NULL);
CREATE TABLE kept (id INT NOT NULL);
CREATE TABLE other (n INT);
INSERT INTO other VALUES (1);
CREATE VIEW seen AS SELECT id FROM source;
CREATE TABLE fires (n INT);
CREATE TRIGGER firing AFTER INSERT ON fires FOR EACH ROW UPDATE source SET id = 7 WHERE id = 3;
CREATE TABLE parent (id INT PRIMARY KEY);
INSERT INTO parent VALUES (1);
CREATE TABLE child (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES parent (id) ON DELETE CASCADE);
CREATE FUNCTION writes() RETURNS INT DETERMINISTIC MODIFIES SQL DATA RETURN 2;
CREATE PROCEDURE empties() DELETE FROM source WHERE id = 3;`

describe.each(versions)('what a migration leaves in its session on MySQL %s', (version) => {
  let server: OwnServer
  beforeAll(async () => {
    server = await startServer({ version })
  })
  afterAll(() => server?.stop())

  async function withFiles(
    files: Readonly<Record<string, string>>,
    work: (fixture: Fixture) => Promise<void>,
  ): Promise<void> {
    const fixture = await openFixture({ server, launcher: launcher(), files })
    try {
      await work(fixture)
    } finally {
      await fixture.close()
    }
  }

  /** Kills the run when this statement was answered and not yet closed; returns the schema. */
  async function killedAt(fixture: Fixture, text: string): Promise<string> {
    const { commands } = await recordCommands(fixture, ['migrate'], await fixture.createSchema(setUp))
    const index = commands.find((command) => command.text.startsWith(text))?.index ?? 0
    const schema = await fixture.createSchema(setUp)
    const injected = await inject(fixture, ['migrate'], schema, { index, moment: 'before' }, 'runner')
    expect(injected.command?.text).toContain(text)
    return schema
  }

  const rowsOf = (fixture: Fixture, schema: string, table: string): Promise<string> =>
    withDatabase(fixture.urlOf(schema), async (database) =>
      (await database.rows(`SELECT * FROM ${table}`)).map((row) => row.join()).join(' '),
    )

  test('does not reach the next file, although short INSERTs of both go together', async () => {
    const files = {
      'migrations/app/1_loose.sql':
        "-- migrate:up\nSET SESSION sql_mode = '';\nINSERT INTO days VALUES ('0000-00-00');\n",
      'migrations/app/2_strict.sql': "-- migrate:up\nINSERT INTO days VALUES ('0000-00-00');\n",
    }
    await withFiles(files, async (fixture) => {
      const schema = await fixture.createSchema(setUp)
      const run = await fixture.run(['migrate'], schema)
      expect(run).toMatchObject({ exitCode: 2 })
      expect(run.stderr).toContain('Incorrect date value')
      expect(await rowsOf(fixture, schema, 'days')).toBe('0000-00-00')
    })
  })

  test('a setting of a data migration does not reach the next file either', async () => {
    const files = {
      'migrations/app/1_module.js':
        "export async function up(knex) {\n  await knex.raw(\"SET SESSION time_zone = '+08:00'\")\n  await knex('kept').insert({ id: 8 })\n}\n",
      'migrations/app/2_zone.sql': "-- migrate:up\nINSERT INTO kept SELECT @@session.time_zone = '+00:00';\n",
    }
    await withFiles(files, async (fixture) => {
      const schema = await fixture.createSchema(setUp)
      expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
      expect(await rowsOf(fixture, schema, 'kept')).toBe('8 1')
    })
  })

  test('a data migration may not execute a text that was not checked', async () => {
    const files = {
      'migrations/app/1_module.js':
        "export async function up(knex) {\n  await knex('kept').insert({ id: 1 })\n  await knex.raw(\"PREPARE alter_it FROM 'ALTER TABLE kept ADD COLUMN more INT'\")\n  await knex.raw('EXECUTE alter_it')\n}\n",
    }
    await withFiles(files, async (fixture) => {
      const schema = await fixture.createSchema(setUp)
      const run = await fixture.run(['migrate'], schema)
      expect(run).toMatchObject({ exitCode: 2 })
      expect(run.stderr).toContain('cannot run EXECUTE')
      expect(await rowsOf(fixture, schema, 'kept')).toBe('')
    })
  })

  test('a temporary table is not filled again from rows that are gone: the run stops and says how to continue', async () => {
    const files = {
      'migrations/app/1_move.sql':
        '-- wwdb:accept DELETE_ALL_ROWS they were copied\n-- migrate:up\nCREATE TEMPORARY TABLE held SELECT id FROM source;\nDELETE FROM source;\nINSERT INTO kept SELECT id FROM held;\n',
    }
    await withFiles(files, async (fixture) => {
      const schema = await killedAt(fixture, 'INSERT INTO kept')
      const again = await fixture.run(['migrate'], schema)
      expect(again).toMatchObject({ exitCode: 2 })
      expect(again.stderr).toContain('cannot be restored')
      expect(again.stderr).toContain('wwdb mark 1 --applied')
      expect(await rowsOf(fixture, schema, 'kept')).toBe('')
      expect(await fixture.run(['mark', '1', '--applied', '-t', 'app', '--yes'], schema)).toMatchObject({ exitCode: 0 })
      expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
    })
  })

  test('a table that the rest of the file does not need stops nothing: edited so, the run continues', async () => {
    const move = (last: string): string =>
      `-- wwdb:accept DELETE_ALL_ROWS they were copied\n-- migrate:up\nCREATE TEMPORARY TABLE held SELECT id FROM source;\nINSERT INTO held VALUES (9);\nDELETE FROM source;\nINSERT INTO kept ${last};\n`
    await withFiles({ 'migrations/app/1_move.sql': move('SELECT id FROM held') }, async (fixture) => {
      const schema = await killedAt(fixture, 'INSERT INTO kept')
      const again = await fixture.run(['migrate'], schema)
      expect(again).toMatchObject({ exitCode: 2 })
      expect(again.stderr.replace(/\s+/g, ' ')).toContain('DELETE source (line 5) ran after it')
      expect(again.stderr.replace(/\s+/g, ' ')).toContain('that have not run so that none needs `held`')
      await fixture.write('migrations/app/1_move.sql', move('VALUES (1), (2), (3)'))
      expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
      expect(await rowsOf(fixture, schema, 'kept')).toBe('1 2 3')
    })
  })

  const filled = 'CREATE TEMPORARY TABLE held (id INT);\nINSERT INTO held SELECT id FROM source WHERE id > 1;\n'

  test.each([
    ['a column that it does not see', 'ALTER TABLE source ADD COLUMN g INT, ADD KEY by_g (g);'],
    ['an index', 'CREATE INDEX by_id ON source (id);'],
    ['a default', "ALTER TABLE source ALTER COLUMN id SET DEFAULT 5, COMMENT = 'c';"],
    ['another table, also with rows', 'CREATE TABLE more (n INT);\nINSERT INTO more SELECT id FROM held;'],
    ['a query', 'SELECT COUNT(*) FROM source;'],
    ['a change of rows of another table', 'UPDATE other SET n = 2 WHERE n = 1;'],
  ])('a temporary table is filled again behind %s', async (_, later) => {
    const files = {
      'migrations/app/1_move.sql': `-- migrate:up\n${filled}${later}\nINSERT INTO kept SELECT id FROM held;\n`,
    }
    await withFiles(files, async (fixture) => {
      const schema = await killedAt(fixture, 'INSERT INTO kept')
      const again = await fixture.run(['migrate'], schema)
      expect(again, again.stderr).toMatchObject({ exitCode: 0 })
      expect(await rowsOf(fixture, schema, 'kept')).toBe('2 3')
    })
  })

  test.each([
    ['a column of its own type', 'ALTER TABLE source MODIFY id BIGINT NOT NULL;', ''],
    [
      'a name that it reads',
      'ALTER TABLE source ADD COLUMN x INT;',
      'INSERT INTO held SELECT @x + source.id FROM source, (SELECT 1 AS x) z WHERE x > 1;\n',
    ],
    ['all columns', 'ALTER TABLE source ADD COLUMN g INT;', 'CREATE TEMPORARY TABLE whole SELECT * FROM source;\n'],
    ['a view', 'UPDATE other SET n = 2 WHERE n = 1;', 'INSERT INTO held SELECT id FROM seen;\n'],
    ['rows that a trigger changes', 'INSERT INTO fires VALUES (1);', ''],
    ['rows that a foreign key changes', 'DELETE FROM parent WHERE id = 1;', ''],
    ['rows that a function changes', 'UPDATE other SET n = writes() WHERE n = 1;', ''],
    ['rows that a CALL changes', 'CALL empties();', ''],
  ])('a temporary table is not filled again where %s may have changed', async (_, later, more) => {
    const files = {
      'migrations/app/1_move.sql': `-- wwdb:accept UNRESUMABLE_CALL it may\n-- migrate:up\n${filled}${more}${later}\nINSERT INTO kept SELECT id FROM held;\nINSERT INTO kept SELECT id FROM ${more.includes('whole') ? 'whole' : 'held'};\n`,
    }
    await withFiles(files, async (fixture) => {
      const schema = await killedAt(fixture, 'INSERT INTO kept')
      const again = await fixture.run(['migrate'], schema)
      expect(again, again.stderr).toMatchObject({ exitCode: 2 })
      expect(again.stderr).toContain('cannot be restored')
      expect(await rowsOf(fixture, schema, 'kept')).toBe('')
    })
  })

  test('a variable that holds a secret is set again from its statement: the journal does not keep it', async () => {
    const files = {
      'migrations/app/1_secret.sql':
        "-- migrate:up\nSET @app_password = 'Zq7-hidden', @n = 5;\nINSERT INTO kept SELECT @n;\nINSERT INTO kept SELECT LENGTH(@app_password) + @n;\n",
    }
    await withFiles(files, async (fixture) => {
      const schema = await killedAt(fixture, 'INSERT INTO kept SELECT LENGTH')
      const kept = await rowsOf(fixture, schema, 'wwdb_journal')
      expect(kept).not.toContain('Zq7')
      expect(kept).not.toContain(Buffer.from('Zq7').toString('hex').toUpperCase())
      const again = await fixture.run(['migrate'], schema)
      expect(again, again.stderr).toMatchObject({ exitCode: 0 })
      expect(await rowsOf(fixture, schema, 'kept')).toBe('5 15')
    })
  })

  test('a secret that its statement does not give again stops the run', async () => {
    const files = {
      'migrations/app/1_secret.sql':
        "-- migrate:up\nSET @token = CONCAT('salt', UUID());\nINSERT INTO kept SELECT LENGTH(@token);\nINSERT INTO kept SELECT 1 + LENGTH(@token);\n",
    }
    await withFiles(files, async (fixture) => {
      const schema = await killedAt(fixture, 'INSERT INTO kept SELECT 1')
      const again = await fixture.run(['migrate'], schema)
      expect(again).toMatchObject({ exitCode: 2 })
      expect(again.stderr.replace(/\s+/g, ' ')).toContain(
        '`@token` holds a secret, whose value the journal does not keep',
      )
      expect(await rowsOf(fixture, schema, 'kept')).toBe('40')
    })
  })

  test('a token that the server computes is kept: no file holds it, and it cannot be computed again', async () => {
    const files = {
      'migrations/app/1_token.sql':
        '-- migrate:up\nSET @token = UUID();\nINSERT INTO kept SELECT LENGTH(@token);\nINSERT INTO kept SELECT 1 + LENGTH(@token);\n',
    }
    await withFiles(files, async (fixture) => {
      const schema = await killedAt(fixture, 'INSERT INTO kept SELECT 1')
      expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
      expect(await rowsOf(fixture, schema, 'kept')).toBe('36 37')
    })
  })

  test('a temporary table that was dropped again does not keep the run from continuing', async () => {
    const files = {
      'migrations/app/1_move.sql':
        '-- wwdb:accept DELETE_ALL_ROWS they were copied\n-- migrate:up\nCREATE TEMPORARY TABLE held SELECT id FROM source;\nDELETE FROM source;\nINSERT INTO kept SELECT id FROM held;\nDROP TEMPORARY TABLE held;\nINSERT INTO kept SELECT 4;\n',
    }
    await withFiles(files, async (fixture) => {
      const schema = await killedAt(fixture, 'INSERT INTO kept SELECT 4')
      expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
      expect(await rowsOf(fixture, schema, 'kept')).toBe('1 2 3 4')
    })
  })
})
