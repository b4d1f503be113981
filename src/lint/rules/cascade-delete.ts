import { referenceOf } from '../../ddl/read-parts.ts'
import { findForeignKeys } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const cascadeDelete: StatementRule = {
  code: 'CASCADE_DELETE',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'hint',
  onByDefault: 'strict',
  family: 'data-loss',
  title: {
    en: '`ON DELETE CASCADE`: rows are deleted with their parent',
    zh: '`ON DELETE CASCADE`：子行随父行一起消失',
  },
  why: {
    en: 'One DELETE removes rows of other tables, in one transaction, to any depth, and without their triggers (9.7 can run them; `enable_cascade_triggers` is off by default).',
    zh: '一条 DELETE 会在同一事务中层层删除其他表的行，且不触发其触发器（9.7 可以触发，但 `enable_cascade_triggers` 默认关闭）。',
  },
  fix: {
    en: 'Use RESTRICT, and delete children in batches if there may be many.',
    zh: '若子行可能很多，请用 RESTRICT 并分批删除。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY); INSERT INTO p VALUES (1)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE); INSERT INTO a VALUES (1, 1); DELETE FROM p WHERE id = 1',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '0' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id) ON UPDATE CASCADE)',
      },
    ],
  },
  find: (subject) =>
    findForeignKeys(subject, (key) =>
      referenceOf(key).onDelete === 'CASCADE'
        ? { en: `deletes rows together with rows of \`${key.parent}\``, zh: `会随 \`${key.parent}\` 的行一起删除` }
        : null,
    ),
}
