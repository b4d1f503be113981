import type { InBoth } from '../../core/in-both.ts'
import { isAtLeast } from '../../core/version.ts'
import { isWord } from '../../sql/clauses.ts'
import { columnSentence, definedColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'
import { findReservedReferences, mayUseReserved, reservedSince } from '../upgrade/reserved-words.ts'

export const upgradeReservedWord: StatementRule = {
  code: 'UPGRADE_RESERVED_WORD',
  looksAt: 'statement',
  severity: 'error',
  family: 'upgrade',
  title: {
    en: 'An unquoted name that is a reserved word of the next version',
    zh: '未加引号的名称是目标服务器的保留字',
  },
  why: {
    en: 'The next version refuses the statement as a syntax error: a fresh build of the schema fails there.',
    zh: '目标服务器会把该语句当作语法错误拒绝：在那里全新建库会失败。',
  },
  fix: {
    en: 'Quote the name with backticks, in the files and in the code.',
    zh: '请在文件和代码中用反引号引用该名称。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/keywords.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, qualify INT)',
        target: '8.4.0',
        claims: [
          { server: 'refuses', number: 1064, since: '8.4.0' },
          { server: 'accepts', before: '8.4.0' },
        ],
      },
      {
        sql: 'CREATE TABLE tablesample (id INT PRIMARY KEY)',
        target: '9.7.0',
        claims: [
          { server: 'refuses', number: 1064, since: '8.4.0' },
          { server: 'accepts', before: '8.4.0' },
        ],
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, intersect INT)',
        target: '8.0.40',
        claims: [
          { server: 'refuses', number: 1064, since: '8.0.31' },
          { server: 'accepts', before: '8.0.31' },
        ],
      },
      ...[
        'SELECT * FROM library',
        'SELECT l.id FROM a l JOIN library ON library.id = l.id',
        'DELETE FROM library WHERE id = 1',
        'CREATE VIEW v AS SELECT id FROM library',
        'CREATE PROCEDURE p () UPDATE library SET id = 2 WHERE id = 1',
      ].map((sql) => ({
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE `library` (id INT PRIMARY KEY)',
        sql,
        target: '9.7.0',
        claims: [
          { server: 'refuses', number: 1064, since: '9.2.0' },
          { server: 'accepts', before: '9.2.0' },
        ] as const,
      })),
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, `intersect` INT)',
        sql: 'SELECT intersect FROM a',
        target: '9.7.0',
        claims: [
          { server: 'refuses', number: 1064, since: '8.0.31' },
          { server: 'accepts', before: '8.0.31' },
        ],
      },
      ...[
        'SELECT 1 FROM a library',
        'SELECT id intersect FROM a',
        'SELECT id qualify FROM a',
        'SELECT 1 FROM a tablesample WHERE id = 1',
        'SELECT 1 FROM a qualify JOIN a o ON o.id = 1',
        'SELECT 1 FROM a AS library',
        'SELECT 1 FROM (SELECT 1 AS n) external',
        'UPDATE a external SET n = 1 WHERE id = 1',
        'SELECT id FROM a ORDER BY id, intersect',
        'SELECT MAX(id) FROM a GROUP BY n, intersect',
        'INSERT INTO a (id, intersect) VALUES (1, 2)',
        'WITH library AS (SELECT 1) SELECT 1 FROM a',
        'SELECT SUM(id) OVER library FROM a WINDOW library AS (ORDER BY id)',
        'CREATE TABLE c (id INT PRIMARY KEY, n INT, KEY tablesample (n))',
        'ALTER TABLE a ADD m INT AFTER intersect',
        'ALTER TABLE a RENAME COLUMN intersect TO m',
        'ALTER TABLE a DROP COLUMN intersect',
        'CREATE INDEX external ON a (n)',
        'RENAME TABLE a TO library',
        'SELECT lateral FROM (SELECT 1 AS `lateral`) t',
      ].map((sql) => ({
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, `intersect` INT)',
        sql,
        target: '9.7.0',
        claims: [
          { server: 'refuses', number: 1064, since: '9.4.0' },
          { server: 'accepts', before: '8.0.14' },
        ] as const,
      })),
    ],
    clean: [
      {
        setup: 'CREATE TABLE `library` (id INT PRIMARY KEY, `intersect` INT)',
        sql: 'SELECT `library`.intersect, "library" FROM `library` WHERE id = 1',
        target: '9.7.0',
        claims: { server: 'accepts' },
      },
      {
        sql: 'SELECT 1 INTERSECT SELECT 1',
        target: '9.7.0',
        claims: { server: 'accepts', since: '8.0.31' },
      },
      {
        sql: 'SELECT * FROM (SELECT 1 AS a) t JOIN LATERAL (SELECT t.a) u ON true',
        target: '9.7.0',
        claims: { server: 'accepts', since: '8.0.14' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'SELECT id FROM a INTERSECT ALL (SELECT n FROM a)',
        target: '9.7.0',
        claims: { server: 'accepts', since: '8.0.31' },
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, `qualify` INT)', target: '8.4.0', claims: { server: 'accepts' } },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, qualify INT)', target: '8.0.40' },
    ],
  },
  find: (subject) => {
    const { statement, tokens, target, file } = subject
    const isReserved = (text: string): boolean => {
      const since = reservedSince.get(text.toUpperCase())
      return since !== undefined && target !== null && isAtLeast(target, since)
    }
    const table = statement.objects[0]?.name ?? ''
    const said = { en: `is a reserved word of MySQL ${target}`, zh: `是 MySQL ${target} 的保留字` }
    const isDefinition = ['CREATE TABLE', 'ALTER TABLE', 'CREATE VIEW'].includes(statement.verb)
    const name = (isDefinition ? tokens.slice(0, 8) : []).find(
      (token) => isWord(token, table.toUpperCase()) && isReserved(token.text),
    )
    // Stored code has its own rule: UPGRADE_BODY_WORD.
    const isStored = file.version === '0' && file.name === 'live'
    const columns = (isDefinition ? definedColumns(subject) : []).flatMap(({ at, name: column }) =>
      at.type === 'word' && isReserved(column) ? [{ at, message: columnSentence(table, column, said) }] : [],
    )
    const own = name === undefined ? [] : [{ at: name, message: sentence(table, said) }]
    const defined = [...own, ...columns]
    const used =
      target === null || isStored || !mayUseReserved.test(statement.text)
        ? []
        : findReservedReferences(tokens, target).filter(({ start }) => !defined.some(({ at }) => at.start === start))
    return [...defined, ...used.map((at) => ({ at, message: sentence(at.text, said) }))]
  },
}

function sentence(name: string, said: InBoth): InBoth {
  return { en: `\`${name}\` ${said.en}.`, zh: `\`${name}\` ${said.zh}。` }
}
