import { describe, expect, it } from 'vitest'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const open = withStages()

/** Statements that run a second time without an error, and change rows. */
const repeatable = `CREATE TABLE IF NOT EXISTS t (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL);
INSERT INTO t (n) VALUES (1), (2);
UPDATE t SET n = n + 1 WHERE id > 0;`

async function applied(files: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const stage = await open({ files: { 'app/0001_first.sql': migration(repeatable), ...files } })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  return stage
}

const rows = async (stage: Stage): Promise<unknown> => (await stage.query('SELECT COUNT(*), SUM(n) FROM t'))[0]

const second = {
  'app/0002_second.sql': migration(
    'CREATE TABLE u (id INT PRIMARY KEY);\nCREATE TABLE w (id INT PRIMARY KEY);',
    'DROP TABLE w;\nDROP TABLE u;',
  ),
}

describe('a journal that is lost while the record of the schema proves what ran', () => {
  it.each([
    ['dropped', 'DROP TABLE wwdb_journal'],
    ['emptied', 'DELETE FROM wwdb_journal'],
    ['emptied of its passes', 'DELETE FROM wwdb_journal WHERE pass > 0'],
    ['truncated', 'TRUNCATE TABLE wwdb_journal'],
  ])('%s: no statement runs again, every answer says so, and the rows are rebuilt', async (_, loss) => {
    const stage = await applied(second)
    const before = await stage.query(
      'SELECT version, MAX(total), MAX(checksum), MAX(direction), GROUP_CONCAT(hash ORDER BY statement), MAX(applied_by) FROM wwdb_journal WHERE pass > 0 GROUP BY pass, version ORDER BY pass',
    )
    const data = await rows(stage)
    await stage.query(loss)

    const migrate = await stage.run(['migrate', '--yes'])
    expect(migrate.stderr).toContain('RECORDS_DIFFER')
    expect(migrate.stderr).toContain('repair --rebuild-journal')
    expect(migrate.stderr).toContain('repair --rebuild-record')
    expect(migrate.exitCode).toBe(2)
    expect(await rows(stage)).toEqual(data)
    expect((await stage.run(['plan'])).exitCode).toBe(2)
    expect((await stage.run(['drift'])).stderr).toContain('RECORDS_DIFFER')
    const status = await stage.run(['status', '--exit-code'])
    expect(status.stdout).toContain('`0001`, `0002`')
    expect(status.exitCode).toBe(1)

    const shown = await stage.run(['repair'])
    expect(shown.stdout).toContain('--rebuild-journal')
    expect(shown.exitCode).toBe(1)
    expect((await stage.run(['repair', '--rebuild-journal'])).exitCode).toBe(0)
    const after = await stage.query(
      'SELECT version, MAX(total), MAX(checksum), MAX(direction), GROUP_CONCAT(hash ORDER BY statement), MAX(applied_by) FROM wwdb_journal WHERE pass > 0 GROUP BY pass, version ORDER BY pass',
    )
    expect(after).toEqual(before)
    const again = await stage.run(['migrate', '--yes'])
    expect(again.exitCode).toBe(0)
    expect(await rows(stage)).toEqual(data)
    expect((await stage.run(['drift'])).exitCode).toBe(0)
    expect((await stage.run(['rollback', '--steps', '1', '--yes'])).exitCode).toBe(0)
    expect(await stage.tables()).toEqual(['t'])
  })

  it('an earlier journal beside a later schema: the rows that it lacks are rebuilt', async () => {
    const stage = await applied()
    await stage.query('CREATE TABLE kept AS SELECT * FROM wwdb_journal')
    stage.write('app/0002_second.sql', second['app/0002_second.sql'])
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    await stage.query('DELETE FROM wwdb_journal')
    await stage.query('INSERT INTO wwdb_journal SELECT * FROM kept')
    await stage.query('DROP TABLE kept')
    expect((await stage.run(['migrate', '--yes'])).stderr).toContain('pass 2: `0002`')
    expect((await stage.run(['repair', '--rebuild-journal'])).exitCode).toBe(0)
    const run = await stage.run(['migrate', '--yes'])
    expect(run.stdout + run.stderr).toContain('othing to do')
  })

  it('the tables restored with the journal: its word is taken, and the schema recorded again', async () => {
    const stage = await applied(second)
    await stage.query('DROP TABLE u, w')
    await stage.query('DELETE FROM wwdb_journal WHERE pass = 2')
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(2)
    expect((await stage.run(['repair', '--rebuild-record'])).exitCode).toBe(0)
    expect((await stage.run(['drift'])).exitCode).toBe(0)
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    expect(await stage.tables()).toEqual(['t', 'u', 'w'])
    expect((await stage.run(['drift'])).exitCode).toBe(0)
  })

  it('names what it cannot rebuild: a stopped migration without its file', async () => {
    const stage = await applied()
    stage.write(
      'app/0002_stops.sql',
      migration('CREATE TABLE u (id INT PRIMARY KEY);\nINSERT INTO u SELECT 1 FROM t WHERE n / 0 = nothing();'),
    )
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(2)
    await stage.query('DELETE FROM wwdb_journal WHERE pass > 0')
    stage.write('app/0002_stops.sql', migration('CREATE TABLE v (id INT PRIMARY KEY);'))
    const repair = await stage.run(['repair', '--rebuild-journal'])
    expect(repair.stderr).toContain('1 of its 2 statements ran')
    expect(repair.stdout).toContain('1 migration recorded')
    expect((await stage.run(['migrate', '--yes'])).stderr).toContain('RECORDS_DIFFER')
  })

  it('both dropped: the runs prove that something ran', async () => {
    const stage = await applied()
    const data = await rows(stage)
    await stage.query('DROP TABLE wwdb_journal, wwdb_schema')
    const migrate = await stage.run(['migrate', '--yes'])
    expect(migrate.stderr).toContain('`wwdb_runs` has one run that changed it')
    expect(await rows(stage)).toEqual(data)
    expect((await stage.run(['mark', '0001', '--applied', '--yes'])).exitCode).toBe(0)
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    expect(await rows(stage)).toEqual(data)
  })

  it('a schema that was dropped and made again begins again', async () => {
    const stage = await applied()
    const name = stage.schema('app')
    await stage.query(`DROP DATABASE \`${name}\``)
    await stage.query(`CREATE DATABASE \`${name}\``)
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    expect(await rows(stage)).toEqual([2, '5'])
  })
})

