import { describe, expect, test } from 'vitest'
import { isQuickWrite, joinableWith, readyStatement } from '../../../src/migrations/execute/ready-statement.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const schemas = new Map([['user_db', 'pr_1_user_db']])

function ready(text: string, temporary: readonly string[] = []) {
  const statement = statementOf(text)
  return readyStatement(statement, statement, schemas, new Set(temporary))
}

const joins = (first: string, second: string): boolean =>
  joinableWith(statementOf(first))?.(statementOf(second)) ?? false

describe('rows are opened together', () => {
  test.each([
    'CREATE TABLE b (id INT)',
    'CREATE VIEW v AS SELECT 1',
    'CREATE PROCEDURE p() SELECT 1',
    'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1',
  ])('for the creation of one object: %s', (text) => {
    expect([joins('CREATE TABLE a (id INT)', text), joins(text, 'CREATE TABLE a (id INT)')]).toEqual([true, true])
  })

  test.each([
    'CREATE TABLE IF NOT EXISTS b (id INT)',
    'CREATE OR REPLACE VIEW v AS SELECT 1',
    'CREATE INDEX i ON a (id)',
    'ALTER TABLE a ADD c INT',
    'DROP TABLE a',
    'CREATE TEMPORARY TABLE b (id INT)',
    'CREATE USER u',
    'INSERT INTO a VALUES (1)',
  ])('not with what changes something, or may find it there: %s', (text) => {
    expect(joins('CREATE TABLE a (id INT)', text)).toBe(false)
  })

  test('for short writes, and those alone', () => {
    const insert = 'INSERT INTO a VALUES (1)'
    expect(joins(insert, 'REPLACE INTO b (x) VALUES (2)')).toBe(true)
    expect(joins(insert, 'UPDATE a SET x = 1')).toBe(false)
    expect(joins(insert, 'CREATE TABLE a (id INT)')).toBe(false)
  })
})

describe('a quick write', () => {
  test.each([
    ['INSERT INTO t VALUES (1)', true],
    ['REPLACE INTO t (a) VALUES (1), (2)', true],
    ['INSERT INTO t SET a = 1', true],
    ['INSERT INTO t SELECT * FROM u', false],
    ['INSERT INTO t TABLE u', false],
    ['INSERT INTO t VALUES (@id)', false],
    ['INSERT IGNORE INTO t VALUES (1)', false],
    ['INSERT INTO t VALUES ((SELECT 1))', false],
    ['UPDATE t SET a = 1', false],
    ['DELETE FROM t WHERE a = 1', false],
    [`INSERT INTO t VALUES ('${'x'.repeat(20_000)}')`, false],
  ])('%.40s: %s', (text, quick) => {
    expect(isQuickWrite(statementOf(text))).toBe(quick)
  })
})

describe('what shows afterwards whether a statement ran', () => {
  test.each([
    ['ALTER TABLE t ADD c INT', 'definition'],
    ['RENAME TABLE a TO b', 'definition'],
    ['RENAME TABLE a TO b, c TO d', 'definition'],
    ['RENAME TABLE a TO tmp, b TO a, tmp TO b', 'identity'],
    ['TRUNCATE TABLE t', 'number'],
    ['TRUNCATE t', 'number'],
    ['ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u', 'number'],
    ['ALTER TABLE t TRUNCATE PARTITION p', 'number'],
    ['ALTER TABLE t DISCARD TABLESPACE', 'nothing'],
  ])('%s: %s', (text, evidence) => {
    expect(ready(text).evidence).toBe(evidence)
  })
})

describe('on temporary tables of the same script', () => {
  test.each([
    ['INSERT INTO Stage VALUES (1)', 'session'],
    ['ALTER TABLE stage ADD c INT', 'session'],
    ['UPDATE stage SET a = 1', 'session'],
    ['DROP TABLE stage', 'session'],
    ['INSERT INTO app.stage VALUES (1)', 'data'],
    ['DROP TABLE stage, users', 'definition'],
    ['INSERT INTO users VALUES (1)', 'data'],
    ['CREATE TABLE stage (id INT)', 'definition'],
  ])('%s is of class %s', (text, kind) => {
    expect(ready(text, ['stage']).class).toBe(kind)
  })
})

test('placeholders are filled in, in the text, in the names and in the summary', () => {
  const { text, objects, summary } = ready('ALTER TABLE {{schema:user_db}}.users ADD c INT')
  expect(text).toBe('ALTER TABLE `pr_1_user_db`.users ADD c INT')
  expect(objects).toMatchObject([{ schema: 'pr_1_user_db', name: 'users' }])
  expect(summary).toBe('ALTER TABLE pr_1_user_db.users')
})

test('EXECUTE is journaled under what it resolves to, and sent as it stands', () => {
  const source = statementOf('EXECUTE change')
  const resolved = readyStatement(source, statementOf('DROP TABLE users'), schemas, new Set())
  expect(resolved).toMatchObject({
    class: 'definition',
    text: 'EXECUTE change',
    summary: 'EXECUTE change: DROP TABLE users',
  })
})
