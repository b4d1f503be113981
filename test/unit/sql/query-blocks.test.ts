import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readQueryBlocks } from '../../../src/sql/query-blocks.ts'
import { tokenize } from '../../../src/sql/tokens.ts'

interface Query {
  readonly table: string
  readonly inside: readonly Query[]
}

const { query } = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.record({
    table: fc.constantFrom('a', 'b', 'c'),
    inside: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('query'), { maxLength: 2 }),
    ),
  }),
}))

/** Parentheses without a query, calls and EXISTS stand between the queries. */
function textOf({ table, inside }: Query): string {
  const conditions = inside.map((one, at) => `${at % 2 === 0 ? 'EXISTS' : 'x IN'} (${textOf(one)}) AND (1 + (2))`)
  return `SELECT COALESCE(x, (3)) FROM ${table} WHERE ${['x > 0', ...conditions].join(' AND ')}`
}

const count = ({ inside }: Query): number => inside.reduce((sum, one) => sum + count(one), 1)

test('every query of a statement is a block, and nothing else in parentheses is one', () => {
  fc.assert(
    fc.property(query, (one) => {
      const blocks = readQueryBlocks(tokenize(textOf(one)))
      expect(blocks, textOf(one)).toHaveLength(count(one))
      // Its own tokens are those of one query: of one SELECT, which it begins with.
      for (const { tokens } of blocks)
        expect(tokens.map(({ text }) => text).filter((text) => text === 'SELECT')).toEqual([tokens[0]?.text])
    }),
  )
})
