import { primaryKeyOf } from '../../ddl/read-parts.ts'
import { findObject } from '../../ddl/schema.ts'
import { findWords, hasWords, isWord, readAlterations } from '../../sql/clauses.ts'
import type { ObjectName } from '../../sql/statement.ts'
import type { StatementRule } from '../rule.ts'
import type { LintFile } from '../subjects.ts'

export const primaryKeyDropped: StatementRule = {
  code: 'PRIMARY_KEY_DROPPED',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'error',
  family: 'keys',
  title: { en: '`DROP PRIMARY KEY` without a new one', zh: '删除主键而不添加新主键' },
  why: {
    en: 'The table is copied under a lock; afterwards replicas scan the whole table for every changed row, and group replication refuses writes.',
    zh: '表会在锁下被复制；之后从库每改一行都要扫描整张表，组复制会拒绝写入。',
  },
  fix: {
    en: 'Drop and add in one statement: ALTER TABLE ... DROP PRIMARY KEY, ADD PRIMARY KEY (...).',
    zh: '请在一条语句中删除并添加：ALTER TABLE ... DROP PRIMARY KEY, ADD PRIMARY KEY (...)。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-online-ddl-operations.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, b INT NOT NULL)',
        sql: 'ALTER TABLE a DROP PRIMARY KEY',
        claims: { server: 'copies' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, b INT NOT NULL)',
        sql: 'ALTER TABLE a DROP PRIMARY KEY, ADD PRIMARY KEY (b)',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, b INT NOT NULL)',
        sql: 'ALTER TABLE a DROP PRIMARY KEY, ADD n BIGINT AUTO_INCREMENT PRIMARY KEY',
      },
      // Another finding reports that the table is copied twice, where it has rows.
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, b INT NOT NULL)',
        sql: 'ALTER TABLE a DROP PRIMARY KEY; ALTER TABLE a ADD n INT UNSIGNED AUTO_INCREMENT PRIMARY KEY',
      },
    ],
  },
  find: ({ tokens, statement, file }) => {
    const clauses = readAlterations(tokens)
    const drop = clauses.find((clause) => hasWords(clause, 0, 'DROP', 'PRIMARY'))
    const adds = clauses.some(
      (clause) => isWord(clause[0], 'ADD', 'MODIFY', 'CHANGE') && findWords(clause, 'PRIMARY') > 0,
    )
    const [object] = statement.objects
    if (drop?.[0] === undefined || adds || (object !== undefined && hasKeyAfter(file, object))) return []
    const table = object?.name ?? ''
    return [
      {
        at: drop[0],
        message: { en: `\`${table}\` has no primary key afterwards.`, zh: `此后表 \`${table}\` 没有主键。` },
      },
    ]
  },
}

/** Whether a later statement of the file gives the table a primary key again. */
function hasKeyAfter({ up }: LintFile, name: ObjectName): boolean {
  const last = up.at(-1)
  const found = last === undefined ? null : findObject(last.after, name)
  return found?.type === 'table' && primaryKeyOf(found.table) !== undefined
}
