import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ColumnType, readColumnType } from '../../../src/ddl/column-type.ts'
import { compareStorage, findNarrowing } from '../../../src/lint/narrowing.ts'
import { tokenize } from '../../../src/sql/tokens.ts'

function typeOf(text: string): ColumnType {
  const type = readColumnType(tokenize(text))
  if (type === null) throw new Error(`no type: ${text}`)
  return type
}

const narrows = (before: string, after: string): boolean => findNarrowing(typeOf(before), typeOf(after)).length > 0

/** Types of which each holds every value of the ones before it. */
const chains: readonly (readonly string[])[] = [
  ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT', 'DECIMAL(19,0)', 'DECIMAL(22,2)', 'VARCHAR(24)', 'TEXT'],
  ['TINYINT UNSIGNED', 'SMALLINT UNSIGNED', 'INT UNSIGNED', 'BIGINT', 'DECIMAL(30)'],
  ['YEAR', 'SMALLINT', 'INT'],
  ['FLOAT', 'DOUBLE', 'VARCHAR(30)'],
  ['SMALLINT', 'FLOAT'],
  ['INT', 'DOUBLE'],
  ['CHAR(10)', 'VARCHAR(10)', 'VARCHAR(60)', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'],
  ['BINARY(4)', 'VARBINARY(4)', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB'],
  ['DATE', 'DATETIME', 'DATETIME(3)', 'DATETIME(6)', 'VARCHAR(30)'],
  ['TIMESTAMP', 'TIMESTAMP(3)', 'DATETIME(6)'],
  ["ENUM('a')", "ENUM('a','b')", "ENUM('x','b','a')", 'VARCHAR(1)'],
  ["SET('a')", "SET('a','b')"],
  ['BIT(3)', 'BIT(8)'],
  ['JSON', 'LONGTEXT'],
  ['INT NOT NULL', 'INT'],
  [
    'VARCHAR(9) CHARACTER SET ascii',
    'VARCHAR(9) CHARSET latin1',
    'VARCHAR(9) COLLATE utf8mb3_bin',
    'VARCHAR(9) CHARACTER SET utf8mb4',
  ],
]

describe('no step along a chain narrows, every step against it does', () => {
  test.each(chains.map((chain) => [chain.join(' < '), chain] as const))('%s', (_, chain) => {
    for (const [from, before] of chain.entries()) {
      for (const after of chain.slice(from + 1)) {
        expect([before, after, narrows(before, after)]).toEqual([before, after, false])
        // VARCHAR may stand behind types that its values need not be of, and so back again is always a loss.
        if (before !== "ENUM('a','b')") expect([after, before, narrows(after, before)]).toEqual([after, before, true])
      }
    }
  })
})

test.each([
  ['VARCHAR(10)', 'CHAR(10)'],
  ['TINYTEXT', 'CHAR(255)'],
  ['VARBINARY(10)', 'BINARY(10)'],
  ['INT', 'INT UNSIGNED'],
  ['INT UNSIGNED', 'INT'],
  ['BIGINT', 'DOUBLE'],
  ['INT', 'FLOAT'],
  ['DOUBLE', 'DOUBLE(10,2)'],
  ['DECIMAL(10,2)', 'DOUBLE'],
  ['DATETIME', 'TIMESTAMP'],
  ['DATETIME', 'DATE'],
  ['TIME', 'DATETIME'],
  ["ENUM('a')", "SET('a')"],
  ["ENUM('a')", 'INT'],
  ['VARCHAR(10)', 'INT'],
  ['VARCHAR(10)', 'JSON'],
  ['BLOB', 'TEXT'],
  ['VARCHAR(255)', 'TINYTEXT'],
  ['POINT', 'GEOMETRY NOT NULL'],
  ['VARCHAR(9) CHARACTER SET utf8mb4', 'VARCHAR(9) CHARACTER SET utf8'],
])('%s narrows to %s', (before, after) => expect(narrows(before, after)).toBe(true))

const same: readonly (readonly [string, string])[] = [
  ['INTEGER(11)', 'INT'],
  ['BOOL', 'TINYINT(1)'],
  ['NUMERIC', 'DECIMAL(10,0)'],
  ['DOUBLE PRECISION', 'REAL'],
  ['FLOAT(30)', 'DOUBLE'],
  ['CHARACTER VARYING(9)', 'VARCHAR(9)'],
  ['NATIONAL VARCHAR(9)', 'VARCHAR(9) CHARACTER SET utf8'],
  ['SERIAL', 'BIGINT UNSIGNED NOT NULL'],
  ['TEXT(200)', 'TINYTEXT'],
  ['LONG VARCHAR', 'MEDIUMTEXT'],
  ['INT ZEROFILL', 'INT UNSIGNED'],
  ['INT PRIMARY KEY', 'INT NOT NULL'],
  ['DATETIME', 'DATETIME(0)'],
]
test.each(same)('%s is %s', (left, right) => expect(typeOf(left)).toEqual(typeOf(right)))

test('the definition ends where a check, a default or a comment begins', () => {
  const type = typeOf("VARCHAR(9) DEFAULT 'NOT NULL' COMMENT 'UNSIGNED CHARSET latin1' CHECK (x IS NOT NULL)")
  const none = { charset: null, collation: null }
  expect(type).toEqual({ base: 'varchar', arguments: ['9'], unsigned: false, ...none, nullable: true })
})

test('the spelling of the server gives the same type', () => {
  expect(typeOf('int(10) unsigned NOT NULL')).toEqual(typeOf('INT UNSIGNED NOT NULL'))
})

const integerType = fc
  .tuple(fc.constantFrom('TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT'), fc.boolean())
  .map(([base, unsigned]) => (unsigned ? `${base} UNSIGNED` : base))
const decimalType = fc
  .integer({ min: 1, max: 65 })
  .chain((p) => fc.integer({ min: 0, max: Math.min(p, 30) }).map((s) => `DECIMAL(${p},${s})`))
const textType = fc.oneof(
  fc.integer({ min: 1, max: 16_000 }).map((n) => `VARCHAR(${n})`),
  fc.integer({ min: 1, max: 255 }).map((n) => `CHAR(${n})`),
  fc.constantFrom('TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'),
)
const listType = fc
  .uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 }), { minLength: 1 })
  .map((v) => `ENUM('${v.join("','")}')`)
