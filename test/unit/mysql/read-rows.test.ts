import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'

interface Field {
  readonly columnType: number
  readonly characterSet: number
  readonly encoding: string
  readonly name: string
}
type Cell = unknown
type RowReader = { readonly next: (packet: object, fields: readonly Field[], options: object) => Cell }
type MakeReader = (
  fields: readonly Field[],
  options: object,
  config: object,
) => new (
  fields: readonly Field[],
) => RowReader
type PacketClass = new (id: number, buffer: Buffer, start: number, end: number) => object

const require = createRequire(import.meta.url)
const driver = '../../../node_modules/mysql2/lib'
const Packet = require(`${driver}/packets/packet.js`) as PacketClass
const types = require(`${driver}/constants/types.js`) as Readonly<Record<string, number | string>>
const makeDriverReader = require(`${driver}/parsers/text_parser.js`) as MakeReader
const makeReader = require('../../../scripts/slim/mysql2-text-parser.cjs') as MakeReader

/** As wwdb connects and asks: what the driver makes of both. */
const config = {
  supportBigNumbers: true,
  bigNumberStrings: false,
  decimalNumbers: false,
  dateStrings: true,
  typeCast: true,
}
const options = { ...config, rowsAsArray: true, nestTables: undefined, timezone: 'Z' }
const binary = 63
const utf8 = 255

/** A row of the text protocol: each cell with its length before it, or 0xFB for NULL. */
function packetOf(cells: readonly (string | null)[]): object {
  const parts = cells.map((cell) => {
    if (cell === null) return Buffer.from([0xfb])
    const bytes = Buffer.from(cell)
    return Buffer.concat([Buffer.from([bytes.length]), bytes])
  })
  const body = Buffer.concat([Buffer.alloc(4), ...parts])
  return new Packet(1, body, 0, body.length)
}

const field = (columnType: number, characterSet: number, index = 0): Field => ({
  columnType,
  characterSet,
  encoding: 'utf8',
  name: `c${index}`,
})

function readBoth(fields: readonly Field[], cells: readonly (string | null)[], how: object = options) {
  const read = (make: MakeReader) => new (make(fields, how, config))(fields).next(packetOf(cells), fields, how)
  return { own: read(makeReader), driver: read(makeDriverReader) }
}

const samples: Readonly<Record<string, readonly string[]>> = {
  TINY: ['1', '-1'],
  SHORT: ['0', '-32768'],
  LONG: ['2147483647'],
  INT24: ['-8388608'],
  YEAR: ['2026'],
  LONGLONG: ['9007199254740993', '-5', '18446744073709551615'],
  FLOAT: ['1.5', '-2e10'],
  DOUBLE: ['0.1'],
  DECIMAL: ['1.10'],
  NEWDECIMAL: ['12345678901234567890.1'],
  DATE: ['2026-01-31', '0000-00-00'],
  DATETIME: ['2026-01-31 10:00:00.123456'],
  TIMESTAMP: ['2026-01-31 10:00:00'],
  TIME: ['-838:59:59'],
  VARCHAR: ['a', '', '名'],
  VAR_STRING: ['a', '', '名'],
  STRING: ['a'],
  BLOB: ['x'],
  ENUM: ['x'],
  SET: ['x,y'],
  BIT: ['\u0001'],
  JSON: ['{"a":[1,12345678901234567890]}'],
}

describe('rows that are read without code of their own are what the driver reads', () => {
  test.each(
    Object.entries(samples).flatMap(([name, values]) =>
      [binary, utf8].flatMap((set) => values.map((value) => ({ name, set, value }))),
    ),
  )('$name in character set $set: $value', ({ name, set, value }) => {
    const fields = [field(Number(types[name]), set)]
    const { own, driver: expected } = readBoth(fields, [value])
    expect(own).toEqual(expected)
    expect(readBoth(fields, [null]).own).toEqual(readBoth(fields, [null]).driver)
  })

  test('in each row of a long answer', () => {
    const fields = [field(Number(types['LONG']), binary), field(Number(types['VAR_STRING']), utf8, 1)]
    const reader = new (makeReader(fields, options, config))(fields)
    for (let row = 0; row < 1000; row += 1)
      expect(reader.next(packetOf([String(row), `名${row}`]), fields, options)).toEqual([row, `名${row}`])
  })

  test.each([
    { rowsAsArray: false },
    { nestTables: '_' },
    { decimalNumbers: true },
    { bigNumberStrings: true },
    { dateStrings: false },
    { typeCast: (_: object, next: () => Cell) => [next()] },
    { typeCast: false },
  ])('also for questions of users with their own options: %j', (changed) => {
    const fields = [
      field(Number(types['NEWDECIMAL']), binary),
      field(Number(types['LONGLONG']), binary, 1),
      field(Number(types['DATETIME']), binary, 2),
    ]
    const { own, driver: expected } = readBoth(fields, ['1.5', '7', '2026-01-31 10:00:00'], { ...options, ...changed })
    expect(own).toEqual(expected)
  })
})
