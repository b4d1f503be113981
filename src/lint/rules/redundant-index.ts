import { kindOf } from '../../ddl/read-parts.ts'
import type { Index } from '../../ddl/table.ts'
import { addedIndexes, findIndexes, hasColumnsOnly, indexVerbs, printParts } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const redundantIndex: StatementRule = {
  code: 'REDUNDANT_INDEX',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'warning',
  family: 'keys',
  title: { en: 'An index that is a prefix of another one', zh: '是另一个索引最左前缀的索引' },
  why: {
    en: 'A query that can use the shorter index can use the longer one: the shorter one only costs writes and memory.',
    zh: '能用短索引的查询也能用长索引：短索引只会增加写入和内存开销。',
  },
  fix: {
    en: 'Drop the shorter one, if no query needs its smaller size.',
    zh: '若没有查询依赖其更小的体积，请删除较短的索引。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/multiple-column-indexes.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, b INT, c INT, KEY i (b), KEY j (b, c))',
        claims: { server: 'accepts' },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, b INT, c INT, KEY i (b))', sql: 'ALTER TABLE a ADD KEY j (b, c)' },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, b INT, c INT, UNIQUE KEY i (b), KEY j (b, c), KEY k (c, b))' },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, b INT, c INT, KEY i (b))',
        sql: 'ALTER TABLE a DROP KEY i, ADD KEY j (b, c)',
      },
    ],
  },
  find: (subject) =>
    findIndexes(subject, (index, table) => {
      const others = table.indexes.filter((other) => other !== index && hasColumnsOnly(other) && hasColumnsOnly(index))
      const longer = others.find((other) => isPrefix(index, other))
      if (longer !== undefined)
        return {
          en: `is a prefix of ${named(longer)}`,
          zh: `是 ${longer.name === 'PRIMARY' ? '主键' : named(longer)} 的最左前缀`,
        }
      // A duplicate index in the same statement has its own finding.
      const isNew = (other: Index): boolean => addedIndexes(subject).includes(other)
      const shorter = others.find((other) => isPrefix(other, index) && !isNew(other))
      return shorter === undefined
        ? null
        : { en: `makes ${named(shorter)} redundant`, zh: `使 ${named(shorter)} 变得多余` }
    }),
}

/** A unique index has a meaning of its own. */
function isPrefix(short: Index, long: Index): boolean {
  if (kindOf(short) !== 'INDEX' || ['FULLTEXT', 'SPATIAL'].includes(kindOf(long))) return false
  return short.columns.length < long.columns.length && printParts(long).startsWith(`${printParts(short)}, `)
}

function named({ name }: Index): string {
  return name === 'PRIMARY' ? 'the primary key' : `\`${name}\``
}
