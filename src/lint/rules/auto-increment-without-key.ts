import { readColumnAttributes } from '../../ddl/column-attributes.ts'
import { indexColumns } from '../../ddl/read-parts.ts'
import { isWord } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import { tableAfter } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const autoIncrementWithoutKey: StatementRule = {
  code: 'AUTO_INCREMENT_WITHOUT_KEY',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'keys',
  title: {
    en: 'An `AUTO_INCREMENT` column that is not the first column of an index',
    zh: '没有索引以其开头的 `AUTO_INCREMENT` 列',
  },
  why: {
    en: 'InnoDB requires an index that starts with the column: the server refuses the statement.',
    zh: 'InnoDB 需要一个以该列开头的索引：服务器会拒绝该语句。',
  },
  fix: { en: 'Make it the primary key.', zh: '请把它设为主键。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/example-auto-increment.html',
  fixtures: {
    found: [
      { sql: 'CREATE TABLE a (n INT AUTO_INCREMENT, code CHAR(2))', claims: { server: 'refuses', number: 1075 } },
      {
        sql: 'CREATE TABLE a (n INT AUTO_INCREMENT, code CHAR(2), PRIMARY KEY (code, n))',
        claims: { server: 'refuses', number: 1075 },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (n INT AUTO_INCREMENT, code CHAR(2), PRIMARY KEY (code), KEY i (n))' },
      {
        sql: 'CREATE TABLE a (n INT AUTO_INCREMENT UNIQUE, code CHAR(2) PRIMARY KEY); CREATE TABLE b (n SERIAL, code CHAR(2) PRIMARY KEY)',
      },
    ],
  },
  find: (subject) => {
    const table = tableAfter(subject)
    if (table === null || /^myisam$/i.test(table.options['ENGINE'] ?? '')) return []
    return findColumns(subject, ({ name, definition }) =>
      readColumnAttributes(definition).autoIncrement &&
      !definition.some((token) => isWord(token, 'KEY', 'UNIQUE', 'SERIAL')) &&
      !table.indexes.some((index) => indexColumns(index)[0]?.toLowerCase() === name.toLowerCase())
        ? { en: 'has AUTO_INCREMENT, but no index starts with it', zh: '使用 AUTO_INCREMENT，却没有以它开头的索引' }
        : null,
    )
  },
}
