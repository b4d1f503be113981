import { kindOf, partsOf } from '../../ddl/read-parts.ts'
import { bytesInIndex, findIndexes, indexVerbs } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const indexTooLong: StatementRule = {
  code: 'INDEX_TOO_LONG',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'error',
  family: 'keys',
  title: { en: 'An index longer than InnoDB allows', zh: '超过 InnoDB 长度限制的索引' },
  why: {
    en: 'A column in an index can have at most 3072 bytes (768 characters of utf8mb4), in REDUNDANT and COMPACT tables 767: the server refuses more.',
    zh: '索引中的一列最多 3072 字节（768 个 utf8mb4 字符），REDUNDANT 和 COMPACT 表为 767：超过会被服务器拒绝。',
  },
  fix: {
    en: 'Index a prefix of the column, (column(191)), or a hash of it in a separate column.',
    zh: '请只索引列的开头，如 (column(191))，或索引另一列中的哈希值。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-limits.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, url VARCHAR(1000), KEY i (url)) CHARSET=utf8mb4',
        claims: { server: 'refuses', number: 1071 },
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, url VARCHAR(255), KEY i (url)) CHARSET=utf8mb4 ROW_FORMAT=COMPACT',
        claims: { server: 'refuses', number: 1071 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, url VARCHAR(1000)) CHARSET=utf8mb4',
        sql: 'ALTER TABLE a ADD UNIQUE KEY u (url)',
        claims: { server: 'refuses', number: 1071 },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, url VARCHAR(1000), KEY i (url(191)), path VARCHAR(768), KEY j (path), FULLTEXT KEY f (url)) CHARSET=utf8mb4',
      },
    ],
  },
  find: (subject) =>
    findIndexes(subject, (index, table) => {
      if (['FULLTEXT', 'SPATIAL'].includes(kindOf(index)) || /^(?:myisam|memory)$/i.test(table.options['ENGINE'] ?? ''))
        return null
      const limit = /^(?:redundant|compact)$/i.test(table.options['ROW_FORMAT'] ?? '') ? 767 : 3072
      const sizes = partsOf(index).map((part) => bytesInIndex(table, part) ?? 0)
      const longest = Math.max(0, ...sizes)
      const sum = sizes.reduce((total, bytes) => total + bytes, 0)
      if (longest > limit)
        return {
          en: `needs ${longest} bytes for a column, but at most ${limit} are allowed`,
          zh: `有一列需要 ${longest} 字节，而上限是 ${limit}`,
        }
      return sum > 3072
        ? { en: `needs ${sum} bytes, but at most 3072 are allowed`, zh: `需要 ${sum} 字节，而上限是 3072` }
        : null
    }),
}
