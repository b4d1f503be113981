import { isWord, readAlterations } from '../../sql/clauses.ts'
import { placeOf } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const addCheck: StatementRule = {
  code: 'ADD_CHECK',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'warning',
  family: 'existing-rows',
  title: { en: 'A CHECK constraint on existing rows', zh: '在已有数据上添加检查约束' },
  why: {
    en: 'It fails if a row violates it, after reading all rows; from then on, writes of running code that violate it fail.',
    zh: '只要有一行不满足就会失败，且要读完所有行；之后不满足的写入也会失败。',
  },
  fix: {
    en: 'Check for violating rows first: SELECT COUNT(*) FROM t WHERE NOT (condition).',
    zh: '请先查找不满足的行：SELECT COUNT(*) FROM t WHERE NOT (condition)。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-check-constraints.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a VALUES (1, -1)',
        sql: 'ALTER TABLE a ADD CONSTRAINT c CHECK (n >= 0)',
        claims: { server: 'refuses', number: 3819, since: '8.0.16' },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); ALTER TABLE a ADD CONSTRAINT c CHECK (n >= 0)' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD `check` INT' },
    ],
  },
  find: ({ tokens, statement, isNew }) => {
    const table = statement.objects[0]
    if (table === undefined || isNew(table)) return []
    return readAlterations(tokens).flatMap((clause) => {
      const at = isWord(clause[1], 'CONSTRAINT') ? (isWord(clause[2], 'CHECK') ? 2 : 3) : 1
      if (!isWord(clause[0], 'ADD') || !isWord(clause[at], 'CHECK')) return []
      return [
        {
          ...placeOf(clause),
          message: {
            en: `Every row of \`${table.name}\` must satisfy the check.`,
            zh: `\`${table.name}\` 的每一行都必须满足该检查。`,
          },
        },
      ]
    })
  },
}
