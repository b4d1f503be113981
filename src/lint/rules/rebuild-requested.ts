import { optionOf } from '../../ddl/read-options.ts'
import { isWord, readAlterations } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const rebuildRequested: StatementRule = {
  code: 'REBUILD_REQUESTED',
  looksAt: 'statement',
  verbs: ['ALTER TABLE', 'OPTIMIZE TABLE'],
  severity: 'warning',
  family: 'blocking',
  title: {
    en: 'A statement that only rewrites the table: `FORCE`, `ENGINE=InnoDB` or `OPTIMIZE TABLE`',
    zh: '只会重写整张表的语句：`FORCE`、`ENGINE=InnoDB` 或 `OPTIMIZE TABLE`',
  },
  why: {
    en: 'It reads and writes all rows on every server that the migration runs on, even where this gains nothing.',
    zh: '在迁移到达的每台服务器上都会读写所有行，即使毫无收益。',
  },
  fix: {
    en: 'Leave it out, and run it manually where space must be reclaimed.',
    zh: '请去掉它；需要回收空间时手工执行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-online-ddl-operations.html',
  fixtures: {
    found: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY)', sql: 'ALTER TABLE a FORCE', claims: { server: 'rebuilds' } },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        sql: 'ALTER TABLE a ENGINE=InnoDB',
        claims: { server: 'rebuilds' },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY)', sql: 'OPTIMIZE TABLE a' },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE=MyISAM', sql: 'ALTER TABLE a ENGINE=InnoDB' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY)', sql: 'ALTER TABLE a ADD force_it INT' },
    ],
  },
  find: ({ tokens, statement, object, isNew }) => {
    const table = statement.objects[0]
    if (table === undefined || isNew(table)) return []
    const isInnodb = object.type === 'table' && /^innodb$/i.test(object.table.options['ENGINE'] ?? 'InnoDB')
    const rewrites = readAlterations(tokens).some(
      (clause) =>
        isWord(clause[0], 'FORCE') || (isInnodb && clause.length <= 3 && optionOf(clause, 'ENGINE') === 'INNODB'),
    )
    if (statement.verb !== 'OPTIMIZE TABLE' && !rewrites) return []
    return [
      {
        message: {
          en: `All rows of \`${table.name}\` are rewritten.`,
          zh: `\`${table.name}\` 的所有行都会被重写。`,
        },
      },
    ]
  },
}
