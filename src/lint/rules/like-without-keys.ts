import { findObject } from '../../ddl/schema.ts'
import { isName, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const likeWithoutKeys: StatementRule = {
  code: 'LIKE_WITHOUT_KEYS',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'hint',
  family: 'data-changes',
  title: { en: '`CREATE TABLE ... LIKE` of a table with foreign keys', zh: '对带外键的表使用 `CREATE TABLE ... LIKE`' },
  why: {
    en: 'LIKE copies columns and indexes, but not foreign keys: the new table accepts rows that the old one refuses.',
    zh: 'LIKE 会复制列和索引，但不复制外键：新表会接受旧表拒绝的行。',
  },
  fix: { en: 'Write the whole CREATE TABLE.', zh: '请写完整的 CREATE TABLE。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-like.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'CREATE TABLE b LIKE a',
        claims: {
          server: 'answers',
          query:
            "SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE() AND TABLE_NAME = 'b'",
          answer: '0',
        },
      },
    ],
    clean: [{ setup: 'CREATE TABLE a (id INT PRIMARY KEY)', sql: 'CREATE TABLE b LIKE a' }],
  },
  find: ({ tokens, before }) => {
    const at = tokens.findIndex((token) => isWord(token, 'LIKE'))
    const source = tokens[at + 1]
    const found = at < 0 || !isName(source) ? null : findObject(before, { schema: null, name: source.text })
    if (found?.type !== 'table' || found.table.foreignKeys.length === 0) return []
    return [
      {
        message: {
          en: `The foreign keys of \`${found.table.name}\` are not copied.`,
          zh: `不会复制 \`${found.table.name}\` 的外键。`,
        },
      },
    ]
  },
}
