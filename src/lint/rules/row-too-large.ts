import { columnVerbs } from '../find-columns.ts'
import { bytesInRow, tableAfter } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const rowTooLarge: StatementRule = {
  code: 'ROW_TOO_LARGE',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'types',
  title: { en: 'Columns that together exceed the row size of 65,535 bytes', zh: '各列合计超过 65,535 字节的行大小' },
  why: {
    en: 'TEXT and BLOB count with 9 to 12 bytes, VARCHAR with all its bytes: the server refuses a longer row.',
    zh: 'TEXT 和 BLOB 只计 9 至 12 字节，VARCHAR 计全部字节：更长的行会被服务器拒绝。',
  },
  fix: { en: 'Make the longest VARCHAR a TEXT, or split the table.', zh: '请把最长的 VARCHAR 改为 TEXT，或拆分表。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/column-count-limit.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, a VARCHAR(6000), b VARCHAR(6000), c VARCHAR(6000)) CHARSET=utf8mb4',
        claims: { server: 'refuses', number: 1118 },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, a VARCHAR(20000)) CHARSET=utf8mb4' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, a VARCHAR(6000), b VARCHAR(6000), c TEXT) CHARSET=utf8mb4' },
    ],
  },
  find: (subject) => {
    const table = tableAfter(subject)
    const sizes = (table?.columns ?? []).map(bytesInRow)
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    // A single column that is too long has its own rule.
    if (table === null || bytes <= 65_535 || sizes.some((size) => size > 65_535)) return []
    return [
      {
        message: {
          en: `A row of \`${table.name}\` has ${bytes} bytes, but at most 65535 are allowed.`,
          zh: `表 \`${table.name}\` 的一行需要 ${bytes} 字节，而上限是 65535。`,
        },
      },
    ]
  },
}
