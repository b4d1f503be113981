import fc from 'fast-check'

const textTypes = [
  'CHAR(10)',
  'VARCHAR(50)',
  'VARCHAR(300)',
  'TINYTEXT',
  'TEXT',
  'MEDIUMTEXT',
  'LONGTEXT',
  "ENUM('a','b''c')",
  "SET('x','y')",
  'CHAR',
  'NCHAR(5)',
  'NATIONAL VARCHAR(30)',
] as const
const numberTypes = [
  'TINYINT(1)',
  'TINYINT(3) UNSIGNED',
  'SMALLINT',
  'MEDIUMINT(8)',
  'INT(11)',
  'INT UNSIGNED',
  'INT(6) ZEROFILL',
  'BIGINT(20)',
  'BIGINT UNSIGNED',
  'DECIMAL(12,3)',
  'FLOAT',
  'DOUBLE',
  'DOUBLE(9,2)',
  'BIT(5)',
  'BIT',
  'BOOL',
  'INTEGER',
  'SMALLINT UNSIGNED ZEROFILL',
  'MEDIUMINT UNSIGNED',
  'DEC(8)',
  'NUMERIC(30,10) UNSIGNED',
  'REAL',
  'FLOAT(30)',
  'FLOAT(7,3) UNSIGNED',
  'DOUBLE PRECISION UNSIGNED',
] as const
const otherTypes = [
  'DATE',
  'TIME(2)',
  'DATETIME',
  'DATETIME(6)',
  'TIMESTAMP NULL',
  'YEAR',
  'JSON',
  'BINARY(8)',
  'VARBINARY(20)',
  'BLOB',
  'MEDIUMBLOB',
  'POINT',
  'GEOMETRY',
  'POINT SRID 4326',
  'LINESTRING',
  'POLYGON SRID 0',
  'MULTIPOINT',
  'MULTILINESTRING',
  'MULTIPOLYGON',
  'GEOMETRYCOLLECTION',
  'TIME',
  'TIMESTAMP(6) NULL',
  'DATETIME(1) NULL DEFAULT NULL',
  "DATE DEFAULT '2026-02-03'",
  "TIME(3) NOT NULL DEFAULT '10:20:30.125'",
  'BINARY',
  'TINYBLOB',
  'LONGBLOB',
  'VARBINARY(300)',
] as const
/** Of servers after 8.0.12. */
const newerColumns = [
  'VECTOR(3)',
  "VARCHAR(40) DEFAULT (CONCAT('a', 'b'))",
  'JSON DEFAULT (JSON_ARRAY())',
  "TEXT DEFAULT (_utf8mb4'x')",
  'DATE DEFAULT (CURRENT_DATE)',
  "BINARY(16) NOT NULL DEFAULT (UUID_TO_BIN('6ccd780c-baba-1026-9564-5b8c656024db'))",
  'INT INVISIBLE',
  "INT NOT NULL DEFAULT 3 COMMENT 'unseen' INVISIBLE",
  'INT CHECK (LENGTH(5) > 0)',
] as const

const charset = fc.constantFrom(
  '',
  '',
  ' CHARACTER SET latin1',
  ' CHARACTER SET utf8',
  ' CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  ' COLLATE utf8mb4_0900_as_cs',
  ' CHARACTER SET ascii COLLATE ascii_bin',
)
const comment = fc.constantFrom('', '', " COMMENT 'plain'", " COMMENT 'it''s; -- \\\\ `odd`'", " COMMENT '中文'")
const nullity = fc.constantFrom('', ' NULL', ' NOT NULL')

const textColumn = fc
  .tuple(fc.constantFrom(...textTypes), charset, nullity, fc.constantFrom('', " DEFAULT 'a'", ' DEFAULT NULL'), comment)
  .map(([type, set, nulls, preset, note]) => {
    const permitsDefault = !/TEXT/.test(type)
    // NCHAR and NATIONAL are a character set themselves.
    const own = type.startsWith('N') ? '' : set
    const isContradiction = nulls === ' NOT NULL' && preset === ' DEFAULT NULL'
    const value = type.startsWith('SET') ? preset.replace("'a'", "'x,y'") : preset
    return `${type}${own}${nulls}${permitsDefault && !isContradiction ? value : ''}${note}`
  })
const numberColumn = fc
  .tuple(fc.constantFrom(...numberTypes), nullity, fc.constantFrom('', ' DEFAULT 1', " DEFAULT '0'"), comment)
  .map(
    ([type, nulls, preset, note]) =>
      `${type}${nulls}${type.startsWith('BIT') ? preset.replace(/ DEFAULT .*/, " DEFAULT b'1'") : preset}${note}`,
  )
const otherColumn = fc.tuple(fc.constantFrom(...otherTypes), comment).map(([type, note]) => `${type}${note}`)
const clockColumn = fc.constantFrom(
  'DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP',
  'TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)',
  'DATETIME NULL ON UPDATE CURRENT_TIMESTAMP',
)
/**
 * The definition of a column, of every type and clause.
 * @param isNewer with what 8.0.12 cannot make
 */
export const randomColumn = (isNewer: boolean): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: textColumn },
    { weight: 4, arbitrary: numberColumn },
    { weight: 3, arbitrary: otherColumn },
    clockColumn,
    ...(isNewer ? [fc.constantFrom(...newerColumns)] : []),
  )