describe('a record of the schema that is lost', () => {
  it('as a whole: no run hides what was changed by hand', async () => {
    const stage = await applied()
    await stage.query('DROP TABLE wwdb_schema')
    await stage.query('ALTER TABLE t ADD COLUMN by_hand INT')
    stage.write('app/0002_second.sql', migration('ALTER TABLE t ADD COLUMN m INT;'))
    const migrate = await stage.run(['migrate', '--yes'])
    expect(migrate.stderr).toContain('RECORDS_DIFFER')
    expect(migrate.stderr).toContain('wwdb drift --replay')
    const drift = await stage.run(['drift'])
    expect(drift.stdout).toContain('by_hand')
    expect(drift.stderr).toContain('record of the schema')
    expect(drift.exitCode).toBe(1)
    expect((await stage.run(['repair', '--rebuild-record'])).exitCode).toBe(0)
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
  })

  it.each([
    ['a row deleted', "DELETE FROM wwdb_schema WHERE kind = 'table' AND name = 't'"],
    ['a fingerprint written over', "UPDATE wwdb_schema SET fingerprint = REPEAT('0', 64) WHERE name = 't'"],
  ])('%s: no table is called unwanted', async (_, damage) => {
    const stage = await applied()
    await stage.query(damage)
    const drift = await stage.run(['drift'])
    expect(drift.stdout).not.toContain('DROP TABLE')
    expect(drift.stderr).toContain('missing or damaged')
    expect(drift.exitCode).toBe(0)
    stage.write('app/0002_second.sql', migration('CREATE TABLE u (id INT PRIMARY KEY);'))
    expect((await stage.run(['migrate', '--yes'])).stderr).toContain('RECORDS_DIFFER')
    expect((await stage.run(['repair', '--rebuild-record'])).exitCode).toBe(0)
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    expect((await stage.run(['drift'])).exitCode).toBe(0)
  })
})

