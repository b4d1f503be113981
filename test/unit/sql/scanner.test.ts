import { describe, expect, test } from 'vitest'
import type { Piece } from '../../../src/sql/piece.ts'
import { Scanner, scan } from '../../../src/sql/scanner.ts'

const options = { file: 'a.sql' }

function statements(text: string): string[] {
  return scan(text, options).flatMap((piece) => (piece.type === 'statement' ? [piece.text] : []))
}

function outline(pieces: readonly Piece[]): string[] {
  return pieces.map((piece) => {
    if (piece.type === 'gap') return `gap ${JSON.stringify(piece.text)}`
    const content = piece.type === 'statement' ? piece.text : `<${piece.name}|${piece.argument}>`
    return `${piece.line}:${piece.column} ${content}`
  })
}

describe('cases at which known splitters fail', () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ['a delimiter in a string', "SELECT 'a;b'; SELECT 2;", ["SELECT 'a;b'", 'SELECT 2']],
    ['a doubled quote', "SELECT 'it''s;'; SELECT 2", ["SELECT 'it''s;'", 'SELECT 2']],
    ['an escaped quote', "SELECT 'it\\'s;'; SELECT 2", ["SELECT 'it\\'s;'", 'SELECT 2']],
    ['a string that ends in an escaped backslash', "SELECT 'x\\\\'; SELECT 2", ["SELECT 'x\\\\'", 'SELECT 2']],
    ['a double-quoted string', 'SELECT "a;""b\\";"; SELECT 2', ['SELECT "a;""b\\";"', 'SELECT 2']],
    ['a backslash in a quoted name, which escapes nothing', 'SELECT `a\\`; SELECT 2', ['SELECT `a\\`', 'SELECT 2']],
    ['a doubled backtick', 'SELECT `a``;b`; SELECT 2', ['SELECT `a``;b`', 'SELECT 2']],
    ['a # comment with a quote and a delimiter', "SELECT 1; # it's;\nSELECT 2", ['SELECT 1', 'SELECT 2']],
    ['a -- comment with a quote and a delimiter', "SELECT 1; -- it's;\nSELECT 2", ['SELECT 1', 'SELECT 2']],
    ['-- before a line end', 'SELECT 1 --\n + 1; SELECT 2', ['SELECT 1 --\n + 1', 'SELECT 2']],
    ['-- without a blank, which is arithmetic', 'SELECT 1--2; SELECT 3', ['SELECT 1--2', 'SELECT 3']],
    ['a block comment with a delimiter', 'SELECT /* a;b */ 1; SELECT 2', ['SELECT /* a;b */ 1', 'SELECT 2']],
    ['a quote in a block comment', "SELECT 1 /* it's */; SELECT 2", ['SELECT 1', 'SELECT 2']],
    ['comment marks in a string', "SELECT '/* -- # '; SELECT 2", ["SELECT '/* -- # '", 'SELECT 2']],
    ['only comments', '/* a */; -- b\n# c\n;', []],
    [
      'an executable comment as a statement',
      '/*!40101 SET NAMES utf8 */; SELECT 2',
      ['/*!40101 SET NAMES utf8 */', 'SELECT 2'],
    ],
    ['an executable comment inside', 'SELECT 1 /*!50000 + 1 */; SELECT 2', ['SELECT 1 /*!50000 + 1 */', 'SELECT 2']],
    [
      'a comment inside an executable comment',
      'SELECT 1 /*! + 1 /* a; */ + 2 */; SELECT 2',
      ['SELECT 1 /*! + 1 /* a; */ + 2 */', 'SELECT 2'],
    ],
    ['a MariaDB comment, which is none of ours', '/*M! SELECT 1; */ SELECT 2', ['SELECT 2']],
    [
      'an optimizer hint with a quote and a delimiter',
      "SELECT /*+ it's; */ 1; SELECT 2",
      ["SELECT /*+ it's; */ 1", 'SELECT 2'],
    ],
    [
      'DELIMITER around a body',
      'DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\nSELECT 2;',
      ['CREATE PROCEDURE p() BEGIN SELECT 1; END', 'SELECT 2'],
    ],
    [
      'a dump’s trigger',
      'DELIMITER ;;\n/*!50003 CREATE*/ /*!50003 TRIGGER t AFTER INSERT ON x FOR EACH ROW BEGIN SET @a = 1; END */;;\nDELIMITER ;\n',
      ['/*!50003 CREATE*/ /*!50003 TRIGGER t AFTER INSERT ON x FOR EACH ROW BEGIN SET @a = 1; END */'],
    ],
    [
      'a single statement as a trigger’s body',
      'CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1; SELECT 2',
      ['CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1', 'SELECT 2'],
    ],
    [
      'CASE ... END in a single-statement body',
      'CREATE FUNCTION f(a INT) RETURNS INT RETURN CASE a WHEN 1 THEN 2 END;',
      ['CREATE FUNCTION f(a INT) RETURNS INT RETURN CASE a WHEN 1 THEN 2 END'],
    ],
    ['an empty body', 'CREATE PROCEDURE p() BEGIN END; SELECT 2', ['CREATE PROCEDURE p() BEGIN END', 'SELECT 2']],
    ['a last statement without its delimiter', 'SELECT 1; SELECT 2\n-- end\n', ['SELECT 1', 'SELECT 2']],
    ['CRLF', 'SELECT 1;\r\n-- a;\r\nSELECT\r\n2;\r\n', ['SELECT 1', 'SELECT\r\n2']],
    [
      'placeholders',
      'SELECT * FROM {{schema:user_db}}.users; SELECT {{a}}',
      ['SELECT * FROM {{schema:user_db}}.users', 'SELECT {{a}}'],
    ],
    ['empty statements', ';;\n ; SELECT 1;;', ['SELECT 1']],
    ['a client command at the end of a statement', 'SELECT 1 \\G\nSELECT 2;', ['SELECT 1 \\G\nSELECT 2']],
    ['a backslash before a quote outside of one', "SELECT \\'; SELECT 2", ["SELECT \\'", 'SELECT 2']],
    ['a backslash before a delimiter', 'SELECT \\; SELECT 2', ['SELECT \\; SELECT 2']],
  ])('%s', (_, text, expected) => {
    expect(statements(text)).toEqual(expected)
  })
})

