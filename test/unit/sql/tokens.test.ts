import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tokenize } from '../../../src/sql/tokens.ts'
import { runsOf } from '../../helpers/tool/seed.ts'

function show(text: string): string[] {
  return tokenize(text).map((token) => `${token.type} ${token.text}`)
}

test.each<[text: string, expected: string[]]>([
  ['a $b_1 名字 1st', ['word a', 'word $b_1', 'word 名字', 'word 1st']],
  ['`a``b`.`c d`', ['name a`b', 'punctuation .', 'name c d']],
  ["'it''s' \"a\"\"b\" 'a\"b'", ["string it's", 'string a"b', 'string a"b']],
  ["'a\\'b\\\\' '\\n\\%\\q'", ["string a'b\\", 'string \n\\%q']],
  [
    '1 1.5 .5 1e3 1.5E-3 0x1F 0b01',
    ['number 1', 'number 1.5', 'number .5', 'number 1e3', 'number 1.5E-3', 'number 0x1F', 'number 0b01'],
  ],
  ['t.1 t.1e', ['word t', 'punctuation .', 'word 1', 'word t', 'punctuation .', 'word 1e']],
  ['@a @`b c` @\'d\' @"e"', ['user-variable a', 'user-variable b c', 'user-variable d', 'user-variable e']],
  [
    '@@a @@session.b @@ `c`',
    ['system-variable a', 'system-variable session.b', 'punctuation @', 'punctuation @', 'name c'],
  ],
  ['a:=1', ['word a', 'punctuation :=', 'number 1']],
  [
    '{{schema:user_db}}.t a_{{b}}_c {{',
    ['name {{schema:user_db}}', 'punctuation .', 'word t', 'name a_{{b}}_c', 'punctuation {', 'punctuation {'],
  ],
  ['a -- b\n# c\n/* d */ /*+ e */ f', ['word a', 'word f']],
  ['1--2', ['number 1', 'punctuation -', 'punctuation -', 'number 2']],
  ['/*!50003 a*/ b /*! c */ * /', ['word a', 'word b', 'word c', 'punctuation *', 'punctuation /']],
  ["N'a' _utf8mb4'b' x'41'", ['word N', 'string a', 'word _utf8mb4', 'string b', 'word x', 'string 41']],
  ['\\N', ['punctuation \\', 'word N']],
  ['', []],
])('%s', (text, expected) => {
  expect(show(text)).toEqual(expected)
})

test('offsets are those of the text, quotes included', () => {
  expect(tokenize("a /* b */ 'c''d';")).toEqual([
    { type: 'word', text: 'a', start: 0, end: 1 },
    { type: 'string', text: "c'd", start: 10, end: 16 },
    { type: 'punctuation', text: ';', start: 16, end: 17 },
  ])
})

test('tokens of any text come in order, apart, and within it', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      let end = 0
      for (const token of tokenize(text)) {
        expect(token.start).toBeGreaterThanOrEqual(end)
        expect(token.end).toBeGreaterThan(token.start)
        end = token.end
      }
      expect(end).toBeLessThanOrEqual(text.length)
    }),
    { numRuns: runsOf(2000) },
  )
})
