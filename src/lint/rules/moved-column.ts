import { findWords } from '../../sql/clauses.ts'
import { findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const movedColumn: StatementRule = {
  code: 'MOVED_COLUMN',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'hint',
  onByDefault: 'strict',
  family: 'blocking',
  title: { en: 'A new column in the middle of a table', zh: '在表中间添加列' },
  why: {
    en: 'Before 8.0.29 the server rewrites the table for FIRST and AFTER; a column at the end is added instantly.',
    zh: '8.0.29 之前，FIRST 和 AFTER 会重写整张表；加在末尾则可瞬间完成。',
  },
  fix: {
    en: 'Add the column at the end: the order does not matter if queries name their columns.',
    zh: '请把列加在末尾：按列名访问时顺序没有意义。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-online-ddl-operations.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD c INT AFTER id',
        claims: { server: 'rebuilds', before: '8.0.29' },
      },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD c INT' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); ALTER TABLE a ADD c INT AFTER id' },
    ],
  },
  find: (subject) => {
    const table = subject.statement.objects[0]
    if (table === undefined || subject.isNew(table)) return []
    return findColumns(subject, ({ how, definition }) =>
      how === 'ADD' && (findWords(definition, 'AFTER') >= 0 || findWords(definition, 'FIRST') >= 0)
        ? { en: 'is added in the middle of the table', zh: '被加在表的中间' }
        : null,
    )
  },
}
