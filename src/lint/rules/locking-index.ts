import { hasWords, isWord, readAlterations } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const lockingIndex: StatementRule = {
  code: 'LOCKING_INDEX',
  looksAt: 'statement',
  verbs: ['ALTER TABLE', 'CREATE INDEX'],
  severity: 'error',
  family: 'blocking',
  title: { en: 'A full-text or spatial index over existing rows', zh: '在已有数据上建全文或空间索引' },
  why: {
    en: 'Other sessions cannot write to the table while the index is built; the first full-text index copies the table, too.',
    zh: '建索引期间其他会话不能写表；第一个全文索引还会重建整张表。',
  },
  fix: {
    en: 'Build it when no session writes, or with an online schema change tool.',
    zh: '请在没有写入时创建，或使用在线改表工具。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-online-ddl-operations.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, body TEXT)',
        sql: 'ALTER TABLE a ADD FULLTEXT KEY f (body)',
        claims: { server: 'blocks' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, place POINT NOT NULL SRID 0)',
        sql: 'CREATE SPATIAL INDEX s ON a (place)',
        claims: { server: 'blocks' },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, body TEXT); ALTER TABLE a ADD FULLTEXT KEY f (body)' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'CREATE INDEX i ON a (n)' },
    ],
  },
  find: ({ tokens, statement, isNew }) => {
    const kinds = ['FULLTEXT', 'SPATIAL'] as const
    const adds =
      (hasWords(tokens, 0, 'CREATE') && isWord(tokens[1], ...kinds)) ||
      readAlterations(tokens).some((clause) => isWord(clause[0], 'ADD') && isWord(clause[1], ...kinds))
    const table = statement.objects[0]
    if (!adds || table === undefined || isNew(table)) return []
    return [
      {
        message: {
          en: `Writes to \`${table.name}\` wait until the index is built.`,
          zh: `索引建成之前，对 \`${table.name}\` 的写入会等待。`,
        },
      },
    ]
  },
}
