import type { StatementRule } from '../rule.ts'

export const fixedSchema: StatementRule = {
  code: 'FIXED_SCHEMA',
  looksAt: 'statement',
  severity: 'warning',
  family: 'hygiene',
  title: { en: 'A table name qualified with a schema', zh: '表名前写了固定的库名' },
  why: {
    en: 'The schema name differs in tests, in pull requests and on other servers: the statement then changes another schema or fails.',
    zh: '测试、合并请求和其他服务器上的库名不同：语句会改到别的库或失败。',
  },
  fix: { en: 'Leave the schema out, or write {{schema:NAME}}.', zh: '请去掉库名，或写 {{schema:NAME}}。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/identifier-qualifiers.html',
  fixtures: {
    found: [{ sql: 'ALTER TABLE shop.orders ADD n INT' }],
    clean: [
      { sql: 'ALTER TABLE orders ADD n INT' },
      { sql: "SELECT TABLE_NAME INTO @x FROM information_schema.TABLES WHERE TABLE_NAME = 'a'" },
    ],
  },
  find: ({ statement }) =>
    statement.objects.flatMap(({ schema, name, type }) =>
      schema === null || schema.startsWith('{{') || type === 'account' || systems.includes(schema.toLowerCase())
        ? []
        : [
            {
              message: {
                en: `\`${name}\` is always the table in the schema \`${schema}\`.`,
                zh: `\`${name}\` 固定为库 \`${schema}\` 中的对象。`,
              },
            },
          ],
    ),
}

const systems = ['mysql', 'sys', 'information_schema', 'performance_schema']
