import { expect, test } from 'vitest'
import { bytesPerCharacter } from '../../../src/ddl/charset-width.ts'

test('a character takes what the server reserves for it, and four bytes where the character set is unknown', () => {
  const widths = ['utf8mb4', 'utf8mb3', 'utf8', 'ujis', 'gbk', 'euckr', 'latin1', 'ascii'].map(bytesPerCharacter)
  expect(widths).toEqual([4, 3, 3, 3, 2, 2, 1, 1])
  expect(bytesPerCharacter(null)).toBe(4)
})
