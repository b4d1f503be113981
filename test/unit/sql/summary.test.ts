import { expect, test } from 'vitest'
import { classifyStatement } from '../../../src/sql/classify.ts'
import { summarizeStatement } from '../../../src/sql/statement.ts'

test.each([
  ['ALTER TABLE users ADD a INT', 'ALTER TABLE users'],
  ['RENAME TABLE a TO x.b', 'RENAME TABLE a, x.b'],
  ["SET sql_mode = 'secret'", 'SET sql_mode'],
  ["SET @a = 'secret', @b = 1, time_zone = 'secret', wait_timeout = 1, x = 2", 'SET @a, @b, time_zone and 2 more'],
  ["PREPARE p FROM 'DO secret'", 'PREPARE p'],
  ['EXECUTE p USING @a', 'EXECUTE p'],
  ["CREATE USER a@b IDENTIFIED BY 'secret'", 'CREATE USER a@b'],
  ["SELECT 'secret'", 'SELECT'],
])('%s', (text, expected) => {
  expect(summarizeStatement(classifyStatement(text))).toBe(expected)
})
