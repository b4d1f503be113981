import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { scan } from '../../../src/sql/scanner.ts'

function errorOf(text: string): ToolError {
  try {
    scan(text, { file: 'a.sql' })
  } catch (error) {
    if (error instanceof ToolError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** `CODE line:column`, and the excerpt with a caret mark before the place. */
function outline(text: string): [string, string] {
  const error = errorOf(text)
  const [fault] = error.faults
  const excerpt = fault?.excerpt
  if (excerpt === undefined) throw new Error('no excerpt')
  const cut = excerpt.column - 1
  return [
    `${error.code} ${fault?.where?.line}:${fault?.where?.column}`,
    `${excerpt.text.slice(0, cut)}^${excerpt.text.slice(cut)}`,
  ]
}

test('the error for a string that NO_BACKSLASH_ESCAPES would close explains why it is open', () => {
  const [fault] = errorOf("SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT 'x\\'").faults
  expect(fault?.why).toContain('also after a SET of NO_BACKSLASH_ESCAPES')
  expect(fault?.next).toContain('leave NO_BACKSLASH_ESCAPES out')
  expect(scan("SELECT 'x\\\\'", { file: 'a.sql' })).toHaveLength(1)
  expect(errorOf("SELECT 'x").faults[0]?.why).not.toContain('NO_BACKSLASH_ESCAPES')
})

test('the DELIMITER command at the start of a line takes precedence over a letter as delimiter', () => {
  const pieces = scan('delimiter d\nSELECT 1 d\ndelimiter ;\nSELECT 2;', { file: 'a.sql' })
  expect(pieces.flatMap((piece) => (piece.type === 'statement' ? [piece.text] : []))).toEqual(['SELECT 1', 'SELECT 2'])
})

test.each<[what: string, text: string, code: string, excerpt: string]>([
  ['a string', "SELECT 1;\n SELECT 'it''s", 'SQL_UNTERMINATED 2:9', " SELECT ^'it''s"],
  ['a string that ends in a backslash', "SELECT 'a\\", 'SQL_UNTERMINATED 1:8', "SELECT ^'a\\"],
  ['a string whose last quote is escaped', "SELECT 'a\\'", 'SQL_UNTERMINATED 1:8', "SELECT ^'a\\'"],
  ['a double-quoted string', 'SELECT "a\nb', 'SQL_UNTERMINATED 1:8', 'SELECT ^"a'],
  ['a quoted name', '\ufeffSELECT `a\r\n', 'SQL_UNTERMINATED 1:8', 'SELECT ^`a'],
  ['a comment inside a statement', 'SELECT 1\n/* a;', 'SQL_UNTERMINATED 2:1', '^/* a;'],
  ['a comment between statements', 'SELECT 1; /* a;', 'SQL_UNTERMINATED 1:11', 'SELECT 1; ^/* a;'],
  ['a comment of two marks', '/*/', 'SQL_UNTERMINATED 1:1', '^/*/'],
  ['an optimizer hint', 'SELECT /*+ a', 'SQL_UNTERMINATED 1:8', 'SELECT ^/*+ a'],
  ['an executable comment at the end', 'SELECT /*! a', 'SQL_UNTERMINATED 1:8', 'SELECT ^/*! a'],
  ['an executable comment with a delimiter', 'SELECT 1 /*! a; */', 'SQL_UNTERMINATED 1:10', 'SELECT 1 ^/*! a; */'],
  ['a part that begins inside an executable comment', '/*! a\n-- migrate:down\n*/', 'SQL_UNTERMINATED 1:1', '^/*! a'],
  ['a custom delimiter never met', 'DELIMITER //\nSELECT 1;\n SELECT 2', 'SQL_DELIMITER 2:1', '^SELECT 1;'],
  [
    'a custom delimiter not met in its part',
    'DELIMITER //\nSELECT 1\n-- migrate:down\n//',
    'SQL_DELIMITER 2:1',
    '^SELECT 1',
  ],
  ['DELIMITER alone', 'SELECT 1;\n DELIMITER\nSELECT 2', 'SQL_DELIMITER 2:2', ' ^DELIMITER'],
  ['DELIMITER without a blank', 'DELIMITER// \n', 'SQL_DELIMITER 1:1', '^DELIMITER// '],
  ['a backslash as delimiter', 'DELIMITER \\\\\n', 'SQL_DELIMITER 1:1', '^DELIMITER \\\\'],
  ['an empty delimiter', "DELIMITER ''\n", 'SQL_DELIMITER 1:1', "^DELIMITER ''"],
  ['a delimiter whose quote is open', "DELIMITER '//\n", 'SQL_DELIMITER 1:1', "^DELIMITER '//"],
  ['a delimiter outside ASCII, which the client never meets', 'DELIMITER §\n', 'SQL_DELIMITER 1:1', '^DELIMITER §'],
  ['a delimiter of 16 characters', 'DELIMITER 1234567890abcdef\n', 'SQL_DELIMITER 1:1', '^DELIMITER 1234567890abcdef'],
  ['a NUL character', "SELECT 1;\nSELECT '\0'", 'SQL_NUL 2:9', "SELECT '^"],
])('%s', (_, text, code, excerpt) => {
  expect(outline(text)).toEqual([code, excerpt])
})

test('an error has a what, a why and a fix, and exit code 2', () => {
  const error = errorOf("SELECT 'a")
  expect(error.exitCode).toBe(2)
  expect(error.faults[0]).toMatchObject({ where: { file: 'a.sql', line: 1, column: 8 } })
  expect(error.faults[0]?.what).toBe('The string opened here is never closed.')
  expect(error.faults[0]?.next).toMatch(/^Close it with '/)
})

test('an excerpt of a very long line is cut around its position', () => {
  const [fault] = errorOf(`SELECT ${'1, '.repeat(10_000)}'${'a'.repeat(10_000)}`).faults
  expect(fault?.where?.column).toBe(30_008)
  expect(fault?.excerpt?.text.length).toBeLessThan(200)
  expect(fault?.excerpt?.text.slice((fault.excerpt.column ?? 0) - 1)).toMatch(/^'a+$/)
})

describe('a statement that is still open at a DELIMITER command', () => {
  const procedure = 'DELIMITER d//\nCREATE PROCEDURE p() BEGIN SELECT 1; END;\nd//\n'

  test.each([
    ['ended by a semicolon', `${procedure}UPDATE t SET a = 1;\n\ndelimiter ;\nCALL p();`, 4],
    ['and another delimiter follows', `${procedure}UPDATE t SET a = 1; -- x\n  delimiter ;\nDO 1;\n${procedure}`, 4],
    ['ended by END', 'DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END\nDELIMITER ;\nSELECT 2;', 2],
    ['with CRLF', 'DELIMITER $$\r\nDELETE FROM t WHERE id = 1;\r\nDELIMITER ;\r\nSELECT 2;\r\n$$', 2],
  ])('is refused, as the client and the server do: %s', (_, text, line) => {
    const error = errorOf(text)
    expect(error.code).toBe('SQL_DELIMITER')
    expect(error.faults[0]).toMatchObject({ where: { line, column: 1 } })
    const commandLine = text.split('\n').findLastIndex((one) => /^\s*delimiter ;/i.test(one)) + 1
    expect(error.faults[0]?.what).toContain(`DELIMITER command of line ${commandLine}`)
  })

  test('its next step works', () => {
    const text = `${procedure}UPDATE t SET a = 1;\n\ndelimiter ;\nCALL p();`
    expect(errorOf(text).faults[0]?.next).toBe('Write `d//` on a line of its own between the statement and line 6.')
    const mended = text.replace('\ndelimiter ;', 'd//\ndelimiter ;')
    expect(scan(mended, { file: 'a.sql' }).filter((piece) => piece.type === 'statement')).toHaveLength(3)
  })

  test.each([
    ['a column of that name', 'DELIMITER //\nCREATE TABLE csv (\n  id INT,\n  delimiter CHAR(1)\n)//'],
    ['in a string', "DELIMITER //\nSELECT ';\ndelimiter ;\n'//"],
    ['in a comment', 'DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; /*\ndelimiter ;\n*/ END//'],
    [
      'a label',
      'DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1;\ndelimiter : LOOP LEAVE delimiter; END LOOP; END//',
    ],
    ['the client goes on, too', 'SELECT 1\nDELIMITER // ;'],
  ])('is not seen in: %s', (_, text) => {
    expect(scan(text, { file: 'a.sql' }).filter((piece) => piece.type === 'statement')).toHaveLength(1)
  })
})

describe('a compound body without DELIMITER', () => {
  test.each([
    'CREATE PROCEDURE p() BEGIN SELECT 1; END;',
    'CREATE DEFINER=`a`@`b` PROCEDURE IF NOT EXISTS p(IN a INT)\nSQL SECURITY INVOKER\nbegin select 1; end;',
    'CREATE FUNCTION f(a CHAR(1) CHARACTER SET utf8mb4) RETURNS CHAR(1) CHARACTER SET utf8mb4 BEGIN RETURN a; END;',
    'CREATE TRIGGER t BEFORE UPDATE ON x FOR EACH ROW FOLLOWS y BEGIN SET NEW.a = 1; END;',
    'CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW IF NEW.a IS NULL THEN SET NEW.a = 1; END IF;',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; END;',
    'ALTER EVENT e DO BEGIN DELETE FROM t; END;',
    'CREATE PROCEDURE p() a: LOOP LEAVE a; END LOOP;',
    'CREATE PROCEDURE p() WHILE TRUE DO SELECT 1; END WHILE;',
    'CREATE PROCEDURE p() REPEAT SELECT 1; UNTIL TRUE END REPEAT;',
    'CREATE PROCEDURE p(a INT) CASE a WHEN 1 THEN SELECT 1; END CASE;',
    'CREATE PROCEDURE p() BEGIN SELECT CASE WHEN 1 THEN 2 END; END;',
    'CREATE PROCEDURE p() BEGIN IF TRUE THEN SELECT 1; END IF; END;',
    '/*!50003 CREATE*/ /*!50003 TRIGGER t AFTER INSERT ON x FOR EACH ROW BEGIN SET @a = 1 */;',
    'CREATE PROCEDURE p() BEGIN SELECT 1',
  ])('is refused: %s', (text) => {
    const error = errorOf(text)
    expect(error.code).toBe('SQL_COMPOUND')
    expect(error.faults[0]?.next).toContain('DELIMITER //')
    expect(error.faults[0]?.where).toMatchObject({ line: 1, column: 1 })
  })

  test.each([
    'CREATE PROCEDURE p() SELECT 1;',
    'CREATE PROCEDURE p() BEGIN END;',
    'CREATE PROCEDURE p() a: BEGIN END a;',
    'CREATE FUNCTION f() RETURNS INT RETURN IF(1, 2, 3);',
    "CREATE FUNCTION f() RETURNS TEXT RETURN REPEAT('a', 3);",
    'CREATE TRIGGER t BEFORE UPDATE ON x FOR EACH ROW SET NEW.begin = OLD.begin;',
    'CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW INSERT INTO y SELECT CASE WHEN 1 THEN 2 END;',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO CALL p();',
    "CREATE TABLE event (`procedure` INT COMMENT 'BEGIN') COMMENT 'trigger BEGIN';",
    "ALTER TABLE t COMMENT 'event DO BEGIN';",
    'DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//',
    'ALTER EVENT e ENABLE;',
  ])('is not seen in: %s', (text) => {
    expect(scan(text, { file: 'a.sql' }).filter((piece) => piece.type === 'statement')).toHaveLength(1)
  })
})
