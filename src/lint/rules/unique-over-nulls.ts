import { kindOf, partsOf } from '../../ddl/read-parts.ts'
import { findKnownColumn } from '../../ddl/table.ts'
import { findIndexes, indexVerbs } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const uniqueOverNulls: StatementRule = {
  code: 'UNIQUE_OVER_NULLS',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'hint',
  family: 'keys',
  title: { en: 'A unique index on a nullable column', zh: '可为 NULL 的列上的唯一索引' },
  why: {
    en: 'NULLs are never equal: the index allows any number of otherwise identical rows.',
    zh: 'NULL 永远不相等：该索引允许任意多条其余列都相同的行。',
  },
  fix: {
    en: 'Make the column NOT NULL with a default, if missing values should count as equal.',
    zh: '若缺失值也应视为相同，请把列改为带默认值的 NOT NULL。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-index.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, b INT NOT NULL, c INT NULL, UNIQUE KEY u (b, c)); INSERT INTO a VALUES (1, 1, NULL), (2, 1, NULL)',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '2' },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, b INT NOT NULL, c INT NOT NULL, d INT NULL, UNIQUE KEY u (b, c), UNIQUE KEY v (d))',
      },
    ],
  },
  find: (subject) =>
    findIndexes(subject, (index, table) => {
      const [kind, parts] = [kindOf(index), partsOf(index)]
      // Alone, the column is optional, and unique where it is given.
      if (kind !== 'UNIQUE' || parts.length < 2) return null
      const part = parts.find(({ column }) => column !== null && findKnownColumn(table, column)?.nullable === true)
      return part === undefined
        ? null
        : { en: `does not compare rows whose \`${part.column}\` is NULL`, zh: `不比较 \`${part.column}\` 为 NULL 的行` }
    }),
}
