import { kindOf, partsOf } from '../../ddl/read-parts.ts'
import { findIndexes, indexVerbs } from '../find-keys.ts'
import { isNamedAfter } from '../name-parts.ts'
import type { StatementRule } from '../rule.ts'

export const lowSelectivity: StatementRule = {
  code: 'LOW_SELECTIVITY',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'hint',
  onByDefault: 'strict',
  family: 'keys',
  title: { en: 'A single-column index on a column with few values', zh: '单独对取值很少的列建索引' },
  why: {
    en: 'If a value selects a large part of the rows, the server reads the table instead; the index only slows down writes.',
    zh: '若一个值会选中大部分行，服务器宁可读整张表；索引只增加写入开销。',
  },
  fix: {
    en: 'Put the column after a more selective one, or before the column that the query sorts by.',
    zh: '请把该列放在选择性更好的列之后，或放在排序列之前组成联合索引。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/mysql-indexes.html',
  options: {
    names: [
      'status',
      'state',
      'type',
      'kind',
      'gender',
      'sex',
      'is',
      'has',
      'deleted',
      'enabled',
      'active',
      'flag',
      'level',
    ],
  },
  fixtures: {
    found: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, status VARCHAR(10), KEY i (status))', claims: { server: 'accepts' } },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, is_active TINYINT(1))', sql: 'CREATE INDEX i ON a (is_active)' },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, status VARCHAR(10), at DATETIME, KEY i (status, at), UNIQUE KEY u (status))',
      },
    ],
  },
  find: (subject) =>
    findIndexes(subject, (index) => {
      const [part, ...more] = partsOf(index)
      return kindOf(index) === 'INDEX' &&
        part?.column != null &&
        more.length === 0 &&
        isNamedAfter(part.column, subject.options['names'])
        ? {
            en: `contains only \`${part.column}\`, which probably has few values`,
            zh: `只包含 \`${part.column}\`，其取值可能很少`,
          }
        : null
    }),
}
