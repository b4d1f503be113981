import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const bitColumn: StatementRule = {
  code: 'BIT_COLUMN',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'hint',
  family: 'types',
  title: { en: 'A `BIT` column', zh: '`BIT` 列' },
  why: {
    en: 'Clients get bytes instead of a number, dumps contain binary data, and every driver reads it differently.',
    zh: '客户端得到的是字节而不是数字，导出文件包含二进制数据，且各驱动的读法不同。',
  },
  fix: {
    en: 'Use TINYINT(1) for a flag, and an unsigned integer for several flags.',
    zh: '单个标志用 TINYINT(1)，多个标志用无符号整数。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/bit-type.html',
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, done BIT(1) NOT NULL)', claims: { server: 'accepts' } }],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, bit INT, done TINYINT(1) NOT NULL)' }],
  },
  find: (subject) =>
    findColumns(subject, ({ type }) => (type?.base === 'bit' ? { en: 'is a BIT', zh: '是 BIT 类型' } : null)),
}
