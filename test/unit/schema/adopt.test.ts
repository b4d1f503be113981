import { describe, expect, test } from 'vitest'
import type { HistoryRow, OldFile, SqlTool } from '../../../src/schema/adopt/contract.ts'
import { findUsedSchemas } from '../../../src/schema/adopt/convert.ts'
import { chooseDialect } from '../../../src/schema/adopt/dialects.ts'
import { startWithFull } from '../../../src/schema/adopt/full-file.ts'
import { planAdoption } from '../../../src/schema/adopt/plan-adoption.ts'
import { dbmate } from '../../../src/schema/adopt/tools/dbmate.ts'
import { drizzle } from '../../../src/schema/adopt/tools/drizzle.ts'
import { flyway } from '../../../src/schema/adopt/tools/flyway.ts'
import { golangMigrate } from '../../../src/schema/adopt/tools/golang-migrate.ts'
import { goose } from '../../../src/schema/adopt/tools/goose.ts'
import { liquibase } from '../../../src/schema/adopt/tools/liquibase.ts'
import { plainFiles } from '../../../src/schema/adopt/tools/plain-files.ts'
import { pop } from '../../../src/schema/adopt/tools/pop.ts'
import { mapVersions } from '../../../src/schema/adopt/versions.ts'

const file = (path: string, text: string): OldFile => ({ path, text })
const place = { database: 'app', schema: 'app_live' }
const row = (version: string): HistoryRow => ({ version, dirty: '0' })

/** One up file of golang-migrate, converted. */
function convert(up: string, rows: readonly HistoryRow[] = [row('1')]) {
  const plan = planAdoption(golangMigrate, [{ path: '1_a.up.sql', text: up }], rows, place)
  return {
    text: plan.files[0]?.text ?? '',
    scratch: plan.files[0]?.scratchText ?? '',
    notes: plan.notes,
    faults: plan.faults,
  }
}

const head = '-- Adopted from golang-migrate: 1_a.up.sql\n'

