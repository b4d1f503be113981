import { isOff, readAssignments } from '../assignments.ts'
import type { StatementRule } from '../rule.ts'

export const foreignKeyChecksOff: StatementRule = {
  code: 'FOREIGN_KEY_CHECKS_OFF',
  looksAt: 'statement',
  verbs: ['SET'],
  severity: 'warning',
  family: 'options',
  title: { en: '`SET foreign_key_checks = 0`', zh: '关闭外键检查：`SET foreign_key_checks = 0`' },
  why: {
    en: 'Rows without a parent are stored and never checked again, and tables that others reference can be dropped.',
    zh: '没有父行的行会被存入且不再检查，还能删除被引用的表。',
  },
  fix: {
    en: 'Order the statements by their references, and leave the checks on.',
    zh: '请按引用关系排列语句，保持检查开启。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, FOREIGN KEY (p_id) REFERENCES p (id)); SET foreign_key_checks = 0; INSERT INTO a VALUES (1, 9); SET foreign_key_checks = 1',
        claims: { server: 'answers', query: 'SELECT p_id FROM a', answer: '9' },
      },
    ],
    clean: [{ sql: 'SET foreign_key_checks = 1' }, { sql: 'SET foreign_key_checks = @saved' }],
  },
  find: ({ tokens }) =>
    readAssignments(tokens).some(({ name, value }) => name === 'foreign_key_checks' && isOff(value))
      ? [{ message: { en: 'Foreign keys are not checked from here on.', zh: '从此处起不再检查引用。' } }]
      : [],
}
