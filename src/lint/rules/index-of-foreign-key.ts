import type { Table } from '../../ddl/table.ts'
import { tableAfter, tableBefore } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const indexOfForeignKey: StatementRule = {
  code: 'INDEX_OF_FOREIGN_KEY',
  looksAt: 'statement',
  verbs: ['ALTER TABLE', 'DROP INDEX'],
  severity: 'error',
  family: 'known-objects',
  title: {
    en: 'A dropped index that a foreign key of the table needs',
    zh: '删除了本表外键仍需要的索引',
  },
  why: {
    en: 'The server refuses it: a foreign key requires an index that starts with its columns.',
    zh: '服务器会拒绝：外键必须有以其列开头的索引。',
  },
  fix: {
    en: 'Add the new index first, in the same ALTER TABLE, or drop the foreign key first.',
    zh: '请先在同一条 ALTER TABLE 中添加新索引，或先删除该外键。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY by_p (p_id), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'ALTER TABLE a DROP KEY by_p; ALTER TABLE a DROP FOREIGN KEY f',
      },
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY by_p (p_id), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'DROP INDEX by_p ON a',
        claims: { server: 'refuses', number: 1553 },
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY by_p (p_id), FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'ALTER TABLE a DROP FOREIGN KEY a_ibfk_1; ALTER TABLE a DROP KEY by_p',
        claims: { server: 'accepts' },
      },
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY by_p (p_id), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'ALTER TABLE a DROP FOREIGN KEY f; ALTER TABLE a DROP KEY by_p',
        claims: { server: 'accepts' },
      },
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, n INT, KEY by_p (p_id), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'ALTER TABLE a DROP KEY by_p, ADD KEY by_p_and_n (p_id, n)',
        claims: { server: 'accepts' },
      },
    ],
  },
  find: (subject) => {
    const [before, after] = [tableBefore(subject), tableAfter(subject)]
    if (before === null || after === null) return []
    return after.foreignKeys.flatMap(({ columns }) => {
      if (!hasIndex(before, columns) || hasIndex(after, columns)) return []
      const shown = columns.join(', ')
      const message = {
        en: `The foreign key on \`${shown}\` no longer has an index.`,
        zh: `\`${shown}\` 上的外键不再有索引。`,
      }
      return [{ message }]
    })
  },
}

function hasIndex({ indexes }: Table, columns: readonly string[]): boolean {
  return indexes.some((index) =>
    columns.every((column, at) => index.columns[at]?.toLowerCase() === column.toLowerCase()),
  )
}