describe('tables of wwdb that were altered', () => {
  it.each([
    ['wwdb_journal', 'ENGINE=MyISAM', 'has the engine MyISAM', 'ENGINE=InnoDB'],
    ['wwdb_schema', 'ENGINE=MyISAM', 'has the engine MyISAM', 'ENGINE=InnoDB'],
    ['wwdb_journal', 'ADD COLUMN mine INT NOT NULL', 'has a column `mine`', 'MODIFY COLUMN `mine` INT NULL'],
    ['wwdb_journal', 'DROP COLUMN summary', 'lacks the column `summary`', 'ADD COLUMN `summary` VARCHAR(255) NOT NULL'],
    [
      'wwdb_journal',
      'MODIFY COLUMN version VARCHAR(40) NOT NULL',
      'varchar(40)',
      'MODIFY COLUMN `version` VARCHAR(255) NOT NULL',
    ],
    ['wwdb_journal', 'DROP PRIMARY KEY', 'does not have its primary key', 'ADD PRIMARY KEY (`pass`, `statement`)'],
  ])('%s %s stops a run, with the ALTER that repairs it', async (table, alter, what, mend) => {
    const stage = await applied()
    await stage.query(`ALTER TABLE ${table} ${alter}`)
    stage.write('app/0002_second.sql', migration('CREATE TABLE u (id INT PRIMARY KEY);'))
    const { stderr, exitCode } = await stage.run(['migrate', '--yes'])
    expect(stderr).toContain('JOURNAL_DAMAGED')
    expect(stderr).toContain(what)
    expect(stderr).toContain(mend)
    expect(exitCode).toBe(2)
    const statement = /`(ALTER TABLE .*?)` while/.exec(stderr.replaceAll(/\s+/g, ' '))?.[1] ?? ''
    await stage.query(statement)
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
  })
})

describe('a table with rows that no migration made', () => {
  it('is never dropped: it is asked about by name, and moved to its hold name', async () => {
    const stage = await applied()
    await stage.query('CREATE TABLE `stray` (id INT PRIMARY KEY)')
    await stage.query('INSERT INTO stray VALUES (1), (2), (3)')
    await stage.query('CREATE TABLE vacant (id INT PRIMARY KEY)')
    for (const args of [['drift'], ['drift', '--sql'], ['drift', '--revert', '--dry-run']]) {
      const { stdout, stderr } = await stage.run(args)
      expect(stdout).toMatch(/RENAME TABLE `stray` TO `_hold_\d{8}_\w{8}_stray`/)
      expect(stdout + stderr).not.toContain('DROP TABLE `stray`')
    }
    const refused = await stage.run(['drift', '--revert', '--only', 'stray', '--yes'])
    expect(refused.stderr).toContain('`stray` of `app` has 3 rows')
    expect(refused.stderr).toContain('--confirm stray')
    expect(refused.stderr).not.toContain('DROP_TABLE')
    expect(await stage.query('SELECT COUNT(*) FROM stray')).toEqual([[3]])
    const taken = await stage.run(['drift', '--revert', '--only', 'stray', '--yes', '--confirm', 'stray'])
    expect(taken, taken.stderr).toMatchObject({ exitCode: 0 })
    const [held] = (await stage.tables()).filter((name) => name.startsWith('_hold_'))
    expect(await stage.query(`SELECT COUNT(*) FROM \`${held}\``)).toEqual([[3]])
    const dropped = await stage.run(['drift', '--revert', '--yes', '--allow', 'DROP_TABLE'])
    expect(dropped, dropped.stderr).toMatchObject({ exitCode: 0 })
    expect(await stage.tables()).toEqual([held, 't'])
    expect((await stage.run(['drift'])).exitCode).toBe(0)
  })
})

