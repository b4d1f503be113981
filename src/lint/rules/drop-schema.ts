import type { HazardRule } from '../rule.ts'

export const dropSchema: HazardRule = {
  code: 'DROP_SCHEMA',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: { en: '`DROP DATABASE` or `DROP SCHEMA`', zh: '`DROP DATABASE` 或 `DROP SCHEMA`：删除整个库' },
  why: {
    en: 'Every table, view and routine of the schema is dropped; only a backup can restore them.',
    zh: '库中的所有表、视图、存储过程和函数都会消失，只能从备份恢复。',
  },
  fix: {
    en: 'Use `wwdb db drop`, which shows the content of a schema and asks for its name.',
    zh: '请使用 `wwdb db drop`：它会先显示库的内容，并要求输入库名。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/drop-database.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE DATABASE lint_drop_schema; CREATE TABLE lint_drop_schema.a (id INT PRIMARY KEY)',
        sql: 'DROP DATABASE lint_drop_schema',
        claims: {
          server: 'answers',
          query: "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'lint_drop_schema'",
          answer: '0',
        },
      },
    ],
    clean: [{ sql: 'CREATE DATABASE app_copy' }],
  },
  find: ({ statement }) => {
    if (statement.verb !== 'DROP DATABASE') return []
    const name = statement.objects[0]?.name ?? 'the schema'
    return [
      {
        message: {
          en: `It removes \`${name}\` with every table, view and routine in it; only a backup can restore them.`,
          zh: `它会删除 \`${name}\` 以及其中的所有表、视图、存储过程和函数，只能从备份恢复。`,
        },
      },
    ]
  },
}
