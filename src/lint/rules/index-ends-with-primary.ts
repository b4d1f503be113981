import { kindOf, partsOf, primaryKeyOf } from '../../ddl/read-parts.ts'
import { findIndexes, indexVerbs } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const indexEndsWithPrimary: StatementRule = {
  code: 'INDEX_ENDS_WITH_PRIMARY',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'hint',
  onByDefault: 'strict',
  family: 'keys',
  title: {
    en: 'An index that ends with the primary key, which InnoDB appends anyway',
    zh: '以主键结尾的索引，而 InnoDB 本来就会附加主键',
  },
  why: {
    en: 'InnoDB stores the primary key in every index: adding it at the end changes only the definition.',
    zh: 'InnoDB 在每个索引中都存有主键：在末尾写出它只是让定义更长。',
  },
  fix: { en: 'Leave the last column out.', zh: '请去掉最后一列。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/index-extensions.html',
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, b INT, KEY i (b, id))', claims: { server: 'accepts' } }],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, b INT, KEY i (b), UNIQUE KEY u (b, id), KEY j (id, b))' }],
  },
  find: (subject) =>
    findIndexes(subject, (index, table) => {
      const primary = primaryKeyOf(table)
      const [only, ...more] = primary === undefined ? [] : partsOf(primary)
      const parts = partsOf(index)
      const last = parts.at(-1)
      if (kindOf(index) !== 'INDEX' || more.length > 0 || parts.length < 2 || only === undefined) return null
      return last?.column?.toLowerCase() === only.column?.toLowerCase()
        ? { en: 'ends with the primary key, which every index contains', zh: '以主键结尾，而每个索引都已包含主键' }
        : null
    }),
}
