import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const parent = 'CREATE TABLE p (id INT PRIMARY KEY, a INT, UNIQUE KEY a (a));'
const files = {
  'app/0001_a.sql': migration(`${parent}
CREATE TABLE c (id INT PRIMARY KEY, p_id INT, s INT, CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id));
CREATE TABLE unnamed (id INT PRIMARY KEY, p_id INT, s INT, FOREIGN KEY (p_id) REFERENCES p (id), FOREIGN KEY (s) REFERENCES p (a));
CREATE TABLE stated (id INT PRIMARY KEY, p_id INT, s INT, KEY fk_stated (p_id), CONSTRAINT fk_stated FOREIGN KEY (p_id) REFERENCES p (id));
CREATE TABLE twice (id INT PRIMARY KEY, p_id INT, s INT, CONSTRAINT z_first FOREIGN KEY (p_id) REFERENCES p (id));
ALTER TABLE twice ADD CONSTRAINT a_second FOREIGN KEY (p_id) REFERENCES p (a);
CREATE TABLE former (id INT PRIMARY KEY, p_id INT, s INT, CONSTRAINT fk_former FOREIGN KEY (p_id) REFERENCES p (id));
ALTER TABLE former DROP FOREIGN KEY fk_former;
INSERT INTO p VALUES (1, 1);
INSERT INTO c VALUES (1, 1, 1);
INSERT INTO former VALUES (1, 77, 1);`),
  'app/0002_code.sql': migration(`CREATE DEFINER=nobody@'%' VIEW theirs AS SELECT id FROM p;
CREATE VIEW ours AS SELECT id FROM p;
CREATE DEFINER=nobody@localhost SQL SECURITY INVOKER VIEW invoked AS SELECT id FROM p;
CREATE DEFINER=root@'%' VIEW named AS SELECT id FROM p;
CREATE DEFINER=nobody@'%' PROCEDURE work() SELECT 1;
CREATE DEFINER=nobody@'%' FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1;
CREATE DEFINER=nobody@'%' TRIGGER t BEFORE INSERT ON p FOR EACH ROW SET NEW.a = NEW.id;
CREATE DEFINER=nobody@'%' EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO DO 1;`),
  'app/0003_later.sql': migration(`CREATE INDEX ix ON c (p_id, s);
CREATE INDEX ix ON unnamed (p_id, s);
CREATE INDEX ix ON stated (p_id, s);
CREATE INDEX ix ON twice (p_id, s);
CREATE INDEX ix ON former (p_id, s);`),
}

/** Definitions, definers and rows, without the schema's name. */
async function content(stage: Stage, schema: string): Promise<unknown> {
  const ask = (sql: string) => stage.query(sql).then((rows) => rows.map((row) => row.map(String)))
  const names = await ask(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA='${schema}' AND TABLE_TYPE='BASE TABLE' AND TABLE_NAME NOT LIKE 'wwdb%' ORDER BY 1`,
  )
  const tables = []
  for (const [name = ''] of names)
    tables.push(
      await ask(`SHOW CREATE TABLE \`${schema}\`.\`${name}\``),
      await ask(`SELECT * FROM \`${schema}\`.\`${name}\``),
    )
  const definers = await ask(
    `SELECT TABLE_NAME, DEFINER, SECURITY_TYPE FROM information_schema.VIEWS WHERE TABLE_SCHEMA='${schema}' UNION ALL SELECT ROUTINE_NAME, DEFINER, '' FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA='${schema}' UNION ALL SELECT TRIGGER_NAME, DEFINER, '' FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA='${schema}' UNION ALL SELECT EVENT_NAME, DEFINER, '' FROM information_schema.EVENTS WHERE EVENT_SCHEMA='${schema}' ORDER BY 1`,
  )
  return { tables, definers }
}

