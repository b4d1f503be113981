import fc from 'fast-check'
import { expect, it } from 'vitest'
import { quoteName, quoteQualified, quoteString } from '../../../src/sql/quote-name.ts'

it('a name is quoted so that no part of it ends the quotes', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      const quoted = quoteName(name)
      expect(quoted.slice(1, -1).replaceAll('``', '')).not.toContain('`')
      expect(quoted.slice(1, -1).replaceAll('``', '`')).toBe(name)
    }),
  )
})

it('a name is qualified with its schema', () => {
  expect(quoteQualified('a`b', 'c')).toBe('`a``b`.`c`')
  expect(quoteQualified(null, 'c')).toBe('`c`')
})

it('a string is written without characters whose meaning depends on sql_mode', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(quoteString(text)).toMatch(/^(?:'[^'"\\]*'|CONVERT\(0x[0-9a-f]* USING utf8mb4\))$/)
    }),
  )
})
