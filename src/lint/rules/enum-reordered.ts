import { typeOf } from '../../ddl/read-parts.ts'
import { columnBefore, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const enumReordered: StatementRule = {
  code: 'ENUM_REORDERED',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'error',
  family: 'types',
  title: {
    en: '`ENUM` or `SET` values in another order, or a new one that is not at the end',
    zh: '`ENUM` 或 `SET` 的值改变顺序，或新值不在末尾',
  },
  why: {
    en: 'The order of an ENUM is its sort order, and a new value in front copies the table; clients that use the index number get another value.',
    zh: 'ENUM 的顺序就是排序顺序，在前面加值会复制整张表；使用序号的客户端会得到别的值。',
  },
  fix: { en: 'Append new values at the end.', zh: '请把新值追加在末尾。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/enum.html',
  fixtures: {
    found: [
      {
        setup: "CREATE TABLE a (id INT PRIMARY KEY, e ENUM('a','b'))",
        sql: "ALTER TABLE a MODIFY e ENUM('c','a','b')",
        claims: { server: 'copies' },
      },
    ],
    clean: [
      {
        setup: "CREATE TABLE a (id INT PRIMARY KEY, e ENUM('a','b'))",
        sql: "ALTER TABLE a MODIFY e ENUM('a','b','c')",
      },
      { setup: "CREATE TABLE a (id INT PRIMARY KEY, e ENUM('a','b'))", sql: "ALTER TABLE a MODIFY e ENUM('a')" },
      { sql: "CREATE TABLE a (id INT PRIMARY KEY, e ENUM('a','b')); ALTER TABLE a MODIFY e ENUM('b','a')" },
    ],
  },
  find: (subject) => {
    const table = subject.statement.objects[0]
    if (table === undefined || subject.isNew(table)) return []
    return findColumns(subject, (column) => {
      const [before, after] = [typeOf(columnBefore(subject, column)), column.type]
      if (before?.base !== after?.base || (after?.base !== 'enum' && after?.base !== 'set')) return null
      const kept = before?.arguments.filter((value) => after.arguments.includes(value)) ?? []
      return kept.every((value, at) => after.arguments[at] === value)
        ? null
        : { en: 'gets its values in another order', zh: '的取值顺序被改变' }
    })
  },
}
