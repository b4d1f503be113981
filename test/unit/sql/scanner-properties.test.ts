import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { Piece } from '../../../src/sql/piece.ts'
import { Scanner, scan } from '../../../src/sql/scanner.ts'
import { tokenize } from '../../../src/sql/tokens.ts'

const options = { file: 'a.sql' }

/** Fragments that begin, end or look like something, so that random texts of them are nasty. */
const fragments = [
  ...[
    "'",
    '"',
    '`',
    "''",
    '``',
    '\\',
    "\\'",
    '\\\\',
    ';',
    ';;',
    '//',
    '$$',
    '-',
    '--',
    '-- ',
    '--\t',
    '#',
    '/',
    '*',
    '/*',
  ],
  ...[
    '*/',
    '/*!',
    '/*!50003 ',
    '/*+',
    '/*M!',
    '\n',
    '\r\n',
    '\r',
    ' ',
    '\t',
    '\ufeff',
    'a',
    'SELECT 1',
    '1--2',
    '{{a:b}}',
  ],
  ...[
    'DELIMITER //\n',
    '\nDELIMITER ;\n',
    'delimiter $$\n',
    "DELIMITER ' '\n",
    'DELIMITER',
    'd',
    '@',
    ':=',
    '名',
    '😀',
    '\ud83d',
  ],
  ...[
    '-- migrate:up\n',
    '\n-- migrate:down\n',
    '-- wwdb:accept A b\n',
    '-- migrate',
    'CREATE PROCEDURE p() ',
    'BEGIN ',
    'END',
  ],
  ...['/* a; */', "'a;b'", '`a;b`', '# c\n', '-- c;\n', '\\G', '\\N', '\x01', '0x1F', '1e5'],
] as const

const script = fc.array(fc.constantFrom(...fragments), { maxLength: 40 }).map((parts) => parts.join(''))

/** The pieces, or the code and place of the error; its excerpt shows what of the line was there to see. */
function outcome(run: () => Piece[]): unknown {
  try {
    return run()
  } catch (error) {
    if (error instanceof ToolError) return [error.code, error.message, error.faults[0]?.where]
    throw error
  }
}

function scanInChunks(chunks: readonly string[]): Piece[] {
  const scanner = new Scanner(options)
  return [...chunks.flatMap((chunk) => scanner.feed(chunk)), ...scanner.finish()]
}

function cut(text: string, sizes: readonly number[]): string[] {
  const chunks: string[] = []
  let at = 0
  for (let index = 0; at < text.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1
    chunks.push(text.slice(at, at + size))
    at += size
  }
  return chunks
}

function piecesOf(text: string): Piece[] | null {
  const pieces = outcome(() => scan(text, options))
  return Array.isArray(pieces) && typeof pieces[0] !== 'string' ? (pieces as Piece[]) : null
}

test('the joined pieces are the text', () => {
  let scanned = 0
  fc.assert(
    fc.property(script, (text) => {
      const pieces = piecesOf(text)
      if (pieces === null) return
      scanned += 1
      expect(pieces.map((piece) => piece.source).join('')).toBe(text)
    }),
    { numRuns: 3000 },
  )
  // Many random texts are errors, but enough are valid.
  expect(scanned).toBeGreaterThan(300)
})

test('pieces and errors do not depend on how the text is cut into chunks', () => {
  fc.assert(
    fc.property(script, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), (text, sizes) => {
      const whole = outcome(() => scan(text, options))
      expect(outcome(() => scanInChunks(cut(text, sizes)))).toEqual(whole)
      expect(outcome(() => scanInChunks(cut(text, [1])))).toEqual(whole)
    }),
    { numRuns: 2000 },
  )
})

test('a statement is at its position in the text', () => {
  fc.assert(
    fc.property(script, (text) => {
      for (const piece of piecesOf(text) ?? []) {
        if (piece.type === 'gap') continue
        const line = text.replace(/^\ufeff/, '').split('\n')[piece.line - 1] ?? ''
        expect(line.slice(piece.column - 1).startsWith(piece.source.split('\n')[0] ?? '')).toBe(true)
      }
    }),
    { numRuns: 1000 },
  )
})

test('a statement scanned alone is one statement, and begins and ends with its first and last token', () => {
  fc.assert(
    fc.property(script, (text) => {
      // Under another delimiter a statement may contain a semicolon, and alone it would be two.
      const pieces = /delimiter/i.test(text) ? [] : (piecesOf(text) ?? [])
      for (const piece of pieces) {
        // A byte order mark inside a script is a character like others; alone it would be the first one.
        // Dashes before a delimiter are no comment; alone they are at the end, and would be.
        if (piece.type !== 'statement' || /^\ufeff|--$/.test(piece.text)) continue
        expect(scan(piece.text, options)).toEqual([{ ...piece, line: 1, column: 1 }])
        expect(piece.text).toBe(piece.text.replace(/^[\t-\r ]+|[\t-\r ]+$/g, ''))
      }
    }),
    { numRuns: 1000 },
  )
})

test('between statements there are only blanks, comments, delimiters and DELIMITER commands', () => {
  fc.assert(
    fc.property(script, (text) => {
      const gaps = /delimiter/i.test(text) ? [] : (piecesOf(text) ?? []).filter((piece) => piece.type === 'gap')
      for (const gap of gaps)
        expect(tokenize(gap.text.replace(/^\ufeff/, '')).every((token) => token.text === ';')).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
