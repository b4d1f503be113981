import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupBy } from '../../../src/core/group-by.ts'

test('groups keep every member in its order, and come in the order of their first members', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (numbers) => {
      const groups = groupBy(numbers, (number) => number % 3)
      expect([...groups.keys()]).toEqual([...new Set(numbers.map((number) => number % 3))])
      expect([...groups.values()].flat().length).toBe(numbers.length)
      for (const [key, members] of groups) expect(members).toEqual(numbers.filter((number) => number % 3 === key))
    }),
  )
})
