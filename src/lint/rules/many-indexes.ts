import { addedIndexes, indexVerbs, tableAfter } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const manyIndexes: StatementRule = {
  code: 'MANY_INDEXES',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'hint',
  family: 'keys',
  title: { en: 'More than ten indexes on a table', zh: '一张表上有十个以上的索引' },
  why: {
    en: 'Each INSERT writes to all of them, and the optimizer takes longer to plan.',
    zh: '每次 INSERT 都要写所有索引，优化器规划也更慢。',
  },
  fix: {
    en: 'Drop those that sys.schema_unused_indexes lists.',
    zh: '请删除 sys.schema_unused_indexes 中列出的索引。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-limits.html',
  options: { most: 10 },
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, b INT, c INT, d INT, KEY i (b), KEY j (c), KEY k (d))',
        options: { most: 3 },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, b INT, c INT, d INT, KEY i (b), KEY j (c), KEY k (d))' }],
  },
  find: (subject) => {
    const table = tableAfter(subject)
    const count = table?.indexes.length ?? 0
    if (table === null || count <= Number(subject.options['most']) || addedIndexes(subject).length === 0) return []
    return [
      { message: { en: `\`${table.name}\` has ${count} indexes.`, zh: `表 \`${table.name}\` 有 ${count} 个索引。` } },
    ]
  },
}
