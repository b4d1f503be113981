import { partsOf } from '../../ddl/read-parts.ts'
import { findIndexes, indexVerbs } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const prefixUnique: StatementRule = {
  code: 'PREFIX_UNIQUE',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'warning',
  family: 'keys',
  title: { en: 'A unique index on a column prefix', zh: '对列的开头建唯一索引' },
  why: {
    en: 'Only the prefix must be unique: two longer values with the same prefix are refused as duplicates.',
    zh: '只有开头必须唯一：开头相同的两个较长的值会被当作重复而拒绝。',
  },
  fix: { en: 'Index the whole column, or a hash of it.', zh: '请索引整列或其哈希值。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/column-indexes.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, url VARCHAR(500), UNIQUE KEY u (url(4))); INSERT INTO a VALUES (1, 'http:a'); INSERT INTO a VALUES (2, 'http:b')",
        claims: { server: 'refuses', number: 1062 },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, url VARCHAR(500), UNIQUE KEY u (url), KEY i (url(4)))' }],
  },
  find: (subject) =>
    findIndexes(subject, (index) => {
      const part = index.unique ? partsOf(index).find(({ length }) => length !== null) : undefined
      return part === undefined
        ? null
        : {
            en: `compares only the first ${part.length} characters of \`${part.column}\``,
            zh: `只比较 \`${part.column}\` 的前 ${part.length} 个字符`,
          }
    }),
}