async function squashed(stage: Stage, to: string): Promise<string> {
  const environment = { WWDB_PREFIX: `${stage.prefix}fresh_` }
  const first = await stage.run(['migrate', '--yes', '--no-probe'])
  expect(first, first.stderr).toMatchObject({ exitCode: 0 })
  const squash = await stage.run(['squash', '--to', to, '--yes'])
  expect(squash, squash.stderr).toMatchObject({ exitCode: 0 })
  await stage.run(['db', 'create'], { environment })
  const fresh = await stage.run(['migrate', '--yes', '--no-probe'], { environment })
  expect(fresh, fresh.stderr).toMatchObject({ exitCode: 0 })
  const again = await stage.run(['migrate', '--yes', '--no-probe'])
  expect(again, again.stderr).toMatchObject({ exitCode: 0 })
  for (const args of [['drift'], ['drift', '--replay', '--fresh']])
    expect(await stage.run(args), args.join(' ')).toMatchObject({ exitCode: 0 })
  return `${stage.prefix}fresh_app`
}

test('what cannot be written as one file is named, and not a scratch file', async () => {
  const stage = await openStage({
    files: {
      'app/0001_a.sql': migration('CREATE TABLE a (id INT PRIMARY KEY, x INT); CREATE VIEW broken AS SELECT x FROM a;'),
      'app/0002_b.sql': migration('ALTER TABLE a DROP COLUMN x;'),
    },
  })
  const run = await stage.run(['squash', '--to', '0002', '--dry-run'])
  expect(run).toMatchObject({ exitCode: 2, stdout: '' })
  expect(run.stderr).toContain('The result of the old files of `app` cannot be written as one file')
  expect(run.stderr).toContain('VIEW `broken`')
  expect(run.stderr).toContain('SQUASH_REFUSED')
  expect(run.stderr).not.toMatch(/wwdb-squash-|wwdb_scratch_|0002_squashed/)
})

describe.each(versionsInTurn(import.meta.url))('a squashed file on MySQL %s', (version) => {
  test('has the indexes of foreign keys made by the server, and the definers that were named', async () => {
    const { url } = await testServerOf(version)
    const stage = await openStage({ files, url })
    try {
      const schema = await squashed(stage, '0002')
      const text = readFileSync(join(stage.folder, 'migrations/app/0002_squashed.sql'), 'utf8')
      expect(text).toContain('DEFINER=`nobody`@`%` VIEW `theirs`')
      expect(text).toContain('CREATE VIEW `ours`')
      expect(text).toContain('KEY `fk_stated` (`p_id`)')
      expect(text).not.toContain('KEY `fk_p` (`p_id`)')
      expect(await content(stage, schema)).toEqual(await content(stage, stage.schema('app')))
    } finally {
      for (const name of [stage.schema('app'), `${stage.prefix}fresh_app`])
        await stage.query(`DROP DATABASE IF EXISTS \`${name}\``)
    }
  })

  test('keeps zero dates, days that no month has, an ENUM without a member and an AUTO_INCREMENT of zero', async () => {
    const { url } = await testServerOf(version)
    const stage = await openStage({
      url,
      files: {
        'app/0001_old.sql': migration(`SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';
CREATE TABLE old (id INT AUTO_INCREMENT PRIMARY KEY, d DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00', day DATE, kind ENUM('a',''), other ENUM('x','y'));
INSERT INTO old VALUES (0, '0000-00-00', '2020-02-31', '', 0), (1, '2020-00-01', '2020-01-00', 0, NULL);
CREATE TABLE child (id INT PRIMARY KEY, d DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00', old_id INT, FOREIGN KEY (old_id) REFERENCES old (id));
INSERT INTO child (id, old_id) VALUES (1, 0);`),
        'app/0002_more.sql': migration('CREATE TABLE more (id INT PRIMARY KEY);'),
      },
    })
    try {
      const schema = await squashed(stage, '0002')
      expect(await content(stage, schema)).toEqual(await content(stage, stage.schema('app')))
      const kinds = `SELECT id, kind + 0, other + 0 FROM \`${schema}\`.old ORDER BY id`
      expect((await stage.query(kinds)).map((row) => row.map(String))).toEqual([
        ['0', '2', '0'],
        ['1', '0', 'null'],
      ])
    } finally {
      for (const name of [stage.schema('app'), `${stage.prefix}fresh_app`])
        await stage.query(`DROP DATABASE IF EXISTS \`${name}\``)
    }
  })
})