describe('whose rights code runs with', () => {
  it('is recorded, compared and taken back', async () => {
    const code = `CREATE VIEW v AS SELECT 1 AS x;
CREATE PROCEDURE p() SELECT 1;
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.n = NEW.n + 1;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1;`
    const stage = await applied({ 'app/0002_code.sql': migration(code) })
    expect((await stage.run(['drift'])).exitCode).toBe(0)
    await stage.query('CREATE OR REPLACE DEFINER=gone@localhost VIEW v AS SELECT 1 AS x')
    await stage.query('DROP TRIGGER g')
    await stage.query('CREATE DEFINER=gone@localhost TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.n = NEW.n + 1')
    await stage.query('ALTER DEFINER=gone@localhost EVENT e DISABLE')
    await stage.query('DROP PROCEDURE p')
    await stage.query('CREATE DEFINER=gone@localhost PROCEDURE p() SELECT 1')
    const drift = await stage.run(['drift'])
    expect(drift.exitCode).toBe(1)
    expect(drift.stdout.match(/gone@localhost/g)?.length).toBeGreaterThanOrEqual(4)
    const reverted = await stage.run(['drift', '--revert', '--yes'])
    expect(reverted, reverted.stderr).toMatchObject({ exitCode: 0 })
    expect((await stage.run(['drift'])).exitCode).toBe(0)
  })

  it('stays as a migration set it', async () => {
    const stage = await applied({ 'app/0002_code.sql': migration('CREATE VIEW v AS SELECT 1 AS x;') })
    stage.write(
      'app/0003_other.sql',
      migration("CREATE OR REPLACE DEFINER='root'@'127.0.0.1' VIEW v AS SELECT 1 AS x;"),
    )
    await stage.run(['migrate', '--yes'])
    expect((await stage.run(['drift'])).exitCode).toBe(0)
  })
})

describe('a journal that is newer than the schema', () => {
  it('stops every answer, and what ran behind the restored schema counts as pending again', async () => {
    const stage = await applied()
    await stage.query('CREATE TABLE kept LIKE wwdb_schema')
    await stage.query('INSERT INTO kept SELECT * FROM wwdb_schema')
    stage.write('app/0002_second.sql', migration('CREATE TABLE u (id INT PRIMARY KEY);'))
    stage.write('app/0003_third.sql', migration('ALTER TABLE t ADD COLUMN m INT;'))
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    // The tables and `wwdb_schema` of an earlier dump beside the journal of now.
    await stage.query('DROP TABLE u')
    await stage.query('ALTER TABLE t DROP COLUMN m')
    await stage.query('DELETE FROM wwdb_schema')
    await stage.query('INSERT INTO wwdb_schema SELECT * FROM kept')
    await stage.query('DROP TABLE kept')

    const status = await stage.run(['status', '--exit-code'])
    expect(status.stdout).toContain('newer than its schema')
    expect(status.exitCode).toBe(1)
    expect((await stage.run(['drift'])).stderr).toContain('RECORDS_DIFFER')
    const migrate = await stage.run(['migrate', '--yes'])
    expect(migrate.stderr).toContain('it has `0002`, `0003`')
    expect(migrate.exitCode).toBe(2)
    expect((await stage.run(['repair', '--rebuild-journal'])).exitCode).toBe(0)
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await stage.tables()).toEqual(['t', 'u'])
    expect((await stage.run(['drift', '--replay'])).exitCode).toBe(0)
  })
})
