import { typeOf } from '../../ddl/read-parts.ts'
import { columnBefore, findColumns } from '../find-columns.ts'
import { kindOfType } from '../narrowing.ts'
import type { StatementRule } from '../rule.ts'

export const changedType: StatementRule = {
  code: 'CHANGED_TYPE',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'warning',
  family: 'compatibility',
  title: { en: 'A column changed to a different kind of type', zh: '列改为另一类的类型' },
  why: {
    en: 'Running code still sends and expects values of the old type: comparisons, sorting and the JSON of an API change immediately.',
    zh: '运行中的代码仍按旧类型收发值：比较、排序和接口的 JSON 会立即改变。',
  },
  fix: {
    en: 'Add a column of the new type, write both, fill it in batches, switch readers, and drop the old one in a later release.',
    zh: '请新增一列新类型的列，双写并分批回填，切换读取，再在之后的版本删除旧列。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a MODIFY n VARCHAR(20)',
        claims: { server: 'copies' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, v VARCHAR(20))',
        sql: 'ALTER TABLE a MODIFY n BIGINT, MODIFY v TEXT',
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); ALTER TABLE a MODIFY n VARCHAR(20)' },
    ],
  },
  find: (subject) => {
    const table = subject.statement.objects[0]
    if (table === undefined || subject.isNew(table)) return []
    return findColumns(subject, (column) => {
      const [before, after] = [typeOf(columnBefore(subject, column)), column.type]
      if (before === null || after === null || kindOfType(before) === kindOfType(after)) return null
      return {
        en: `changes from ${before.base.toUpperCase()} to ${after.base.toUpperCase()}`,
        zh: `由 ${before.base.toUpperCase()} 改为 ${after.base.toUpperCase()}`,
      }
    })
  },
}
