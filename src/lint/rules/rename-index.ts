import { isWord, readAlterations } from '../../sql/clauses.ts'
import { placeOf } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const renameIndex: StatementRule = {
  code: 'RENAME_INDEX',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'hint',
  family: 'compatibility',
  title: { en: '`RENAME INDEX`, which breaks index hints', zh: '`RENAME INDEX` 会使索引提示失效' },
  why: {
    en: 'A query with FORCE INDEX or USE INDEX and the old name fails.',
    zh: '带有旧名 FORCE INDEX 或 USE INDEX 的查询会失败。',
  },
  fix: { en: 'Search the code for the name first.', zh: '请先在代码中搜索该名称。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/index-hints.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY i (n))',
        sql: 'ALTER TABLE a RENAME INDEX i TO j; SELECT id FROM a FORCE INDEX (i)',
        claims: { server: 'refuses', number: 1176 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY i (n))',
        sql: 'ALTER TABLE a ADD KEY j (n), DROP KEY i',
      },
    ],
  },
  find: ({ tokens }) =>
    readAlterations(tokens).flatMap((clause) =>
      isWord(clause[0], 'RENAME') && isWord(clause[1], 'INDEX', 'KEY')
        ? [
            {
              ...placeOf(clause),
              message: {
                en: `Queries that force \`${clause[2]?.text}\` fail.`,
                zh: `强制使用 \`${clause[2]?.text}\` 的查询会失败。`,
              },
            },
          ]
        : [],
    ),
}
