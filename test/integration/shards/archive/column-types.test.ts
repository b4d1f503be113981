import { describe, test } from 'vitest'
import { versionsInTurn } from '../../../helpers/servers/turns.ts'
import { expectRoundTrip, withArchiveStages } from '../../../helpers/shards/archive-stage.ts'

const open = withArchiveStages()

interface ColumnCase {
  readonly type: string
  /** Literals, besides NULL. */
  readonly values: readonly string[]
  readonly only?: '9.7'
}

const text = [
  `''`,
  `' '`,
  `'plain'`,
  `'it''s "quoted" \`so\`'`,
  `'a\\\\b\\\\'`,
  `'\\\\n is no line break'`,
  `'line\\nbreak\\r\\nand\\ttab'`,
  `'),\\n(1,2);\\nDROP TABLE t;'`,
  `'-- comment /* this */ # too'`,
  `0x00`,
  `'nul \\0 in the middle \\Z'`,
  `'?:name NULL'`,
  `'NULL'`,
]
const unicode = [`'😀 中文 é ß ﷽'`, `'e\u0301 \u200b\ufeff\u2028'`]
const bytes = [`''`, `0x00`, `0xFF`, `0xFFFE00C3280A0D275C22`, `0xC328`, `0x00000000`, `'text'`, `0x0A`]
const dates = [`'0000-00-00'`, `'2026-00-00'`, `'2026-02-31'`, `'1000-01-01'`, `'9999-12-31'`, `'2024-02-29'`]

