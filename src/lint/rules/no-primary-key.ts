import { readCreatedTable } from '../../ddl/created-table.ts'
import { nothingKnown, tableKey } from '../../ddl/schema.ts'
import { isWord, outerTokens } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import { createsTable } from '../created-tables.ts'
import type { HazardRule } from '../rule.ts'
import { findUniqueAsPrimary } from '../unique-keys.ts'

export const noPrimaryKey: HazardRule = {
  code: 'NO_PRIMARY_KEY',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'keys',
  title: {
    en: '`CREATE TABLE` without a primary key, which no later statement of the plan adds',
    zh: '没有主键的 `CREATE TABLE`，之后的语句也没有添加',
  },
  why: {
    en: 'A replica scans the whole table for every changed row, group replication refuses writes to it, and tools cannot identify its rows.',
    zh: '从库每改一行都要扫描整张表，组复制会拒绝写入，工具也无法定位其中的行。',
  },
  fix: {
    en: 'Add a primary key, for example id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY.',
    zh: '请添加主键，例如 id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/group-replication-requirements.html',
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (n INT UNIQUE)', claims: { server: 'accepts' } }],
    clean: [
      { sql: 'CREATE TABLE a (n INT NOT NULL, PRIMARY KEY (n))' },
      { sql: 'CREATE TABLE a (n INT NOT NULL); ALTER TABLE a ADD PRIMARY KEY (n)' },
      // UNIQUE_AS_PRIMARY reports that case.
      { sql: 'CREATE TABLE a (n INT NOT NULL, m INT, UNIQUE KEY (n))', claims: { server: 'accepts' } },
    ],
  },
  find: ({ tokens, statement, context }) => {
    if (!createsTable(statement, context) || hasPrimaryKey(tokens, statement.text)) return []
    if (findUniqueAsPrimary(statement.text) !== null) return []
    const table = statement.objects[0]
    const known = context.tables ?? nothingKnown
    if (table !== undefined && context.keyedLater?.has(tableKey(known, table)) === true) return []
    return [
      {
        message: {
          en: 'A replica scans the whole table for every changed row, group replication refuses writes to it, and tools cannot identify its rows.',
          zh: '从库每改一行都要扫描整张表，组复制会拒绝写入，工具也无法定位其中的行。',
        },
      },
    ]
  },
}

export function hasPrimaryKey(tokens: readonly Token[], text: string): boolean {
  if (tokens.some((token) => isWord(token, 'PRIMARY'))) return true
  const created = readCreatedTable(text)
  // LIKE copies the keys of the other table; a query alone adds none.
  if (created === null) return tokens.some((token) => isWord(token, 'LIKE'))
  return created.columns.some(({ definition }) =>
    outerTokens(definition).some(
      ({ token, at }) => at > 1 && isWord(token, 'KEY') && !isWord(definition[at - 1], 'UNIQUE'),
    ),
  )
}
