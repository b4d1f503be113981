import { describe, expect, test } from 'vitest'
import type { SchemaObject } from '../../../src/ddl/schema.ts'
import { judgeInOrder } from '../../../src/lint/find-hazards.ts'
import { serverWith, stateOf, tableOf } from '../../helpers/ddl/known-tables.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const definition = `CREATE TABLE users (
  id BIGINT AUTO_INCREMENT,
  email VARCHAR(90) NOT NULL COMMENT 'where',
  city VARCHAR(90) NOT NULL DEFAULT '',
  name VARCHAR(90),
  seen TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY by_email (email),
  KEY by_city (city),
  KEY by_city_name (city, name),
  KEY by_name (name),
  CONSTRAINT users_fk FOREIGN KEY (city) REFERENCES cities (name)
)`

const users = (rows: number, bytes = 16_384): SchemaObject => stateOf(definition, { rows, bytes })

const view = tableOf('CREATE TABLE v (id BIGINT NOT NULL)')

/** `users` has a few rows, `empty` none, `big` many; `view_of_users` was there before. */
const tables = serverWith({
  users: users(40),
  empty: users(0),
  big: users(5_000_000, 2 ** 30),
  view_of_users: { type: 'view', reads: null, columns: view.columns },
  gone: { type: 'absent' },
  recent: { type: 'absent' },
})

function codes(...texts: readonly string[]): string {
  const planned = texts.map((text, index) => ({ statement: statementOf(text, index), accepted: [] }))
  return judgeInOrder(planned, { tables })
    .flatMap(({ hazards }) => hazards.map(({ code }) => code))
    .join(' ')
}

const why = (text: string): string =>
  judgeInOrder([{ statement: statementOf(text), accepted: [] }], { tables })
    .flatMap(({ hazards }) => hazards.map((hazard) => hazard.why))
    .join(' ')

describe('a view is judged by the tables behind it', () => {
  const view = 'CREATE VIEW recent AS SELECT u.id, EXTRACT(YEAR FROM seen) AS year FROM users u WHERE seen > 0'

  test.each([
    [[view, 'DELETE FROM recent'], 'DELETE_ALL_ROWS'],
    [[view, 'UPDATE recent SET id = 1 WHERE 1 = 1'], 'UPDATE_ALL_ROWS'],
    [[view, 'DELETE FROM recent WHERE id = 1'], ''],
    [[view, 'CREATE OR REPLACE VIEW gone AS SELECT * FROM recent', 'DELETE FROM gone'], 'DELETE_ALL_ROWS'],
    [['DELETE FROM view_of_users'], 'DELETE_ALL_ROWS'],
    [['DELETE FROM view_of_users WHERE id IS NOT NULL'], 'DELETE_ALL_ROWS'],
    [['DELETE FROM view_of_users WHERE id = 1'], ''],
    [[view, 'DELETE FROM recent WHERE id IS NOT NULL'], 'DELETE_ALL_ROWS'],
    [['CREATE TABLE n (id INT PRIMARY KEY)', 'CREATE VIEW v AS SELECT * FROM n', 'DELETE FROM v'], ''],
    [
      ['CREATE TABLE n (id INT PRIMARY KEY)', 'CREATE VIEW v AS (SELECT * FROM n JOIN users)', 'DELETE FROM v'],
      'DELETE_ALL_ROWS',
    ],
    [[view, 'DROP VIEW recent', 'CREATE TABLE recent (id INT PRIMARY KEY)', 'DELETE FROM recent'], ''],
  ] as const)('%j: %s', (texts, expected) => expect(codes(...texts)).toBe(expected))
})

describe('a definition that drops an attribute has a note with its name', () => {
  test.each([
    ['ALTER TABLE users MODIFY id BIGINT', 'Column `id` loses its `AUTO_INCREMENT`'],
    ['ALTER TABLE users MODIFY email VARCHAR(90)', 'Column `email` loses its `NOT NULL` and `COMMENT`'],
    ['ALTER TABLE users CHANGE city city VARCHAR(90) NOT NULL', 'Column `city` loses its `DEFAULT`'],
    ['ALTER TABLE users MODIFY seen TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP', 'Column `seen` loses its `ON UPDATE`'],
  ])('%s: %s', (text, expected) => expect(why(text)).toContain(expected))

  test.each([
    "ALTER TABLE users MODIFY id BIGINT AUTO_INCREMENT COMMENT 'key'",
    "ALTER TABLE users MODIFY email VARCHAR(90) NOT NULL COMMENT 'where'",
    'ALTER TABLE users ALTER city DROP DEFAULT',
    'ALTER TABLE empty MODIFY id BIGINT',
  ])('nothing is lost by %s', (text) => expect(codes(text)).toBe(''))

  test('only once by two statements', () => {
    expect(codes('ALTER TABLE users MODIFY id BIGINT', 'ALTER TABLE users MODIFY id BIGINT NOT NULL')).toBe(
      'LOST_ATTRIBUTE',
    )
  })
})

describe('keys are compared with the existing ones', () => {
  test.each([
    [['ALTER TABLE users DROP INDEX by_name'], 'DROP_INDEX'],
    [['DROP INDEX by_email ON users'], 'DROP_INDEX'],
    [['ALTER TABLE users DROP INDEX by_city'], ''],
    [['ALTER TABLE users DROP INDEX by_city_name'], 'DROP_INDEX'],
    [['ALTER TABLE users DROP INDEX by_name, ADD INDEX by_both (name, email)'], ''],
    [['ALTER TABLE users DROP INDEX by_email, ADD INDEX by_e (email)'], 'DROP_INDEX'],
    [['CREATE INDEX mine ON users (seen)', 'DROP INDEX mine ON users'], ''],
    [['ALTER TABLE users RENAME INDEX by_name TO by_n', 'DROP INDEX by_n ON users'], 'DROP_INDEX'],
    [['ALTER TABLE users DROP PRIMARY KEY'], 'DROP_INDEX'],
    [['ALTER TABLE users DROP FOREIGN KEY users_fk'], 'DROP_CONSTRAINT'],
    [['ALTER TABLE users DROP CONSTRAINT users_fk'], 'DROP_CONSTRAINT'],
    [['ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0)', 'ALTER TABLE users DROP CHECK c'], ''],
    [['ALTER TABLE empty DROP INDEX by_name'], ''],
    [['ALTER TABLE users ADD UNIQUE (name)'], 'ADD_UNIQUE'],
    [['ALTER TABLE users ADD UNIQUE (name, email)'], ''],
    [['ALTER TABLE empty ADD UNIQUE (name)'], ''],
    [['ALTER TABLE users ADD nick VARCHAR(9)', 'CREATE UNIQUE INDEX n ON users (nick)'], ''],
    [['ALTER TABLE empty ADD x INT NOT NULL', 'RENAME TABLE empty TO gone'], ''],
  ] as const)('%j: %s', (texts, expected) => expect(codes(...texts)).toBe(expected))
})

describe('a change of many rows is one without a condition on an index', () => {
  test.each([
    ['DELETE FROM big WHERE city > 5', 'LARGE_CHANGE'],
    ["UPDATE big SET name = 'x' WHERE seen = 1", 'LARGE_CHANGE'],
    ["UPDATE big SET name = 'x' WHERE name = 'y'", ''],
    ['DELETE FROM big WHERE id IN (1, 2)', ''],
    ['DELETE FROM big WHERE id IN (SELECT id FROM users)', 'LARGE_CHANGE'],
    ['DELETE FROM big WHERE id > 0', 'DELETE_ALL_ROWS'],
    ['DELETE FROM users WHERE city > 5', ''],
  ])('%s: %s', (text, expected) => expect(codes(text)).toBe(expected))

  test('an UPDATE that fills a column which the plan adds is one', () => {
    expect(codes('ALTER TABLE big ADD nick INT', 'UPDATE big SET nick = id')).toBe('LARGE_CHANGE')
    expect(codes('ALTER TABLE users ADD nick INT', 'UPDATE users SET nick = id')).toBe('')
  })
})

test('a primary key that a later statement adds is enough, as dumps have it', () => {
  const create = 'CREATE TABLE dumped (id INT NOT NULL)'
  expect(codes(create)).toBe('NO_PRIMARY_KEY')
  expect(codes(create, 'ALTER TABLE dumped ADD PRIMARY KEY (id)')).toBe('')
  expect(codes(create, 'ALTER TABLE dumped MODIFY id INT AUTO_INCREMENT PRIMARY KEY')).toBe('')
})

test('a table that takes the name of a renamed one keeps that name in use', () => {
  expect(codes('RENAME TABLE users TO gone')).toBe('RENAME_TABLE')
  expect(codes('CREATE TABLE n (id INT PRIMARY KEY)', 'RENAME TABLE users TO gone, n TO users')).toBe('')
  expect(codes('RENAME TABLE empty TO gone')).toBe('')
})