describe('the SQL of another tool', () => {
  test('gets what it lacks: a last semicolon, DELIMITER around bodies; loses its byte order mark and its line ends', () => {
    const { text, faults } = convert(
      '\ufeffCREATE TABLE a (id INT);\r\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW\r\nBEGIN\r\n  SET NEW.id = 1;\r\nEND;\r\n-- the last\r\nDROP TABLE b',
      [],
    )
    expect(faults).toEqual([])
    expect(text).toBe(
      `${head}-- migrate:up\nCREATE TABLE a (id INT);\nDELIMITER $$\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW\nBEGIN\n  SET NEW.id = 1;\nEND$$\nDELIMITER ;\n-- the last\nDROP TABLE b;\n`,
    )
  })

  test('loses transactions, table locks and the choice of its own schema, and a note names them', () => {
    const { text, notes } = convert(
      'CREATE DATABASE IF NOT EXISTS old_app; USE old_app; START TRANSACTION; LOCK TABLES a WRITE; INSERT INTO old_app.a VALUES (1); UNLOCK TABLES; COMMIT; SET autocommit = 1;',
    )
    expect(text).toContain('-- migrate:up\nINSERT INTO {{schema:app}}.a VALUES (1);\n')
    expect(text).not.toMatch(/USE|LOCK|COMMIT|autocommit|DATABASE/)
    expect(notes.at(-1)).toContain(
      '`USE`, `START TRANSACTION`, `LOCK TABLES`, `UNLOCK TABLES`, `COMMIT`, `SET autocommit`',
    )
  })

  test('that names its own schema follows the target, and aliases and texts stay', () => {
    const { text } = convert(
      "CREATE TABLE `app_live`.`a` (id INT, FOREIGN KEY (id) REFERENCES app_live.b (id)); UPDATE a AS app_live SET app_live.id = 1 WHERE 'app_live.x' = '';",
    )
    expect(text).toContain(
      'CREATE TABLE {{schema:app}}.`a` (id INT, FOREIGN KEY (id) REFERENCES {{schema:app}}.b (id));',
    )
    expect(text).toContain("SET app_live.id = 1 WHERE 'app_live.x' = ''")
  })

  test('that names another schema, or is no migration, is refused with its line', () => {
    const { faults } = convert('CREATE TABLE a (id INT);\nALTER TABLE other.b ADD c INT;\n\nHANDLER a OPEN;')
    expect(faults.map(({ where }) => [where?.file, where?.line])).toEqual([
      ['1_a.up.sql', 2],
      ['1_a.up.sql', 4],
    ])
  })

  test('keeps the lines of its faults behind a body without DELIMITER', () => {
    const { faults } = convert('CREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\nEND;\nUSE a; USE b;\nHANDLER a OPEN;')
    expect(faults.at(-1)?.where?.line).toBe(6)
  })

  test('keeps lines and columns behind many bodies without DELIMITER, in less than their square', () => {
    const body = 'CREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\nEND; SELECT 2;\n'
    const started = performance.now()
    const { faults, text } = convert(`${body.repeat(1000)}--one\n--two\nDO 1;${' '.repeat(3)}HANDLER a OPEN;`)
    expect(performance.now() - started).toBeLessThan(20_000)
    expect(faults.map(({ where }) => [where?.line, where?.column])).toEqual([[4003, 9]])
    expect(text).toContain('-- one\n-- two\nDO 1;')
  })

  test('takes dashes without a blank for the comment that was meant, and an empty file for one that does nothing', () => {
    expect(convert('--DROP TABLE a\nCREATE TABLE b (id INT);').text).toContain(
      '-- DROP TABLE a\nCREATE TABLE b (id INT);',
    )
    expect(convert('CREATE TABLE b (id INT);\n---\n').text).toContain('CREATE TABLE b (id INT);\n-- ---\n')
    expect(convert('-- nothing\n').text).toBe(`${head}-- migrate:up\n-- nothing\nDO 0;\n`)
  })

  test('accepts the hazards of what ran, and leaves those of what is pending to be weighed', () => {
    expect(convert('DROP TABLE a;').text).toContain('-- wwdb:accept DROP_TABLE It ran with golang-migrate before.\n')
    expect(convert('DROP TABLE a;', []).text).not.toContain('wwdb:accept')
  })

  test('makes no account and sets no server in a scratch schema', () => {
    const { text, scratch } = convert(
      'CREATE USER u@localhost; SET GLOBAL max_connections = 9; CREATE TABLE a (id INT);',
    )
    expect(text).toContain('CREATE USER')
    expect(scratch).toBe(`${head}-- migrate:up\nCREATE TABLE a (id INT);\n`)
  })
})

test.each([
  [
    ['20240101000000', '20240102000000'],
    ['20240101000000', '20240102000000'],
  ],
  [
    ['1704067200000', '1704153600000'],
    ['20240101000000', '20240102000000'],
  ],
  [
    ['001', '002', '003'],
    ['0001', '0002', '0003'],
  ],
  [
    ['7', '8'],
    ['0007', '0008'],
  ],
  [
    ['1', '3'],
    ['0001', '0002'],
  ],
  [
    ['1.1', '1.10', '2'],
    ['0001', '0002', '0003'],
  ],
  [
    ['20240102000000', '20240102000000'],
    ['0001', '0002'],
  ],
  [['20249901000000'], ['0001']],
])('the versions %j become %j', (old, wanted) => {
  expect(mapVersions(old)).toEqual(wanted)
})

test('thousands of changesets in one file are read in the lines that they have, and keep the lines of their faults', () => {
  const set = (index: number): string =>
    `-- Changeset db/a.xml::${index}::ann\nCREATE TABLE t${index} (id INT);\n\nINSERT INTO DATABASECHANGELOG (ID) VALUES ('9:${'0'.repeat(32)}');\n\n`
  const sets = Array.from({ length: 3000 }, (_, index) => set(index))
  const text = `-- head\n${sets.join('')}-- Changeset db/a.xml::last::ann\nDO 1;\nHANDLER a OPEN;\n`
  const { migrations } = liquibase.readProject([file('update.sql', text)])
  expect(migrations).toHaveLength(3001)
  expect(migrations.reduce((sum, { up }) => sum + up.length, 0)).toBeLessThan(text.length)
  const started = performance.now()
  const plan = planAdoption(liquibase, [file('update.sql', text)], [], place)
  expect(performance.now() - started).toBeLessThan(20_000)
  expect(plan.faults.map(({ where }) => where?.line)).toEqual([1 + 3000 * 5 + 3])
})

