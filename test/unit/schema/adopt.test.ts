import { describe, expect, test } from 'vitest'
import type { HistoryRow, OldFile } from '../../../src/schema/adopt/contract.ts'
import { planAdoption } from '../../../src/schema/adopt/plan-adoption.ts'
import { dbmate } from '../../../src/schema/adopt/tools/dbmate.ts'
import { drizzle } from '../../../src/schema/adopt/tools/drizzle.ts'
import { flyway } from '../../../src/schema/adopt/tools/flyway.ts'
import { golangMigrate } from '../../../src/schema/adopt/tools/golang-migrate.ts'
import { goose } from '../../../src/schema/adopt/tools/goose.ts'
import { liquibase } from '../../../src/schema/adopt/tools/liquibase.ts'
import { mapVersions } from '../../../src/schema/adopt/versions.ts'

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

  test('takes dashes without a blank for the comment that was meant, and an empty file for one that does nothing', () => {
    expect(convert('--DROP TABLE a\nCREATE TABLE b (id INT);').text).toContain(
      '-- DROP TABLE a\nCREATE TABLE b (id INT);',
    )
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

const file = (path: string, text: string): OldFile => ({ path, text })

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
      'A migration of Flyway that is a program cannot become SQL.',
      `\`${'$'}{owner}\` is a placeholder of Flyway, and its value is in the configuration of Flyway.`,
      'Flyway has applied `V99__x.sql`, and no file has it.',
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
