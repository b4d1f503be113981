import { expect, test } from 'vitest'
import { findLasting } from '../../../src/sql/lasting-effects.ts'
import { tokenize } from '../../../src/sql/tokens.ts'

const loadable = new Set(['sys_exec'])

const lasting: readonly (readonly [string, string])[] = [
  ["SELECT GET_LOCK('a', 1) FROM users", 'GET_LOCK'],
  ["SELECT `get_lock` ('a', 1) FROM users", 'get_lock'],
  ['SELECT "sleep"(1) FROM users', 'sleep'],
  ["INSERT INTO users (id) VALUES (sys_exec('touch x'))", 'sys_exec'],
  ["SELECT name INTO OUTFILE '/tmp/x' FROM users", 'OUTFILE'],
  ['BEGIN SET GLOBAL max_connections = 10; END', 'GLOBAL'],
  ['BEGIN SET @a = 1, PERSIST max_connections = 10; END', 'PERSIST'],
  ['SET @@GLOBAL.max_connections = 10', 'GLOBAL.max_connections'],
  ['SET @@persist.max_connections := 10', 'persist.max_connections'],
]

test.each(lasting)('%s does what no rollback takes back', (text, name) => {
  expect(findLasting(tokenize(text), loadable)).toBe(name)
})

test.each([
  'SELECT sleep, benchmark FROM users WHERE get_lock = 1',
  'SELECT @@GLOBAL.max_connections, COUNT(*) FROM users',
  "SELECT name FROM users WHERE note = 'GET_LOCK(1)' -- SLEEP(1)",
  'INSERT INTO users (id, name) VALUES (1, UPPER(?))',
  'BEGIN SET NEW.name = LOWER(NEW.name), @a = 1; END',
])('%s is taken back', (text) => {
  expect(findLasting(tokenize(text), loadable)).toBeNull()
})