const cases: readonly ColumnCase[] = [
  { type: 'TINYINT', values: ['-128', '0', '127'] },
  { type: 'TINYINT(1)', values: ['0', '1'] },
  { type: 'SMALLINT UNSIGNED', values: ['0', '65535'] },
  { type: 'MEDIUMINT', values: ['-8388608', '8388607'] },
  { type: 'INT(8) UNSIGNED ZEROFILL', values: ['0', '42', '4294967295'] },
  { type: 'BIGINT', values: ['-9223372036854775808', '9223372036854775807'] },
  { type: 'BIGINT UNSIGNED', values: ['0', '9007199254740993', '18446744073709551615'] },
  { type: 'DECIMAL(15,4)', values: ['0', '-0.0001', '99999999999.9999', '1.5'] },
  { type: 'DECIMAL(65,30)', values: [`-${'9'.repeat(35)}.${'9'.repeat(30)}`, '0.000000000000000000000000000001'] },
  { type: 'DECIMAL(65,0)', values: ['9'.repeat(65)] },
  { type: 'FLOAT', values: ['0.1', '-0e0', '3.40282347e38', '1.17549435e-38', '1.4e-45', '16777217', '1e10', '-7.25'] },
  { type: 'FLOAT(7,3)', values: ['1.2345', '-9999.999', '0'] },
  {
    type: 'DOUBLE',
    values: [
      '0.1',
      '-0e0',
      '1.7976931348623157e308',
      '5e-324',
      '2.2250738585072014e-308',
      '1/3',
      '1e15',
      '1e22',
      '123456789012345680000',
    ],
  },
  { type: 'DOUBLE(20,5)', values: ['1e14/3', '-0.00001', '99999999999'] },
  { type: 'BIT', values: [`b'0'`, `b'1'`] },
  { type: 'BIT(3)', values: [`b'101'`] },
  { type: 'BIT(64)', values: ['0', '18446744073709551615', '9223372036854775808'] },
  { type: 'DATE', values: dates },
  { type: 'DATETIME', values: dates },
  { type: 'DATETIME(6)', values: [`'2026-12-31 23:59:59.999999'`, `'0000-00-00 00:00:00.000001'`] },
  { type: 'TIMESTAMP NULL', values: [`'0000-00-00'`, `'1970-01-01 00:00:01'`, `'2038-01-19 03:14:07'`] },
  { type: 'TIMESTAMP(6) NULL', values: [`'2026-03-29 01:30:00.123456'`] },
  { type: 'TIME', values: [`'-838:59:59'`, `'838:59:59'`, `'00:00:00'`] },
  { type: 'TIME(6)', values: [`'-00:00:00.000001'`, `'12:34:56.789012'`] },
  { type: 'YEAR', values: ['0', '1901', '2155', '2000'] },
  { type: 'CHAR(60)', values: [...text, ...unicode] },
  { type: 'VARCHAR(200)', values: [...text, ...unicode] },
  { type: 'VARCHAR(200) COLLATE utf8mb4_bin', values: [...text, ...unicode, `'trailing  '`] },
  { type: 'TINYTEXT', values: text },
  { type: 'TEXT', values: [...text, ...unicode] },
  { type: 'MEDIUMTEXT', values: [...unicode, `REPEAT('long text, ',30000)`] },
  { type: 'LONGTEXT COLLATE utf8mb4_general_ci', values: [...text, `REPEAT('\\n\\\\''',100000)`] },
  { type: 'VARCHAR(100) CHARACTER SET latin1', values: [...text, `'é ß ÿ'`, `0x8081FF`] },
  { type: 'TEXT CHARACTER SET gbk', values: [`'中文'`, `0xBF5C`, `0x8A5C27`] },
  { type: 'TEXT CHARACTER SET sjis', values: [`0x835C`, `'表'`] },
  { type: 'TEXT CHARACTER SET cp932', values: [`0x8790`, `0x81E0`] },
  { type: 'TEXT CHARACTER SET utf16', values: [`'😀 é'`, `''`] },
  { type: 'TEXT CHARACTER SET ucs2', values: [`'中'`] },
  { type: 'TEXT CHARACTER SET utf8', values: [`'中é'`] },
  { type: 'VARCHAR(50) CHARACTER SET ascii', values: text.slice(0, 8) },
  { type: 'CHAR(10) CHARACTER SET binary', values: bytes },
  { type: 'BINARY(10)', values: bytes },
  { type: 'VARBINARY(40)', values: bytes },
  { type: 'TINYBLOB', values: bytes },
  { type: 'BLOB', values: bytes },
  { type: 'MEDIUMBLOB', values: [...bytes, `REPEAT(0x00FF0A275C,200000)`] },
  { type: 'LONGBLOB', values: bytes },
  { type: `ENUM('a','b''c','','\\\\','é','x,y')`, values: [`'a'`, `'b''c'`, `''`, `'\\\\'`, `'é'`, `'not in it'`] },
  { type: `ENUM('ä','b') CHARACTER SET latin1`, values: [`'ä'`, `'b'`] },
  { type: `SET('a','b''c','d')`, values: [`''`, `'a'`, `'a,b\\'c,d'`] },
  {
    type: `SET(${Array.from({ length: 64 }, (_, index) => `'m${index}'`).join(',')})`,
    values: ['18446744073709551615', '0'],
  },
  {
    type: 'JSON',
    values: [
      `'null'`,
      `'{}'`,
      `'[]'`,
      `'""'`,
      `'{"b": 1, "a": [1.0, -0.0, 1e300, 5e-324, 18446744073709551615, -9223372036854775808, true, null]}'`,
      `'"quote \\\\" backslash \\\\\\\\ newline \\\\n unicode \\\\u0000 😀"'`,
      `JSON_OBJECT('it''s', REPEAT('x',100000))`,
    ],
  },
  { type: 'GEOMETRY', values: [`ST_GeomFromText('POINT(1 -2.5)')`, `ST_GeomFromText('GEOMETRYCOLLECTION EMPTY')`] },
  { type: 'POINT', values: [`ST_GeomFromText('POINT(52.5 13.4)',4326)`, `POINT(0,1e-300)`] },
  { type: 'POLYGON', values: [`ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))')`] },
  { type: 'VECTOR(3)', values: [`TO_VECTOR('[1,-2.5,3e10]')`], only: '9.7' },
]

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  test.each(cases.filter(({ only }) => only === undefined || only === version))(
    '$type comes back byte for byte',
    async ({ type, values }) => {
      const stage = await open(version)
      await stage.query(
        `CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v ${type}, n ${type.replace(/ NULL$/, '')} NOT NULL)`,
      )
      await stage.query(`INSERT INTO t (v,n) VALUES (NULL,${values[0]})`)
      for (const value of values) await stage.query(`INSERT INTO t (v,n) VALUES (${value},${value})`)
      await expectRoundTrip(stage)
    },
  )
})
