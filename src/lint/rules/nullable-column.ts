import { columnBefore, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const nullableColumn: StatementRule = {
  code: 'NULLABLE_COLUMN',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'hint',
  family: 'compatibility',
  title: { en: 'A NOT NULL column that becomes nullable', zh: 'NOT NULL 列从此可为 NULL' },
  why: {
    en: 'Running code reads NULLs that it does not expect, and comparisons with them are neither true nor false.',
    zh: '运行中的代码会读到从未见过的 NULL，而与 NULL 的比较既不真也不假。',
  },
  fix: { en: 'Change the readers first.', zh: '请先修改读取的代码。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/working-with-null.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL)',
        sql: 'ALTER TABLE a MODIFY n INT NULL',
        claims: { server: 'rebuilds' },
      },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT NULL)', sql: 'ALTER TABLE a MODIFY n INT NULL DEFAULT 5' },
    ],
  },
  find: (subject) =>
    findColumns(subject, (column) =>
      columnBefore(subject, column)?.nullable === false &&
      column.type?.nullable === true &&
      !subject.isNew(subject.statement.objects[0] ?? nowhere)
        ? { en: 'becomes nullable', zh: '从此可为 NULL' }
        : null,
    ),
}

const nowhere = { schema: null, name: '' }
