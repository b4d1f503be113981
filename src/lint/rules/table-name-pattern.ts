import type { StatementRule } from '../rule.ts'

export const tableNamePattern: StatementRule = {
  code: 'TABLE_NAME_PATTERN',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'hint',
  family: 'naming',
  title: { en: 'A table whose name does not match the configured pattern', zh: '表名不符合配置的模式' },
  why: {
    en: 'Inconsistent names make queries and tools harder to write.',
    zh: '风格不一的名称会让查询和工具更难编写。',
  },
  fix: { en: 'Rename it before other files use it.', zh: '请在其他文件使用它之前改名。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/identifiers.html',
  options: { pattern: '^[a-z][a-z0-9_]*$' },
  onByDefault: false,
  fixtures: {
    found: [{ sql: 'CREATE TABLE OrderItems (id INT PRIMARY KEY)' }],
    clean: [{ sql: 'CREATE TABLE order_items (id INT PRIMARY KEY)' }],
  },
  find: ({ statement, options }) => {
    const name = statement.objects[0]?.name ?? ''
    return new RegExp(String(options['pattern'])).test(name)
      ? []
      : [
          {
            message: {
              en: `\`${name}\` does not match ${options['pattern']}.`,
              zh: `\`${name}\` 不匹配 ${options['pattern']}。`,
            },
          },
        ]
  },
}
