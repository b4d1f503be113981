import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonPieces } from '../../../src/terminal/json/json-pieces.ts'

const render = (field: Readonly<Record<string, unknown>>): string => JSON.stringify(field)

describe('jsonPieces', () => {
  test('makes the same text as JSON.stringify, whatever the document', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string(),
          fc.anything({ withDate: true }).filter((value) => typeof value !== 'bigint' && isJson(value)),
        ),
        (fields) => {
          expect([...jsonPieces(fields, render)].join('')).toBe(JSON.stringify(fields))
        },
      ),
    )
  })

  test.each([
    [{ long: Array.from({ length: 1201 }, (_, at) => at), after: 1 }],
    [
      {
        targets: [
          { name: 'a', passes: Array.from({ length: 1000 }, (_, at) => ({ at, runs: ['x'] })), end: undefined },
          { name: 'b', passes: [] },
        ],
      },
    ],
    [{ a: undefined, b: { c: Array.from({ length: 501 }, () => [undefined, null, '"']) }, d: [] }],
    [{ only: undefined }],
  ])('splits long lists where they are: document %#', (fields) => {
    const pieces = [...jsonPieces(fields, render)]
    expect(pieces.join('')).toBe(JSON.stringify(fields))
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(20_000)
  })
})

function isJson(value: unknown): boolean {
  try {
    JSON.stringify(value)
    return true
  } catch {
    return false
  }
}
