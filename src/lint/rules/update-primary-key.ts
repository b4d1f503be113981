import { isMark, isWord, outerTokens } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'
import { changedTable } from '../written-conditions.ts'

export const updatePrimaryKey: StatementRule = {
  code: 'UPDATE_PRIMARY_KEY',
  looksAt: 'statement',
  verbs: ['UPDATE'],
  severity: 'warning',
  family: 'data-changes',
  title: { en: 'An `UPDATE` of the primary key', zh: '对主键的 `UPDATE`' },
  why: {
    en: 'The row and its entry in every index move; other databases, caches and logs keep the old id.',
    zh: '行会移动，每个索引都要改；其他库、缓存和日志仍保留旧编号。',
  },
  fix: { en: 'Insert a new row, and update what references it.', zh: '请插入新行，并修改引用它的数据。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-index-types.html',
  fixtures: {
    found: [{ setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'UPDATE a SET id = id + 1000 WHERE id < 10' }],
    clean: [{ setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'UPDATE a SET n = id WHERE id < 10' }],
  },
  find: (subject) => {
    const primary = changedTable(subject)?.indexes.find(({ name }) => name === 'PRIMARY')
    const outer = outerTokens(subject.tokens)
    const set = outer.find(({ token }) => isWord(token, 'SET'))?.at ?? Number.POSITIVE_INFINITY
    const end =
      outer.find(({ token, at }) => at > set && isWord(token, 'WHERE', 'ORDER', 'LIMIT'))?.at ?? subject.tokens.length
    const names = (primary?.columns ?? []).map((name) => name.toLowerCase())
    const found = outer.find(
      ({ token, at }) =>
        at > set &&
        at < end &&
        names.includes(token.text.toLowerCase()) &&
        isMark(subject.tokens[at + 1], '=') &&
        (at === set + 1 || isMark(subject.tokens[at - 1], ',')),
    )
    return found === undefined
      ? []
      : [
          {
            at: found.token,
            message: { en: `\`${found.token.text}\` is in the primary key.`, zh: `\`${found.token.text}\` 在主键中。` },
          },
        ]
  },
}
