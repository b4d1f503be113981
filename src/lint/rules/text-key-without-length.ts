import { kindOf, partsOf, typeOf } from '../../ddl/read-parts.ts'
import { findKnownColumn } from '../../ddl/table.ts'
import { findIndexes, indexVerbs } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const textKeyWithoutLength: StatementRule = {
  code: 'TEXT_KEY_WITHOUT_LENGTH',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'error',
  family: 'keys',
  title: {
    en: 'A `TEXT`, `BLOB` or `JSON` column in an index without a prefix length',
    zh: '索引中的 `TEXT`、`BLOB`、`JSON` 列没有指定长度',
  },
  why: {
    en: 'The server indexes only a prefix of such a column and refuses an index without its length; it indexes JSON only by expressions.',
    zh: '服务器只能索引这类列的开头，未写长度会被拒绝；JSON 只能通过表达式建索引。',
  },
  fix: {
    en: 'Write the length, (body(100)), or index a generated column of the JSON value.',
    zh: '请写长度，如 (body(100))；JSON 请对生成列建索引。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/column-indexes.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, body TEXT, KEY i (body))',
        claims: { server: 'refuses', number: 1170 },
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, data JSON, KEY i (data))',
        claims: { server: 'refuses', number: 3152 },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, body TEXT, KEY i (body(100)), FULLTEXT KEY f (body))' }],
  },
  find: (subject) =>
    findIndexes(subject, (index, table) => {
      if (['FULLTEXT', 'SPATIAL'].includes(kindOf(index))) return null
      const part = partsOf(index).find(({ column, length }) => {
        const type = column === null ? null : typeOf(findKnownColumn(table, column))
        return length === null && type != null && /(?:text|blob)$|^json$/.test(type.base)
      })
      return part === undefined
        ? null
        : {
            en: `contains all of \`${part.column}\`, which is a TEXT, BLOB or JSON`,
            zh: `包含整个 \`${part.column}\` 列，而它是 TEXT、BLOB 或 JSON`,
          }
    }),
}
