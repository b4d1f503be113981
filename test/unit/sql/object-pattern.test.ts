import { expect, test } from 'vitest'
import { compilePattern } from '../../../src/sql/object-pattern.ts'

test.each<[pattern: string, database: string, name: string, names: boolean]>([
  ['users', 'user_db', 'users', true],
  ['users', 'user_db', 'users_old', false],
  ['etl_*', 'user_db', 'etl_', true],
  ['*_log', 'user_db', 'a_log_2', false],
  ['user_db/users', 'user_db', 'users', true],
  ['user_db/users', 'order_db', 'users', false],
  ['a.b*', 'user_db', 'axb', false],
  ['a$(*', 'user_db', 'a$(b', true],
])('the pattern %s, in %s and for %s, answers %s', (pattern, database, name, names) => {
  expect(compilePattern(pattern)(database, name)).toBe(names)
})
