import { findForeignKeys } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const foreignKeyWithoutIndex: StatementRule = {
  code: 'FOREIGN_KEY_WITHOUT_INDEX',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'hint',
  onByDefault: 'strict',
  family: 'keys',
  title: { en: 'A foreign key on columns without an index', zh: '外键所在的列没有以其开头的索引' },
  why: {
    en: 'The server creates an index named after the constraint, which no file shows, and drops it when another index replaces it.',
    zh: '服务器会自建一个以约束命名的索引，文件里看不到它；当有其他索引可替代时又会删除它。',
  },
  fix: { en: 'Write the index that the key needs.', zh: '请写出该外键需要的索引。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))',
        claims: {
          server: 'answers',
          query:
            "SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'a' AND COLUMN_NAME = 'p_id'",
          answer: 'f',
        },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, b INT, KEY i (p_id, b), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))',
      },
    ],
  },
  find: (subject) =>
    findForeignKeys(subject, ({ columns }, table) => {
      const isIndexed = table.indexes.some((index) =>
        columns.every((column, at) => index.columns[at]?.toLowerCase() === column.toLowerCase()),
      )
      return isIndexed ? null : { en: 'has no index in the files', zh: '没有文件中写出的索引' }
    }),
}
