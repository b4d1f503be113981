import { listNames } from '../../sql/clauses.ts'
import { nameChangedChildren } from '../changed-children.ts'
import type { HazardRule } from '../rule.ts'

export const updateSetsNull: HazardRule = {
  code: 'UPDATE_SETS_NULL',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: 'An `UPDATE` of a column that other tables reference with `ON UPDATE SET NULL`, also through a key with `ON UPDATE CASCADE`',
    zh: '更新被其他表以 `ON UPDATE SET NULL` 引用的列，也包括经由 `ON UPDATE CASCADE` 外键间接引用的列',
  },
  why: {
    en: 'The server sets the columns that reference the old value to NULL, so it is lost which rows belonged together. The statement does not name those tables, and its row count does not include them.',
    zh: '服务器会把引用旧值的列置为 NULL，行与行之间的关联随之丢失；语句既不写出这些表，也只统计自己的行数。',
  },
  fix: {
    en: 'Insert the row with the new value, change the rows that reference the old one, and delete the old row.',
    zh: '请先插入带新值的行，再修改引用旧值的行，最后删除旧行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY, a_id INT, KEY k (a_id), FOREIGN KEY (a_id) REFERENCES a (id) ON UPDATE SET NULL); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1)',
        sql: 'UPDATE a SET id = 2 WHERE id = 1',
        claims: { server: 'answers', query: 'SELECT COUNT(a_id) FROM b', answer: '0' },
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE TABLE b (id INT PRIMARY KEY, a_id INT, KEY k (a_id), FOREIGN KEY (a_id) REFERENCES a (id) ON UPDATE SET NULL)',
        sql: 'UPDATE a SET n = 2 WHERE id = 1',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const names = nameChangedChildren(tokens, statement, context, 'SET NULL')
    if (names.length === 0) return []
    return [
      {
        message: {
          en: `Along with the values that it changes, foreign keys (ON UPDATE SET NULL) set columns in rows of ${listNames(names)} to NULL.`,
          zh: `外键（ON UPDATE SET NULL）会随被修改的值把 \`${names.join('`、`')}\` 中相应行的列置为 NULL。`,
        },
      },
    ]
  },
}
