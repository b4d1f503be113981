import { describe, expect, test } from 'vitest'
import { findNaming, findNamingIn, type NamedObject, splitBody } from '../../../src/uses/name-uses.ts'

const users = { schema: 'app', isTable: (name: string) => name === 'users', foldsNames: false }
const column = (name: string): NamedObject => ({
  ...users,
  part: { type: 'column', name },
  hasColumn: (_, table) => ['users', 'friends'].includes(table),
})
const index: NamedObject = { ...users, part: { type: 'index', name: 'by_nick' } }
const table: NamedObject = { ...users, part: null }
const place = { schema: 'app' }

describe('a column', () => {
  test.each([
    ['SELECT nick FROM users', 'name'],
    ['SELECT `Nick` FROM app.users', 'name'],
    ['SELECT app.users.nick FROM app.users', 'name'],
    ['SELECT u.nick FROM users AS u', 'name'],
    ['EXECUTE SELECT `nick` FROM `users` WHERE `id` = ?', 'name'],
    ['SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM friends f WHERE f.id = o.id AND f.nick = o.nick)', null],
    ['SELECT id FROM users u WHERE EXISTS (SELECT 1 FROM orders WHERE nick = 1)', 'name'],
    ['SELECT id FROM users u WHERE EXISTS (SELECT 1 FROM friends WHERE nick = 1)', null],
    ['(SELECT id FROM orders) UNION ALL (SELECT nick FROM users)', 'name'],
    ['SELECT f.nick FROM friends f, users', null],
    ['SELECT nick FROM other.users', null],
    ['SELECT "nick" FROM users', null],
    ['SELECT id /* nick */ FROM users -- nick', null],
    ['SELECT name AS nick FROM users ORDER BY nick', null],
    ['SELECT name nick FROM users HAVING nick > 1', null],
    ['SELECT nick(id) FROM users', null],
    ['TABLE users', 'all'],
    ['SELECT * FROM users', 'all'],
    ['SELECT id * score FROM users', null],
    ['SELECT COUNT(*) FROM users', null],
    ['SELECT f.* FROM friends f JOIN users u ON u.id = f.id', null],
    ['SELECT id FROM friends NATURAL JOIN users', 'all'],
    ['INSERT INTO users VALUES (1)', 'all'],
    ['INSERT INTO users (id, nick) VALUES (1, 2)', 'name'],
    ['INSERT INTO users (id) VALUES (1)', null],
    ['INSERT INTO users SET nick = 1', 'name'],
    ['INSERT INTO users (id) VALUES (1) ON DUPLICATE KEY UPDATE nick = VALUES(id)', 'name'],
    ['INSERT INTO log (id) SELECT nick FROM users', 'name'],
    ['LOAD DATA INFILE "f" INTO TABLE users (id, nick)', 'name'],
    ['LOAD DATA INFILE "f" INTO TABLE users', 'all'],
    ['CREATE TABLE copy AS SELECT nick FROM users', 'name'],
    ['SET @a = (SELECT nick FROM users LIMIT 1)', 'name'],
    ['SELECT EXTRACT(YEAR FROM nick) FROM users', 'name'],
    ['SELECT id FROM `users` WHERE EXTRACT ( YEAR FROM `nick` ) = ?', 'name'],
    ["SELECT TRIM(LEADING '0' FROM nick) FROM users", 'name'],
    ['SELECT TRIM(BOTH nick FROM id) FROM users', 'name'],
    ['SELECT SUBSTRING(id FROM nick FOR nick) FROM users', 'name'],
    ['SELECT (SELECT 1 FROM nick) FROM users', null],
    ['ALTER TABLE users DROP COLUMN nick', null],
    ['SHOW COLUMNS FROM users', null],
    ['EXPLAIN SELECT nick FROM users', null],
  ])('%s', (sql, expected) => {
    expect(findNaming(sql, place, column('nick'))).toBe(expected)
  })

  test.each([
    ['SELECT date FROM users', 'date', 'name'],
    ["SELECT id FROM users WHERE at > DATE '2026-01-01'", 'date', null],
    ['SELECT DATE ( `at` ) FROM `users` WHERE `at` > DATE ?', 'date', null],
    ['SELECT CAST(at AS date) FROM users', 'date', null],
    ['SELECT at + INTERVAL 1 day FROM users', 'day', null],
    ['SELECT EXTRACT(year FROM at), TIMESTAMPDIFF(year, at, NOW()) FROM users', 'year', null],
    ['SELECT id FROM users LOCK IN SHARE MODE', 'mode', null],
    ['SELECT STATUS FROM `users` WHERE STATUS = ?', 'status', 'name'],
  ])('whose name is a keyword: %s', (sql, name, expected) => {
    expect(findNaming(sql, place, column(name))).toBe(expected)
  })

  test('is found nowhere without the schema that a name without one means', () => {
    expect(findNaming('SELECT nick FROM users', { schema: null }, column('nick'))).toBe(null)
    expect(findNaming('SELECT nick FROM users', { schema: 'other' }, column('nick'))).toBe(null)
    expect(findNaming('SELECT nick FROM app.users', { schema: null }, column('nick'))).toBe('name')
  })
})

test.each([
  ['SELECT id FROM users', 'name'],
  ['DELETE FROM u USING users AS u', 'name'],
  ['LOCK TABLES orders READ, users WRITE', 'name'],
  ['WITH users AS (SELECT 1) SELECT * FROM users', null],
  ["SELECT id FROM orders WHERE note = 'users'", null],
])('a table: %s', (sql, expected) => {
  expect(findNaming(sql, place, table)).toBe(expected)
})

test.each([
  ['SELECT id FROM users USE INDEX (by_nick)', 'name'],
  ['SELECT /*+ INDEX(users by_nick) */ id FROM users', 'name'],
  ['SELECT id FROM users JOIN friends FORCE INDEX (by_nick) ON 1', null],
  ['SELECT id FROM users USE INDEX (other)', null],
])('an index: %s', (sql, expected) => {
  expect(findNaming(sql, place, index)).toBe(expected)
})

test.each([
  ['BEGIN DECLARE a INT; IF a > 1 THEN UPDATE users SET nick = 1; END IF; END', 'name'],
  ['BEGIN DECLARE c CURSOR FOR SELECT nick FROM users; OPEN c; END', 'name'],
  ['BEGIN IF (SELECT nick FROM users LIMIT 1) = 2 THEN SELECT 1; END IF; END', 'name'],
  ['SET NEW.nick = LOWER(NEW.nick)', 'name'],
  ['SELECT CASE WHEN id = 1 THEN nick ELSE 0 END FROM users', 'name'],
  ['BEGIN UPDATE friends SET nick = 1; DELETE FROM users WHERE id = 3; END', null],
])('code: %s', (body, expected) => {
  const named = splitBody(body).map((part) => findNamingIn(part, { ...place, triggerTable: 'users' }, column('nick')))
  expect(named.find((one) => one !== null) ?? null).toBe(expected)
})
