import { expect, test } from 'vitest'
import { listFunctionsCalled } from '../../../src/lint/called-functions.ts'
import { classifyStatement } from '../../../src/sql/classify.ts'

const called = (text: string): readonly string[] =>
  listFunctionsCalled({ ...classifyStatement(text), text }).map(({ schema, name }) =>
    schema === null ? name : `${schema}.${name}`,
  )

test('the functions that a statement calls are those before a parenthesis, but for names of the server', () => {
  expect(called('SELECT erase(1), COUNT(*), NOW()')).toEqual(['erase'])
  expect(called('UPDATE t SET n = `wipe`(n) WHERE id IN (1, 2)')).toEqual(['wipe'])
  expect(called('DO shop.erase(1)')).toEqual(['shop.erase'])
})

test('a name of the server with a schema before it is a stored function', () => {
  expect(called('SELECT shop.concat(1), shop.`now`(), shop . length(2)')).toEqual([
    'shop.concat',
    'shop.now',
    'shop.length',
  ])
})

test('the table that a statement writes to is not a function', () => {
  expect(called('INSERT INTO shop.t (id) SELECT shop.next_id()')).toEqual(['shop.next_id'])
})
