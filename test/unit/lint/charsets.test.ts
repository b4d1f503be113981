import { describe, expect, test } from 'vitest'
import { judgeInOrder } from '../../../src/lint/find-hazards.ts'
import { serverWith, stateOf } from '../../helpers/ddl/known-tables.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const table = (definition: string, charset: string) =>
  stateOf(`CREATE TABLE t (${definition}) CHARSET = ${charset}`, { rows: 5, schemaCharset: 'latin1' })

/** `u` is Unicode in a Unicode table, `l` is a Unicode column in a latin1 table, `old` is latin1, `names` has plain members. */
const tables = serverWith({
  u: table('s VARCHAR(50), body TEXT', 'utf8mb4'),
  l: table('s VARCHAR(50) CHARSET utf8mb4', 'latin1'),
  old: table('s VARCHAR(50), body TEXT', 'latin1'),
  three: table('s VARCHAR(50), body TEXT', 'utf8'),
  names: table("e ENUM('a','b')", 'utf8mb4'),
  chinese: table("e ENUM('中','文')", 'utf8mb4'),
})

function whyOf(texts: readonly string[], files: readonly string[] = []): readonly string[] {
  const planned = texts.map((sql, index) => ({
    statement: statementOf(sql, index, files[index] ?? 'a.sql'),
    accepted: [],
  }))
  return judgeInOrder(planned, { tables })
    .flatMap(({ hazards }) => hazards)
    .filter(({ code }) => code === 'NARROW_COLUMN')
    .map(({ why }) => why)
}

const lost = 'Column `s` narrows: latin1 does not have every character of utf8mb4.'
const converted = 'Columns `s` and `body` become latin1, which does not have every character of utf8mb4.'

const cases: readonly (readonly [statements: string | readonly string[], why: string | null])[] = [
  ['ALTER TABLE u MODIFY s VARCHAR(50)', null],
  ['ALTER TABLE l MODIFY s VARCHAR(50)', lost],
  ['ALTER TABLE l MODIFY s VARCHAR(50) CHARACTER SET utf8mb4', null],
  ['ALTER TABLE l MODIFY s VARCHAR(50) COLLATE utf8mb4_bin', null],
  ['ALTER TABLE u DEFAULT CHARSET latin1, MODIFY s VARCHAR(50)', lost],
  ['ALTER TABLE u MODIFY s VARCHAR(50), CHARACTER SET = latin1', lost],
  ['ALTER TABLE u ENGINE=InnoDB DEFAULT COLLATE=latin1_bin, CHANGE s t VARCHAR(50)', lost],
  ['ALTER TABLE u MODIFY s VARCHAR(50), CHARACTER SET = DEFAULT', lost],
  [['ALTER TABLE u CHARSET latin1', 'ALTER TABLE u MODIFY s VARCHAR(50)'], lost],
  [['ALTER TABLE l CHARSET utf8mb4', 'ALTER TABLE l MODIFY s VARCHAR(50)'], null],
  ['ALTER TABLE u CONVERT TO CHARACTER SET latin1', converted],
  ['ALTER TABLE u CONVERT TO CHARACTER SET DEFAULT', converted],
  [['ALTER DATABASE CHARACTER SET utf8mb4', 'ALTER TABLE u CONVERT TO CHARACTER SET DEFAULT'], null],
  [['ALTER DATABASE elsewhere CHARACTER SET utf8mb4', 'ALTER TABLE u CONVERT TO CHARACTER SET DEFAULT'], converted],
  ['ALTER TABLE u CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', null],
  ['ALTER TABLE u CONVERT TO CHARACTER SET binary', null],
  ['ALTER TABLE old CONVERT TO CHARACTER SET utf8mb4', null],
  ['ALTER TABLE three CONVERT TO CHARACTER SET utf8mb4', null],
  ['ALTER TABLE three CONVERT TO CHARACTER SET utf8', null],
  ['ALTER TABLE three MODIFY s VARCHAR(50)', null],
  [
    'ALTER TABLE u MODIFY s VARCHAR(50) CHARACTER SET utf8mb4, CONVERT TO CHARACTER SET latin1',
    `${lost} | Column \`body\` becomes latin1, which does not have every character of utf8mb4.`,
  ],
  [
    'ALTER TABLE old MODIFY body TEXT CHARACTER SET utf8mb4',
    'Column `body` narrows: text stores fewer characters in utf8mb4 than in latin1.',
  ],
  ['ALTER TABLE old MODIFY body MEDIUMTEXT CHARACTER SET utf8mb4', null],
  ['ALTER TABLE three MODIFY body TEXT CHARACTER SET utf8mb4', null],
  ["ALTER TABLE names MODIFY e ENUM('a','b') CHARACTER SET latin1", null],
  ['ALTER TABLE names CONVERT TO CHARACTER SET latin1', null],
  [
    'ALTER TABLE chinese CONVERT TO CHARACTER SET latin1',
    'Column `e` becomes latin1, which does not have every character of utf8mb4.',
  ],
  [['ALTER TABLE u ADD n VARCHAR(9) CHARACTER SET utf8mb4', 'ALTER TABLE u MODIFY n VARCHAR(5) CHARSET latin1'], null],
  [
    ['ALTER TABLE u RENAME COLUMN s TO t, CHARSET latin1', 'ALTER TABLE u MODIFY t VARCHAR(50)'],
    lost.replace('`s`', '`t`'),
  ],
  [['ALTER TABLE u MODIFY s VARCHAR(90)', 'ALTER TABLE u MODIFY s VARCHAR(90)'], null],
]

describe('narrowing uses the character set that a column gets', () => {
  test.each(cases)('%s: %s', (statements, why) => {
    expect(whyOf(typeof statements === 'string' ? [statements] : statements).join(' | ') || null).toBe(why)
  })
})

describe('a file that ends the strict sql_mode is warned that values which do not fit are truncated', () => {
  const change = 'ALTER TABLE u MODIFY s VARCHAR(9)'
  const isSilent = (...texts: readonly string[]) => /truncated or replaced/.test(whyOf([...texts, change]).join())

  test.each([
    "SET sql_mode = ''",
    "SET SESSION sql_mode := ''",
    "SET @@session.sql_mode = 'NO_ENGINE_SUBSTITUTION'",
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */",
    "SET sql_mode = REPLACE(@@sql_mode, 'STRICT_TRANS_TABLES', '')",
    'SET sql_mode = DEFAULT',
    'SET sql_mode = @old',
  ])('%s', (set) => expect(isSilent(set)).toBe(true))

  test.each([
    "SET sql_mode = 'STRICT_ALL_TABLES'",
    "SET sql_mode = 'ANSI_QUOTES,TRADITIONAL'",
    "SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')",
    "SET @mode = ''",
    'SET foreign_key_checks = 0',
  ])('but not %s', (set) => expect(isSilent(set)).toBe(false))

  test('the next file begins with the strict mode again', () => {
    const files = ['a.sql', 'b.sql']
    expect(whyOf(["SET sql_mode = ''", change], files).join()).not.toMatch(/truncated or replaced/)
    expect(whyOf([change], ['a.sql']).join()).not.toMatch(/truncated or replaced/)
  })
})
