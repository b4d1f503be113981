import { describe, expect, test } from 'vitest'
import { nothingKnown, type Schema } from '../../../src/ddl/schema.ts'
import type { ProbeStep } from '../../../src/probe/algorithm-question.ts'
import { makeAlgorithmQuestions } from '../../../src/probe/algorithm-questions.ts'
import { isConfined } from '../../../src/probe/scratch-copies.ts'
import { listTablesToRead } from '../../../src/probe/what-to-read.ts'
import { serverWith, stateOf } from '../../helpers/ddl/known-tables.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const scratch = 'wwdb_scratch_0123456789ab'

function questionsFor(texts: readonly string[], tables: Schema = nothingKnown, files: readonly string[] = []) {
  const statements = texts.map((text, index) => statementOf(text, index, files[index] ?? 'a.sql'))
  return makeAlgorithmQuestions({ statements, tables, schema: 'app', serverVersion: '9.7.4', scratch })
}

/** `ask app.t`, `rename app.a app.b`, `session foreign_key_checks`, `next-file` */
function describeStep(step: ProbeStep): string {
  const name = (table: { schema: string; name: string }): string => `${table.schema}.${table.name}`
  switch (step.type) {
    case 'ask':
      return [`ask ${step.position} ${name(step.table)}`, ...step.references.map(name)].join(' ')
    case 'rename':
      return `rename ${name(step.from)} ${name(step.to)}`
    case 'prepare':
      return `prepare ${step.position}`
    case 'session':
      return `session ${step.variables.join()}`
    case 'next-file':
    case 'try':
    case 'untried':
    case 'mark':
      return step.type
  }
}

const stepsFor = (...texts: readonly string[]): readonly string[] => questionsFor(texts).steps.map(describeStep)

describe('the server is asked', () => {
  test('about ALTER TABLE, CREATE INDEX and DROP INDEX', () => {
    expect(
      stepsFor('ALTER TABLE t ADD a INT', 'CREATE INDEX i ON t (a)', 'DROP INDEX i ON x.t', 'INSERT INTO t VALUES (1)'),
    ).toEqual(['ask 0 app.t', 'ask 1 app.t', 'ask 2 x.t'])
  })

  test('with the parents of its foreign keys', () => {
    expect(stepsFor('ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES users.u (id)')).toEqual(['ask 0 app.t users.u'])
  })

  test('under the session settings of the migration, up to the end of its file', () => {
    const texts = ['SET foreign_key_checks = 0', 'ALTER TABLE t FORCE', 'ALTER TABLE t ADD a INT']
    const steps = questionsFor(texts, nothingKnown, ['a.sql', 'a.sql', 'b.sql']).steps
    expect(steps.map(describeStep)).toEqual(['session foreign_key_checks', 'ask 1 app.t', 'next-file', 'ask 2 app.t'])
  })

  test('a SET that reads, calls or sets anything else is never run', () => {
    expect(
      stepsFor(
        'SET sql_mode = (SELECT 1)',
        'SET @a = 1',
        'SET sql_log_bin = 0',
        'SET GLOBAL sql_mode = 1',
        'ALTER TABLE t FORCE',
      ),
    ).toEqual(['ask 4 app.t'])
  })

  test('with the names that tables have at that point of the plan', () => {
    expect(stepsFor('RENAME TABLE a TO b, c TO x.d', 'ALTER TABLE b RENAME TO e', 'ALTER TABLE e FORCE')).toEqual([
      'rename app.a app.b',
      'rename app.c x.d',
      'rename app.b app.e',
      'ask 2 app.e',
    ])
  })
})

describe('the server is not asked', () => {
  test('anything when there is nothing to ask', () =>
    expect(stepsFor('SET foreign_key_checks = 0', 'RENAME TABLE a TO b')).toEqual([]))

  test('to prepare statements on tables that are not known, and on changed ones only through their columns', () => {
    const present = stateOf('CREATE TABLE t (n INT)')
    const tables = serverWith({ t: present, u: present })
    const steps = questionsFor(
      [
        'INSERT INTO t SELECT * FROM u',
        'INSERT INTO t VALUES (1)',
        'SELECT 1 FROM unknown',
        'SELECT 1 FROM other.t',
        'CREATE TEMPORARY TABLE u (n INT)',
        'SELECT n FROM u',
        'SELECT n /*!80000 , m */ FROM t',
        'SELECT n FROM t',
        'ALTER TABLE t ADD m INT',
        'SELECT app.t.m FROM t',
        'UPDATE t SET m = n',
        'ALTER TABLE t RENAME v',
        'SELECT m FROM v',
      ],
      tables,
    ).steps
    expect(steps.map(describeStep)).toEqual([
      'prepare 0',
      'prepare 7',
      'ask 8 app.t',
      'prepare 10',
      'rename app.t app.v',
      'prepare 12',
    ])
    expect(steps.find((step) => step.type === 'prepare' && step.position === 10)).toMatchObject({
      text: 'WITH `t` AS (SELECT NULL AS `n`, NULL AS `m`) SELECT m AS wwdb_1, n AS wwdb_2 FROM t ',
    })
  })

  test('about tables that the plan creates or that do not exist', () => {
    const tables = serverWith({ gone: { type: 'absent' } })
    expect(
      questionsFor(['CREATE TABLE a (id INT)', 'ALTER TABLE a ADD b INT', 'ALTER TABLE gone ADD b INT'], tables).steps,
    ).toEqual([])
  })

  test.each([
    'ALTER TABLE t EXCHANGE PARTITION p WITH TABLE x',
    'ALTER TABLE t TRUNCATE PARTITION p',
    'ALTER TABLE t DISCARD TABLESPACE',
    'ALTER TABLE t IMPORT TABLESPACE',
    'ALTER TABLE t OPTIMIZE PARTITION p',
    'ALTER TABLE t',
    'OPTIMIZE TABLE t',
  ])('about %s', (text) => expect(stepsFor(text)).toEqual([]))
})

