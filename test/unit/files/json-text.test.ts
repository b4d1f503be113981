import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { positionsOf, toValue } from '../../../src/files/document.ts'
import { parseJson } from '../../../src/files/json-text.ts'

function readBy(parse: (text: string) => unknown, text: string): unknown {
  try {
    return { value: parse(text) }
  } catch {
    return 'refused'
  }
}

function ours(text: string): unknown {
  const outcome = parseJson(text)
  return outcome.type === 'tree' ? { value: toValue(outcome.node) } : 'refused'
}

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 1, '\t'), (text, space) => {
        fc.pre(!text.includes('__proto__'))
        const pretty = JSON.stringify(JSON.parse(text), null, space)
        expect(ours(pretty)).toEqual({ value: JSON.parse(pretty) })
      }),
    )
  })

  it('refuses what JSON.parse refuses, but for keys given twice', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b\\n"',
      '1',
      '-0.5e3',
      '01',
      'true',
      'nul',
      ' ',
      '\n',
      "'",
      '/',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        const outcome = parseJson(text)
        if (outcome.type === 'faults' && outcome.faults[0].why.includes('given twice')) return
        expect(ours(text)).toEqual(readBy(JSON.parse, text))
      }),
      { numRuns: 2000 },
    )
  })

  it('knows where each key stands', () => {
    const outcome = parseJson('{\n  "databases": {\r\n    "my db": {"url": 1} }\n}')
    expect(outcome.type === 'tree' && positionsOf(outcome.node)).toEqual(
      new Map([
        ['databases', { line: 2, column: 3 }],
        ['databases["my db"]', { line: 3, column: 5 }],
        ['databases["my db"].url', { line: 3, column: 15 }],
      ]),
    )
  })

  it.each([
    ['', 1, 1, 'it ends where a value is expected', 'Is a closing bracket missing?'],
    ['{"a": 1,}', 1, 8, 'there is a comma before "}"', 'Remove the comma.'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, '"," or "}" is expected here', 'Is a comma missing before it?'],
    [
      '{\n  // no\n}',
      2,
      3,
      'a key in double quotes is expected here',
      'JSON has no comments: remove it, or write the configuration as wwdb.config.mjs.',
    ],
    ["{'a': 1}", 1, 2, 'a key in double quotes is expected here', 'JSON allows only double quotes.'],
    ['{"a": 1, "a": 2}', 1, 10, 'the key "a" is given twice', 'Keep one of them.'],
    ['{"__proto__": {}}', 1, 2, 'the key `__proto__` cannot be used', 'Remove it.'],
    [
      '{"a" 1}',
      1,
      6,
      '":" after the key "a" is expected here',
      'Found "1": keys and strings need double quotes, and members are separated by commas.',
    ],
    ['{"a": "b', 1, 7, 'a string is not closed', 'Add the closing double quote.'],
    [
      '{"a": "b\n"}',
      1,
      7,
      'a string continues past the end of its line or contains a control character',
      'Close it with a double quote, or write the character as an escape such as \\n.',
    ],
    ['{"a": "C:\\dir"}', 1, 10, 'a string contains an invalid JSON escape', 'Write `\\\\` for a backslash.'],
    ['{"a": 1} x', 1, 10, 'there is text after the end of the document', 'Remove it.'],
    [
      '[1 2]',
      1,
      4,
      '"," or "]" is expected here',
      'Found "2": keys and strings need double quotes, and members are separated by commas.',
    ],
    [`${'['.repeat(70)}`, 1, 66, 'it is nested deeper than 64 levels', 'Flatten it.'],
  ])('refuses %j at %d:%d', (text, line, column, why, next) => {
    expect(parseJson(text)).toEqual({ type: 'faults', faults: [{ position: { line, column }, why, next }] })
  })
})
