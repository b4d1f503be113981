import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lengthOfType, printType, readColumnType } from '../../../src/ddl/column-type.ts'
import { tokenize } from '../../../src/sql/tokens.ts'

const attributes = fc.shuffledSubarray(
  ['NOT NULL', 'NULL', 'PRIMARY KEY', 'UNIQUE', "COMMENT 'NOT NULL'", 'COLLATE utf8mb4_bin', 'DEFAULT 1'],
  { minLength: 0, maxLength: 4 },
)
const types = fc.constantFrom('INT', 'int(11)', 'BIGINT', 'DECIMAL(10, 2)', 'VARCHAR(50)', 'TEXT', 'SERIAL')
const signs = fc.constantFrom('', ' UNSIGNED', ' ZEROFILL', ' UNSIGNED ZEROFILL')

test('a column takes NULL unless an attribute forbids it, in whatever order the attributes are', () => {
  fc.assert(
    fc.property(types, signs, attributes, (type, sign, more) => {
      const sure = more.includes('NOT NULL') && more.includes('NULL') ? more.filter((one) => one !== 'NULL') : more
      const tokens = tokenize([`${type}${sign}`, ...sure].join(' '))
      const read = readColumnType(tokens)
      const forbids = type === 'SERIAL' || sure.includes('NOT NULL') || sure.includes('PRIMARY KEY')
      expect(read?.nullable, [type, sign, ...sure].join(' ')).toBe(!forbids)
      expect(read?.unsigned).toBe(type === 'SERIAL' || sign !== '')
      expect(read?.collation).toBe(sure.includes('COLLATE utf8mb4_bin') ? 'utf8mb4_bin' : null)
      // The type ends where its attributes begin.
      expect(lengthOfType(tokens)).toBe(tokenize(`${type}${sign}`).length)
    }),
  )
})

test('a type that is printed is read as the same type', () => {
  fc.assert(
    fc.property(types, signs, (type, sign) => {
      const read = readColumnType(tokenize(`${type}${sign}`))
      const again = read === null ? null : readColumnType(tokenize(printType(read)))
      expect(again).toMatchObject({ base: read?.base, arguments: read?.arguments, unsigned: read?.unsigned })
    }),
  )
})
