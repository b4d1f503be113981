import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countLineEnds, findEncodingProblem, incompleteTail, lineAt } from '../../../src/files/text-file.ts'

const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((each) => !each.includes('\0'))

test('findEncodingProblem finds nothing in UTF-8', () => {
  fc.assert(
    fc.property(text, (each) => {
      expect(findEncodingProblem(Buffer.from(each))).toBeNull()
    }),
  )
})

test('findEncodingProblem finds a byte that is invalid at its place', () => {
  fc.assert(
    fc.property(text, text, fc.integer({ min: 0xf8, max: 0xff }), (before, after, byte) => {
      const start = Buffer.from(`x${before}`)
      const bytes = Buffer.concat([start, Buffer.from([byte]), Buffer.from(after)])
      expect(findEncodingProblem(bytes)).toEqual({ type: 'invalid', offset: start.length, byte })
    }),
  )
})

test('findEncodingProblem finds the lead of a character that the file cuts off', () => {
  expect(findEncodingProblem(Buffer.from([0x61, 0xe7, 0x94]))).toEqual({ type: 'invalid', offset: 1, byte: 0xe7 })
})

test.each([
  ['a GBK file', [0x61, 0x0a, 0xc4, 0xe3, 0xba, 0xc3], { type: 'invalid', offset: 2, byte: 0xc4 }],
  ['a Latin-1 file', [0x63, 0x61, 0x66, 0xe9, 0x0a], { type: 'invalid', offset: 3, byte: 0xe9 }],
  ['a lone continuation', [0x61, 0x80], { type: 'invalid', offset: 1, byte: 0x80 }],
  ['an overlong form', [0xc0, 0x80], { type: 'invalid', offset: 0, byte: 0xc0 }],
  ['UTF-16, little end first', [0xff, 0xfe, 0x61, 0x00], { type: 'utf-16' }],
  ['UTF-16, big end first', [0xfe, 0xff, 0x00, 0x61], { type: 'utf-16' }],
  ['a NUL byte', [0x61, 0x00, 0x61], { type: 'nul', offset: 1 }],
  ['a NUL byte before a bad one', [0x00, 0xff], { type: 'nul', offset: 0 }],
  ['a bad byte before a NUL', [0x61, 0xff, 0x00], { type: 'invalid', offset: 1, byte: 0xff }],
])('findEncodingProblem distinguishes %s', (_name, bytes, problem) => {
  expect(findEncodingProblem(Uint8Array.from(bytes))).toEqual(problem)
})

test('incompleteTail keeps a character together that a chunk cuts', () => {
  fc.assert(
    fc.property(text, fc.nat(), (each, at) => {
      const bytes = Buffer.from(each)
      const cut = bytes.subarray(0, at % (bytes.length + 1))
      const whole = cut.subarray(0, cut.length - incompleteTail(cut))
      expect(isUtf8(whole)).toBe(true)
      expect(cut.length - whole.length).toBeLessThan(4)
    }),
  )
})

test('countLineEnds counts lines by LF, CRLF and CR', () => {
  const bytes = Buffer.from('a\nb\r\nc\rd')
  expect(countLineEnds(bytes)).toBe(3)
  expect([0, 2, 5, 7].map((offset) => lineAt(bytes, offset))).toEqual([1, 2, 3, 4])
})
