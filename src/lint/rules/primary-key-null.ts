import { isWord, outerTokens } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import { tableAfter } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const primaryKeyNull: StatementRule = {
  code: 'PRIMARY_KEY_NULL',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'keys',
  title: { en: 'A column that is declared NULL in the primary key', zh: '主键中声明为 NULL 的列' },
  why: {
    en: 'Columns of a primary key are NOT NULL: the server refuses the statement.',
    zh: '主键的列必须是 NOT NULL：服务器会拒绝该语句。',
  },
  fix: { en: 'Write NOT NULL, or use a unique index.', zh: '请写 NOT NULL，或使用唯一索引。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table.html',
  fixtures: {
    found: [
      { sql: 'CREATE TABLE a (id INT NULL, PRIMARY KEY (id))', claims: { server: 'refuses', number: 1171 } },
      { sql: 'CREATE TABLE a (id INT NULL PRIMARY KEY)', claims: { server: 'refuses', number: 1171 } },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT, b INT NULL DEFAULT NULL, PRIMARY KEY (id), UNIQUE KEY u (b))' }],
  },
  find: (subject) => {
    const primary = tableAfter(subject)?.indexes.find(({ name }) => name === 'PRIMARY')
    const names = (primary?.columns ?? []).map((name) => name.toLowerCase())
    return findColumns(subject, ({ name, definition }) => {
      const isNull = outerTokens(definition).some(
        ({ token, at }) => isWord(token, 'NULL') && !isWord(definition[at - 1], 'NOT', 'DEFAULT', 'SET'),
      )
      return isNull && names.includes(name.toLowerCase())
        ? { en: 'is declared NULL but is in the primary key', zh: '声明为 NULL，却在主键中' }
        : null
    })
  },
}