describe('DELIMITER', () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ['in any case, indented', ' delimiter //\nSELECT ; // \tDeLiMiTeR ;\nSELECT 2', ['SELECT ;', 'SELECT 2']],
    ['behind a comment', '/* a */ DELIMITER $$\nSELECT 1; $$', ['SELECT 1;']],
    ['behind a statement on its line', 'SELECT 1; DELIMITER $$\nSELECT 2$$', ['SELECT 1', 'SELECT 2']],
    ['in single quotes', "DELIMITER '//'\nSELECT 1//SELECT 2//", ['SELECT 1', 'SELECT 2']],
    ['in double quotes with a blank inside', 'DELIMITER "a b"\nSELECT 1a bSELECT 2a b', ['SELECT 1', 'SELECT 2']],
    ['in backticks', 'DELIMITER `$`\nSELECT 1$SELECT 2$', ['SELECT 1', 'SELECT 2']],
    ['of a quote', "DELIMITER \"'\"\nSELECT 1'SELECT 2'", ['SELECT 1', 'SELECT 2']],
    ['with something after it', 'DELIMITER // and more\nSELECT 1//', ['SELECT 1']],
    [
      'as a word, case-sensitive and in the middle of words',
      'DELIMITER go\nSELECT 1 go SELECT `go` GO xgo',
      ['SELECT 1', 'SELECT `go` GO x'],
    ],
    ['that would open a comment', 'DELIMITER /*\nSELECT 1/* SELECT 2; */ /*', ['SELECT 1', 'SELECT 2; */']],
    ['beginning with a blank', 'DELIMITER " x"\nSELECT 1 + 2 x SELECT 3 x', ['SELECT 1 + 2', 'SELECT 3']],
    ['with CRLF', 'DELIMITER //\r\nSELECT 1;//\r\nDELIMITER ;\r\nSELECT 2;', ['SELECT 1;', 'SELECT 2']],
    ['not in the middle of a statement', 'SELECT 1\nDELIMITER // ;\nSELECT 2;', ['SELECT 1\nDELIMITER //', 'SELECT 2']],
    ['not as the beginning of another word', 'DELIMITERS // ; SELECT 2', ['DELIMITERS //', 'SELECT 2']],
  ])('%s', (_, text, expected) => {
    expect(statements(text)).toEqual(expected)
  })
})