describe('no text changes an original table', () => {
  test('because every schema is replaced by its scratch schema', () => {
    const { steps } = questionsFor([
      'ALTER TABLE `app`.t ADD x INT, ADD FOREIGN KEY (x) REFERENCES users . u (id), RENAME TO other.t2',
    ])
    const step = steps[0]
    expect(step?.type === 'ask' && step.attempts[0]?.text).toBe(
      `ALTER TABLE \`${scratch}\`.t ALGORITHM=INSTANT, LOCK=DEFAULT, ADD x INT, ADD FOREIGN KEY (x) REFERENCES \`${scratch}_2\` . u (id), RENAME TO \`${scratch}_3\`.t2`,
    )
  })

  test('because the names are read from the text itself', () => {
    const outdated = (name: string) => ({ type: 'table' as const, schema: '{{schema:app}}', name })
    const statement = statementOf('ALTER TABLE app.t ADD FOREIGN KEY (x) REFERENCES users.u (id)')
    const statements = [{ ...statement, objects: [outdated('t')], references: [outdated('u')] }]
    const source = { statements, tables: nothingKnown, schema: 'app', serverVersion: '9.7.4', scratch }
    const [step] = makeAlgorithmQuestions(source).steps
    expect(step?.type === 'ask' && step.attempts[0]?.text).toBe(
      `ALTER TABLE \`${scratch}\`.t ALGORITHM=INSTANT, LOCK=DEFAULT, ADD FOREIGN KEY (x) REFERENCES \`${scratch}_2\`.u (id)`,
    )
  })

  test('because a text that still names another schema is not run', () => {
    expect(isConfined(`ALTER TABLE \`${scratch}\`.t FORCE`, scratch)).toBe(true)
    expect(isConfined('ALTER TABLE t RENAME TO u', scratch)).toBe(true)
    expect(isConfined('ALTER TABLE app.t FORCE', scratch)).toBe(false)
    expect(isConfined('ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES app.u (id)', scratch)).toBe(false)
    expect(isConfined('ALTER TABLE t RENAME TO app.u', scratch)).toBe(false)
  })

  test('because a copy neither refers to a parent nor uses another directory', () => {
    const copy = questionsFor(['ALTER TABLE t FORCE']).adaptCopy(
      'CREATE TABLE `t` (\n  `a.b` int DEFAULT NULL,\n  CONSTRAINT `f` FOREIGN KEY (`a.b`) REFERENCES `users`.`u` (`id`),\n' +
        '  CONSTRAINT `g` FOREIGN KEY (`a.b`) REFERENCES `u` (`id`)\n) /*!50100 TABLESPACE `fast` */ ENGINE=InnoDB ' +
        "DATA DIRECTORY='/disk/' COMMENT='REFERENCES `x`.`y`'",
      'copy`d',
    )
    expect(copy).toBe(
      `CREATE TABLE \`copy\`\`d\` (\n  \`a.b\` int DEFAULT NULL,\n  CONSTRAINT \`f\` FOREIGN KEY (\`a.b\`) REFERENCES \`${scratch}_2\`.\`u\` (\`id\`),\n` +
        "  CONSTRAINT `g` FOREIGN KEY (`a.b`) REFERENCES `u` (`id`)\n) /*!50100  */ ENGINE=InnoDB  COMMENT='REFERENCES `x`.`y`'",
    )
  })

  test.each(['CREATE TABLE `t` (`id` int) ENGINE=MyISAM', 'CREATE ALGORITHM=UNDEFINED VIEW `v` AS select 1', ''])(
    'and no copy is made from "%s"',
    (text) => {
      expect(questionsFor(['ALTER TABLE t FORCE']).adaptCopy(text, 't')).toBeNull()
    },
  )
})

test('only the tables that matter are read', () => {
  const names = (...texts: readonly string[]) =>
    listTablesToRead(texts.map((text) => statementOf(text))).map((table) => table.name)
  expect(
    names('CREATE TABLE a (id INT)', 'INSERT INTO a VALUES (1)', 'DROP VIEW v', 'CREATE VIEW v AS TABLE a'),
  ).toEqual([])
  expect(names('INSERT INTO b VALUES (1)', 'SELECT * FROM c JOIN d', 'CREATE TABLE e SELECT * FROM f')).toEqual([
    'b',
    'c',
    'd',
    'e',
    'f',
  ])
  // The rows of a large table that a condition chooses, and those behind a view that the plan makes.
  expect(names('CREATE VIEW v AS SELECT * FROM a JOIN b', 'UPDATE v SET x = 1 WHERE id = 1')).toEqual(['a', 'b', 'v'])
  expect(names('INSERT INTO c SELECT * FROM d', 'REPLACE INTO e TABLE f')).toEqual(['c', 'd', 'e', 'f'])
  expect(names('ALTER TABLE a FORCE', 'UPDATE b SET x = 1', 'DROP TABLE c, d', 'CREATE INDEX i ON e (x)')).toEqual([
    'a',
    'b',
    'c',
    'd',
    'e',
  ])
})
