import { describe, expect, test } from 'vitest'
import { type ForeignKey, followForeignKeys, readForeignKeys } from '../../../src/ddl/foreign-keys.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const own = { database: 'app_db', schema: 'pr_7_app_db' }

/** `fk: c.a,b -> p.x,y`, the schema before a table where it has one. */
function show({ name, table, columns, parent, parentColumns }: ForeignKey): string {
  const full = ({ schema, name: own }: ForeignKey['table']) => (schema === null ? own : `${schema}.${own}`)
  return `${name ?? '-'}: ${full(table)}(${columns.join(',')}) -> ${full(parent)}(${parentColumns.join(',')})`
}

function read(text: string): readonly string[] {
  return readForeignKeys(statementOf(text)).map(show)
}

/** The keys that are left after statements, of which those that begin with `!` did not run. */
function follow(...texts: readonly string[]): readonly string[] {
  const keys = texts.reduce<readonly ForeignKey[]>((before, text) => {
    const ran = !text.startsWith('!')
    return followForeignKeys(before, statementOf(ran ? text : text.slice(1)), own, ran)
  }, [])
  return keys.map(show)
}

describe('the keys that a statement adds', () => {
  test.each([
    [
      'in an ALTER TABLE, to another database',
      'ALTER TABLE `c` ADD CONSTRAINT `fk_c_a` FOREIGN KEY (`a`) REFERENCES {{schema:user_db}}.`users` (`id`)',
      ['fk_c_a: c(a) -> {{schema:user_db}}.users(id)'],
    ],
    [
      'two in one ALTER TABLE, with what else it does around them',
      `ALTER TABLE c ADD COLUMN x DECIMAL(10,2), ADD CONSTRAINT one FOREIGN KEY (a) REFERENCES p (x) ON DELETE CASCADE,
       DROP KEY k, ADD CONSTRAINT two FOREIGN KEY (b) REFERENCES other.q (y) MATCH FULL ON UPDATE SET NULL, ALGORITHM=COPY`,
      ['one: c(a) -> p(x)', 'two: c(b) -> other.q(y)'],
    ],
    [
      'without a name, with the name of an index',
      'ALTER TABLE c ADD FOREIGN KEY idx_a (a) REFERENCES p (x), ADD CONSTRAINT FOREIGN KEY (b) REFERENCES p (x)',
      ['-: c(a) -> p(x)', '-: c(b) -> p(x)'],
    ],
    [
      'in a CREATE TABLE, composite, among columns and keys',
      `CREATE TABLE IF NOT EXISTS s.c (id INT PRIMARY KEY, a ENUM('x,y', '(') COMMENT 'REFERENCES p (no)', b VARCHAR(9),
       KEY i (a, b), CHECK (a > (1)), CONSTRAINT fk FOREIGN KEY (a, b(5) DESC) REFERENCES p (x, y) ON DELETE RESTRICT) ENGINE=InnoDB`,
      ['fk: s.c(a,b) -> p(x,y)'],
    ],
    [
      "of a column, with and without the parent's columns",
      'CREATE TABLE c (a INT REFERENCES p (x), `b` BIGINT NOT NULL REFERENCES {{schema:user_db}}.p ON DELETE CASCADE)',
      ['-: c(a) -> p(x)', '-: c(b) -> {{schema:user_db}}.p()'],
    ],
    [
      'of a column that is added, or of several in parentheses',
      'ALTER TABLE c ADD a INT REFERENCES p (x), ADD COLUMN (b INT, FOREIGN KEY (b) REFERENCES q (y))',
      ['-: c(a) -> p(x)', '-: c(b) -> q(y)'],
    ],
    [
      'with quoted names that need it',
      'ALTER TABLE `a.b` ADD CONSTRAINT `fk``1` FOREIGN KEY (`x,y`, `FOREIGN`) REFERENCES `s (1)`.`references` (`a)`, `key`)',
      ['fk`1: a.b(x,y,FOREIGN) -> s (1).references(a),key)'],
    ],
    [
      'through comments of every kind',
      `alter table c -- FOREIGN KEY (no) REFERENCES no (no)
       add /* REFERENCES no (no) */ constraint fk # ) (
       foreign/**/key (a /* , b */) /*!40000 references p (x) */`,
      ['fk: c(a) -> p(x)'],
    ],
  ] as const)('%s', (_, text, keys) => {
    expect(read(text)).toEqual(keys)
  })

  test.each([
    ["INSERT INTO c VALUES ('FOREIGN KEY (a) REFERENCES p (x)')"],
    ['CREATE TEMPORARY TABLE c (a INT, FOREIGN KEY (a) REFERENCES p (x))'],
    ['ALTER TABLE c DROP FOREIGN KEY fk, ADD COLUMN `references` INT'],
    ["CREATE TABLE c (a INT COMMENT 'REFERENCES p (x)')"],
    ['CREATE VIEW v AS SELECT a FROM c'],
    ['CREATE PROCEDURE f() CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES p (x))'],
    ['CREATE TABLE c LIKE p'],
  ])('none in %s', (text) => {
    expect(read(text)).toEqual([])
  })

  test('with the place where each declaration begins', () => {
    const text = 'ALTER TABLE c\n  ADD COLUMN a INT,\n  ADD CONSTRAINT fk\n  FOREIGN KEY (a) REFERENCES p (x)'
    expect(readForeignKeys(statementOf(text, 9, 'migrations/app/1_a.sql'))).toMatchObject([
      { file: 'migrations/app/1_a.sql', line: 12 },
    ])
  })
})