describe('directives', () => {
  test('begin the parts of a file and carry headers', () => {
    const text = '-- wwdb:requires user_db/1\n\n-- migrate:up\nSELECT 1;\n-- migrate:down\r\nSELECT 2\n'
    expect(outline(scan(text, options))).toEqual([
      '1:1 <requires|user_db/1>',
      'gap "\\n\\n"',
      '3:1 <migrate|up>',
      'gap "\\n"',
      '4:1 SELECT 1',
      'gap ";\\n"',
      '5:1 <migrate|down>',
      'gap "\\n"',
      '6:1 SELECT 2',
      'gap "\\n"',
    ])
  })

  test('a part ends a statement that lacks its delimiter', () => {
    expect(outline(scan('SELECT 1\n-- migrate:down\nSELECT 2', options))).toEqual([
      '1:1 SELECT 1',
      'gap "\\n"',
      '2:1 <migrate|down>',
      'gap "\\n"',
      '3:1 SELECT 2',
    ])
  })

  test.each([
    ['inside a statement, not at the beginning of a line', 'SELECT 1 -- migrate:down\n;'],
    ['indented inside a statement', 'SELECT 1\n  -- migrate:down\n;'],
    ['a header inside a statement', 'SELECT 1\n-- wwdb:accept A b\n;'],
    ['an unknown part inside a statement', 'SELECT 1\n-- migrate:sideways\n;'],
    ['inside a string', "SELECT '\n-- migrate:down\n'"],
    ['inside a comment', '/*\n-- migrate:down\n*/'],
    ['a sentence', '-- migrate: this moves rows\n'],
    ['another comment mark', '# migrate:up\n'],
    ['no blank', '--migrate:up\n;'],
  ])('are not seen: %s', (_, text) => {
    expect(scan(text, options).some((piece) => piece.type === 'directive')).toBe(false)
  })

  test.each([
    ['behind a statement on its line', 'SELECT 1; -- wwdb:accept A b c', 'accept', 'A b c'],
    ['an unknown part, for its reader to refuse', '-- migrate:upp\n', 'migrate', 'upp'],
    ['options of a part', '--  migrate:up  transaction:false \n', 'migrate', 'up  transaction:false'],
    ['no argument', '--\twwdb:name', 'name', ''],
  ])('are seen: %s', (_, text, name, argument) => {
    expect(scan(text, options)).toContainEqual(expect.objectContaining({ type: 'directive', name, argument }))
  })
})

describe('places', () => {
  test('lines end at LF, columns count UTF-16 units, a byte order mark takes none', () => {
    const text = '\ufeffSELECT 1;\r\n /* 😀 */ SELECT\n2; SELECT 3; /* 名\n字 */ SELECT 4'
    expect(outline(scan(text, options))).toEqual([
      'gap "\ufeff"',
      '1:1 SELECT 1',
      'gap ";\\r\\n /* 😀 */ "',
      '2:11 SELECT\n2',
      'gap "; "',
      '3:4 SELECT 3',
      'gap "; /* 名\\n字 */ "',
      '4:6 SELECT 4',
    ])
  })

  test('the file is named', () => {
    expect(scan('SELECT 1', options)).toEqual([
      { type: 'statement', text: 'SELECT 1', source: 'SELECT 1', file: 'a.sql', line: 1, column: 1 },
    ])
  })
})

test('a statement is returned as soon as its delimiter is certain', () => {
  const scanner = new Scanner(options)
  expect(scanner.feed(`SELECT 1;${' '.repeat(16)}`)).toMatchObject([{ text: 'SELECT 1' }])
  expect(scanner.feed('SELECT 2')).toEqual([])
  expect(scanner.finish()).toMatchObject([{ type: 'gap' }, { text: 'SELECT 2' }])
})

test('a run of twenty million characters is one token', () => {
  const text = `SELECT 0x${'ab'.repeat(10_000_000)}`
  expect(statements(`${text}; SELECT 2`)).toEqual([text, 'SELECT 2'])
})