test('a changeset of a formatted file keeps the lines of the file', () => {
  const text = `--liquibase formatted sql\n\n--changeset ann:1\nDO 1;\n--rollback DO 2;\n--changeset ann:2 endDelimiter://\n\nDO 3\n//\nHANDLER a OPEN\n//\n--rollback HANDLER b OPEN;\n`
  const plan = planAdoption(liquibase, [file('a.sql', text)], [], place)
  expect(plan.faults.map(({ where }) => where?.line)).toEqual([10, 12])
})

test('empty lines are walked once when a chosen schema is looked for', () => {
  const started = performance.now()
  expect(findUsedSchemas(`${'\n'.repeat(200_000)}use \`old\`;\n${' '.repeat(20_000)}`)).toEqual(['old'])
  expect(performance.now() - started).toBeLessThan(5000)
})

describe('files for several servers', () => {
  const paths = (files: readonly OldFile[]) => files.map(({ path }) => path)
  const of = (...names: readonly string[]) => names.map((path) => file(path, 'DO 1;'))

  test('are told apart by names, and a file for MySQL stands before one for all', () => {
    const chosen = chooseDialect(
      of(
        '1_a.mysql.up.sql',
        '1_a.postgres.up.sql',
        '1_a.up.sql',
        '1_a.down.sql',
        '2_b.up.sqlite3.sql',
        '2_b.up.mysql.sql',
        '3_c.mysql.autocommit.up.sql',
        '3_c.up.sql',
      ),
      null,
    )
    expect(paths(chosen.files)).toEqual([
      '1_a.mysql.up.sql',
      '1_a.down.sql',
      '2_b.up.mysql.sql',
      '3_c.mysql.autocommit.up.sql',
    ])
    expect(chosen.notes).toEqual([
      'The files for `mysql` are used: 2 files for `postgres`, `sqlite` are skipped (choose another with `--dialect`). 2 files for all dialects are replaced by one for `mysql`.',
    ])
  })

  test('are told apart by folders where several servers have one', () => {
    expect(paths(chooseDialect(of('1.0/mysql/a.sql', '1.0/postgresql/a.sql', '1.0/b.sql'), null).files)).toEqual([
      '1.0/mysql/a.sql',
      '1.0/b.sql',
    ])
    expect(paths(chooseDialect(of('oracle/a.sql', 'b.sql'), null).files)).toEqual(['oracle/a.sql', 'b.sql'])
  })

  test('files of another server are chosen by name, and a name that no file has is refused', () => {
    expect(paths(chooseDialect(of('1_a.tidb.up.sql', '1_a.mysql.up.sql'), 'tidb').files)).toEqual(['1_a.tidb.up.sql'])
    expect(chooseDialect(of('1_a.postgres.up.sql'), 'mysql').faults).toMatchObject([
      { why: 'The dialects in the file names are `postgres`.' },
    ])
    expect(chooseDialect(of('1_a.postgres.up.sql'), null).faults).toHaveLength(1)
    expect(chooseDialect(of('1_a.up.sql'), 'mysql').faults).toMatchObject([{ next: 'Leave `--dialect` out.' }])
  })
})

test.each<readonly [string, SqlTool, readonly string[], number]>([
  ['golang-migrate', golangMigrate, ['1_a.up.sql', '01_b.up.sql', '1_a.down.sql'], 1],
  ['golang-migrate', golangMigrate, ['1_a.up.sql', '1_a.down.sql', '2_a.up.sql'], 0],
  ['goose', goose, ['1_a.sql', '00001_b.sql', '2_c_test.go'], 1],
  ['dbmate', dbmate, ['1_a.sql', '1_b.sql'], 1],
  ['flyway', flyway, ['V1__a.sql', 'sub/V1.0__b.sql', 'R__a.sql', 'sub/R__a.sql'], 2],
  ['flyway', flyway, ['V1__a.sql', 'U1__a.sql', 'R__a.sql', 'R__b.sql'], 0],
  ['pop', pop, ['1_a.up.sql', '1_b.up.sql', '1_a.down.sql', '1_b.down.sql'], 2],
  ['pop', pop, ['1_a.mysql.up.sql', '1_a.down.sql'], 0],
])('%s refuses two files of one version (%#)', (_, tool, names, count) => {
  const { faults } = planAdoption(
    tool,
    names.map((path) => file(path, '-- +goose Up\nDO 1;')),
    [],
    place,
  )
  expect(faults.map(({ what }) => what.replace(/ files have .*/, ''))).toEqual(Array(count).fill('Two'))
})

