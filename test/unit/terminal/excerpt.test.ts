import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderExcerpt } from '../../../src/terminal/human/excerpt.ts'
import { paintPlain } from '../../../src/terminal/text/paint.ts'
import { lineWidth } from '../../../src/terminal/text/span.ts'

function show(text: string, column: number, columns = 80): string {
  return renderExcerpt({ text, line: 12, column }, { columns, verbose: false }).map(paintPlain).join('\n')
}

describe('the caret stands under its character', () => {
  test('in plain text', () => {
    expect(show('SELECT nme FROM users', 8)).toBe(['  12 | SELECT nme FROM users', '     |        ^'].join('\n'))
  })

  test('after tabs and wide characters', () => {
    expect(show("\tCOMMENT '消息表' X", 16)).toBe(
      ["  12 |     COMMENT '消息表' X", '     |                      ^'].join('\n'),
    )
  })

  test('at the end of the line', () => {
    expect(show('abc', 4)).toBe(['  12 | abc', '     |    ^'].join('\n'))
    expect(show('abc', 99)).toBe(['  12 | abc', '     |    ^'].join('\n'))
    expect(show('', 1)).toBe(['  12 | ', '     | ^'].join('\n'))
  })

  test('after a character that must not be printed', () => {
    expect(show('a\u001bb', 3)).toBe(['  12 | a\\u{1b}b', '     |        ^'].join('\n'))
  })

  test('in the middle of a long line', () => {
    const line = `${'a'.repeat(500)}X${'b'.repeat(500)}`
    expect(show(line, 501, 40)).toBe(
      ['  12 | …aaaaaaaaaaaaaaaXbbbbbbbbbbbbbbb…', '     |                 ^'].join('\n'),
    )
  })

  test('near the beginning and the end of a long line', () => {
    const line = `X${'a'.repeat(100)}Y`
    expect(show(line, 1, 30)).toBe(['  12 | Xaaaaaaaaaaaaaaaaaaaaa…', '     | ^'].join('\n'))
    expect(show(line, 102, 30)).toBe([`  12 | …${'a'.repeat(21)}Y`, `     | ${' '.repeat(22)}^`].join('\n'))
  })
})

test('both lines fit, and the character above the caret is the one that was meant', () => {
  const characters = fc.constantFrom('a', ' ', '\t', '表', '👩', '\u0301')
  fc.assert(
    fc.property(
      fc.array(characters, { maxLength: 120 }),
      fc.array(characters, { maxLength: 120 }),
      fc.integer({ min: 20, max: 100 }),
      (before, after, columns) => {
        const text = `${before.join('')}X${after.join('')}`
        const lines = renderExcerpt({ text, line: 1, column: before.join('').length + 1 }, { columns, verbose: false })
        for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(columns)
        const [source = '', caret = ''] = lines.map(paintPlain)
        const upTo = source.slice(0, source.indexOf('X'))
        expect(lineWidth([upTo])).toBe(caret.indexOf('^'))
      },
    ),
  )
})
