import { listNames } from '../../sql/clauses.ts'
import { nameChangedChildren } from '../changed-children.ts'
import type { HazardRule } from '../rule.ts'

export const updateCascades: HazardRule = {
  code: 'UPDATE_CASCADES',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'hint',
  family: 'data-changes',
  title: {
    en: 'An `UPDATE` of a column that other tables reference with `ON UPDATE CASCADE`',
    zh: '更新被其他表以 `ON UPDATE CASCADE` 引用的列',
  },
  why: {
    en: 'The server also changes the rows that reference the old value, to any depth. Their triggers do not fire, and the row count of the statement does not include them.',
    zh: '服务器会层层修改引用旧值的行；不会触发这些表上的触发器，语句也只统计自己的行数。',
  },
  fix: {
    en: 'Check how many rows reference the old value before the migration runs: they are locked as well.',
    zh: '请在执行迁移前查看引用旧值的行数：它们会一同被锁定。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY, a_id INT, KEY k (a_id), FOREIGN KEY (a_id) REFERENCES a (id) ON UPDATE CASCADE); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1)',
        sql: 'UPDATE a SET id = 2 WHERE id = 1',
        claims: { server: 'answers', query: 'SELECT a_id FROM b', answer: '2' },
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY, a_id INT, KEY k (a_id), FOREIGN KEY (a_id) REFERENCES a (id))',
        sql: 'UPDATE a SET id = 2 WHERE id = 1',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const names = nameChangedChildren(tokens, statement, context, 'CASCADE')
    if (names.length === 0) return []
    return [
      {
        message: {
          en: `Along with the values that it changes, foreign keys (ON UPDATE CASCADE) change rows of ${listNames(names)}.`,
          zh: `外键（ON UPDATE CASCADE）会随被修改的值修改 \`${names.join('`、`')}\` 中的行。`,
        },
      },
    ]
  },
}
