import { partsOf } from '../../ddl/read-parts.ts'
import { hasWords } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'
import { readInsertedColumns } from '../written-tables.ts'

export const duplicateSeveralKeys: StatementRule = {
  code: 'DUPLICATE_SEVERAL_KEYS',
  looksAt: 'statement',
  verbs: ['INSERT'],
  severity: 'hint',
  family: 'data-changes',
  title: {
    en: '`ON DUPLICATE KEY UPDATE` for a table with several unique keys',
    zh: '对有多个唯一键的表使用 `ON DUPLICATE KEY UPDATE`',
  },
  why: {
    en: 'The key that finds the duplicate determines which row is changed: it may not be the intended one.',
    zh: '由哪个键发现重复决定了修改哪一行：可能不是想改的那行。',
  },
  fix: { en: 'Update the row by its key with an UPDATE.', zh: '请用 UPDATE 按键修改该行。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/insert-on-duplicate.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY, c INT, UNIQUE KEY u (c)); INSERT INTO a (id, c) VALUES (1, 10), (2, 20)',
        sql: 'INSERT INTO a (id, c) VALUES (2, 10) ON DUPLICATE KEY UPDATE c = 30',
        claims: { server: 'answers', query: 'SELECT id, c FROM a', answer: '1,10;2,30' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, c INT, n INT, UNIQUE KEY u (c))',
        sql: 'INSERT INTO a (c, n) VALUES (10, 1) ON DUPLICATE KEY UPDATE n = 30',
      },
    ],
  },
  find: ({ tokens, statement, object }) => {
    const named = (readInsertedColumns(statement.text) ?? []).map((name) => name.toLowerCase())
    const keys = object.type === 'table' ? object.table.indexes.filter(({ unique }) => unique) : []
    const used = keys.filter((index) =>
      partsOf(index).every(({ column }) => column !== null && named.includes(column.toLowerCase())),
    )
    if (!tokens.some((_, at) => hasWords(tokens, at, 'ON', 'DUPLICATE', 'KEY')) || used.length < 2) return []
    const names = used.map(({ name }) => `\`${name}\``).join(', ')
    return [
      {
        message: {
          en: `Any of the keys ${names} may find a duplicate.`,
          zh: `${names} 中的任何一个键都可能发现重复。`,
        },
      },
    ]
  },
}