test('pop takes its own SQL alone, and what it fills itself is refused with its line', () => {
  const named = [
    file('20240101000000_a.up.sql', 'DO 1;'),
    file('20240102000000_b.up.fizz', ''),
    file('20240103000000_c.up.sql', 'DO 1;\nDO {{ .X }};'),
  ]
  const plan = planAdoption(pop, named, [{ version: '20240101000000' }, { version: '20230101000000' }], place)
  expect(plan.faults.map(({ where, what }) => where ?? what)).toEqual([
    { file: '20240102000000_b.up.fizz' },
    { file: '20240103000000_c.up.sql', line: 2 },
    'pop has applied `20230101000000`, but there is no file for it.',
  ])
})

describe('SQL by versions', () => {
  const manifest = JSON.stringify({ CurrVersion: '1.2', SchemaUpdateCqlFiles: ['z.sql', 'y.sql'] })
  const files = [
    file('v1.10/a.sql', 'DO 1;'),
    file('v1.2/y.sql', 'DO 1;'),
    file('v1.2/z.sql', 'DO 1;'),
    file('v1.2/manifest.json', manifest),
    file('1.3.0_schema/mysql/x_ddl_post.sql', 'DO 1;'),
    file('1.3.0_schema/mysql/x_dml.sql', 'DO 1;'),
    file('1.3.0_schema/mysql/x_ddl.sql', 'DO 1;'),
    file('v190-v200/db-v190-v200.sql', 'DO 1;'),
    file('1.4_named.sql', 'DO 1;'),
    file('schema.sql', 'DO 1;'),
  ]

  test('is in the order of versions, of manifests and of kinds', () => {
    const plan = planAdoption(plainFiles, files, [], place)
    expect(plan.files.map(({ fileName, from }) => [fileName, from])).toEqual([
      ['0001_1_2_z.sql', 'v1.2/z.sql'],
      ['0002_1_2_y.sql', 'v1.2/y.sql'],
      ['0003_1_3_0_x_ddl.sql', '1.3.0_schema/mysql/x_ddl.sql'],
      ['0004_1_3_0_x_dml.sql', '1.3.0_schema/mysql/x_dml.sql'],
      ['0005_1_3_0_x_ddl_post.sql', '1.3.0_schema/mysql/x_ddl_post.sql'],
      ['0006_1_4_named.sql', '1.4_named.sql'],
      ['0007_1_10_a.sql', 'v1.10/a.sql'],
      ['0008_db-v190-v200.sql', 'v190-v200/db-v190-v200.sql'],
    ])
    expect(plan.notes).toEqual([
      '`--from files` does not treat `schema.sql` as migrations; they are skipped. One that makes the whole schema is named with `--full-file`.',
    ])
  })

  test('has run up to the version of its table, and a version without a file is refused', () => {
    const applied = (row: HistoryRow) =>
      planAdoption(plainFiles, files, [row], place).files.filter((one) => one.applied !== null).length
    expect(applied({ curr_version: '1.3' })).toBe(5)
    expect(applied({ version: '1.10' })).toBe(7)
    expect(planAdoption(plainFiles, files, [{ version: '1.5' }], place).faults).toHaveLength(1)
  })

  test('stands behind what is in the database, where that takes the place of what has run', () => {
    const plan = planAdoption(plainFiles, files, [{ version: '1.4' }], { ...place, fromLive: true })
    expect(plan.files.map(({ fileName }) => fileName)).toEqual(['0002_1_10_a.sql', '0003_db-v190-v200.sql'])
    expect(plan.replaced).toHaveLength(6)
  })

  describe('beside a file that makes the whole schema', () => {
    const full = file('schema.sql', 'CREATE TABLE a (id INT PRIMARY KEY);')
    const planFull = (version: string | null, rows: readonly HistoryRow[]) =>
      planAdoption(startWithFull({ file: full, version }), files, rows, place)

    test('begins with it, and with the upgrades behind its version', () => {
      const plan = planFull('1.4', [{ version: '1.10' }])
      expect(plan.files.map(({ fileName, applied }) => [fileName, applied !== null])).toEqual([
        ['0001_1_4_schema.sql', true],
        ['0002_1_10_a.sql', true],
        ['0003_db-v190-v200.sql', false],
      ])
      expect(plan.notes).toContain(
        '`schema.sql` makes the schema of version 1.4: the 6 upgrade files up to it are left out.',
      )
    })

    test('takes the newest version for its own, and is pending where nothing has run', () => {
      const plan = planFull(null, [])
      expect(plan.files.map(({ fileName, applied }) => [fileName, applied])).toEqual([['0200_200_schema.sql', null]])
      expect(planFull(null, [{ version: '200' }]).files[0]?.applied).not.toBeNull()
    })

    test('has a version that no upgrade file has, as the first release of a project', () => {
      expect(planFull('1.1', [{ version: '1.1' }]).files.map(({ applied }) => applied !== null)).toEqual([
        true,
        ...Array(8).fill(false),
      ])
      expect(planFull('1.1', [{ version: '1.7' }]).faults).toHaveLength(1)
    })

    test('is refused where the database is older, and both ways out are named', () => {
      const [fault] = planFull(null, [{ version: '1.4' }]).faults
      expect(fault?.what).toBe('The database is at version 1.4, and `schema.sql` makes the schema of version 200.')
      expect(fault?.next).toContain('--full-version 1.4')
      expect(fault?.next).toContain('--from-live')
    })

    test('is refused without a version', () => {
      expect(planFull('newest', []).faults[0]?.what).toContain('`newest` of `--full-version`')
      expect(planAdoption(startWithFull({ file: full, version: null }), [full], [], place).faults).toHaveLength(1)
    })
  })
})

