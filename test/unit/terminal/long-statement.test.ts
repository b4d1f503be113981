import { expect, test } from 'vitest'
import { renderSql } from '../../../src/terminal/human/statement-text.ts'
import { spanText } from '../../../src/terminal/text/span.ts'

test('a statement of 200,000 lines is folded to three, with the number of the others', () => {
  const text = `INSERT INTO t VALUES\n${'  (1),\n'.repeat(199_998)}  (2)`
  const lines = renderSql(text, 4, { columns: 100, verbose: false }).map((line) => line.map(spanText).join(''))
  expect(lines.slice(0, 3)).toEqual(['    INSERT INTO t VALUES', '      (1),', '      (1),'])
  expect(lines.slice(3)).toEqual(['    (199,997 more lines)'])
})
