import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

/** In the style of authelia: helper procedures that build a statement, and tables that are made anew under another name. */
const helperProcedures = {
  'app/1_first.sql':
    migration(`CREATE TABLE devices (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, username VARCHAR(100) NOT NULL, secret BLOB, KEY devices_user (username));
INSERT INTO devices (username) VALUES ('john'), ('harry');
CREATE TABLE log (id INT NOT NULL PRIMARY KEY, happened DATETIME NOT NULL, remote VARCHAR(47));
INSERT INTO log VALUES (1, '2026-01-01', NULL);`),
  'app/2_helpers.sql': migration(`DELIMITER //
CREATE PROCEDURE drop_key(IN in_table VARCHAR(64), IN in_name VARCHAR(64))
BEGIN
  IF EXISTS (SELECT 1 FROM INFORMATION_SCHEMA.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = in_table AND INDEX_NAME = in_name) THEN
    SET @built = CONCAT('ALTER TABLE \`', in_table, '\` DROP INDEX \`', in_name, '\`;');
    PREPARE built FROM @built;
    EXECUTE built;
    DEALLOCATE PREPARE built;
  END IF;
END//
DELIMITER ;
CREATE TABLE backup_devices (id INT NOT NULL, username VARCHAR(100) NOT NULL, secret BLOB);
CALL drop_key('devices', 'devices_user');
INSERT INTO backup_devices SELECT id, username, secret FROM devices;
ALTER TABLE backup_devices ADD COLUMN kind VARCHAR(30);
UPDATE backup_devices SET kind = 'webauthn';
ALTER TABLE backup_devices MODIFY kind VARCHAR(8) NOT NULL;
ALTER TABLE backup_devices DROP COLUMN secret;
DROP TABLE devices;
RENAME TABLE backup_devices TO devices;
DELETE FROM devices;
SET @text = IF((SELECT COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'devices' AND COLUMN_NAME = 'kind') > 0, 'ALTER TABLE devices DROP COLUMN kind', 'SELECT 1');
PREPARE drop_it FROM @text;
EXECUTE drop_it;
DROP PROCEDURE drop_key;`),
}

/** In the style of dolphinscheduler: columns that a procedure adds where they are missing, filled and tightened afterwards. */
const tightenedColumns = {
  'app/1_first.sql':
    migration(`CREATE TABLE processes (id INT NOT NULL PRIMARY KEY, name VARCHAR(255), user VARCHAR(64));
INSERT INTO processes VALUES (1, 'one', 'a'), (2, 'two', NULL);
CREATE TABLE users (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(64));
INSERT INTO users (name) VALUES ('a');`),
  'app/2_codes.sql': migration(`delimiter d//
CREATE PROCEDURE add_code()
BEGIN
  IF NOT EXISTS (SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_NAME = 'processes' AND TABLE_SCHEMA = (SELECT DATABASE()) AND COLUMN_NAME = 'code')
  THEN
    ALTER TABLE processes ADD COLUMN code BIGINT COMMENT 'unique';
  END IF;
END;
d//
delimiter ;
CALL add_code();
DROP PROCEDURE add_code;
UPDATE processes SET code = id * 10;
ALTER TABLE processes MODIFY code INT NOT NULL;
ALTER TABLE processes ADD COLUMN user_id BIGINT, ADD COLUMN scratch TEXT;
UPDATE processes p LEFT JOIN users u ON u.name = p.user SET p.user_id = IFNULL(u.id, 0);
ALTER TABLE processes CHANGE user_id owner_id INT NOT NULL DEFAULT 0;
UPDATE processes SET owner_id = owner_id + 1;
ALTER TABLE processes DROP COLUMN scratch;
ALTER TABLE processes MODIFY name VARCHAR(100);
ALTER TABLE processes DROP COLUMN user;`),
}

const hazard = z.object({ code: z.string(), kind: z.string(), statement: z.string() })
const planOf = z.object({ targets: z.array(z.object({ steps: z.array(z.object({ hazards: z.array(hazard) })) })) })
const stopping = ['destructive', 'blocking']

const openStage = withStages()

