import { expect, test } from 'vitest'
import { chooseTables, mostDescribed } from '../../../src/report/gather/choose-tables.ts'

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `table_${at}`)

test('the first 2,000 tables of a database are described, and a gap says how many are not', () => {
  const choice = chooseTables([])
  const described = names(mostDescribed + 3).filter((name) => choice.isDescribed('app', name))
  expect(described).toEqual(names(mostDescribed))
  expect(choice.isDescribed('other', 'table_1')).toBe(true)
  expect([choice.leftOut('app'), choice.leftOut('other'), choice.gap('other')]).toEqual([3, 0, null])
  expect(choice.gap('app')).toEqual({
    part: 'tables',
    place: 'app',
    why: 'The report leaves out 3 of 2,003 tables: it describes at most 2,000 tables of each database.',
    next: 'Run `wwdb report --tables PATTERN`, which describes those whose names match.',
  })
})

test('a pattern chooses the tables that are described, also those of one database', () => {
  const choice = chooseTables(['order_*', 'app/users'])
  const asked = ['order_1', 'users', 'others'].filter((name) => choice.isDescribed('app', name))
  expect([asked, choice.isDescribed('other', 'users')]).toEqual([['order_1', 'users'], false])
  expect(choice.gap('app')).toMatchObject({
    why: 'The report leaves out 1 of 3 tables, whose names match no pattern of `--tables`.',
    next: null,
  })
})
