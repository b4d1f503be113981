import { isAtLeast } from '../../core/version.ts'
import { isWord } from '../../sql/clauses.ts'
import { columnSentence, definedColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'
import { reservedSince } from '../upgrade/reserved-words.ts'

export const upgradeReservedWord: StatementRule = {
  code: 'UPGRADE_RESERVED_WORD',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE', 'CREATE VIEW'],
  severity: 'error',
  family: 'upgrade',
  title: {
    en: 'An unquoted name that is a reserved word of the next server',
    zh: '未加引号的名称是目标服务器的保留字',
  },
  why: {
    en: 'The next server refuses the statement as a syntax error: a fresh build of the schema fails there.',
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
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, `qualify` INT)', target: '8.4.0', claims: { server: 'accepts' } },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, qualify INT)', target: '8.0.40' },
    ],
  },
  find: (subject) => {
    const { statement, tokens, target } = subject
    const isReserved = (text: string): boolean => {
      const since = reservedSince.get(text.toUpperCase())
      return since !== undefined && target !== null && isAtLeast(target, since)
    }
    const table = statement.objects[0]?.name ?? ''
    const said = { en: `is a reserved word of MySQL ${target}`, zh: `是 MySQL ${target} 的保留字` }
    const name = tokens.slice(0, 8).find((token) => isWord(token, table.toUpperCase()) && isReserved(token.text))
    const columns = definedColumns(subject).flatMap(({ at, name: column }) =>
      at.type === 'word' && isReserved(column) ? [{ at, message: columnSentence(table, column, said) }] : [],
    )
    return name === undefined
      ? columns
      : [{ at: name, message: { en: `\`${table}\` ${said.en}.`, zh: `\`${table}\` ${said.zh}。` } }, ...columns]
  },
}
