import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, formatSeconds } from '../../../src/core/duration.ts'
import { countOf } from '../../../src/core/plural.ts'
import { describeHolder } from '../../../src/terminal/human/holder.ts'
import { printable, printableLines } from '../../../src/terminal/text/printable.ts'
import {
  cutLine,
  displayWidth,
  type Line,
  lineWidth,
  padLine,
  spanText,
  takeColumns,
  toned,
  whole,
} from '../../../src/terminal/text/span.ts'
import { alignTable, alignTables } from '../../../src/terminal/text/table.ts'
import { wrapLine } from '../../../src/terminal/text/wrap.ts'

/** Any text, with many wide, joining and invisible characters. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(' ', ' ', 'a', '表', '👩', '\u200d', '\ufe0f', '\u0301', '한', '\t', '🇩', 'ｆ', '\ud800'),
  ),
  maxLength: 60,
})

const anyLine: fc.Arbitrary<Line> = fc.array(
  fc.oneof(
    anyText.map(printable),
    anyText.map((text) => toned('bad', printable(text))),
    anyText.map((text) => whole('faint', printable(text))),
  ),
  { maxLength: 5 },
)

function textOf(line: Line): string {
  return line.map(spanText).join('')
}

describe('displayWidth', () => {
  test.each([
    ['', 0],
    ['users', 5],
    ['消息表', 6],
    ['ｆｕｌｌ', 8],
    ['한국', 4],
    ['e\u0301', 1],
    ['naïve…', 6],
    ['✓ ✗ · ⠋', 7],
    ['😀', 2],
    // Two columns in terminals that draw it as an emoji: the larger answer counts.
    ['❤\ufe0f', 2],
    ['𠀀', 2],
    ['a\u200bb', 2],
  ])('%j takes %i columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns)
  })
})

describe('what is cut or wrapped is never wider than its columns', () => {
  test('takeColumns', () => {
    fc.assert(
      fc.property(anyText.map(printable), fc.nat(40), (text, columns) => {
        const taken = takeColumns(text, columns)
        expect(displayWidth(taken)).toBeLessThanOrEqual(columns)
        expect(text.startsWith(taken)).toBe(true)
      }),
    )
  })

  test('cutLine, which marks that it cut', () => {
    fc.assert(
      fc.property(anyLine, fc.integer({ min: 1, max: 40 }), (line, columns) => {
        const cut = cutLine(line, columns)
        expect(lineWidth(cut)).toBeLessThanOrEqual(columns)
        if (lineWidth(line) > columns) expect(textOf(cut).endsWith('…')).toBe(true)
        else expect(textOf(cut)).toBe(textOf(line))
      }),
    )
  })

  test('wrapLine, which loses nothing but blanks', () => {
    const wanted = (text: string) => text.replace(/\s/gu, '')
    fc.assert(
      fc.property(anyLine, fc.integer({ min: 3, max: 40 }), fc.nat(50), (line, columns, indent) => {
        const wrapped = wrapLine(line, columns, Math.min(indent, columns - 2))
        for (const part of wrapped) expect(lineWidth(part)).toBeLessThanOrEqual(columns)
        expect(wanted(wrapped.map(textOf).join(''))).toBe(wanted(textOf(line)))
      }),
    )
  })

  test('wrapLine in a single column', () => {
    fc.assert(
      fc.property(anyLine, fc.nat(5), (line, indent) => {
        for (const part of wrapLine(line, 1, indent)) expect(lineWidth(part)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('alignTable', () => {
    const rows = fc.array(fc.array(anyLine, { maxLength: 5 }), { maxLength: 5 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 60 }), fc.nat(4), (cells, columns, indent) => {
        const table = alignTable(cells, { columns, indent, droppable: [4], flexible: [1, 2] })
        expect(table).toHaveLength(cells.length)
        for (const line of table) expect(lineWidth(line)).toBeLessThanOrEqual(columns)
      }),
    )
  })
})

describe('wrapLine', () => {
  test('breaks at blanks and indents what follows', () => {
    const lines = wrapLine(['Next: correct the file and run it again'], 20, 6)
    expect(lines.map(textOf)).toEqual(['Next: correct the', '      file and run', '      it again'])
  })

  test('keeps the indentation of the first line', () => {
    expect(wrapLine(['    a b'], 6, 4).map(textOf)).toEqual(['    a', '    b'])
  })

  test('breaks a word that is wider than a line', () => {
    expect(wrapLine(['ab 消息表消息'], 6).map(textOf)).toEqual(['ab', '消息表', '消息'])
  })

  test('keeps a whole span together', () => {
    expect(wrapLine(['four five ', whole('faint', '(1 s)')], 12).map(textOf)).toEqual(['four five', '(1 s)'])
  })
})

describe('alignTable', () => {
  const rows = [
    [['a'], ['a long name'], [], ['2026-01-01']],
    [['表'], ['b'], [], ['x']],
  ]

  test('aligns by columns, and an empty column takes none', () => {
    const table = alignTable(rows, { columns: 80, indent: 1, flexible: [] })
    expect(table.map(textOf)).toEqual([' a   a long name  2026-01-01', ' 表  b            x'])
  })

  test('first drops, then cuts', () => {
    const dropped = alignTable(rows, { columns: 20, indent: 0, droppable: [3], flexible: [1] })
    expect(dropped.map(textOf)).toEqual(['a   a long name', '表  b'])
    const cut = alignTable(rows, { columns: 24, indent: 0, flexible: [1] })
    expect(cut.map(textOf)).toEqual(['a   a long …  2026-01-01', '表  b         x'])
  })

  test('leaves a column out of all tables or of none', () => {
    const tables = [[[['a'], ['long name'], ['12 ms']]], [[['b'], ['x'], ['3 ms']]]]
    const texts = (columns: number): readonly string[] =>
      alignTables(tables, { columns, indent: 0, droppable: [2], flexible: [] })
        .flat()
        .map(textOf)
    expect(texts(40)).toEqual(['a  long name  12 ms', 'b  x          3 ms'])
    expect(texts(15)).toEqual(['a  long name', 'b  x'])
  })

  test('padLine leaves a line that is wide enough', () => {
    expect(padLine(['abc'], 2)).toEqual(['abc'])
  })
})

describe('printable', () => {
  test('nothing that comes out can drive a terminal', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u)
        expect(printableLines(text).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}]/u)
      }),
    )
  })

  test('spells what it takes away', () => {
    expect(printable('a\u001b[2Jb\tc\r\nd\u202e')).toBe('a\\u{1b}[2Jb c d\\u{202e}')
    expect(printableLines('a\r\nb\nc')).toBe('a\nb\nc')
  })
})

describe('numbers', () => {
  test.each([
    [0, '0 ms'],
    [0.3, '<1 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [1449, '1.4 s'],
    [9949, '9.9 s'],
    [9951, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_599_700, '1 h 00 min'],
    [11_220_000, '3 h 07 min'],
    [90_000_000, '1 d 01 h'],
  ])('%i milliseconds are %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
  })

  test('a clock that went back gives no seconds', () => {
    expect(formatSeconds(-3)).toBe('0 s')
  })

  test('nouns', () => {
    expect([countOf(1, 'migration'), countOf(0, 'migration'), countOf(2, 'pass')]).toEqual([
      '1 migration',
      '0 migrations',
      '2 passes',
    ])
  })
})

describe('describeHolder', () => {
  test('cuts a long statement, and shows it on one line', () => {
    const holder = { connectionId: 42, user: 'app', host: null, seconds: 3, state: null, orphaned: false }
    const statement = `CREATE TABLE t (\n  ${'column_name INT,\n  '.repeat(40)}x INT)`
    const text = describeHolder({ ...holder, statement })
    expect(text).toMatch(/^connection 42 \(app, 3 s\): CREATE TABLE t \( column_name INT, .*…$/)
    expect(text.length).toBeLessThan(170)
  })
})
