import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const setColumn: StatementRule = {
  code: 'SET_COLUMN',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'hint',
  onByDefault: 'strict',
  family: 'types',
  title: { en: 'A `SET` column', zh: '`SET` 列' },
  why: {
    en: 'FIND_IN_SET cannot use an index, and a new member alters the table.',
    zh: '用 FIND_IN_SET 查其中的值用不到索引，增加成员又要改表。',
  },
  fix: { en: 'Use a separate table with one row for each value.', zh: '请另建一张表，每个值一行。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/set.html',
  fixtures: {
    found: [{ sql: "CREATE TABLE a (id INT PRIMARY KEY, roles SET('admin','editor'))", claims: { server: 'accepts' } }],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, role VARCHAR(20))' }],
  },
  find: (subject) =>
    findColumns(subject, ({ type }) => (type?.base === 'set' ? { en: 'is a SET', zh: '是 SET 类型' } : null)),
}
