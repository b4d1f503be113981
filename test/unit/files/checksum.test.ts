import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checksumOf, normalizeText, TextNormalizer } from '../../../src/files/checksum.ts'

const lines = fc.array(fc.string({ unit: fc.constantFrom('a', ' ', ';', "'", '-', '用', '\ufeff') }))
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')

test('a checksum is the SHA-256 of the text', () => {
  expect(checksumOf('SELECT 1;\n')).toBe(createHash('sha256').update('SELECT 1;\n').digest('hex'))
})

test('a checksum does not depend on line ends or a byte order mark', () => {
  const mark = fc.constantFrom('', '\ufeff')
  fc.assert(
    fc.property(lines, lineEnd, mark, (texts, end, start) => {
      fc.pre(!texts.join('').startsWith('\ufeff'))
      const plain = checksumOf(normalizeText(texts.join('\n')))
      expect(checksumOf(normalizeText(start + texts.join(end)))).toBe(plain)
    }),
  )
})

test('a checksum differs for any other change', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (left, right) => {
      const same = normalizeText(left) === normalizeText(right)
      expect(checksumOf(normalizeText(left)) === checksumOf(normalizeText(right))).toBe(same)
    }),
  )
})

test('a checksum of chunks is the same, wherever they are cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '\ufeff', '用') })
  fc.assert(
    fc.property(fc.array(text), (chunks) => {
      const normalizer = new TextNormalizer()
      const pushed = chunks.map((chunk) => normalizer.push(chunk)).join('')
      const { rest, checksum } = normalizer.end()
      const whole = normalizeText(chunks.join(''))
      expect(pushed + rest).toBe(whole)
      expect(checksum).toBe(checksumOf(whole))
    }),
  )
})
