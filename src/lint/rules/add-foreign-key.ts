import { findKnownColumn } from '../../ddl/table.ts'
import { findForeignKeys, tableBefore } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const addForeignKey: StatementRule = {
  code: 'ADD_FOREIGN_KEY',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'warning',
  family: 'existing-rows',
  title: { en: 'A foreign key on existing rows', zh: '在已有数据上添加外键' },
  why: {
    en: 'It fails if a row references a parent that does not exist, after reading the whole table.',
    zh: '只要有一行引用了不存在的父行就会失败，而且是在读完整张表之后。',
  },
  fix: {
    en: 'Find orphans first: SELECT c.id FROM child c LEFT JOIN parent p ON p.id = c.parent_id WHERE c.parent_id IS NOT NULL AND p.id IS NULL.',
    zh: '请先查找孤儿行：SELECT c.id FROM child c LEFT JOIN parent p ON p.id = c.parent_id WHERE c.parent_id IS NOT NULL AND p.id IS NULL。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id)); INSERT INTO a VALUES (1, 9)',
        sql: 'ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id)',
        claims: { server: 'refuses', number: 1452 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id)); ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id)',
      },
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY)',
        sql: 'ALTER TABLE a ADD p_id INT NULL, ADD CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id)',
      },
    ],
  },
  find: (subject) => {
    const name = subject.statement.objects[0]
    const before = tableBefore(subject)
    if (name === undefined || before === null || subject.isNew(name)) return []
    return findForeignKeys(subject, ({ columns, parent }) =>
      columns.every((column) => findKnownColumn(before, column) !== null)
        ? {
            en: `fails if a row has no parent in \`${parent}\``,
            zh: `若有行在 \`${parent}\` 中没有父行则会失败`,
          }
        : null,
    )
  },
}
