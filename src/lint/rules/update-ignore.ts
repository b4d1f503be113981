import { isWord } from '../../sql/clauses.ts'
import type { HazardRule } from '../rule.ts'
import { risksOldRows } from '../taken-rows.ts'

export const updateIgnore: HazardRule = {
  code: 'UPDATE_IGNORE',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`UPDATE IGNORE`, which skips rows and truncates values instead of failing',
    zh: '跳过行、截断值而不报错的 `UPDATE IGNORE`',
  },
  why: {
    en: 'A row whose new key already exists is skipped, and a value that does not fit is truncated or becomes 0: the statement succeeds, and nobody sees which rows.',
    zh: '新键已存在的行保持原样，放不下的值会被截断或变为 0：语句仍然成功，看不出是哪些行。',
  },
  fix: {
    en: 'Leave IGNORE out, and select the rows that can be changed.',
    zh: '请去掉 IGNORE，并用 WHERE 选出可以修改的行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/update.html',
  fixtures: {
    found: [
      {
        setup: "CREATE TABLE a (id INT PRIMARY KEY, c CHAR(3)); INSERT INTO a VALUES (1, 'abc')",
        sql: "UPDATE IGNORE a SET c = 'wxyz' WHERE id = 1",
        claims: { server: 'answers', query: 'SELECT c FROM a', answer: 'wxy' },
      },
    ],
    clean: [
      {
        setup: "CREATE TABLE a (id INT PRIMARY KEY, c CHAR(3)); INSERT INTO a VALUES (1, 'abc')",
        sql: "UPDATE a SET c = 'xyz' WHERE id = 1",
      },
      { sql: 'CREATE TABLE b (id INT PRIMARY KEY, n INT); UPDATE IGNORE b SET n = 2 WHERE id = 1' },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const update = tokens.findIndex((token) => isWord(token, 'UPDATE'))
    const isIgnored =
      statement.verb === 'UPDATE' && tokens.slice(update + 1, update + 3).some((token) => isWord(token, 'IGNORE'))
    if (!isIgnored || !risksOldRows(tokens, statement, 'UPDATE', context)) return []
    return [
      {
        message: {
          en: 'IGNORE skips rows whose new key already exists, and truncates values that do not fit: the statement succeeds, and nobody sees which rows.',
          zh: 'IGNORE 会让新键已存在的行保持原样，并截断放不下的值：语句仍然成功，看不出是哪些行。',
        },
      },
    ]
  },
}