describe('the keys of a database after its statements', () => {
  const table = 'CREATE TABLE c (a INT, b INT, CONSTRAINT one FOREIGN KEY (a) REFERENCES p (x))'

  test('a statement that did not run adds, but neither drops nor renames', () => {
    expect(
      follow(
        `!${table}`,
        '!ALTER TABLE c DROP FOREIGN KEY one',
        '!DROP TABLE c',
        '!RENAME TABLE c TO d',
        '!ALTER TABLE c CHANGE a z INT',
      ),
    ).toEqual(['one: c(a) -> p(x)'])
  })

  test.each([
    ['ALTER TABLE c DROP FOREIGN KEY one'],
    ['ALTER TABLE `C` ADD KEY (b), DROP CONSTRAINT `ONE`'],
    ['ALTER TABLE {{schema:app_db}}.c DROP FOREIGN KEY one'],
    ['ALTER TABLE pr_7_app_db.c DROP FOREIGN KEY one'],
    ['DROP TABLE IF EXISTS other, c'],
  ])('none after %s', (text) => {
    expect(follow(table, text)).toEqual([])
  })

  test.each([
    ['ALTER TABLE d DROP FOREIGN KEY one'],
    ['ALTER TABLE other.c DROP FOREIGN KEY one'],
    ['ALTER TABLE c DROP FOREIGN KEY two, DROP COLUMN one'],
    ['DROP TABLE other.c'],
    ['DROP VIEW IF EXISTS c2'],
  ])('still there after %s', (text) => {
    expect(follow(table, text)).toEqual(['one: c(a) -> p(x)'])
  })

  test('one ALTER TABLE may replace a key under its own name', () => {
    const replace = 'ALTER TABLE c ADD CONSTRAINT one FOREIGN KEY (b) REFERENCES q (y), DROP FOREIGN KEY one'
    expect(follow(table, replace)).toEqual(['one: c(b) -> q(y)'])
    expect(follow(table, `!${replace}`)).toEqual(['one: c(a) -> p(x)', 'one: c(b) -> q(y)'])
  })

  test('a key without a name has the one that the server gives it', () => {
    const unnamed = 'ALTER TABLE c ADD FOREIGN KEY (a) REFERENCES p (x)'
    expect(
      follow('CREATE TABLE c (a INT REFERENCES p (x))', unnamed, 'ALTER TABLE c DROP FOREIGN KEY c_ibfk_1'),
    ).toEqual(['c_ibfk_2: c(a) -> p(x)'])
  })

  test('names follow tables and columns that are renamed', () => {
    expect(follow(table, 'RENAME TABLE c TO d, p TO q')).toEqual(['one: d(a) -> q(x)'])
    expect(follow(table, 'ALTER TABLE c RENAME COLUMN a TO z, RENAME TO e')).toEqual(['one: e(z) -> p(x)'])
    expect(follow(table, 'ALTER TABLE p CHANGE COLUMN x y BIGINT')).toEqual(['one: c(a) -> p(y)'])
    const addBoth = 'ALTER TABLE c CHANGE b z INT, ADD CONSTRAINT two FOREIGN KEY (z) REFERENCES p (x), RENAME d'
    expect(follow(table, addBoth)).toEqual(['one: d(a) -> p(x)', 'two: d(z) -> p(x)'])
  })
})
