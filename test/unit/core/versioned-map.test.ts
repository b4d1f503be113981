import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withEntry, withoutKeys } from '../../../src/core/versioned-map.ts'
import { chooseSeed } from '../../helpers/tool/seed.ts'

const seed = chooseSeed('versioned maps')
const keys = ['a', 'b', 'c', 'd', 'e']

type Versions = [versioned: ReadonlyMap<string, number>, copied: ReadonlyMap<string, number>]

/** A change of any version, also of an old one. */
const change = fc.record({
  of: fc.nat(),
  key: fc.constantFrom(...keys),
  value: fc.option(fc.nat(9), { nil: null }),
})

function apply([versioned, copied]: Versions, key: string, value: number | null): Versions {
  if (value !== null) return [withEntry(versioned, key, value), new Map(copied).set(key, value)]
  const left = new Map(copied)
  left.delete(key)
  return [withoutKeys(versioned, [key]), left]
}

const sorted = (entries: Iterable<readonly [string, number]>) =>
  [...entries].sort(([one], [other]) => (one < other ? -1 : 1))

test('every version has what a copy of it would have, whichever is asked, and however old', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const start = new Map([
        ['a', 1],
        ['b', 2],
      ])
      const versions: Versions[] = [[start, start]]
      for (const { of, key, value } of changes) {
        versions.push(apply(versions[of % versions.length] ?? [start, start], key, value))
      }
      for (const [versioned, copied] of versions.toReversed()) {
        expect(sorted(versioned)).toEqual(sorted(copied))
        expect(versioned.size).toBe(copied.size)
        expect(keys.map((key) => [versioned.get(key), versioned.has(key)])).toEqual(
          keys.map((key) => [copied.get(key), copied.has(key)]),
        )
      }
    }),
    { seed, numRuns: 300 },
  )
})

test('keys keep the order in which they came', () => {
  const map = withEntry(withEntry(new Map([['z', 1]]), 'a', 2), 'z', 3)
  expect([...map.keys()]).toEqual(['z', 'a'])
  expect([...map.values()]).toEqual([3, 2])
})

test('a chain of changes reads what it begins with once', () => {
  let reads = 0
  class Counted extends Map<number, number> {
    override [Symbol.iterator](): MapIterator<[number, number]> {
      reads += 1
      return super[Symbol.iterator]()
    }
  }
  let map: ReadonlyMap<number, number> = new Counted(Array.from({ length: 1000 }, (_, key) => [key, key]))
  for (let key = 0; key < 4000; key += 1) map = withEntry(map, key, key)
  expect([reads, map.size]).toEqual([1, 4000])
})