describe.each(versionsInTurn(import.meta.url))('what migrations made is their own on MySQL %s', (version) => {
  let url = ''
  const opened: Stage[] = []
  beforeAll(async () => {
    url = (await testServerOf(version)).url
  })
  afterAll(async () => {
    for (const { query, schema } of opened) await query(`DROP DATABASE ${schema('app')}`)
  })

  async function stage(files: Readonly<Record<string, string>>): Promise<Stage> {
    const made = await openStage({ url, files })
    opened.push(made)
    return made
  }

  /** What would stop a run, as code and statement. */
  async function stopsOf({ json }: Stage): Promise<readonly string[]> {
    const plan = (await json(['plan'])).answer['plan']
    return planOf
      .parse(plan)
      .targets.flatMap(({ steps }) =>
        steps.flatMap(({ hazards }) =>
          hazards.filter(({ kind }) => stopping.includes(kind)).map(({ code, statement }) => `${code} ${statement}`),
        ),
      )
  }

  const smallest =
    'CREATE TABLE t (id INT, n INT); CREATE PROCEDURE p() DO 0; CALL p(); ALTER TABLE t DROP COLUMN n; DROP TABLE t;'

  test.each([
    ['a CALL in between', { 'app/1_call.sql': migration(smallest) }],
    ['helper procedures', helperProcedures],
    ['columns that are added and then tightened', tightenedColumns],
  ])('no false stop on an empty database: %s', async (_, files) => {
    const set = await stage(files)
    expect(await stopsOf(set)).toEqual([])
    expect(await set.run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['helper procedures', helperProcedures, ['DROP_TABLE DROP TABLE devices']],
    [
      'columns that are added and then tightened',
      tightenedColumns,
      [
        'NARROW_COLUMN ALTER TABLE processes MODIFY name VARCHAR(100)',
        'DROP_COLUMN ALTER TABLE processes DROP COLUMN user',
      ],
    ],
  ])('a half-upgraded database stops for what was there before, for nothing else: %s', async (_, files, stops) => {
    const set = await stage(files)
    expect(await set.run(['migrate', '--to', '1'])).toMatchObject({ exitCode: 0 })
    // Of three stops in both sets none is false.
    expect(await stopsOf(set)).toEqual(stops)
    const allowed = ['--allow', 'DROP_TABLE,DROP_COLUMN,NARROW_COLUMN']
    expect(await set.run(['migrate', ...allowed])).toMatchObject({ exitCode: 0 })
  })

  test('NARROW_COLUMN in a plan does not advise to make a plan', async () => {
    const up = 'CALL unknown();\nALTER TABLE seen MODIFY n SMALLINT;'
    const set = await stage({ 'app/1_narrow.sql': migration(up) })
    await set.query('CREATE VIEW seen AS SELECT 1 AS n')
    const { stdout } = await set.run(['plan', '--no-probe'])
    expect(stdout).toContain('NARROW_COLUMN')
    expect(stdout).not.toContain('Run "wwdb plan"')
  })

  /** A function `gate` that is missing stops the run at its statement; made by hand, it lets the next one through. */
  const gate = 'DO gate();'
  const openGate = 'CREATE FUNCTION gate() RETURNS INT DETERMINISTIC NO SQL RETURN 1'

  test.each([
    [
      'a table, filled, altered, renamed',
      `CREATE TABLE work (id INT NOT NULL PRIMARY KEY, n INT);
INSERT INTO work VALUES (1, 1);
RENAME TABLE work TO other;
${gate}
UPDATE other SET n = 2;
ALTER TABLE other DROP COLUMN n;
DELETE FROM other;
DROP TABLE other;`,
    ],
    [
      'a table that a swap put in place',
      `CREATE TABLE live_new (id INT NOT NULL PRIMARY KEY, n INT);
RENAME TABLE live TO live_old, live_new TO live;
${gate}
DELETE FROM live;
ALTER TABLE live DROP COLUMN n;`,
    ],
    [
      'CREATE TABLE ... SELECT and LIKE',
      `CREATE TABLE a SELECT id FROM live;\nCREATE TABLE b LIKE live;\n${gate}\nTRUNCATE a;\nDROP TABLE a, b;`,
    ],
    ['CREATE TABLE IF NOT EXISTS where none was', `CREATE TABLE IF NOT EXISTS a (id INT);\n${gate}\nDROP TABLE a;`],
    [
      'columns',
      `ALTER TABLE live ADD COLUMN nid INT, ADD COLUMN old INT;
ALTER TABLE live CHANGE old older INT;
${gate}
UPDATE live SET nid = id, older = 1;
ALTER TABLE live MODIFY nid SMALLINT NOT NULL;
ALTER TABLE live DROP COLUMN older;`,
    ],
    [
      'behind a CALL',
      `CREATE TABLE a (id INT);
CREATE PROCEDURE fill() INSERT INTO a VALUES (1);
CALL fill();
DROP PROCEDURE fill;
${gate}
DELETE FROM a;
DROP TABLE a;`,
    ],
    [
      'what a procedure made',
      `DELIMITER //
CREATE PROCEDURE make()
BEGIN
  CREATE TABLE a (id INT);
  ALTER TABLE live ADD COLUMN made INT;
  IF (SELECT COUNT(*) FROM live) > 0 THEN INSERT INTO a SELECT id FROM live; END IF;
  RENAME TABLE a TO b;
END//
DELIMITER ;
CALL make();
DROP PROCEDURE make;
${gate}
UPDATE live SET made = 1;
ALTER TABLE live DROP COLUMN made;
DELETE FROM b;
DROP TABLE b;`,
    ],
    [
      'what a procedure made where it was missing',
      `DELIMITER //
CREATE PROCEDURE make()
BEGIN
  IF NOT EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'a') THEN CREATE TABLE a (id INT); END IF;
  IF NOT EXISTS (SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'live' AND COLUMN_NAME = 'made') THEN
    ALTER TABLE live ADD COLUMN made INT, ADD COLUMN old INT;
  END IF;
END//
DELIMITER ;
CALL make();
DROP PROCEDURE make;
${gate}
UPDATE live SET made = 1;
ALTER TABLE live MODIFY made SMALLINT NOT NULL, DROP COLUMN old;
DELETE FROM a;
DROP TABLE a;`,
    ],
  ])('a stopped migration continues with what it made: %s', async (_, up) => {
    const set = await stage({ 'app/1_own.sql': migration(up) })
    await set.query('CREATE TABLE live (id INT NOT NULL PRIMARY KEY, n INT)')
    await set.query('INSERT INTO live VALUES (1, 1)')
    expect((await set.run(['migrate'])).stderr).toMatch(/gate does not exist/)
    await set.query(openGate)
    expect(await stopsOf(set)).toEqual([])
    expect(await set.run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test.each([
    [
      'a table that was there before',
      `CREATE TABLE IF NOT EXISTS live (id INT);\n${gate}\nDROP TABLE live;`,
      'DROP_TABLE',
    ],
    [
      'the table that a swap put aside',
      `CREATE TABLE made (n INT);\nRENAME TABLE live TO aside, made TO live;\n${gate}\nDROP TABLE aside;`,
      'DROP_TABLE',
    ],
    [
      'a column that was there before',
      `ALTER TABLE live ADD m INT, CHANGE n k INT;\n${gate}\nUPDATE live SET k = m;`,
      'UPDATE_ALL_ROWS',
    ],
    [
      'a table that a procedure made under a condition only',
      `DELIMITER //
CREATE PROCEDURE make() BEGIN IF (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'live') = 0 THEN CREATE TABLE live (id INT); END IF; END//
DELIMITER ;
CALL make();
${gate}
DROP TABLE live;`,
      'DROP_TABLE',
    ],
    [
      'a column that a procedure may have found there',
      `DELIMITER //
CREATE PROCEDURE make() BEGIN IF (SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'live' AND COLUMN_NAME = 'n') = 0 THEN ALTER TABLE live ADD COLUMN n INT; END IF; END//
DELIMITER ;
CALL make();
${gate}
ALTER TABLE live DROP COLUMN n;`,
      'DROP_COLUMN',
    ],
    [
      'a table that a procedure may have put in place',
      `CREATE TABLE made (n INT);
DELIMITER //
CREATE PROCEDURE swap() BEGIN DROP TABLE made; RENAME TABLE live TO made; END//
DELIMITER ;
CALL swap();
${gate}
DROP TABLE made;`,
      'DROP_TABLE',
    ],
  ])('and stops for %s', async (_, up, code) => {
    const set = await stage({ 'app/1_own.sql': migration(up) })
    await set.query('CREATE TABLE live (id INT NOT NULL PRIMARY KEY, n INT)')
    await set.run(['migrate', '--allow', code])
    await set.query(openGate)
    const refused = await set.run(['migrate'])
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stderr).toContain(code)
  })

  test('a killed run continues, although its table is large by now', { timeout: 120_000 }, async () => {
    const partitions =
      'PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (100000), PARTITION q VALUES LESS THAN MAXVALUE)'
    const up = `CREATE TABLE work (id INT NOT NULL PRIMARY KEY, n INT) ${partitions};
SET SESSION cte_max_recursion_depth = 60000;
INSERT INTO work WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i, i FROM n;
DO SLEEP(60);
UPDATE work SET n = 0;
ALTER TABLE work REORGANIZE PARTITION p INTO (PARTITION r VALUES LESS THAN (10), PARTITION s VALUES LESS THAN (100000));
DELETE FROM work;
DROP TABLE work;`
    const set = await stage({ 'app/1_work.sql': migration(up) })
    const killed = set.start(['migrate'])
    const find = `SELECT ID FROM information_schema.PROCESSLIST WHERE INFO = 'DO SLEEP(60)' AND DB = '${set.schema('app')}'`
    await expect.poll(() => set.query(find)).toHaveLength(1)
    killed.child.kill('SIGKILL')
    await killed.ended
    const [[id] = []] = await set.query(find)
    await set.query(`KILL ${Number(id)}`)
    set.write('app/1_work.sql', migration(up.replace('SLEEP(60)', 'SLEEP(0)')))
    expect(await set.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await set.tables()).toEqual([])
  })
})