const timeType = fc
  .tuple(fc.constantFrom('DATETIME', 'TIMESTAMP', 'TIME'), fc.integer({ min: 0, max: 6 }))
  .map(([b, n]) => `${b}(${n})`)
const anyType = fc.oneof(
  integerType,
  decimalType,
  textType,
  listType,
  timeType,
  fc.constantFrom('DATE', 'YEAR', 'FLOAT', 'DOUBLE', 'JSON', 'BLOB', 'BIT(4)'),
)

test('no type narrows to itself, and its storage does not change', () => {
  fc.assert(
    fc.property(anyType, (type) => {
      expect(findNarrowing(typeOf(type), typeOf(type))).toEqual([])
      expect(compareStorage(typeOf(type), typeOf(type))).toBe('nothing')
    }),
  )
})

test('a type that fits into one which fits into a third fits there, too', () => {
  const widening = fc.tuple(
    fc.oneof(integerType, decimalType, textType),
    fc.oneof(integerType, decimalType, textType),
    fc.oneof(integerType, decimalType, textType),
  )
  fc.assert(
    fc.property(widening, ([first, second, third]) => {
      if (narrows(first, second) || narrows(second, third)) return
      expect([first, second, third, narrows(first, third)]).toEqual([first, second, third, false])
    }),
    { numRuns: 2000 },
  )
})

test('an integer type fits another exactly when its smallest and largest values do', () => {
  const bits: Record<string, bigint> = { TINYINT: 8n, SMALLINT: 16n, MEDIUMINT: 24n, INT: 32n, BIGINT: 64n }
  const range = (text: string): readonly [bigint, bigint] => {
    const width = bits[text.split(' ')[0] ?? ''] ?? 0n
    return text.includes('UNSIGNED') ? [0n, 2n ** width - 1n] : [-(2n ** (width - 1n)), 2n ** (width - 1n) - 1n]
  }
  fc.assert(
    fc.property(integerType, integerType, (before, after) => {
      const [inner, outer] = [range(before), range(after)]
      expect(narrows(before, after)).toBe(inner[0] < outer[0] || inner[1] > outer[1])
    }),
  )
})

test('the same holds for every triple of the types at the edges of their lengths', () => {
  const lengths = [1, 2, 20, 63, 64, 67, 127, 128, 254, 255]
  const decimals = [1, 2, 19, 30, 31, 64, 65].flatMap((p) => [0, 1, Math.min(p, 30)].map((s) => `DECIMAL(${p},${s})`))
  const integers = ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT'].flatMap((name) => [name, `${name} UNSIGNED`])
  const texts = lengths.flatMap((n) => [`CHAR(${n})`, `VARCHAR(${n})`])
  const names = [...integers, ...decimals, ...texts, 'VARCHAR(16000)', 'TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT']
  const fits = names.map((one) => names.map((other) => !narrows(one, other)))
  const wrong = names.flatMap((first, i) =>
    names.flatMap((second, j) =>
      names.filter((_, k) => fits[i]?.[j] && fits[j]?.[k] && !fits[i]?.[k]).map((third) => [first, second, third]),
    ),
  )
  expect(wrong).toEqual([])
})
