import { partsOf } from '../../ddl/read-parts.ts'
import type { StatementRule } from '../rule.ts'
import { readInsertedColumns } from '../written-tables.ts'

export const replaceStoredRows: StatementRule = {
  code: 'REPLACE_STORED_ROWS',
  looksAt: 'statement',
  verbs: ['REPLACE'],
  severity: 'hint',
  family: 'data-changes',
  title: {
    en: '`REPLACE` into a table that existed before the change',
    zh: '向本次改动之前已有的表执行 `REPLACE`',
  },
  why: {
    en: 'It deletes every row that has one of the new keys, one row for each unique key, before it inserts: DELETE triggers fire, and values that were changed in the meantime are lost.',
    zh: '它会先删除与新行任一唯一键相同的所有行再插入：会触发 DELETE 触发器，之后修改过的值也会丢失。',
  },
  fix: {
    en: 'Write INSERT ... ON DUPLICATE KEY UPDATE with the columns that should change.',
    zh: '请写 INSERT ... ON DUPLICATE KEY UPDATE，只列出应改变的列。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/replace.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY, c INT, UNIQUE KEY u (c)); INSERT INTO a (id, c) VALUES (1, 10), (2, 20)',
        sql: 'REPLACE INTO a (id, c) VALUES (2, 10)',
        claims: { server: 'answers', query: 'SELECT id, c FROM a', answer: '2,10' },
      },
      { sql: "REPLACE INTO settings VALUES (1, 'x')" },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); REPLACE INTO a (id, n) VALUES (1, 2)' },
      {
        setup: 'CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, n INT)',
        sql: 'REPLACE INTO a (n) VALUES (1)',
      },
    ],
  },
  find: ({ statement, object, isNew }) => {
    const [table] = statement.objects
    if (table === undefined || isNew(table)) return []
    const quoted = `\`${table.name}\``
    if (object.type !== 'table')
      return [
        {
          message: { en: `It deletes rows of ${quoted} that have its keys.`, zh: `它会删除 ${quoted} 中键相同的行。` },
        },
      ]
    const named = readInsertedColumns(statement.text)?.map((column) => column.toLowerCase()) ?? null
    const finding = object.table.indexes.filter(
      (index) =>
        index.unique &&
        partsOf(index).every(({ column }) => column === null || named?.includes(column.toLowerCase()) !== false),
    )
    if (finding.length === 0) return []
    const keys = finding.map((key) => `\`${key.name}\``)
    return [
      {
        message: {
          en: `It deletes every row of ${quoted} that ${keys.length > 1 ? 'one of the keys ' : 'the key '}${keys.join(', ')} finds.`,
          zh: `它会删除 ${quoted} 中键 ${keys.join('、')} 找到的每一行。`,
        },
      },
    ]
  },
}
