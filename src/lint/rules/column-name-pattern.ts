import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const columnNamePattern: StatementRule = {
  code: 'COLUMN_NAME_PATTERN',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'hint',
  family: 'naming',
  title: { en: 'A column whose name does not match the configured pattern', zh: '列名不符合配置的模式' },
  why: {
    en: 'Inconsistent names make queries and tools harder to write.',
    zh: '风格不一的名称会让查询和工具更难编写。',
  },
  fix: { en: 'Rename it before other files use it.', zh: '请在其他文件使用它之前改名。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/identifiers.html',
  options: { pattern: '^[a-z][a-z0-9_]*$' },
  onByDefault: false,
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, unitPrice INT)' }],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, unit_price INT)' }],
  },
  find: (subject) =>
    findColumns(subject, ({ name }) =>
      new RegExp(String(subject.options['pattern'])).test(name)
        ? null
        : { en: `does not match ${subject.options['pattern']}`, zh: `不匹配 ${subject.options['pattern']}` },
    ),
}
