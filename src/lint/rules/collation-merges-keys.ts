import { findWords } from '../../sql/clauses.ts'
import { writtenCollation } from '../collations.ts'
import { columnBefore, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const collationMergesKeys: StatementRule = {
  code: 'COLLATION_MERGES_KEYS',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'warning',
  family: 'existing-rows',
  title: {
    en: 'A unique text column that gets a less strict collation',
    zh: '唯一文本列从此按更宽松的规则比较',
  },
  why: {
    en: 'Values that differ only in case or accents become equal: the statement fails on the first such pair.',
    zh: '只差大小写或重音的值会变得相等：遇到第一对就会失败。',
  },
  fix: {
    en: 'Check for such pairs first: SELECT c COLLATE new, COUNT(*) FROM t GROUP BY 1 HAVING COUNT(*) > 1.',
    zh: '请先查找成对的值：SELECT c COLLATE new, COUNT(*) FROM t GROUP BY 1 HAVING COUNT(*) > 1。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/charset-collation-effect.html',
  fixtures: {
    found: [
      {
        setup:
          "CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(20) COLLATE utf8mb4_bin, UNIQUE KEY u (c)) CHARSET=utf8mb4; INSERT INTO a VALUES (1, 'a'), (2, 'A')",
        sql: 'ALTER TABLE a MODIFY c VARCHAR(20) COLLATE utf8mb4_unicode_ci',
        claims: { server: 'refuses', number: 1062 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(20) COLLATE utf8mb4_bin) CHARSET=utf8mb4',
        sql: 'ALTER TABLE a MODIFY c VARCHAR(20) COLLATE utf8mb4_unicode_ci',
      },
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(20) COLLATE utf8mb4_unicode_ci, UNIQUE KEY u (c)) CHARSET=utf8mb4',
        sql: 'ALTER TABLE a MODIFY c VARCHAR(20) COLLATE utf8mb4_bin',
      },
    ],
  },
  find: (subject) =>
    findColumns(subject, (column) => {
      const before = columnBefore(subject, column)
      const at = findWords(column.definition, 'COLLATE')
      const after = column.definition[at + 1]?.text.toLowerCase() ?? ''
      const table = subject.object.type === 'table' ? subject.object.table : null
      const isUnique = table?.indexes.some(
        ({ unique, columns }) => unique && columns.some((name) => name.toLowerCase() === before?.name.toLowerCase()),
      )
      const was = writtenCollation(before)
      if (was === null || at < 0 || isUnique !== true) return null
      return strictness(after) < strictness(was)
        ? {
            en: `is unique, and ${after} treats more values as equal than ${was}`,
            zh: `是唯一的，而 ${after} 会把更多值视为相等（原为 ${was}）`,
          }
        : null
    }),
}

/** The higher the number, the fewer values are equal. */
function strictness(collation: string): number {
  if (/(?:^|_)bin(?:ary)?$/.test(collation)) return 3
  return /_as_cs/.test(collation) ? 2 : /_as_ci/.test(collation) ? 1 : 0
}
