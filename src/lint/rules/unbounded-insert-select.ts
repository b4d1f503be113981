import { findObject } from '../../ddl/schema.ts'
import { findWords, isWord } from '../../sql/clauses.ts'
import { readSources } from '../../sql/read-sources.ts'
import type { StatementRule } from '../rule.ts'

export const unboundedInsertSelect: StatementRule = {
  code: 'UNBOUNDED_INSERT_SELECT',
  looksAt: 'statement',
  verbs: ['INSERT', 'REPLACE'],
  severity: 'warning',
  family: 'data-changes',
  title: { en: '`INSERT ... SELECT` of a whole existing table', zh: '对整张已有表的 `INSERT ... SELECT`' },
  why: {
    en: 'It is one transaction for all rows: it locks the rows that it reads, fills the undo log, and replicas lag.',
    zh: '它是覆盖所有行的一个事务：会锁住读取的行、撑大 undo 日志，并使从库延迟。',
  },
  fix: { en: 'Copy in ranges of the primary key.', zh: '请按主键范围分批复制。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-locks-set.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)',
        sql: 'INSERT INTO b (id) SELECT id FROM a',
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)',
        sql: 'INSERT INTO b (id) SELECT id FROM a WHERE id BETWEEN 1 AND 1000',
      },
      {
        setup: 'CREATE TABLE b (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO b (id) SELECT id FROM a',
      },
      { setup: 'CREATE TABLE b (id INT PRIMARY KEY)', sql: 'INSERT INTO b (id) SELECT 1' },
    ],
  },
  find: ({ tokens, before, isNew }) => {
    const start = tokens.findIndex((token) => isWord(token, 'SELECT', 'TABLE', 'WITH'))
    const query = start < 0 ? [] : tokens.slice(start)
    const bounded = ['WHERE', 'LIMIT', 'GROUP', 'HAVING'].some((word) => findWords(query, word) >= 0)
    const source = readSources(query)[0]?.table
    if (bounded || source === undefined || isNew(source) || findObject(before, source).type !== 'table') return []
    return [
      {
        message: {
          en: `All rows of \`${source.name}\` are copied in one transaction.`,
          zh: `\`${source.name}\` 的所有行在一个事务中复制。`,
        },
      },
    ]
  },
}