test('changesets of one id in changelogs of one name are told apart by their folders; in one file they are refused', () => {
  const text = '--liquibase formatted sql\n--changeset ann:1\nDO 1;\n'
  const files = [file('v1/a.sql', text), file('v2/a.sql', text.replace('DO 1', 'DO 2'))]
  const row = (path: string): HistoryRow => ({
    ID: '1',
    AUTHOR: 'ann',
    FILENAME: path,
    EXECTYPE: 'EXECUTED',
    MD5SUM: '8:x',
    DATEEXECUTED: null,
  })
  const plan = planAdoption(liquibase, files, [row('db/v2/a.sql')], place)
  expect(plan.faults).toEqual([])
  expect(plan.files.map(({ applied }) => applied !== null)).toEqual([false, true])
  const twice = planAdoption(liquibase, [file('a.sql', `${text}--changeset ann:1\nDO 3;\n`)], [], place)
  expect(twice.faults).toHaveLength(1)
})

describe('what is read', () => {
  const flywayRow = (version: string | null, type: string, script: string, checksum: string | null): HistoryRow => ({
    version,
    description: script.replace(/^.*__|\.sql$/g, ''),
    type,
    script,
    checksum,
    installed_by: 'ann',
    installed_on: '2024-01-01 00:00:00',
    execution_time: '7',
    success: '1',
  })
  const files = [
    file('V1__a.sql', 'DO 1;\n'),
    file('V1_2__b.sql', 'DO 2;'),
    file('V10__c.sql', 'DO 3;'),
    file('U10__c.sql', 'DO 4;'),
  ]
  const states = (rows: readonly HistoryRow[]) =>
    planAdoption(flyway, files, rows, place).files.map(({ fileName, applied }) => [fileName, applied !== null])

  test('a history of Flyway: a baseline covers what is below it, an undone version is pending, versions sort by number', () => {
    expect(states([flywayRow('1.2', 'BASELINE', '<< Flyway Baseline >>', null)])).toEqual([
      ['0001_a.sql', true],
      ['0002_b.sql', true],
      ['0003_c.sql', false],
    ])
    const rows = [
      flywayRow('1', 'SQL', 'V1__a.sql', null),
      flywayRow('10', 'SQL', 'V10__c.sql', null),
      flywayRow('10', 'UNDO_SQL', 'U10__c.sql', null),
    ]
    expect(states(rows).map(([, applied]) => applied)).toEqual([true, false, false])
  })

  test('a history of Flyway: placeholders, programs and files that are gone stop it', () => {
    const more = [...files, file('V11__d.sql', `SELECT ${'$'}{owner};`), file('V12__E.java', '')]
    const { faults } = planAdoption(flyway, more, [flywayRow('99', 'SQL', 'V99__x.sql', '1')], place)
    expect(faults.map(({ what }) => what)).toEqual([
      'A Flyway migration written as code cannot be converted to SQL.',
      `\`${'$'}{owner}\` is a placeholder of Flyway, whose value is in the configuration of Flyway.`,
      'Flyway has applied `V99__x.sql`, but there is no file for it.',
    ])
  })

  test('a history of goose: the last row of a version decides', () => {
    const rows = ['0', '1', '2', '2'].map((id, index) => ({
      version_id: id,
      is_applied: index === 3 ? '0' : '1',
      tstamp: '2024-01-01 00:00:00',
    }))
    const project = ['1', '2'].map((id) => file(`${id}_x.sql`, '-- +goose Up\nDO 1;\n-- +goose Down\nDO 2;\n'))
    const plan = planAdoption(goose, project, rows, place)
    expect(plan.files.map(({ applied }) => applied !== null)).toEqual([true, false])
    expect(plan.files[0]?.text).toContain('-- migrate:up\nDO 1;\n\n-- migrate:down\nDO 2;\n')
  })

  test('a history of dbmate: options of its directives are left out', () => {
    const project = [file('20240101000000_x.sql', '-- migrate:up transaction:false\nDO 1;\n-- migrate:down\n')]
    expect(planAdoption(dbmate, project, [], place).files[0]?.text).toBe(
      '-- Adopted from dbmate: 20240101000000_x.sql\n-- migrate:up\nDO 1;\n\n-- migrate:down\nDO 0;\n',
    )
  })

  test('a history of Drizzle: a file that it passed over is pending, and a note names it', () => {
    const entries = [1, 2, 3].map((at) => ({ when: 1704067200000 + at * 1000, tag: `000${at}_x` }))
    const project = [
      file('meta/_journal.json', JSON.stringify({ entries })),
      ...[1, 2, 3].map((at) => file(`000${at}_x.sql`, 'DO 1;')),
    ]
    const rows = [1, 3].map((at) => ({ hash: 'x', created_at: String(1704067200000 + at * 1000) }))
    const plan = planAdoption(drizzle, project, rows, place)
    expect(plan.files.map(({ applied }) => applied !== null)).toEqual([true, false, true])
    expect(plan.notes.join(' ')).toContain('`0002_x.sql`')
    expect(plan.edited).toHaveLength(2)
  })

  test('a history of Liquibase: what its update-sql wrote has the changesets with their checksums, and its schema is the own one', () => {
    const sum = '9:82bc30c03017fd533bf59ce9e7fbf949'
    const printed = `--  Create Database Lock Table\nCREATE TABLE lb.DATABASECHANGELOGLOCK (ID INT);\n\n--  Changeset db/root.xml::1::ann\nCREATE TABLE lb.a (id INT);\n\nINSERT INTO lb.DATABASECHANGELOG (ID) VALUES ('1', 'ann', 'db/root.xml', NOW(), 1, '${sum}', 'sql');\n\n--  Release Database Lock\nUPDATE lb.DATABASECHANGELOGLOCK SET LOCKED = 0;\n`
    const history = {
      ID: '1',
      AUTHOR: 'ann',
      FILENAME: 'root.xml',
      DATEEXECUTED: '2024-01-01 00:00:00',
      EXECTYPE: 'EXECUTED',
      MD5SUM: sum,
    }
    const plan = planAdoption(liquibase, [file('update.sql', printed)], [history], place)
    expect(plan).toMatchObject({
      edited: [],
      faults: [],
      files: [{ fileName: '0001_root_1.sql', applied: { by: 'ann' } }],
    })
    expect(plan.files[0]?.text).toBe(
      '-- Adopted from liquibase: update.sql\n-- migrate:up\nCREATE TABLE {{schema:app}}.a (id INT);\n',
    )
    const edited = planAdoption(
      liquibase,
      [file('update.sql', printed)],
      [{ ...history, MD5SUM: sum.replace('82', '83') }],
      place,
    )
    expect(edited.edited).toHaveLength(1)
  })
})
