import { isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const leadingWildcard: StatementRule = {
  code: 'LEADING_WILDCARD',
  looksAt: 'statement',
  verbs: ['UPDATE', 'DELETE'],
  severity: 'hint',
  family: 'data-changes',
  title: {
    en: '`LIKE` with a leading wildcard, in an UPDATE or DELETE',
    zh: '修改语句中以通配符开头的 `LIKE`',
  },
  why: { en: 'No index can be used: all rows are read and locked.', zh: '索引无效：会读取并锁住所有行。' },
  fix: { en: 'Select the keys first, then change rows by key.', zh: '请先查出主键，再按主键修改。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/b-tree.html',
  fixtures: {
    found: [{ sql: "UPDATE a SET n = 1 WHERE name LIKE '%x'" }],
    clean: [
      { sql: "UPDATE a SET n = 1 WHERE name LIKE 'x%'" },
      { sql: "CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(20)); UPDATE a SET name = 'y' WHERE name LIKE '%x'" },
    ],
  },
  find: ({ tokens, statement, isNew }) => {
    const table = statement.objects[0]
    const at = tokens.find(
      (token, index) => token.type === 'string' && /^[%_]/.test(token.text) && isWord(tokens[index - 1], 'LIKE'),
    )
    if (at === undefined || (table !== undefined && isNew(table))) return []
    return [{ at, message: { en: 'The pattern starts with a wildcard.', zh: '模式以通配符开头。' } }]
  },
}
